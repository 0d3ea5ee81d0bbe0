"""When work was handed in, as far as anything tells.

In this order: a table of times that the instructor gives; what Gradescope says of a submission; the
column *Last modified (submission)* of Moodle's worksheet; and Canvas's mark LATE, which says that
something came late and not by how much.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from grading.read import tables
from grading.read.cleaning import clean, some
from grading.read.tables import Faults, TableError
from grading.report import moodle
from grading.report.results import Row

from . import dates
from .late import Extension
from .matching import Index, Matched, Unclear
from .people import Person

NONE = ("", "-")  # in a column of dates
MOST_DAYS = 366
HOW = "like 2026-09-15T10:30 or 2026-09-15 10:30+02:00"


@dataclass
class Times:
    """A table of times: by file, or by what a person is called; with the lines for faults."""

    name: str = ""
    by_file: dict[str, datetime] = field(default_factory=dict)
    by_key: dict[str, datetime] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # key: file and line


@dataclass
class Extensions:
    """A table of extensions, by what a person is called."""

    name: str = ""
    by_key: dict[str, Extension] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def read_times(path: Path, zone: tzinfo) -> Times:
    """Times from a table with the columns id (or file) and time. Raises TableError."""
    table = tables.read(Path(path), "TIMES")
    ids, files, time = table.column("id"), table.column("file"), table.column("time")
    if time is None or (ids is None and files is None):
        raise TableError(f"{table.name}:1: TIMES needs the columns id and time (or file and time); "
                         f"it has {', '.join(table.head[:12])}.")
    made, faults = Times(table.name), Faults(table)
    order = dates.order_of([line.cells[time] for line in table.lines])
    for line in table.lines:
        at = dates.read(line.cells[time], zone, order)
        file = line.cells[files] if files is not None else ""
        key = line.cells[ids] if ids is not None else ""
        known = made.by_file if file else made.by_key
        if not (file or key):
            faults.add(line, "a time without an id. Put in whose it is.")
        elif at is None:
            faults.add(line, f"{line.cells[time] or 'an empty cell'} is no time that means one "
                             f"moment only. Write it {HOW}.")
        elif (file or key) in known:
            faults.add(line, f"{file or key} stands here twice. Leave one line; several files of "
                             "one student are told apart by a column file.")
        else:
            known[file or key] = at
            made.places[file or key] = table.place(line)
    faults.stop()
    return made


def read_extensions(path: Path, zone: tzinfo) -> Extensions:
    """Extensions from a table with the columns id, due or days, and why. Raises TableError.

    A date without an hour is meant to its end.
    """
    table = tables.read(Path(path), "EXTENSIONS")
    ids, due, days = table.column("id"), table.column("due"), table.column("days")
    why = table.column("why")
    if ids is None or (due is None and days is None):
        raise TableError(f"{table.name}:1: EXTENSIONS needs the columns id, due or days, and why; "
                         f"it has {', '.join(table.head[:12])}.")
    made, faults = Extensions(table.name), Faults(table)
    for line in table.lines:
        key = line.cells[ids]
        until = line.cells[due] if due is not None else ""
        more = line.cells[days] if days is not None else ""
        reason = line.cells[why] if why is not None else ""
        one = None
        if not key:
            faults.add(line, "an extension without an id. Put in whose it is.")
        elif key in made.by_key:
            faults.add(line, f"{key} has an extension already ({made.places[key]}). Leave one.")
        elif bool(until) == bool(more):
            faults.add(line, f"{key} needs a date in the column due or a number of days, one of "
                             "the two.")
        elif more:
            number = _number(more)
            if number is None:
                faults.add(line, f"{more} is no number of days from 0 to {MOST_DAYS}.")
            else:
                one = Extension(days=number, why=reason)
        else:
            at = dates.read(until, zone) or _end(until, zone)
            if at is None:
                faults.add(line, f"{until} is no date that means one moment only. Write it {HOW}, "
                                 "or 2026-09-15 for the end of that day.")
            else:
                one = Extension(at, why=reason)
        if one is not None:
            made.by_key[key] = one
            made.places[key] = table.place(line)
    faults.stop()
    return made


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number <= MOST_DAYS else None


def _end(text: str, zone: tzinfo) -> datetime | None:
    """The last second of a date that names no hour."""
    return dates.read(f"{text} 23:59:59", zone) if not dates.TIME.search(text) else None


def persons(
    keys: dict[str, str], index: Index, name: str
) -> tuple[dict[str, Person], list[str]]:
    """The person that each key of a table means; ``keys`` has its place in the table.

    Also a sentence for each key of nobody, and for two that mean the same person.
    """
    found: dict[str, Person] = {}
    faults, taken = [], {}
    for key, place in keys.items():
        try:
            person = index.any(key)
        except Unclear as error:
            faults.append(f"{place}: {error}. Put in the id.")
            continue
        if person is None:
            faults.append(f"{place}: {key} is on no line of {name}. Correct the id.")
        elif person in taken:
            faults.append(f"{place}: {key} is {person.name or person.id}, who stands in "
                          f"{taken[person]}, too. Leave one line.")
        else:
            found[key], taken[person] = person, place
    return found, faults


def of_worksheet(sheet: moodle.Worksheet, zone: tzinfo) -> tuple[dict[str, datetime], list[str]]:
    """When each participant handed in; and what is to be told of dates that cannot be read."""
    column = _submitted(sheet)
    if column is None:
        return {}, []
    cells = {sheet.id(row): row[column].strip() for row in sheet.rows}
    order = dates.order_of(list(cells.values()))
    found, unread = {}, []
    for number, cell in cells.items():
        at = dates.read(cell, zone, order) if cell not in NONE else None
        if at is not None:
            found[number] = at
        elif cell not in NONE:
            unread.append(f"{number} ({clean(cell, 60)})")
    told = []
    if unread:
        told.append(f"{sheet.name}: when it was handed in cannot be read for {some(unread)}: "
                    "nothing is taken off. Give the times as TIMES=file with the columns id and "
                    "time.")
    return found, told


def _submitted(sheet: moodle.Worksheet) -> int | None:
    """The column that says when work was handed in: the first of dates right of the maximum.

    The date of the grade stands right of it, so there are two; without submissions there is one.
    """
    head = [tables.plain(cell) for cell in sheet.head]
    if "last modified (submission)" in head:
        return head.index("last modified (submission)")
    columns = list(zip(*sheet.rows))
    found = [k for k in range(sheet.grade + 2, len(columns)) if _dates(columns[k])]
    full = [k for k in found if any(cell.strip() not in NONE for cell in columns[k])]
    return found[0] if len(found) > 1 and full and found[0] == full[0] else None


def _dates(cells: tuple[str, ...]) -> bool:
    """Whether each cell is a date with its time, or - for none."""
    return all(cell.strip() == "-" or (dates.TIME.search(cell) and any(map(str.isdecimal, cell)))
               for cell in cells)


@dataclass(frozen=True)
class Moment:
    """When a file came: unknown is None; ``marked``: a system calls it late."""

    at: datetime | None
    marked: bool = False


def of_files(
    rows: list[Row],
    matched: Matched,
    given: Times,
    people: dict[str, Person],
    sheets: list[moodle.Worksheet],
    zone: tzinfo,
) -> tuple[dict[str, Moment], list[str]]:
    """When each file came, and what is to be told. ``people``: whom the keys of a table mean."""
    told, found = [], {}
    by_person = {people[key]: at for key, at in given.by_key.items() if key in people}
    by_sheet: dict[str, datetime] = {}
    for sheet in sheets:
        more, remarks = of_worksheet(sheet, zone)
        by_sheet |= more
        told += remarks
    several = []
    for row in rows:
        own = sorted({by_person[one] for one in matched.by_hand.get(row.file, ())
                      if one in by_person})
        if len(own) > 1:
            several.append(row.file)
        at = given.by_file.get(row.file) or (own[0] if own else None)
        if at is None and row.submitted:
            at = datetime.fromisoformat(row.submitted)
            at = at if at.tzinfo else at.replace(tzinfo=zone)
        if at is None and row.system == "moodle":
            at = by_sheet.get(row.student_id.lstrip("0"))
        found[row.file] = Moment(at, row.late)
    if several:
        told.append(f"{given.name} gives the people behind {some(several)} different times: the "
                    "first one was taken.")
    lost = [file for file in given.by_file if file not in found]
    if lost:
        told.append(f"{given.name} gives times of files that are not there: {some(lost)}.")
    return found, told

