"""Whose a file is: by id, then by login or email, then by a name that one person alone has.

Nobody is guessed. A file that fits two people, or whose id says one and whose name says another,
is nobody's until somebody has looked, and that is told. Numbers in the names of a system's files
count as ids of a table of one's own if that table's names bear them out.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from grading.read.cleaning import both, some
from grading.report import moodle
from grading.report.results import Row

from .people import Person, Roster, of_worksheet


class Unclear(ValueError):
    """Several people fit, or one does not quite; says which."""

    def __init__(self, text: str, people: Iterable[Person] = ()) -> None:
        super().__init__(text)
        self.people = tuple(people)


@dataclass
class Matched:
    """The people behind each file, the team counted in, and what is to be told."""

    owners: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    by_hand: dict[str, tuple[Person, ...]] = field(default_factory=dict)  # who handed it in
    participants: dict[str, Person] = field(default_factory=dict)  # by Moodle's number
    maybe: dict[Person, list[str]] = field(default_factory=dict)  # files that are not clear
    unclear: dict[str, str] = field(default_factory=dict)  # and why, by file
    told: list[str] = field(default_factory=list)


class Index:
    """Finds people by what they are called."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = list(people)
        self.ids, self.bare, self.logins, self.names = (defaultdict(list) for _ in range(4))
        self.numbers: dict[str, dict[str, Person]] = {"canvas": {}, "moodle": {}}
        for one in self.people:
            for key in {one.id, one.canvas_id, one.sis_id} - {""}:
                self.ids[key.casefold()].append(one)
            for key in {one.id, one.canvas_id, one.sis_id} - {""}:
                self.bare[key.casefold().lstrip("0")].append(one)
            for key in {one.login.casefold(), one.email.casefold()} - {""}:
                self.logins[key].append(one)
            for key in name_keys(one):
                self.names[key].append(one)
            if one.canvas_id:
                self.numbers["canvas"][one.canvas_id.lstrip("0")] = one
            if one.participant:
                self.numbers["moodle"][one.participant.lstrip("0")] = one

    def id(self, key: str) -> Person | None:
        """By id; zeros in front that a spreadsheet took away do not matter. Raises Unclear."""
        key = key.strip().casefold()
        return _one(self.ids.get(key), key) or _one(self.bare.get(key.lstrip("0")), key)

    def number(self, system: str, key: str) -> Person | None:
        """By the number that a system has for its people."""
        return self.numbers.get(system, {}).get(key.strip().lstrip("0"))

    def login(self, key: str) -> Person | None:
        """By login or email. Raises Unclear."""
        key = key.strip().casefold()
        return _one(self.logins.get(key), key)

    def name(self, name: str) -> Person | None:
        """By the whole name. Raises Unclear."""
        key = letters(name)
        return _one(self.names.get(key), name) if key else None

    def any(self, key: str) -> Person | None:
        """By whatever a person is called in a table that an instructor wrote. Raises Unclear."""
        return self.id(key) or self.login(key) or self.name(key)


def _one(found: list[Person] | None, key: str) -> Person | None:
    found = list(dict.fromkeys(found or []))
    if len(found) > 1:
        raise Unclear(f"{key} fits {' and '.join(f'{p.name} ({p.id})' for p in found[:4])}", found)
    return found[0] if found else None


