"""Lets cells of an assignment wait for a learner's answers, so that a half-done lab runs through.

Once :func:`heed` was called, which the set-up cell of an assignment does, a cell that begins with

    # needs: corr2d, conv2d

says what is not done yet and does nothing else while one of these answers is missing or still has
its gap. After that it runs as it stands. Without that first line it is a cell like any other.
"""

from __future__ import annotations

import dis
import inspect
import re
from types import CodeType, FunctionType
from typing import Any

START = "# needs: "
_LINE = re.compile(rf"{START}(\w+(?:, \w+)*)\s*")


def line(names: list[str]) -> str:
    """The first line of a cell that needs these answers."""
    return START + ", ".join(names)


def named(source: str) -> list[str]:
    """The answers that the first line of a cell names; [] if it is no such line."""
    found = _LINE.fullmatch(source.partition("\n")[0])
    return found[1].split(", ") if found else []


def heed(**tasks: str | None) -> None:
    """From now on let cells wait for these answers; for each the task that checks it, or None.

    Does nothing outside of IPython; a second call replaces the first.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    transformers = shell.input_transformers_cleanup
    transformers[:] = [t for t in transformers if not isinstance(t, _Wait)]
    transformers.append(_Wait(shell.user_ns, tasks))


class _Wait:
    """Looks at the lines of a cell right before it runs."""

    has_side_effects = True  # so that IPython does not ask while a cell is being typed

    def __init__(self, names: dict[str, Any], tasks: dict[str, str | None]) -> None:
        self.names, self.tasks = names, tasks

    def __call__(self, lines: list[str]) -> list[str]:
        wanted = named(lines[0]) if lines else []
        if not self.tasks.keys() >= set(wanted):
            return lines  # a comment of the learner's own
        undone = [name for name in self._reached(wanted) if self._undone(name)]
        if not undone:
            return lines
        text = f"○ Not done yet: {', '.join(undone)}. This cell needs "
        text += "it" if len(undone) == 1 else "them"
        return [f"print({text + ', so it was not run.'!r})\n"]

    def _reached(self, wanted: list[str]) -> list[str]:
        """These answers and those that their code calls, directly or through own functions."""
        todo, seen = list(wanted), []
        while todo:
            name = todo.pop(0)
            if name not in seen:
                seen.append(name)
                value = self.names.get(name)
                if isinstance(value, type | FunctionType) and value.__module__ == "__main__":
                    todo += sorted(reads(value))
        return [name for name in seen if name in self.tasks]

    def _undone(self, name: str) -> bool:
        """Whether an answer is missing or has a gap, as its check says."""
        from dlworkbook.checks import check, engine

        answer = self.names.get(name)
        if answer is None or answer is Ellipsis or answer is NotImplemented:
            return True
        if not engine.has_gap(answer) and "NotImplementedError" not in reads(answer):
            return False
        # A `...` that was left above a whole answer is no gap: only a call tells.
        task = self.tasks[name]
        return task is None or check(task, answer).status == "not_done"


def reads(value: Any) -> set[str]:
    """Global names that a function, the methods of a class, or code read when they run."""
    if isinstance(value, type):
        parts = [part for part in vars(value).values() if not isinstance(part, type)]
        return set().union(*map(reads, parts))
    code = value if isinstance(value, CodeType) else getattr(_bare(value), "__code__", None)
    if not isinstance(code, CodeType):
        return set()
    found = {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    return found.union(*(reads(part) for part in code.co_consts if isinstance(part, CodeType)))


def _bare(value: Any) -> Any:
    """A function without decorators such as ``torch.no_grad()`` or ``staticmethod``."""
    try:
        return inspect.unwrap(value)
    except ValueError:  # it wraps itself
        return value
