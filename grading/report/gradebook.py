"""CSV files that Canvas and Moodle import, made from the ids in the names of the files.

Canvas: a file for *Grades > Import*. It knows students by ``ID``; a row gives their points. Moodle:
the *offline grading worksheet* that it exported, filled in (``moodle.py``).
"""

from __future__ import annotations

import csv
import io

from grading.make.lab import Lab
from grading.marking.standing import Standing
from grading.read.cleaning import some
from grading.roster.book import Book

from . import moodle
from .results import harmless

SYSTEMS = ("canvas", "moodle")


def files(
    rows: list[Standing], lab: Lab, worksheets: list[moodle.Worksheet], book: Book
) -> tuple[dict[str, str], list[str]]:
    """Name and text of each file; and what is to be told about them, in sentences.

    ``book`` says which file of a student counts, and what late work costs.
    """
    made: dict[str, str] = {}
    told: list[str] = []
    by_canvas, by_moodle = (book.rows(system) for system in SYSTEMS)
    if by_canvas or (book.roster and book.roster.kind == "canvas"):
        made["gradebook_canvas.csv"] = canvas(by_canvas, lab, book)
    ids = {row.student_id.lstrip("0"): row for row in by_moodle}
    for k, sheet in enumerate(worksheets, start=1):
        name = f"gradebook_moodle{'' if k == 1 else f'_{k}'}.csv"
        made[name], remarks = moodle.fill(sheet, ids, lab, book.comment)
        told += remarks
    if by_moodle and not worksheets:
        told.append(
            "For Moodle's gradebook its own worksheet is needed: Download grading worksheet, and "
            "give it as WORKSHEET=file, or put it beside the submissions."
        )
    if book.roster:
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


def canvas(rows: list[Standing], lab: Lab, book: Book) -> str:
    """Columns as Canvas exports them; others may stay empty.

    Canvas imports no column whose points are "(read only)"; so the one on late work is for people.
    With Canvas's own export as roster, everybody on it has a line.
    """
    title, lines = lab.title if lab.number is None else f"Lab {lab.number}", []
    if book.roster and book.roster.kind == "canvas":
        title, lines = book.canvas(rows, title)
    else:
        for row in rows:
            given = f"{row.total:g}" if row.counts else ""
            name = harmless(row.student)
            lines.append([name, row.student_id, "", "", "", given, book.cost(row)])
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title, "Late"]
    points = ["    Points Possible", "", "", "", "", f"{lab.total:g}", "(read only)"]
    return _csv([head, points, *lines])


def _csv(lines: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
