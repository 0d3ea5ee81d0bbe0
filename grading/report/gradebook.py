"""CSV files that Canvas and Moodle import, made from the ids in the names of the files.

Canvas: a file for *Grades > Import*. It knows students by ``ID``; a row gives their points. Moodle:
the *offline grading worksheet* that it exported, filled in (``moodle.py``).
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grading.make.lab import Lab
from grading.read.cleaning import some

from . import moodle
from .results import Row, harmless

if TYPE_CHECKING:
    from grading.roster.standings import Book

SYSTEMS = ("canvas", "moodle")


def best(rows: list[Row], system: str) -> list[Row]:
    """One row for each student of a system: of several files the best whose points are known."""
    found: dict[str, Row] = {}
    for row in rows:
        if row.system == system and row.student_id:
            id_ = row.student_id.lstrip("0")
            old = found.get(id_)
            if old is None or (row.counts, row.total) > (old.counts, old.total):
                found[id_] = row
    return list(found.values())


def files(
    rows: list[Row], lab: Lab, worksheets: list[moodle.Worksheet], book: Book | None = None
) -> tuple[dict[str, str], list[str]]:
    """Name and text of each file; and what is to be told about them, in sentences.

    ``book`` says which file of a student counts, and what late work costs.
    """
    made: dict[str, str] = {}
    told: list[str] = []
    by_canvas, by_moodle = (
        book.rows(system) if book else best(rows, system) for system in SYSTEMS
    )
    say = book.comment if book else comment
    if by_canvas or (book and book.roster and book.roster.kind == "canvas"):
        made["gradebook_canvas.csv"] = canvas(by_canvas, lab, book)
    ids = {row.student_id.lstrip("0"): row for row in by_moodle}
    for k, sheet in enumerate(worksheets, start=1):
        name = f"gradebook_moodle{'' if k == 1 else f'_{k}'}.csv"
        made[name], remarks = moodle.fill(sheet, ids, lab, say)
        told += remarks
    if by_moodle and not worksheets:
        told.append(
            "For Moodle's gradebook its own worksheet is needed: Download grading worksheet, and "
            "give it as WORKSHEET=file, or put it beside the submissions."
        )
    if book and book.roster:
        return made, told  # the book tells the rest
    return made, told + left_out(rows, [*by_canvas, *by_moodle])


def left_out(rows: list[Row], counted: list[Row]) -> list[str]:
    """Sentences on the files whose points come into no gradebook, or not as their own."""
    known = [row for row in rows if row.system in SYSTEMS and row.student_id]
    if not known:
        return []
    told = []
    listed = {row.file for row in known}
    without = [row.file for row in rows if row.file not in listed]
    if without:
        told.append(f"Without an id, so in no gradebook: {some(without)}.")
    unread = [row.file for row in counted if not row.counts]
    if unread:
        told.append(f"Left empty in the gradebook, because their points are not known: "
                    f"{some(unread)}.")
    best_files = {row.file for row in counted}
    several = [row for row in known if row.file not in best_files]
    if several:
        files = some([f"{row.file} ({row.student_id})" for row in several])
        told.append(f"Another file of the same student counts, not {files}.")
    return told


def canvas(rows: list[Row], lab: Lab, book: Book | None = None) -> str:
    """Columns as Canvas exports them; others may stay empty.

    Canvas imports no column whose points are "(read only)"; so the one on late work is for people.
    With Canvas's own export as roster, everybody on it has a line.
    """
    title, lines = f"Lab {lab.number}", []
    if book and book.roster and book.roster.kind == "canvas":
        title, lines = book.canvas(rows, title)
    else:
        for row in rows:
            late = book.cost(row) if book else "late" if row.late else ""
            given = f"{row.total:g}" if row.counts else ""
            lines.append([harmless(row.student), row.student_id, "", "", "", given, late])
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title, "Late"]
    points = ["    Points Possible", "", "", "", "", f"{lab.total:g}", "(read only)"]
    return _csv([head, points, *lines])


def comment(row: Row) -> str:
    """A line of feedback for each task."""
    told = []
    for task, report in row.reports.items():
        name = f": {report['title']} ({report['mistake']})" if report["mistake"] else ""
        word = "passed" if report["passed"] else report["status"].replace("_", " ")
        told.append(f"{task} {row.points[task]:g}, {word}{name}")
    return "; ".join([*(["handed in late"] if row.late else []), *told]) or row.reason


def _csv(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
