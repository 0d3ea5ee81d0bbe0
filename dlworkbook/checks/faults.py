"""Describe an exception of the learner's code in one sentence, with the learner's own line.

Whose exception is it? Where a task calls what belongs to the learner, it does so with ``theirs``;
what comes out of there, or out of a line of the learner's own, is the learner's. What a task itself
finds wrong with an answer it raises as ``Finding``. Everything else is a fault of ours.
"""

from __future__ import annotations

import linecache
import os
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from .values import name_of_type, plain

_HERE = os.path.dirname(os.path.abspath(__file__))
_LIBRARY = tuple(
    os.path.join(path, "")
    for path in {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    if path
)

SHAPES = "Two tensors whose shapes do not fit met there. Print both shapes just before that line."
SHAPE_FAULTS = (
    ("RuntimeError", "size of tensor"),
    ("RuntimeError", "Sizes of tensors must match"),
    ("RuntimeError", "Expected size for"),
    ("RuntimeError", "same number of dimensions"),
    ("RuntimeError", "shapes cannot be multiplied"),
    ("RuntimeError", "The expanded size"),
    ("RuntimeError", "hx should also be"),
    ("RuntimeError", "Expected hidden"),
    ("ValueError", "Expected hidden"),
    ("ValueError", "a state of shape"),
)
PAST_THE_END = (
    "An index lies beyond the end of its axis. Print the smallest and the largest index that are "
    "used there, and the length of that axis."
)
NO_SUCH_AXIS = "The tensor has fewer axes than that line takes for granted. Print its shape there."
WHICH_DTYPE = (
    "Only whole numbers say which entries, and True and False say which to keep. Print the dtype "
    "of the index."
)
MASK = "A mask of True and False has the lengths of the axes that it picks from. Print both shapes."
TOO_SHORT = "That list is shorter than the index takes for granted. Print it, and the index."
NO_AXES = "A single number is indexed there: it has no axes. Print its shape just before that line."
EMPTY = "Nothing is left to choose from there: for some input a list is empty."
# A part of the text of an IndexError and what helps; the first that fits counts.
INDEX_FAULTS = (
    ("too many indices", NO_SUCH_AXIS),
    ("Dimension out of range", NO_SUCH_AXIS),
    ("Dimension specified as", NO_AXES),
    ("invalid index of a 0-dim", NO_AXES),
    ("invalid index to scalar", NO_AXES),
    ("to a 0-dim tensor", NO_AXES),
    ("used as indices must be", WHICH_DTYPE),
    ("valid indices", WHICH_DTYPE),
    ("shape of the mask", MASK),
    ("boolean index did not match", MASK),
    (
        "could not be broadcast",
        "Lists of indices are read side by side, one entry of each, and these do not fit. Print "
        "their shapes.",
    ),
    ("non-zero size", EMPTY),
    ("pop from empty", EMPTY),
    (
        "Target",
        "A class number stands there that is not below the number of classes. Print both.",
    ),
    ("list index", TOO_SHORT),
    ("tuple index", TOO_SHORT),
    ("", PAST_THE_END),
)
HINTS = (
    # exception type, a part of its text, hint
    (
        "ValueError",
        "unpack",
        "The left side of that line has another number of names than the value has axes or parts. "
        "Print the shape just before it.",
    ),
    (
        "ValueError",
        "broadcast",
        "Two arrays whose shapes do not fit met there. Print both shapes just before that line.",
    ),
    (
        "AttributeError",
        "before Module.__init__",
        "The constructor of a module begins with a call of its parent's: super().__init__().",
    ),
    *(("IndexError", part, hint) for part, hint in INDEX_FAULTS),
    ("RuntimeError", "is out of bounds for dimension", PAST_THE_END),
    ("AxisError", "", NO_SUCH_AXIS),
    *((kind, part, SHAPES) for kind, part in SHAPE_FAULTS),
    (
        "NameError",
        "",
        "Python does not know that name at that line: is it spelled as where you made it, and is "
        "the cell that makes it run?",
    ),
    ("UnboundLocalError", "", "The name is used before it is given a value on this path."),
    (
        "RecursionError",
        "",
        "The function calls itself without end. Which case should stop it?",
    ),
    (
        "MemoryError",
        "",
        "The inputs are tiny, so some array is made far too large. Print the shape you ask for.",
    ),
    ("ZeroDivisionError", "", "Something is divided by zero there; print the divisor."),
    (
        "AttributeError",
        "ndarray",
        "The inputs are NumPy arrays here. Is that the name NumPy uses?",
    ),
    (
        "SystemExit",
        "",
        "A function in a notebook should return, not leave Python. Remove the call to exit.",
    ),
)


class Finding(Exception):
    """What a task finds wrong with an answer, in words for the learner, without a full stop."""


def theirs(function: Callable, *arguments: Any) -> Any:
    """Call something of the learner's: an exception that comes out of here is not ours."""
    return function(*arguments)


def ours(error: BaseException) -> bool:
    """Whether an exception was raised by the checking code itself."""
    if isinstance(error, Finding):
        return False
    frames = [code for code, _ in _steps(error)]
    return not any(code is theirs.__code__ or _is_learners(code.co_filename) for code in frames)


@dataclass
class Fault:
    """An exception, told safely. ``line`` is 0 when no line of the learner's own is known.

    A ``Finding`` is told without the name of a type.
    """

    type_name: str
    text: str
    line: int = 0
    code: str = ""
    own: bool = False  # raised by the learner's own line, not deeper in a library

    @property
    def what(self) -> str:
        """Type and text of the exception."""
        return ": ".join(part for part in (self.type_name, self.text) if part)

    @property
    def where(self) -> str:
        """The line as words to go after a verb, or nothing."""
        if not self.line:
            return ""
        return f" at line {self.line}" + (f", `{self.code}`" if self.code else "")

    @property
    def of_shapes(self) -> bool:
        """Whether tensors met whose shapes do not fit."""
        return any(self.type_name == kind and part in self.text for kind, part in SHAPE_FAULTS)

    @property
    def hint(self) -> str:
        """What usually helps with such an exception."""
        if not self.type_name:
            return "Compare your code with the first lines of the task."
        for type_name, part, hint in HINTS:
            if type_name == self.type_name and part in self.text:
                return hint
        return "Run your function on the inputs in report.inputs and look at that line."


def describe(error: BaseException | None) -> Fault:
    """The fault of an exception; also of one whose ``__str__`` raises, or that is None."""
    if error is None:
        return Fault("no exception", "")
    # NumPy raises a private kind of MemoryError.
    memory = issubclass(type(error), MemoryError)
    fault = Fault("MemoryError" if memory else name_of_type(error), _text(error))
    if isinstance(error, Finding):
        return Fault("", fault.text)
    for code, line in _steps(error):
        fault.own = _is_learners(code.co_filename)
        if fault.own:
            text = linecache.getline(code.co_filename, line).strip()
            fault.line, fault.code = line, _short(text.replace("`", "'"), 120)
    return fault


def _steps(error: BaseException) -> Iterator[tuple[CodeType, int]]:
    """Code and line of each frame that an exception came through, outermost first."""
    step, seen = error.__traceback__, 0
    while step is not None and seen < 20_000:
        yield step.tb_frame.f_code, step.tb_lineno
        step, seen = step.tb_next, seen + 1


def _text(error: BaseException) -> str:
    try:
        lines = plain(error).strip().splitlines()
    except BaseException:  # a broken __str__; a Ctrl-C here is too unlikely to tell apart
        return "(its message could not be read)"
    return _short(lines[0].replace("`", "'").rstrip("."), 300) if lines else ""


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _is_learners(filename: str) -> bool:
    if filename.startswith(("<frozen", "<__array_function__", "<__")):
        return False
    path = os.path.abspath(filename)
    return not path.startswith((_HERE, *_LIBRARY)) and "site-packages" not in path