def letters(name: str) -> str:
    """A name as Canvas squeezes it into names of files: small letters and digits only."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum() or unicodedata.combining(sign))


def name_keys(person: Person) -> set[str]:
    """A name in the orders in which systems write it: first names first, or last names first."""
    orders = set()
    if person.first or person.last:
        orders |= {(person.first, person.last), (person.last, person.first)}
    last, comma, first = person.name.partition(",")
    if comma:
        orders |= {(first, last), (last, first)}
    else:
        words = person.name.split()
        orders |= {(*words[k:], *words[:k]) for k in range(max(1, len(words)))}
    return {letters("".join(parts)) for parts in orders} - {""}


def match(rows: list[Row], roster: Roster, sheets: list[moodle.Worksheet]) -> Matched:
    """The people of the roster behind each file."""
    index, made = Index(roster.people), Matched()
    lines = {line.participant: line for sheet in sheets for line in of_worksheet(sheet)}
    for number, line in lines.items():
        try:
            person = index.number("moodle", number) or _by_line(line, index)
        except Unclear:
            continue
        if person is not None:
            made.participants[number] = person
    found: dict[str, list[Person]] = {}
    unclear: dict[str, Unclear] = {}
    for row in rows:
        try:
            found[row.file] = _by_id(row, index, roster, lines)
        except Unclear as error:
            unclear[row.file] = error
    if roster.kind == "own":
        numbered = {row.file: (row, found[row.file][0]) for row in rows
                    if row.system in index.numbers and not row.members and found.get(row.file)}
        doubtful, said = _compared(numbered, index)
        unclear |= doubtful
        made.told += said
        found = {file: people for file, people in found.items() if file not in doubtful}
    # where ids of a system are known, who has another id is somebody else of the same name
    known = {row.system for row in rows if found.get(row.file) and row.student_id}
    for row in rows:
        if found.get(row.file) or row.file in unclear:
            continue
        try:
            found[row.file] = _by_rest(row, index, made.participants, row.system in known)
        except Unclear as error:
            unclear[row.file] = error
    teams = defaultdict(list)
    for one in roster.people:
        if roster.teams and one.group:
            teams[one.group].append(one)
    for file, people in found.items():
        if people:
            made.by_hand[file] = tuple(people)
            whole = [mate for one in people for mate in teams.get(one.group, [one])]
            made.owners[file] = tuple(dict.fromkeys(whole))
    for name, members in teams.items():
        by = [one for one in members if any(one in people for people in made.by_hand.values())]
        if len(by) > 1 and not all(set(by) <= set(people) for people in made.by_hand.values()
                                   if set(by) & set(people)):
            made.told.append(f"Of group {name} several handed in ({some([p.name for p in by])}): "
                             "one file counts for all of them. If groups do not work together, "
                             f"leave the column group out of {roster.name}.")
    for row in rows:
        if row.system == "moodle" and len(made.by_hand.get(row.file, ())) == 1:
            made.participants.setdefault(row.student_id.lstrip("0"), made.by_hand[row.file][0])
    for row in rows:
        away = [m["name"] for m in row.members if _elsewhere(m, index)]
        if away and row.file in made.owners:
            made.told.append(f"{row.file} was handed in by {some(away)}, too, who is on no line of "
                             f"{roster.name}.")
    lost = [_called(row) for row in rows if row.file not in made.owners and row.file not in unclear]
    if lost:
        made.told.append(f"On no line of {roster.name}: {some(lost)}. These files stand in "
                         "standings.csv, with what points they have, and in no gradebook.")
    made.unclear = {file: str(error) for file, error in unclear.items()}
    for file, error in unclear.items():
        for one in dict.fromkeys(m for p in error.people for m in teams.get(p.group, [p])):
            made.maybe.setdefault(one, []).append(file)
    if unclear:
        files = some([f"{file} ({why})" for file, why in sorted(unclear.items())])
        systems = {row.system for row in rows if row.file in unclear}
        made.told.append(f"It is not clear whose these files are, so nobody got their points: "
                         f"{files}. {_remedy(systems, roster)}")
    return made


def _remedy(systems: set[str], roster: Roster) -> str:
    """What to do about files that are nobody's; names of a system's files stay as they are."""
    ours = sorted(system.capitalize() for system in systems if system and system != roster.kind)
    told = []
    if any(systems):
        told.append(f"Mend names or ids in {roster.name}, so that they say what the files say")
        if ours:
            told[0] += f", or give {both(ours)}'s own export as ROSTER"
    if "" in systems:
        told.append("Put the id into the name of the file" + (" of no system" if told else ""))
    return ". ".join(told) + "."


def _compared(
    numbered: dict[str, tuple[Row, Person]], index: Index
) -> tuple[dict[str, Unclear], list[str]]:
    """Which files are nobody's, though a number in them is the id of one; and what is to be told.

    ``numbered``: for each file its row and whom the number means. The number is the system's, and
    the ids of a table of one's own may be quite other ones. They are the system's where names bear
    them out: no file has the name of another student, and most have that of theirs. Then the id
    decides about the rest, too: nicknames, names in another script.
    """
    doubtful: dict[str, Unclear] = {}
    fit: dict[str, set[Person]] = defaultdict(set)  # by system
    open_: dict[str, dict[str, Person]] = defaultdict(dict)
    broken = set()
    for file, (row, person) in numbered.items():
        named = list(dict.fromkeys(index.names.get(letters(row.student), ())))
        if person in named or (not named and _shares(person, row.student)):
            fit[row.system].add(person)
        elif named:
            broken.add(row.system)
            names = " or ".join(f"{one.name} ({one.id})" for one in named[:4])
            doubtful[file] = Unclear(f"the id says {person.name} ({person.id}), the name {names}",
                                     [person, *named])
        elif person.name:
            open_[row.system][file] = person
    told = []
    for system, files in open_.items():
        others = fit[system] - set(files.values())
        if system not in broken and len(others) > len(set(files.values())):
            whose = some([f"{file} ({one.name}, {one.id})" for file, one in sorted(files.items())])
            told.append(f"By their ids alone, for their names are none of the roster's: {whose}. "
                        f"The ids of {len(others)} others fit their names; have a look at these.")
            continue
        for file, one in files.items():
            doubtful[file] = Unclear(f"the id says {one.name} ({one.id}), the name "
                                     f"{numbered[file][0].student}", [one])
    return doubtful, told


def _shares(person: Person, name: str) -> bool:
    """Whether a word of somebody's name stands in a name from which blanks are squeezed out."""
    squeezed = letters(name)
    for word in filter(None, map(letters, person.name.replace(",", " ").split())):
        if word in squeezed and (len(word) > 2 or not word.isascii()):
            return True
        if squeezed.startswith(word) or squeezed.endswith(word):
            return True
    return False


