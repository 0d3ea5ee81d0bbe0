"""Where each student of the class stands: which file counts, how late it is, the points left."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from grading.make.lab import Lab
from grading.marking import standing
from grading.marking.standing import Standing
from grading.read.cleaning import both, some
from grading.read.reading import is_notebook
from grading.report import moodle
from grading.report.comment import comment
from grading.report.results import Row, harmless

from . import times
from .inputs import Inputs, Terms
from .late import Extension, Verdict, cost, count, judge, moment
from .matching import Index, Matched, match
from .people import Person, Roster
from .times import Moment

COPY = re.compile(r" \(\d+\)$")  # behind the second file of one name
HEAD = ["id", "name", "section", "group", "file", "handed in", "days late", "penalty", "points",
        "reason"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One file of one student, with what it would bring."""

    row: Standing
    came: Moment
    verdict: Verdict
    before: float | None  # points, None while they are not known
    penalty: float
    left: float | None
    told: str  # on late work; empty if there is nothing to say

    @property
    def late(self) -> bool:
        """Whether it came late, by how much ever."""
        unknown = self.verdict.kind in ("unknown", "undated") and self.came.marked
        return self.verdict.late or unknown


@dataclass(frozen=True, eq=False)
class Entry:
    """One student, and the file that counts; None if nothing was handed in."""

    person: Person
    chosen: Candidate | None
    others: tuple[Candidate, ...] = ()
    listed: bool = True  # on the roster, or no roster was given
    maybe: tuple[str, ...] = ()  # files that may be this student's
    unclear: str = ""  # why nobody's name stands here

    @property
    def points(self) -> float | None:
        """Points after what late work costs; None while they are not known."""
        return self.chosen.left if self.chosen else None

    @property
    def reason(self) -> str:
        """In sentences, for tables."""
        if self.chosen is None and self.maybe:
            return f"It is not clear whose this is: {some(list(self.maybe))}."
        if self.chosen is None:
            return "Handed in nothing."
        told = [_sentence(self.chosen.told)] if self.chosen.told else []
        if self.others:
            told.append(f"Does not count: {some([c.row.file for c in self.others])}.")
        if self.chosen.left is None:
            row = self.chosen.row
            told.append(" ".join(filter(None, ("The points are not known yet.", row.reason,
                                               row.told))))
        if not self.listed:
            told.append(f"Nobody's yet: {self.unclear}." if self.unclear else
                        "On no line of the roster.")
        return " ".join(told)


