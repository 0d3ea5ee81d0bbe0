"""Moodle's grading worksheet: read what Moodle exported, fill in the grades, change nothing else.

Moodle's importer wants the columns Identifier, Grade and Last modified (grade), under headings in
the language of the site, and knows a student by the whole text of Identifier. So the sheet is not
made but filled. Its columns are found by what is in them, which is the same in all languages.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from itertools import pairwise
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
    at: list[int] = field(default_factory=list)  # the line of each row in its file

    def id(self, row: list[str]) -> str:
        """The number of the participant, as in the names of files."""
        return PARTICIPANT.fullmatch(row[self.identifier].strip())[2].lstrip("0")


def read(path: Path) -> Worksheet | None:
    """The worksheet in a file; None if the file is none."""
    at, lines = _lines(path)
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
    return Worksheet(name, head, rows, identifier, grade, most, _comments(columns, grade), at[1:])


def _lines(path: Path) -> tuple[list[int], list[list[str]]]:
    """The lines of a table that are not empty, where each begins, and their cells."""
    try:
        if path.stat().st_size > LARGEST:
            return [], []
        data = path.read_bytes()
    except OSError:
        return [], []
    text, _ = tables.decode(data)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    at, lines, begins = [], [], 1
    try:
        for line in reader:
            if any(cell.strip() for cell in line):
                at.append(begins)
                lines.append(line)
            begins = reader.line_num + 1
    except csv.Error:
        return [], []
    return at, lines


def fault(path: Path) -> str:
    """Why a file is no worksheet, with the line at which it ceases to be one, as far as that can
    be told; and what to do."""
    if not path.is_file():
        return f"WORKSHEET={path}: there is no such file."
    name, (at, lines) = clean(path.name, 200), _lines(path)
    anew = "Export the worksheet anew (Download grading worksheet), and change nothing but grades."
    head = lines[0] if lines else []
    for number, line in zip(at, lines):
        if len(line) != len(head):
            return f"{name}:{number}: {len(line)} cells under {len(head)} headings. {anew}"
    columns = [[cell.strip() for cell in column] for column in zip(*lines[1:])]
    for k, column in enumerate(columns):
        known = [bool(PARTICIPANT.fullmatch(cell)) for cell in column]
        odd = known.index(False) if False in known else len(known)
        if 2 * sum(known) > len(known) and odd < len(known):
            return (f"{name}:{at[odd + 1]}: '{clean(column[odd], 60)}' under {head[k].strip()} is "
                    f"no participant, as '{column[known.index(True)]}' is one. {anew}")
    for k, (column, most) in enumerate(pairwise(columns)):
        fits = [_grades([cell], [one]) for cell, one in zip(column, most)]
        same = len(set(most)) == 1 and NUMBER.fullmatch(most[0])
        if k and same and 2 * sum(fits) > len(fits) and False in fits:
            odd = fits.index(False)
            return (f"{name}:{at[odd + 1]}: '{clean(column[odd], 60)}' under {head[k].strip()} is "
                    "no grade. Write a number, or leave the cell empty.")
    return (f"WORKSHEET={path} is no grading worksheet of Moodle. Export one (Download grading "
            "worksheet) and leave its columns as they are.")


def twice(sheet: Worksheet) -> list[str]:
    """Sentences on participants who stand in several lines."""
    first: dict[str, int] = {}
    told = []
    for number, row in zip(sheet.at, sheet.rows):
        if first.setdefault(sheet.id(row), number) != number:
            told.append(f"{sheet.name}:{number}: {row[sheet.identifier].strip()} stands in line "
                        f"{first[sheet.id(row)]}, too, and both got the same grade. Leave one.")
    return told


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
    told = twice(sheet)
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
