"""CSV files that Canvas and Moodle import, made from the ids in the names of the files.

Canvas: a file for *Grades > Import*. It knows students by ``ID``; a row gives their points. Moodle:
the *offline grading worksheet* that it exported, filled in (``moodle.py``).
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grading.make.lab import Lab
from grading.marking import standing
from grading.marking.standing import Standing
from grading.read.cleaning import some

from . import moodle
from .results import Row, harmless

if TYPE_CHECKING:
    from grading.roster.book import Book

SYSTEMS = ("canvas", "moodle")


def best(rows: list[Standing], system: str) -> list[Standing]:
    """One row for each student of a system: of several files the best whose points are known."""
    found: dict[str, Standing] = {}
    for row in rows:
        if row.system == system and row.student_id:
            id_ = row.student_id.lstrip("0")
            old = found.get(id_)
            if old is None or _rank(row) > _rank(old):
                found[id_] = row
    return list(found.values())


def _rank(row: Row | Standing) -> tuple[bool, float]:
    return row.counts, row.total or 0.0


def files(
    rows: list[Row | Standing],
    lab: Lab,
    worksheets: list[moodle.Worksheet],
    book: Book | None = None,
) -> tuple[dict[str, str], list[str]]:
    """Name and text of each file; and what is to be told about them, in sentences.

    ``book`` says which file of a student counts, and what late work costs.
    """
    rows = [standing.of(row, lab) for row in rows]
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


def left_out(rows: list[Standing], counted: list[Standing]) -> list[str]:
    """Sentences on the files whose points come into no gradebook, or not as their own."""
    known = [row for row in rows if row.system in SYSTEMS and row.student_id]
    if not known:
        return []
    told = []
    listed = {row.file for row in known}
    without = [row.file for row in rows if row.file not in listed]
    if without:
        told.append(f"Without an id, so in no gradebook: {some(without)}.")
    unmarked = [row.file for row in counted if row.waits]
    if unmarked:
        told.append(f"Left empty in the gradebook, because questions are to be marked by hand: "
                    f"{some(unmarked)}. `make mark` shows them.")
    unread = [row.file for row in counted if not row.counts and not row.waits]
    if unread:
        told.append(f"Left empty in the gradebook, because their points are not known: "
                    f"{some(unread)}.")
    best_files = {row.file for row in counted}
    several = [row for row in known if row.file not in best_files]
    if several:
        files = some([f"{row.file} ({row.student_id})" for row in several])
        told.append(f"Another file of the same student counts, not {files}.")
    return told


def canvas(rows: list[Standing], lab: Lab, book: Book | None = None) -> str:
    """Columns as Canvas exports them; others may stay empty.

    Canvas imports no column whose points are "(read only)"; so the one on late work is for people.
    With Canvas's own export as roster, everybody on it has a line.
    """
    title, lines = lab.title if lab.number is None else f"Lab {lab.number}", []
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


def comment(row: Standing) -> str:
    """A line of feedback for each task."""
    told = []
    for task, report in row.reports.items():
        if row.by_name[task].source == standing.OVERRIDE:
            continue
        name = f": {report['title']} ({report['mistake']})" if report["mistake"] else ""
        word = "passed" if report["passed"] else report["status"].replace("_", " ")
        told.append(f"{task} {row.points[task]:g}, {word}{name}")
    hands = (standing.OVERRIDE, standing.MARKER)
    told += [by_hand(part) for part in row.parts if part.source in hands]
    return "; ".join([*(["handed in late"] if row.late else []), *told]) or row.reason


def by_hand(part: standing.Part) -> str:
    """What a person gave, and what is said about it."""
    said = " ".join(filter(None, (part.entry.why, part.entry.comment)))
    return f"{part.name} {part.points:g}" + (f", {' '.join(said.split())}" if said else "")


def _csv(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