@dataclass
class Book:
    """All students in the order of the roster; then files of nobody on it."""

    lab: Lab
    entries: list[Entry]
    roster: Roster | None = None
    participants: dict[str, Person] = field(default_factory=dict)  # by Moodle's number
    told: list[str] = field(default_factory=list)
    by_file: dict[str, list[Entry]] = field(default_factory=dict)

    @property
    def missing(self) -> list[Person]:
        """Who handed in nothing; not those of whom a file may be."""
        return [one.person for one in self.entries if one.chosen is None and not one.maybe]

    def table(self) -> str:
        """``standings.csv``: one line for each student."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEAD)
        for entry in self.entries:
            person, chosen = entry.person, entry.chosen
            cells = [person.id, person.name, person.section, person.group]
            if chosen is None:
                cells += ["", "", "", "", ""]
            else:
                at, kind = chosen.came.at, chosen.verdict.kind
                days = f"{chosen.verdict.days}" if kind not in ("unknown", "undated") else ""
                cells += [
                    chosen.row.file,
                    moment(at) if at else "",
                    "unknown" if not days and chosen.late else days,
                    f"{chosen.penalty:g}" if chosen.verdict.late else "",
                    "" if chosen.left is None else f"{chosen.left:g}",
                ]
            writer.writerow([harmless(cell) for cell in (*cells, entry.reason)])
        return out.getvalue()

    def shown(self, row: Standing) -> Standing:
        """A row as its owners see it: with what late work costs, and whether it counts."""
        entries = self.by_file.get(row.file, [])
        if not entries:
            return row
        mine = {entry: _of(entry, row.file) for entry in entries}
        notes: dict[str, list[str]] = defaultdict(list)  # sentence: whom it is about
        for entry, candidate in mine.items():
            told = [_sentence(candidate.told)] if candidate.told else []
            if candidate is not entry.chosen:
                told.append("Another file counts in place of this one: "
                            f"{entry.chosen.row.file.rpartition('/')[2]}.")
            notes[" ".join(told)].append(entry.person.name or entry.person.id)
        several = len(notes) > 1
        remarks = [f"{' and '.join(names)}: {text}" if several else text
                   for text, names in notes.items() if text]
        left = {candidate.left for candidate in mine.values()}
        total = left.pop() if len(left) == 1 else None
        names = [entry.person.name for entry in entries]
        return replace(
            row,
            student=both(names) if self.roster and all(names) else row.student,
            total=row.total if total is None else total,
            late=any(candidate.late for candidate in mine.values()),
            remarks=[*remarks, *row.remarks],
        )

    def rows(self, system: str) -> list[Standing]:
        """For the gradebook of a system: a row for each student in it who handed something in."""
        if system == "moodle":
            numbers = [(number, person) for number, person in self.participants.items()]
        else:
            numbers = [(canvas_id(entry), entry.person) for entry in self.entries if entry.listed]
        known = {entry.person: entry for entry in self.entries if entry.chosen and entry.listed}
        return [_counted(known[person], number) for number, person in numbers
                if number and person in known]

    def comment(self, row: Standing) -> str:
        """A line of feedback for each task, and first what late work costs."""
        entry = self._entry(row)
        told = ""
        if entry:
            told = entry.chosen.told or ("handed in late" if entry.chosen.late else "")
        return "; ".join(filter(None, (told, comment(row))))

    def cost(self, row: Standing) -> str:
        """What late work costs, in a few words for a narrow column."""
        entry = self._entry(row)
        if entry is None or not entry.chosen.late:
            return ""
        days, lost = entry.chosen.verdict.days, entry.chosen.penalty
        said = count(days, "day") + " late" if days else "late"
        return f"{said}, -{lost:g}" if lost else said

    def canvas(self, rows: list[Standing], title: str) -> tuple[str, list[list[str]]]:
        """The heading of the assignment's column, and a line for everybody on Canvas's export.

        If the export has a column for the assignment, that is filled, and whose points are not
        known keeps what stands there.
        """
        columns = self.roster.columns
        own = [k for k, name in enumerate(columns)
               if re.fullmatch(rf"{re.escape(title)}(?: \(\d+\))?", name)]
        column = own[0] if len(own) == 1 else None
        known = {row.student_id: row for row in rows}
        lines = []
        for one in self.roster.people:
            row = known.get(one.canvas_id)
            old = self.roster.cells[one.id][column] if column is not None else ""
            given = f"{row.total:g}" if row and row.counts else old.replace("N/A", "")
            late = self.cost(row) if row else ""
            lines.append([harmless(one.name), one.canvas_id, one.sis_id, one.login,
                          harmless(one.section), given, late])
        return title if column is None else columns[column], lines

    def _entry(self, row: Standing) -> Entry | None:
        """Whose row of a gradebook it is."""
        return next((entry for entry in self.by_file.get(row.file, ())
                     if row.student_id in _numbers(entry, self.participants)), None)

    def late(self) -> list[tuple[str, str, str]]:
        """Who came late: file, student, and how late, or that it was within an extension."""
        return [(entry.chosen.row.file, entry.person.name or entry.person.id, entry.chosen.told)
                for entry in self.entries
                if entry.chosen and (entry.chosen.late or entry.chosen.verdict.kind == "extended")]


def make(
    rows: list[Row | Standing],
    lab: Lab,
    terms: Terms,
    inputs: Inputs,
    sheets: list[moodle.Worksheet],
) -> Book:
    """The book of a class."""
    rows = [standing.of(row, lab) for row in rows]
    roster = inputs.roster
    matched = match(rows, roster, sheets) if roster else _by_names(rows)
    everybody = list(roster.people) if roster else list(
        dict.fromkeys(one for people in matched.owners.values() for one in people)
    )
    name = roster.name if roster else "the submissions"
    extensions, meant, faults = inputs.whom(Index(everybody), name)
    came, told = times.of_files(rows, matched, inputs.times, meant, sheets, terms.zone)
    book = Book(lab, [], roster, matched.participants)
    book.told += [*inputs.told, *faults, *matched.told, *told]
    files: dict[Person, list[Standing]] = defaultdict(list)
    for row in rows:
        for person in matched.owners.get(row.file, ()):
            files[person].append(row)

    def candidate(row: Standing, extension: Extension | None) -> Candidate:
        at = came[row.file]
        verdict = judge(terms.late, terms.due, at.at, marked=at.marked, extension=extension)
        before = row.total if row.counts else None
        return Candidate(row, at, verdict, before, *cost(verdict, before, lab.total))

    chooser = _Chooser(terms.counts)
    for person in everybody:
        mine = [candidate(row, extensions.get(person)) for row in files[person]]
        chosen = chooser.choose(mine) if mine else None
        others = tuple(one for one in mine if one is not chosen)
        maybe = tuple(matched.maybe.get(person, ()))
        book.entries.append(Entry(person, chosen, others, maybe=maybe))
    for row in rows:
        if row.file not in matched.owners:
            nobody = Person(row.student_id, row.student)
            why = matched.unclear.get(row.file, "")
            book.entries.append(
                Entry(nobody, candidate(row, None), (), listed=False, unclear=why)
            )
    for entry in book.entries:
        for one in (entry.chosen, *entry.others):
            if one is not None and entry.listed:
                book.by_file.setdefault(one.row.file, []).append(entry)
    book.told += [*chooser.told(), *_remarks(book, terms)]
    return book


def _by_names(rows: list[Standing]) -> Matched:
    """Without a roster: a person for each id of a system, or for each file without one."""
    made, known = Matched(), {}
    for row in rows:
        if row.members:
            people = [Person(m["id"] or m["email"], m["name"], email=m["email"])
                      for m in row.members]
        else:
            bare = row.student_id.lstrip("0")
            number = {"canvas": "canvas_id", "moodle": "participant"}.get(row.system)
            own = {number: row.student_id} if number else {}
            people = [Person(row.student_id, row.student, **own)]
            if row.student_id:
                people = [known.setdefault((row.system, bare), people[0])]
            else:
                people = [replace(people[0], file=row.file)]
            if row.system == "moodle":
                made.participants[bare] = people[0]
        made.owners[row.file] = made.by_hand[row.file] = tuple(dict.fromkeys(people))
    return made


class _Chooser:
    """Of several files of one student the one that counts; keeps what is to be told."""

    def __init__(self, counts: str) -> None:
        self.counts = counts
        self.by_number: list[str] = []
        self.open: list[str] = []
        self.passed: list[str] = []  # no notebooks
        self.rising: list[str] = []  # may become the best

    def choose(self, mine: list[Candidate]) -> Candidate:
        """The file that counts; what came too late to be taken, only if there is nothing else.

        Files of the same moment are one submission: of them the best whose points are known.
        """
        taken = [one for one in mine if one.verdict.taken] or mine
        if len(taken) == 1:
            return taken[0]
        if self.counts == "best":
            return self._best(taken)
        if all(one.came.at for one in taken):
            last = max(one.came.at for one in taken)
            chosen = self._best([one for one in taken if one.came.at == last])
            self._compare(chosen, taken)
            return chosen
        # a PDF beside the notebook is no later submission
        books = [one for one in taken if one.row.status != "rejected"
                 or is_notebook(COPY.sub("", one.row.file))] or taken
        chosen = max(books, key=lambda one: _number(one.row))
        self.passed += [one.row.file for one in taken
                        if one not in books and _number(one.row) > _number(chosen.row)]
        if len(books) > 1 and not self._compare(chosen, books):
            best = max(books, key=_worth)
            more = "" if best.left in (None, chosen.left) else (
                f", though {best.row.file} has {count(best.left, 'point')}")
            self.by_number.append(chosen.row.file + more)
        return chosen

    def _best(self, taken: list[Candidate]) -> Candidate:
        chosen = max(taken, key=_worth)
        if chosen.left is not None:
            self.rising += [one.row.file for one in taken
                            if one.row.waits and one.row.most > chosen.left]
        return chosen

    def _compare(self, chosen: Candidate, others: list[Candidate]) -> bool:
        """Whether the points of the one that counts are open, and those of another known."""
        better = [one for one in others if chosen.left is None and one.left is not None]
        if better:
            best = max(better, key=_worth)
            self.open.append(f"{chosen.row.file} (an earlier one, {best.row.file}, has "
                             f"{count(best.left, 'point')})")
        return bool(better)

    def told(self) -> list[str]:
        """Sentences on what was chosen without being certain."""
        told = []
        if self.by_number:
            told.append("The latest of several files counts; where no times are known, it is the "
                        f"one with the last number or name: {some(self.by_number)}.")
        if self.open:
            told.append("The latest file counts, and its points are not known: "
                        f"{some(self.open)}.")
        if self.passed:
            told.append("When they came is not known, and they are no notebooks, so they were "
                        f"passed over: {some(self.passed)}.")
        if self.rising:
            told.append("The best of several files counts, and these may become the best once "
                        f"they are marked: {some(self.rising)}.")
        return told


def _worth(one: Candidate) -> tuple[bool, float]:
    return one.left is not None, one.left or 0.0


def _number(row: Standing) -> tuple:
    """Sorts files by the number that Canvas gave them, else by their names, 2 before 10."""
    own = re.search(rf"_{re.escape(row.student_id)}_(\d+)_", row.file) if row.student_id else None
    pieces = re.split(r"(\d+)", row.file.casefold())
    natural = [(int(piece), "") if k % 2 else (-1, piece) for k, piece in enumerate(pieces)]
    return int(own[1]) if own and row.system == "canvas" else -1, natural


def _remarks(book: Book, terms: Terms) -> list[str]:
    """Sentences on the whole class."""
    told = []
    if book.roster and book.missing:
        names = [f"{one.name} ({one.id})" if one.name else one.id for one in book.missing]
        told.append(f"Handed in nothing ({len(names)}): {some(names)}.")
    counted = [entry for entry in book.entries if entry.chosen and entry.listed]
    unknown = [entry.chosen.row.file for entry in counted
               if entry.chosen.verdict.kind == "unknown" and entry.chosen.came.marked]
    if unknown and terms.due:
        told.append(f"Late, by how much is unknown, so nothing is taken off: {some(unknown)}. "
                    "Give the times as TIMES=file with the columns id and time.")
    dark = [entry.chosen.row.file for entry in counted
            if terms.due and entry.chosen.came.at is None and entry.chosen.row.system != "canvas"]
    if dark:
        told.append(f"When these were handed in is not known, so they count as in time: "
                    f"{some(list(dict.fromkeys(dark)))}. Give the times as TIMES=file.")
    if book.roster:
        several = [f"{one.row.file} ({entry.person.id})" for entry in counted
                   for one in entry.others]
        if several:
            told.append(f"Another file of the same student counts, not {some(several)}.")
        unknown = [entry.chosen.row for entry in counted if entry.chosen.left is None]
        unmarked = list(dict.fromkeys(row.file for row in unknown if row.waits))
        if unmarked:
            told.append("Left empty in the gradebook, because questions are to be marked by hand: "
                        f"{some(unmarked)}. `make mark` shows them.")
        unread = list(dict.fromkeys(row.file for row in unknown if not row.waits))
        if unread:
            told.append("Left empty in the gradebook, because their points are not known: "
                        f"{some(unread)}.")
    return told


def canvas_id(entry: Entry) -> str:
    """The number of a student in Canvas: of the roster, or as the names of the files tell it."""
    if entry.person.canvas_id:
        return entry.person.canvas_id
    found = [one.row for one in (entry.chosen, *entry.others) if one]
    own = [row.student_id for row in found if row.system == "canvas" and row.student_id]
    return own[0] if own and len(set(own)) == 1 else ""


def _numbers(entry: Entry, participants: dict[str, Person]) -> set[str]:
    own = {number for number, person in participants.items() if person == entry.person}
    return own | {canvas_id(entry)}


def _of(entry: Entry, file: str) -> Candidate:
    return next(one for one in (entry.chosen, *entry.others) if one and one.row.file == file)


def _counted(entry: Entry, number: str) -> Standing:
    """The row of the file that counts, as a gradebook takes it."""
    chosen = entry.chosen
    name = entry.person.name or chosen.row.student
    total = chosen.row.total if chosen.left is None else chosen.left
    return replace(chosen.row, student=name, student_id=number, late=False, total=total)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
