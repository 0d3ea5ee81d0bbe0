"""The last cell of a student's notebook: every check once more, and the points so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .page import LabCell

if TYPE_CHECKING:
    from .lab import Lab

TEXT = (
    "## Before you hand in\n\n"
    "The next cell runs every check of this notebook once more and adds up the points so far. "
    "Run all cells above it first. It needs no network, and it is not part of what is graded."
)
CODE = """\
from dlworkbook import checks

checks.everything(globals(), {{{tasks}}}{more})"""


def cells(lab: Lab) -> list[LabCell]:
    """A text and the cell; nothing for an assignment without tasks."""
    shown, later = (
        {task.name: (task.answer, _plain(task.points)) for task in lab.tasks
         if lab.shows(task) is seen}
        for seen in (True, False)
    )  # fmt: skip
    by_hand = {question.name: _plain(question.points) for question in lab.written}
    if not lab.tasks and not by_hand:
        return []
    more = f", later={{{_lines(later)}}}" * bool(later)
    more += f", by_hand={{{_lines(by_hand)}}}" * bool(by_hand)
    code = CODE.format(tasks=_lines(shown), more=more)
    return [LabCell("markdown", TEXT, "text"), LabCell("code", code, "check", tags=["check"])]


def _lines(entries: Mapping[str, object]) -> str:
    return "".join(f"\n    {key!r}: {value!r}," for key, value in entries.items()) + "\n" * bool(
        entries
    )


def _plain(points: float) -> float:
    return int(points) if points == int(points) else points
