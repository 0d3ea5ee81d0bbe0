"""Answers what a judge asks about a student's answer, in the process that runs it.

It computes and looks, and knows nothing of what is right. A message begins with ``=``, so that the
keeper hands it on as it is.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import numpy as np

from dlworkbook.checks import values
from dlworkbook.checks.answer import Answer

from . import wire

MARK = b"="


class Witness:
    """One answer; ``questions`` and ``replies`` are ends of pipes."""

    def __init__(self, value: Any, questions: int, replies: int) -> None:
        self.answer = Answer(value)
        self.questions, self.replies = questions, replies
        self.buffer, self.n = b"", 0
        self.help = ExitStack()

    def serve(self, *, defined: bool) -> None:
        """Answer until the judge has done. ``defined``: whether there is an answer."""
        self.send({"n": 0, "defined": defined})
        try:
            while (asked := self.next()).get("do") != "done":
                if "do" in asked:  # else help that came too late
                    self.n = asked.pop("n")
                    reply = getattr(self, f"_{asked.pop('do').replace(' ', '_')}")(**asked)
                    self.send({"n": self.n, "reply": reply})
        finally:
            self.help.close()

    def send(self, message: dict[str, Any]) -> None:
        data = MARK + wire.line(message)
        while data:
            data = data[os.write(self.replies, data) :]

    def next(self) -> dict[str, Any]:
        """The next question. Raises EOFError when nobody asks any more."""
        while b"\n" not in self.buffer:
            data = os.read(self.questions, 1 << 20)
            if not data:
                raise EOFError
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    # -- what is asked

    def _look(self, fits: int | None) -> dict[str, Any]:
        found = asdict(self.answer.look(fits))
        return found | {key: _cut(found[key]) for key in ("type_name", "name", "signature")}

    def _call(
        self, use: str, inputs: Any, backend: str, outputs: int, seconds: float
    ) -> dict[str, Any]:
        self.answer.use = use
        return wire.packed_call(
            self.answer.call(wire.unpack(inputs, _kinds()), backend, outputs, seconds)
        )

    def _kept(self, number: int, outputs: int, seconds: float) -> list | None:
        found = self.answer.kept(number, outputs, seconds)
        return None if found is None else [None if a is None else wire.pack(a) for a in found]

    def _used(self, names: list[str], seconds: float) -> list[str]:
        return self.answer.used(names, seconds)

    def _source(self, seconds: float) -> str:
        return self.answer.source(seconds)

    def _seen(self, what: str, seconds: float) -> str:
        return _cut(self.answer.seen(what, seconds))

    def _texts(self, kinds: list[str], seconds: float) -> dict[str, Any]:
        found = self.answer.texts(kinds, seconds)
        return vars(found) | {
            "type_name": _cut(found.type_name), "error": _cut(found.error),
            "entries": [[text, _cut(error)] for text, error in found.entries],
        }

    def _help(self, names: list[str]) -> bool:
        return self.help.enter_context(self.answer.helped(tuple(names), self.ask_for_help()))

    def _no_help(self) -> bool:
        self.help.close()
        return True

    def ask_for_help(self) -> Callable:
        """A function in the place of an earlier answer: the judge works out what it gives."""

        def helper(*inputs):
            tensor = bool(inputs) and values.is_tensor(inputs[0])
            arrays = [
                np.asarray(value.detach() if values.is_tensor(value) else value, "float64")
                for value in inputs
            ]
            # No alarm in the middle of a message: what is left of it would be read as the next.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            try:
                self.send({"n": self.n, "help": [wire.pack(array) for array in arrays]})
                while "helped" not in (told := self.next()):
                    continue
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            told = told["helped"]
            if "raised" in told:
                raise ValueError(told["raised"])
            made = wire.array(told["value"])
            return inputs[0].new_tensor(made) if tensor else made

        return helper


def _cut(text: str) -> str:
    return text[: wire.MOST_TEXT]


def _kinds() -> dict[str, Callable]:
    """The data classes among inputs, by name."""
    from dlworkbook.checks.adapters.attention import Layers

    kinds: dict[str, Callable] = {"Layers": Layers}
    try:
        from dlworkbook.checks.adapters.bert import Layer
    except ImportError:  # without torch nobody is asked for it
        return kinds
    return kinds | {"Layer": Layer}