def _called(row: Row) -> str:
    more = ", ".join(filter(None, (row.student, row.student_id)))
    return f"{row.file} ({more})" if more and more not in row.file else row.file


def _by_id(
    row: Row, index: Index, roster: Roster, lines: dict[str, Person]
) -> list[Person]:
    """The people whose ids a file has. Raises Unclear.

    ``lines``: participants of a worksheet, which says more of them than their numbers.
    """
    if row.members:
        found = [index.id(m["id"]) if m["id"] else None for m in row.members]
        return [one for one in found if one] if all(found) else []
    if row.system in index.numbers:
        person = index.number(row.system, row.student_id)
        listed = row.system == "moodle" and row.student_id.lstrip("0") in lines
        if person is None and roster.kind == "own" and row.student_id and not listed:
            person = index.id(row.student_id)
        return [person] if person else []
    person = index.id(row.student_id or row.student)
    return [person] if person else []


def _by_line(line: Person, index: Index) -> Person | None:
    """The one of the roster behind a line of Moodle's worksheet. Raises Unclear."""
    own = line.id if line.id != line.participant else ""
    if own and (person := index.id(own)):
        return person
    if line.email and (person := index.login(line.email)):
        return person
    return index.name(line.name)


def _by_rest(
    row: Row, index: Index, participants: dict[str, Person], ids_known: bool
) -> list[Person]:
    """The people whose login, email or name a file has. Raises Unclear."""
    if row.members:
        found = [_member(member, index) for member in row.members]
        return list(dict.fromkeys(one for one in found if one))
    if row.system == "moodle" and row.student_id.lstrip("0") in participants:
        return [participants[row.student_id.lstrip("0")]]
    for key in filter(None, (row.student_id, row.student)):
        person = None if row.system in index.numbers else index.login(key)
        if person is not None:
            return [person]
    if ids_known or not row.student or "anonymous" in row.codes:
        return []
    person = index.name(row.student)
    return [person] if person else []


def _member(member: dict[str, str], index: Index) -> Person | None:
    """One of those who handed in together on Gradescope. Raises Unclear."""
    if member["id"] and (person := index.id(member["id"])):
        return person
    if member["email"] and (person := index.login(member["email"]) or index.id(member["email"])):
        return person
    if member["email"] and index.logins:
        return None  # emails are known, and this is another one's
    return index.name(member["name"])


def _elsewhere(member: dict[str, str], index: Index) -> bool:
    """Whether one of those who handed in together is not on the roster."""
    try:
        return _member(member, index) is None
    except Unclear:
        return True
