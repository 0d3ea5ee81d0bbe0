"""The last cell of a student's notebook: every check once more, and the points so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from .page import LabCell

if TYPE_CHECKING:
    from .lab import Task

TEXT = (
    "## Before you hand in\n\n"
    "The next cell runs every check of this notebook once more and adds up the points so far. "
    "Run all cells above it first. It needs no network, and it is not part of what is graded."
)
CODE = """\
from dlworkbook import checks

checks.everything(globals(), {{{tasks}}}{more})"""


def cells(
    tasks: Collection[Task],
    silent: Collection[str] = (),
    by_hand: Mapping[str, float] | None = None,
) -> list[LabCell]:
    """A text and the cell; nothing for an assignment without tasks.

    ``silent`` are names of tasks whose checks students do not see, ``by_hand`` titles of questions
    that are marked by hand, with their points.
    """
    if not tasks and not by_hand:
        return []
    told = {task.name: (task.answer, _plain(task.points)) for task in tasks}
    more = ""
    later = {name: told.pop(name) for name in list(told) if name in silent}
    if later:
        more += f", later={{{_lines(later)}}}"
    if by_hand:
        more += f", by_hand={{{_lines({title: _plain(p) for title, p in by_hand.items()})}}}"
    code = CODE.format(tasks=_lines(told), more=more)
    return [LabCell("markdown", TEXT, "text"), LabCell("code", code, "check", tags=["check"])]


def _lines(entries: Mapping[str, object]) -> str:
    return "".join(f"\n    {key!r}: {value!r}," for key, value in entries.items()) + "\n" * bool(
        entries
    )


def _plain(points: float) -> float:
    return int(points) if points == int(points) else points
