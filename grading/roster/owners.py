"""Whose a file is before it is graded: where problems vary, it is judged by those of its owner."""

from __future__ import annotations

from grading.make import variants
from grading.make.lab import Lab
from grading.read.submissions import Submission
from grading.report import moodle, results

from .matching import match
from .people import Roster


def called(
    found: list[Submission], lab: Lab, roster: Roster | None, sheets: list[moodle.Worksheet]
) -> dict[str, tuple[str, ...]]:
    """What the people are called to whom the roster gives a file, by file.

    Who handed it in comes first, then the team. A file of nobody on the roster is left out.
    ``found``: all of the class, because the others tell what a number in a name is.
    """
    rows = [results.rejected(submission, lab, "", "") for submission in found]
    return of_rows(rows, roster, sheets)


def of_rows(
    rows: list[results.Row], roster: Roster | None, sheets: list[moodle.Worksheet]
) -> dict[str, tuple[str, ...]]:
    """The same, of rows that were graded."""
    if roster is None:
        return {}
    matched = match(rows, roster, sheets)
    return {
        file: tuple(
            name
            for person in dict.fromkeys((*matched.by_hand[file], *people))
            for name in variants.called(person)
        ) for file, people in matched.owners.items()
    }  # fmt: skip
