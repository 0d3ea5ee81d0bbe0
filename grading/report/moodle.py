"""Moodle's grading worksheet: read what Moodle exported, fill in the grades, change nothing else.

Moodle's importer wants the columns Identifier, Grade and Last modified (grade), under headings in
the language of the site, and knows a student by the whole text of Identifier. So the sheet is not
made but filled. Its columns are found by what is in them, which is the same in all languages.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from grading.make.lab import Lab
from grading.read import tables
from grading.read.cleaning import clean

from .results import Row, harmless

LARGEST = 20_000_000
PARTICIPANT = re.compile(r"(\D*[^\d\s])\s*(\d+)")  # Participant 123456, 参与者123456
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass
class Worksheet:
    """A worksheet of one assignment: its cells, and the places of the columns that matter."""

    name: str
    head: list[str]
    rows: list[list[str]]
    identifier: int
    grade: int
    most: float  # the maximum grade in Moodle
    comments: int | None  # where the text for the student goes; None if that cannot be told

    def id(self, row: list[str]) -> str:
        """The number of the participant, as in the names of files."""
        return PARTICIPANT.fullmatch(row[self.identifier].strip())[2].lstrip("0")


def read(path: Path) -> Worksheet | None:
    """The worksheet in a file; None if the file is none."""
    try:
        if path.stat().st_size > LARGEST:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    text, _ = tables.decode(data)
    first = text.partition("\n")[0]
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count)))
    except csv.Error:
        return None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < 2 or len(lines[0]) < 4 or len({len(line) for line in lines}) != 1:
        return None
    head, rows = [cell.strip() for cell in lines[0]], lines[1:]
    columns = [[cell.strip() for cell in column] for column in zip(*rows)]
    identifier = next((k for k, column in enumerate(columns) if _participants(column)), None)
    grade = next((k - 1 for k in range(2, len(columns)) if _grades(*columns[k - 1 : k + 1])), None)
    if identifier is None or grade is None or grade <= identifier:
        return None
    most = float(columns[grade + 1][0].replace(",", "."))
    name = clean(path.name, 200)
    return Worksheet(name, head, rows, identifier, grade, most, _comments(columns, grade))


def _participants(column: list[str]) -> bool:
    """Whether each cell is the word for a participant and a number."""
    found = [PARTICIPANT.fullmatch(cell) for cell in column]
    return all(found) and len({match[1] for match in found}) == 1


def _grades(column: list[str], most: list[str]) -> bool:
    """Whether a column can hold grades, and the one behind it the maximum of all rows."""
    if len(set(most)) != 1 or not NUMBER.fullmatch(most[0]):
        return False
    return all(cell in ("", "-") or NUMBER.fullmatch(cell) for cell in column)


def _comments(columns: list[list[str]], grade: int) -> int | None:
    """The last column, if it holds text for students: it follows that of the grade's date.

    A date is never empty: Moodle writes - where there is none.
    """
    last = len(columns) - 1
    if last > grade + 3 and "" in columns[last] and "" not in columns[last - 1]:
        return last
    return None


def fill(sheet: Worksheet, found: dict[str, Row], lab: Lab, comment) -> tuple[str, list[str]]:
    """The worksheet with the grades, as CSV; and what is to be told about it.

    ``found``: the row of each id. Rows without points stay as they were, so that an unread file is
    no zero. ``comment(row)`` is the text for a student.
    """
    out, filled = [], set()
    for line in sheet.rows:
        row = found.get(sheet.id(line))
        line = list(line)
        if row is not None:
            filled.add(row.student_id)
        if row is not None and row.counts:
            line[sheet.grade] = f"{row.total:g}"
            if sheet.comments is not None:
                line[sheet.comments] = harmless(comment(row))
        out.append(line)
    told = []
    lost = [id_ for id_ in found if found[id_].student_id not in filled]
    if lost:
        told.append(f"{sheet.name} has no row for the ids {', '.join(lost)}.")
    if sheet.most != lab.total:
        told.append(
            f"{sheet.name} says that {sheet.most:g} is the maximum grade, and the lab has "
            f"{lab.total:g} points. Set the maximum in Moodle and export the worksheet anew: "
            "Moodle leaves out grades above its maximum without a word."
        )
    if sheet.comments is None:
        told.append(f"{sheet.name} has no empty column for comments, so it has the grades only.")
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([sheet.head, *out])
    return table.getvalue(), told
