"""An answer that calls the answer to an earlier task: a fault in that one costs once.

``conv2d`` may call the learner's own ``corr2d``. If it does not come out right, it is checked a
second time with a right ``corr2d`` under that name; what is still wrong then is its own.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .report import KEPT, Report

_MISSING = object()


@dataclass(frozen=True)
class Helper:
    """An earlier task: its name, a right answer that takes arrays and tensors, its mistakes."""

    name: str
    right: Callable
    mistakes: frozenset[str]

    @property
    def names(self) -> tuple[str, str]:
        """What the learner's own may be called: the book's starters begin with ``my_``."""
        return self.name, f"my_{self.name}"


def costs_once(helper: Helper, answer: Any, first: Report, again: Callable[[], Report]) -> Report:
    """The report on an ``Answer`` that is not right: ``first``, or what a right helper makes of it.

    ``again()`` checks the answer anew.
    """
    with answer.helped(helper.names, helper.right) as calls_it:
        if not calls_it:
            return first
        second = again()
    name, kept = helper.name, second.credit + KEPT["wrong_helper"] - 1
    if second.passed:
        if first.mistake in helper.mistakes:
            return first  # named by what it does
        message = f"It is right when it calls a right `{name}`, and wrong with the `{name}` that "
        message += f"it calls now.\nWith that one: {first.message}"
        hint = f"Check `{name}` by itself and mend it first; then run this check again."
        return replace(first, status="wrong_helper", mistake=None, title="", pair=None,
                       keeps=KEPT["wrong_helper"], message=message, hint=hint)  # fmt: skip
    if kept <= first.credit:
        return first
    message = f"{second.message}\nBesides, the `{name}` that it calls is wrong; for this check a "
    return replace(second, keeps=kept, message=message + "right one stood in for it.")


@contextlib.contextmanager
def replaced(answer: Any, names: tuple[str, ...], function: Callable) -> Iterator[bool]:
    """Let ``answer`` find ``function`` under the names that its code uses; whether it uses any."""
    own = _own_functions(answer)
    cells = [cell for f in own for free, cell in _cells(f) if free in names]
    used = [name for name in names if any(name in _names(f.__code__) for f in own)]
    before = [(name, own[0].__globals__.get(name, _MISSING)) for name in used]
    kept = [(cell, _content(cell)) for cell in cells]
    try:
        for name in used:
            own[0].__globals__[name] = function
        for cell in cells:
            cell.cell_contents = function
        yield bool(used or cells)
    finally:
        for name, value in before:
            own[0].__globals__[name] = value
            if value is _MISSING:
                del own[0].__globals__[name]
        for cell, value in kept:
            cell.cell_contents = value


def _own_functions(answer: Any) -> list[types.FunctionType]:
    """An answer and the functions of its notebook that it reaches by name."""
    found: list[types.FunctionType] = []
    todo = [getattr(answer, "__wrapped__", getattr(answer, "__func__", answer))]
    while todo:
        function = todo.pop()
        if type(function) is not types.FunctionType or any(function is f for f in found):
            continue
        if found and function.__globals__ is not found[0].__globals__:
            continue  # of a library
        found.append(function)
        todo += [function.__globals__.get(name) for name in _names(function.__code__)]
        todo += [_content(cell) for _, cell in _cells(function)]
    return found


def _names(code: types.CodeType) -> set[str]:
    """Globals and attributes that code asks for, also in functions inside of it."""
    inside = (_names(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return set(code.co_names).union(*inside)


def _cells(function: types.FunctionType) -> list[tuple[str, types.CellType]]:
    """Names of the outer functions that a function uses, and where their values are kept."""
    return list(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None
