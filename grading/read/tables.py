"""Tables from outside: CSV as learning systems and spreadsheets write it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from .cleaning import clean

LARGEST = 20_000_000  # bytes
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)  # 1.23457E+11
MOST_FAULTS = 10  # that are told at once


class TableError(ValueError):
    """A table cannot be used; says what is wrong, in which line, and what to do."""


@dataclass(frozen=True)
class Line:
    """One line under the headings, and its number in the file."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """Headings and lines. Every line has as many cells as there are headings."""

    name: str
    head: list[str]
    lines: list[Line]
    told: list[str] = field(default_factory=list)

    def place(self, line: Line) -> str:
        """File and line, as they begin a sentence on a fault."""
        return f"{self.name}:{line.number}"

    def column(self, *names: str) -> int | None:
        """The first column under one of these headings, in whatever case; None without any."""
        known = [plain(cell) for cell in self.head]
        return next((known.index(name) for name in names if name in known), None)


def plain(heading: str) -> str:
    """A heading in small letters with single blanks."""
    return " ".join(heading.casefold().split())


def decode(data: bytes) -> tuple[str, bool]:
    """The text of a file; and whether its encoding is certain.

    UTF-8 and UTF-16, also without a mark at their beginning; everything else is read as the
    Windows encoding of Western Europe.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), True
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace"), True
    if data[:1] == b"\0":
        return data.decode("utf-16-be", "replace"), True
    try:
        return data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False


def split(text: str) -> list[Line]:
    """The lines of a CSV file with cells that are stripped; empty ones are left out.

    Between the cells stands what the first line has most of: comma, semicolon or tab. Raises
    csv.Error, also for a quotation mark that is never closed: it would swallow lines in silence.
    """
    file = io.StringIO(text, newline="")
    if re.match(r"sep=.\s*$", text.partition("\n")[0]):
        file.readline()  # a spreadsheet's own word on what stands between the cells
    start = file.tell()
    first = file.readline()
    file.seek(start)
    reader = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
    before = above = 1 if start else 0
    found = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(Line(before + 1, [cell.strip() for cell in cells]))
            before = above + reader.line_num
    except csv.Error as error:
        raise csv.Error(f"in the line that begins at {before + 1}: {error}") from None
    return found


def read(path: Path, setting: str) -> Table:
    """The table in a file that was given as ``setting``, e.g. ROSTER. Raises TableError."""
    name = clean(path.name, 200)
    try:
        if path.stat().st_size > LARGEST:
            raise TableError(f"{setting}={name} is larger than {LARGEST // 10**6} MB: is it a CSV?")
        text, certain = decode(path.read_bytes())
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise TableError(f"{setting}={clean(path)} cannot be read: {why}.") from None
    if text.startswith("PK\x03\x04"):
        raise TableError(f"{name} is a workbook of a spreadsheet. Save it as CSV (UTF-8).")
    if not _is_text(text):
        raise TableError(f"{name} is no table. Save it as CSV (UTF-8).")
    try:
        lines = split(text)
    except csv.Error as error:
        raise TableError(f"{name} is no CSV file, {clean(error, 200)}. Put each cell that holds a "
                         "quotation mark into quotation marks, and write the mark twice.") from None
    if not lines:
        raise TableError(f"{name} is empty. Its first line must hold the headings.")
    width = len(lines[0].cells)
    made = Table(name, [clean(cell, 200) for cell in lines[0].cells], [])
    faults = Faults(made)
    for line in lines[1:]:
        if any(line.cells[width:]):
            faults.add(line, f"{len(line.cells)} cells under {width} headings. Put quotation marks "
                             "around a cell that holds the sign between cells.")
        cells = [clean(cell, 500) for cell in line.cells[:width]]
        made.lines.append(Line(line.number, cells + [""] * (width - len(cells))))
    faults.stop()
    if not certain:
        made.told.append(
            f"{name} is not in UTF-8 and was read as Windows-1252: look at names with accents, "
            "or save it as CSV UTF-8."
        )
    return made


def _is_text(text: str) -> bool:
    """Whether these are signs of writing, and not the bytes of a picture or a program."""
    start = text[:4_000]
    strange = sum(sign < " " and sign not in "\t\n\v\f\r\x1a" for sign in start)
    return strange <= len(start) / 50 and not start.startswith("%PDF-")


class Faults:
    """What is wrong in a table, told together, so that it is put right in one go."""

    def __init__(self, table: Table) -> None:
        self.table, self.found = table, []

    def add(self, line: Line, text: str) -> None:
        """Note what is wrong in a line."""
        self.found.append(f"{self.table.place(line)}: {text}")

    def stop(self) -> None:
        """Raise TableError if anything is wrong."""
        if self.found:
            more = len(self.found) - MOST_FAULTS
            told = self.found[:MOST_FAULTS] + ([f"... and {more} more."] if more > 0 else [])
            raise TableError("\n".join(told))


def shortened(cell: str) -> bool:
    """Whether a spreadsheet has made a rounded number of an id."""
    return bool(SHORTENED.fullmatch(cell))
