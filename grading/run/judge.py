"""Decides what is right, apart from the process that runs a student's code.

A template, forked from the warm process before anything else is done, loads the tasks with their
references, and forks a judge for each submission. The student's process knows none of these; a
judge asks it through its keeper, call by call, and gets plain data (``wire.py``). It never imports
what a student wrote, and its memory cannot be reached from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlworkbook.checks import engine, light, own
from dlworkbook.checks import tasks as catalogues
from dlworkbook.checks.answer import Call, Look, Texts
from dlworkbook.checks.report import Report

from . import sandbox, wire

MEMORY = 1_500_000_000  # bytes beyond what the libraries take
SECONDS = 600.0  # of processor time, for all tasks of a submission
MOST_HELP = 200_000  # entries of the inputs with which a right helper is called


class Lost(BaseException):
    """No report can be had: the student's process is ``gone``, or its words are ``forged``.

    Not an Exception, which a check would take for a fault of its own.
    """


class Remote:
    """An answer that lives in the student's process: as ``dlworkbook.checks.answer.Answer``."""

    def __init__(self, use: str, send: Callable[[dict], None], receive: Callable[[], dict]) -> None:
        self.use, self.send, self.receive = use, send, receive
        self.asked = 0
        self.right: Callable | None = None

    def ask(self, read: Callable[[Any], Any], do: str, **what: Any) -> Any:
        """Ask for one thing. Raises Lost."""
        self.asked += 1
        self.send({"ask": {"n": self.asked, "do": do, **what}})
        try:
            while True:
                told = self.receive()
                if told.get("n") != self.asked:
                    raise wire.Forged("a reply to something else")
                if "help" not in told:
                    return read(told.get("reply"))
                self.send({"ask": {"n": self.asked, "helped": self.help(told["help"])}})
        except wire.Forged:
            raise Lost("forged") from None

    def help(self, inputs: Any) -> dict[str, Any]:
        """What the right helper gives, or why it stopped."""
        if self.right is None or not isinstance(inputs, list) or len(inputs) > 8:
            raise wire.Forged("no help is given here")
        given = [wire.array(part) for part in inputs]
        if sum(part.size for part in given) > MOST_HELP:
            return {"raised": "the arrays are too large"}
        try:
            return {"value": wire.pack(np.asarray(self.right(*given), "float64"))}
        except Exception as error:
            return {"raised": str(error)[:300]}

    def look(self, fits: int | None) -> Look:
        return self.ask(wire.look, "look", fits=fits)

    def call(self, inputs: tuple, backend: str, outputs: int, seconds: float) -> Call:
        return self.ask(
            wire.call, "call", use=self.use, inputs=wire.pack(inputs), backend=backend,
            outputs=outputs, seconds=seconds,
        )  # fmt: skip

    def kept(self, number: int, outputs: int, seconds: float) -> list | None:
        return self.ask(wire.kept, "kept", number=number, outputs=outputs, seconds=seconds)

    def used(self, names, seconds: float) -> list[str]:
        names = list(names)
        found = self.ask(wire.names, "used", names=names, seconds=seconds)
        return [name for name in names if name in found]

    def source(self, seconds: float) -> str:
        return self.ask(
            lambda told: wire.text(told, wire.LONGEST_SOURCE), "source", seconds=seconds
        )

    def seen(self, what: str, seconds: float) -> str:
        return self.ask(wire.text, "seen", what=what, seconds=seconds)

    def texts(self, kinds: list[str], seconds: float) -> Texts:
        return self.ask(wire.texts, "texts", kinds=kinds, seconds=seconds)

    @contextmanager
    def helped(self, names: tuple[str, ...], right: Callable) -> Iterator[bool]:
        """Where the answer calls one of the names, it asks here, and ``right`` answers."""
        self.right = right
        calls_it = self.ask(wire.flag, "help", names=list(names))
        try:
            yield calls_it
        finally:
            self.right = None
            self.ask(wire.flag, "no help")


def seed(secret: str, task: str) -> int:
    """From what the fresh inputs of a task are drawn: other ones for each folder of results."""
    digest = hashlib.sha256(f"{secret} {task}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


class Judge:
    """Judges the tasks of one submission; ``end`` leads to its keeper."""

    def __init__(self, specs: dict[str, dict], secret: str, end: socket.socket) -> None:
        self.specs, self.secret, self.end, self.buffer = specs, secret, end, b""

    def run(self) -> None:
        """Judge what the keeper names until it closes its end."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while told := self.line():
                if "task" in told:  # else a late word of a task that is over
                    self.send({"done": self.judged(told["task"])})

    def judged(self, task: str) -> dict[str, Any]:
        """What a keeper does with a task: its report, or that there can be none."""
        try:
            report = self.report(task)
        except Lost as error:
            return {"task": task, "lost": str(error)}
        return {"task": task, "report": report.as_dict() | {"credit": report.credit}}

    def report(self, task: str) -> Report:
        """The report on one task. Raises Lost."""
        if task in self.specs:
            return light.judge(task, self.specs[task], Remote("call", self.send, self.reply))
        at = seed(self.secret, task)
        return engine.judged(task, lambda use: Remote(use, self.send, self.reply), at)

    def send(self, message: dict[str, Any]) -> None:
        self.end.sendall(wire.line(message))

    def reply(self) -> dict[str, Any]:
        """The next word of the student's process. Raises Lost, and wire.Forged."""
        told = self.line()
        if told is None or "gone" in told:
            raise Lost("gone")
        return told

    def line(self) -> dict[str, Any] | None:
        """The next message of the keeper; None when it has closed its end. Raises wire.Forged."""
        while b"\n" not in self.buffer:
            data = self.end.recv(1 << 20)
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise wire.Forged("no message")
        return told


class Template:
    """Has the tasks loaded, and forks judges; lives beside the warm process."""

    def __init__(self, tasks: list[str], known: dict[str, Any]) -> None:
        """``known``: the specs of boxes and problems, the modules of an instructor's own tasks, and
        the secret behind fresh inputs.
        """
        own.put(known["own"])
        for task in tasks:
            catalogues.load(task)
        self.specs, self.secret = known["specs"], known["secret"]

    def serve(self, control: socket.socket) -> None:
        """Fork a judge for each socket that comes, until the warm process closes its end."""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
        while True:
            data, sockets, _, _ = socket.recv_fds(control, 1, 1)
            if not data:
                return
            for number in sockets:
                if os.fork() == 0:
                    control.close()
                    sandbox.end_with_parent()
                    sandbox.limit_resources(MEMORY, SECONDS)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    Judge(self.specs, self.secret, socket.socket(fileno=number)).run()
                    os._exit(0)
                os.close(number)


def start(tasks: list[str], read: Callable[[], dict[str, Any]]) -> socket.socket:
    """Fork the template; what it gets through the socket that comes back are ends of judges."""
    ours, its = socket.socketpair()
    if os.fork() == 0:
        try:
            ours.close()
            sandbox.end_with_parent()
            Template(tasks, read()).serve(its)
        finally:
            os._exit(0)
    its.close()
    return ours


def appoint(control: socket.socket) -> socket.socket:
    """A judge for one submission, through the template."""
    ours, its = socket.socketpair()
    socket.send_fds(control, [b"j"], [its.fileno()])
    its.close()
    return ours
