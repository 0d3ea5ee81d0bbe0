"""Run a function behind the walls of a submission, without a class, a notebook or torch."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from grading.run import sandbox, scratch
from grading.run.keeper import Keeper
from grading.run.worker import Job


def walls(function: Callable[[], Any], off: Collection[str] = ()) -> Any:
    """What ``function()`` gives behind all walls but ``off``, as JSON; its exceptions as text.

    The answer has two more entries if it is a dictionary: the ``walls``, and the names that are
    ``left`` in the job's folder, as the machine sees it afterwards.
    """
    reading, writing = os.pipe()
    with scratch.folder() as above:
        folder, number = above / "work", sandbox.account(off)
        folder.mkdir(mode=0o700)
        if number is not None:
            os.chown(folder, number, number)
        process = os.fork()
        if process == 0:
            try:
                os.close(reading)
                stand = sandbox.separate(folder, number, off)
                os.chdir(folder)
                stand = sandbox.confine(folder, number, stand, off)
                found = function()
                found = found | {"walls": stand} if isinstance(found, dict) else found
            except BaseException:
                found = traceback.format_exc()
            os.write(writing, json.dumps(found).encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        os.waitpid(process, 0)
        left = sorted(os.listdir(folder))
    found = json.loads(text)
    return found | {"left": left} if isinstance(found, dict) else found


def tried(call: Callable[[], Any]) -> str:
    """Name of the error that a call of the system ends with; empty if it does not."""
    try:
        call()
    except OSError as error:
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return ""


def raw(number: int, *arguments: int) -> tuple[int, int]:
    """Call the kernel by number; what it gives, and the number of its error."""
    libc = ctypes.CDLL(None, use_errno=True)
    ctypes.set_errno(0)
    given = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return given, ctypes.get_errno()


def kept(folder: Path, cells: list[str], **limits: Any) -> dict:
    """The result that a keeper writes of cells that need no library, with a plain shell.

    Beside what it writes, ``keeper`` is the number of its process.
    """

    class Shell:
        user_ns: dict = {}  # noqa: RUF012

        def run_cell(self, source: str) -> SimpleNamespace:
            error = None
            try:
                exec(source, self.user_ns)
            except Exception as raised:
                error = raised
            return SimpleNamespace(error_before_exec=None, error_in_exec=error)

    warm = SimpleNamespace(shell=Shell(), private={}, close_figures=lambda: None)
    result = folder / "result.json"
    with scratch.folder() as above:
        process = os.fork()
        if process == 0:
            try:
                place = str(above / "work")
                job = Job(str(result), place, cells, [], [], {}, walls=False, **limits)
                judge, _ = socket.socketpair()  # there is nothing to judge
                Keeper(job, judge, warm).run()
            except BaseException:
                traceback.print_exc()
            os._exit(0)
        os.waitpid(process, 0)
    return json.loads(result.read_text()) | {"keeper": process}
