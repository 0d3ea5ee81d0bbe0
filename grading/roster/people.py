"""The class: read from a table of one's own, or from an export of Canvas, Moodle or Gradescope.

Canvas: the export of the gradebook, whose columns are those that ``lib/gradebook_exporter.rb`` of
canvas-lms writes. Moodle: the grading worksheet (``mod/assign/gradingtable.php``), known by what is
in its cells, so in any language; and the table of participants (``user/action_redir.php``).
Gradescope: the roster, or a table of scores that begins with the same columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grading.read import tables
from grading.read.cleaning import clean
from grading.read.tables import Faults, Line, Table, TableError
from grading.report import moodle

KNOWN = (
    "Known are a table with the headings id, name, section, group, email (of these id is needed), "
    "Canvas's export of the gradebook (Student, ID, SIS User ID, SIS Login ID, Section), Moodle's "
    "grading worksheet or participants (First name, Last name, ID number, Email address), and "
    "Gradescope's roster (First Name, Last Name, SID, Email, Sections)."
)
NOTHING = re.compile(r"\s*(?:muted|manual posting.*)?\s*", re.IGNORECASE)  # Canvas's second line
TEST_STUDENTS = {"student, test", "test student"}  # the one that Canvas adds to a course
IDENTITY = ("id number", "username", "email address")  # of Moodle's participants


@dataclass(frozen=True)
class Person:
    """One student. ``id`` is the one by which the class knows them; the others may be empty."""

    id: str
    name: str
    section: str = ""
    group: str = ""
    email: str = ""
    login: str = ""
    sis_id: str = ""
    canvas_id: str = ""
    participant: str = ""  # Moodle's number in one assignment
    first: str = ""  # where the names come apart
    last: str = ""
    file: str = ""  # of whom nothing else is known, where there is no roster


@dataclass
class Roster:
    """The people in the order of the file.

    ``teams``: whether the groups hand in together, one file for all. Groups of Moodle's
    participants may be anything, so they are shown only.
    """

    name: str
    kind: str
    people: list[Person]
    teams: bool = False
    columns: list[str] = field(default_factory=list)  # of Canvas, which an import may fill
    cells: dict[str, list[str]] = field(default_factory=dict)  # by id, what stands under them
    told: list[str] = field(default_factory=list)


def read(path: Path) -> Roster:
    """The roster in a file. Raises TableError."""
    path = Path(path)
    sheet = moodle.read(path)
    if sheet is not None:
        return Roster(sheet.name, "moodle", of_worksheet(sheet), teams=_team(sheet) is not None)
    table = tables.read(path, "ROSTER")
    kind, columns, person = _kind(table)
    made = Roster(table.name, kind, [], teams=kind == "own", told=list(table.told))
    if kind == "canvas":
        made.columns = table.head
    faults, seen = Faults(table), {}
    for line in table.lines:
        if _left_out(kind, table, line, made.told):
            continue
        one = person({name: line.cells[k] for name, k in columns.items() if k is not None})
        key = one.id.casefold()
        if not one.id:
            faults.add(line, f"{one.name or 'the line'} has no id{_remedy(kind)}.")
        elif tables.shortened(one.id):
            faults.add(line, f"the id {one.id} was rounded by a spreadsheet. Make the column one "
                             "of text, and put the ids in again.")
        elif key in seen:
            faults.add(line, f"the id {one.id} stands in line {seen[key]}, too. Give each student "
                             "one line.")
        else:
            seen[key] = line.number
            made.people.append(one)
            if kind == "canvas":
                made.cells[one.id] = line.cells
    faults.stop()
    if not made.people:
        raise TableError(f"{table.name} names no students below its headings ({kind}).")
    return made


def of_worksheet(sheet: moodle.Worksheet) -> list[Person]:
    """The participants of a worksheet. Names stand right of the identifier, unless hidden."""
    head = [tables.plain(cell) for cell in sheet.head]
    columns = list(zip(*sheet.rows))
    named = sheet.identifier + 1
    values = columns[named] if named < sheet.grade else ()
    # without names (blind marking) there stands the state of the submission: few different ones
    several = len(values) > 3 and len(set(values)) > len(values) / 2
    has_names = bool(values) and (head[named] in ("full name", "name") or several)
    email = next((k for k, cells in enumerate(columns[: sheet.grade]) if _emails(cells)), None)
    number = head.index("id number") if "id number" in head else None
    team = _team(sheet)
    people = []
    for row in sheet.rows:
        id_ = sheet.id(row)
        own = clean(row[number].strip(), 200) if number is not None else ""
        people.append(Person(
            own or id_,
            clean(row[named].strip(), 200) if has_names else "",
            group=_team_name(row[team]) if team is not None else "",
            email=clean(row[email].strip(), 200) if email is not None else "",
            participant=id_,
        ))
    return people


def _team(sheet: moodle.Worksheet) -> int | None:
    """The column of the teams, which Moodle writes if they hand in together."""
    head = [tables.plain(cell) for cell in sheet.head]
    return head.index("group") if "group" in head else None


def _team_name(cell: str) -> str:
    """The name of a team; empty for who is in none, of whom Moodle says so in a sentence."""
    name = clean(cell.strip(), 200)
    return "" if name.casefold().startswith("not a member") else name


def _emails(cells: tuple[str, ...]) -> bool:
    full = [cell for cell in cells if cell.strip()]
    return bool(full) and all(re.fullmatch(r"\s*[^\s@]+@[^\s@]+\s*", cell) for cell in full)


def _kind(table: Table) -> tuple[str, dict[str, int | None], Callable[[dict], Person]]:
    """What a table is, the columns that are read, and what makes a person of them.

    Raises TableError.
    """
    column = table.column
    first, last = column("first name", "firstname"), column("last name", "lastname", "surname")
    names = {"first": first, "last": last, "name": column("full name", "name")}
    named = None not in (first, last) or names["name"] is not None
    if column("id") is not None and column("section") is not None and (
        column("student") is not None or None not in (column("lastname"), column("firstname"))
    ):
        found = names | {"name": column("student"), "id": column("id"),
                         "section": column("section"), "sis": column("sis user id"),
                         "login": column("sis login id")}
        return "canvas", found, _canvas
    if column("sid") is not None and named:
        section = column("sections", "section", "section_name")
        found = names | {"id": column("sid"), "email": column("email"), "section": section}
        return "gradescope", found, _gradescope
    if None not in (first, last) and any(column(name) is not None for name in IDENTITY):
        found = names | {"number": column("id number"), "login": column("username"),
                         "email": column("email address"), "group": column("groups")}
        return "moodle", found, _participant
    if column("id") is not None:
        own = ("id", "section", "group", "email", "login")
        return "own", names | {name: column(name) for name in own}, _own
    heads = ", ".join(table.head[:12])
    raise TableError(f"{table.name}:1: no roster has the headings {heads}. {KNOWN}")


def _left_out(kind: str, table: Table, line: Line, told: list[str]) -> bool:
    """Whether a line is no student: what systems write between them, and their staff."""
    if kind == "canvas":
        first = line.cells[table.column("student", "lastname")]
        if "Points Possible" in first or all(NOTHING.fullmatch(cell) for cell in line.cells):
            return True
        sis = table.column("sis user id")
        two = f"{first}, {line.cells[table.column('firstname') or 0]}"
        tests = {first.casefold(), two.casefold()} & TEST_STUDENTS
        if tests and (sis is None or not line.cells[sis]):
            told.append(f"{table.place(line)}: {first} is Canvas's test student and is left out.")
            return True
    role = table.column("role")
    if kind == "gradescope" and role is not None and line.cells[role]:
        return line.cells[role].casefold() != "student"
    return False


def _remedy(kind: str) -> str:
    where = {"canvas": " in the column ID: export the gradebook once more",
             "gradescope": " (SID) and no email: give one of the two",
             "moodle": " number, user name or email address: let the export show one of them"}
    return where.get(kind, ": fill the column id")


def _name(cells: dict) -> str:
    """The whole name, from one column or from two."""
    two = " ".join(filter(None, (cells.get("first"), cells.get("last"))))
    return cells.get("name") or two


def _canvas(cells: dict) -> Person:
    name = cells.get("name") or ", ".join(filter(None, (cells.get("last"), cells.get("first"))))
    id_ = cells["id"]
    return Person(id_, name, cells["section"], login=cells.get("login", ""),
                  sis_id=cells.get("sis", ""), canvas_id=id_,
                  first=cells.get("first", ""), last=cells.get("last", ""))


def _gradescope(cells: dict) -> Person:
    email = cells.get("email", "")
    return Person(cells["id"] or email, _name(cells), cells.get("section", ""), email=email,
                  first=cells.get("first", ""), last=cells.get("last", ""))


def _participant(cells: dict) -> Person:
    login, email = cells.get("login", ""), cells.get("email", "")
    return Person(cells.get("number") or login or email, _name(cells), group=cells.get("group", ""),
                  email=email, login=login, first=cells["first"], last=cells["last"])


def _own(cells: dict) -> Person:
    more = {name: cells.get(name, "") for name in
            ("section", "group", "email", "login", "first", "last")}
    return Person(cells["id"], _name(cells), **more)
