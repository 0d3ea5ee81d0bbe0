"""How a learner's answer is used: called, or, for a class, built, given its numbers and called.

A task names one of these (``Task.use``). They run beside the learner's code, in another process
than the checks where strangers are graded, so nothing in this folder knows a right answer: what a
class shows beside its result (gradients, names of parameters) is handed over as ``Facts``, and the
task judges it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..faults import theirs

# Name of a use, or of a look: the module in this folder, and its function.
USES = {
    "one number": ("numbers", "one_number"),
    "two numbers": ("numbers", "two_numbers"),
    "a list": ("numbers", "one_list"),
    "a vector and a number": ("numbers", "vector_and_number"),
    "a list and a number": ("numbers", "list_and_number"),
    "gru": ("recurrent", "run"),
    "sequence model": ("sequence", "run"),
    "attention decoder": ("attention", "run"),
    "bert self-attention": ("bert", "run"),
}
LOOKS = {
    "names of a gru": ("recurrent", "misnamed"),
    "start of a gru": ("recurrent", "start_of"),
}


@dataclass
class Facts:
    """A result, and what else was seen: arrays, texts, lists of texts and faults by name."""

    result: Any
    facts: dict[str, Any]


def call(answer: Callable, inputs: tuple) -> Any:
    """How most answers are used: called with the inputs in order."""
    return theirs(answer, *inputs)


def way(use: str) -> Callable[[Any, tuple], Any]:
    """The function ``use(answer, inputs)`` of that name. Raises KeyError."""
    return call if use == "call" else _load(*USES[use])


def run(use: str, answer: Any, inputs: tuple) -> tuple[Any, dict[str, Any]]:
    """Use an answer: its result, and what else was seen."""
    found = way(use)(answer, inputs)
    return (found.result, found.facts) if type(found) is Facts else (found, {})


def look(what: str, answer: Any) -> str:
    """What a look at an answer has to say. Raises KeyError."""
    return _load(*LOOKS[what])(answer)


def _load(module: str, name: str) -> Callable:
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
