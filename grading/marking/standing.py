"""Where a submission stands: what the checks gave, what a marker gave, what was overridden.

A row is made anew by every run; its marks are not. So they are joined here, and only here. Nothing
that is not known counts as zero: while a part is open, there is no total.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from grading.make.lab import Lab, Task
from grading.make.written import Written
from grading.report.results import UNCHECKED, WITHHELD, Row

from . import lines, marks
from .checked import FileError
from .marks import Entry, Marks

CHECK, MARKER, OVERRIDE, OPEN = "check", "marker", "override", "open"
# Why a question is open whose marks are there, and have a fault.
MISFIT, UNREAD = "its marks do not fit", "its marks cannot be read"


@dataclass(frozen=True)
class Part:
    """One task or written question of one submission.

    ``source``: who gave the points (check, marker, override), or open. ``entry`` is the mark or
    override that was looked at last, also one that does not count (any more): ``why_open`` says
    why. ``earlier``: it was made on an earlier version of the file, or of the points there are.
    """

    name: str
    points: float | None
    most: float
    source: str
    checked: float | None = None  # what the check gave
    entry: Entry | None = None
    why_open: str = ""
    earlier: bool = False
    history: tuple[Entry, ...] = ()  # all entries on this task, the last one included
    by_hand: bool = False  # a written question

    @property
    def lines(self) -> dict[str, float]:
        """The points of each line of the rubric, where a marker gave them."""
        given = self.entry.points if self.entry and self.source == MARKER else None
        return given if isinstance(given, dict) else {}


@dataclass
class Standing(Row):
    """A row with its marks: ``points`` has the known ones, and is complete without open parts.

    ``total`` is None while something is open; reports ask ``counts`` first, as of any row.
    """

    total: float | None
    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()  # faults of the marks, for the instructor
    decisions: tuple[str, ...] = ()  # about requests for a regrade, for the student

    @property
    def by_name(self) -> dict[str, Part]:
        return {part.name: part for part in self.parts}

    @property
    def open(self) -> tuple[str, ...]:
        """Names of the tasks and questions whose points are not known."""
        return tuple(part.name for part in self.parts if part.points is None)

    @property
    def counts(self) -> bool:
        """Whether all points are known."""
        return not self.open and not self.problems

    @property
    def waits(self) -> bool:
        """Whether nothing but marks by hand is missing: a fault in those there are is more."""
        if self.status == "rejected":
            return False  # there is nothing to mark
        by_hand = all(p.by_hand for p in self.parts if p.points is None)
        return bool(self.open) and by_hand and not self.problems

    @property
    def told(self) -> str:
        """What is still to be done by hand, and what was, in sentences for the instructor."""
        said = []
        if self.problems:
            said.append("Its marks cannot be used: " + " ".join(self.problems))
        faulty = MISFIT, UNREAD
        unmarked = [part.name for part in self.parts
                    if part.points is None and part.by_hand and part.why_open not in faulty]
        if unmarked and self.status != "rejected":
            said.append(f"To be marked by hand: {', '.join(unmarked)}.")
        for part in self.parts:
            if part.source == OVERRIDE:
                said.append(f"{part.name}: points by hand ({part.entry.who}: {part.entry.why}).")
            elif part.earlier and part.points is None and not part.by_hand:
                said.append(f"{part.name}: {part.why_open}.")
        return " ".join(said)


def applied(row: Row, given: Marks | None, lab: Lab) -> Standing:
    """The standing of a row. ``given``: its marks; None stands for none."""
    given = given or Marks(Path())
    problems = []
    known = {task.name for task in (*lab.tasks, *lab.written)}
    for entry in given.entries:
        if entry.task not in known:
            problems.append(
                f"{given.path}:{entry.line}: this assignment has no task '{entry.task}'. It has "
                f"{', '.join(sorted(known))}. Mend the name."
            )
        elif entry.kind == "mark" and entry.task not in {one.name for one in lab.written}:
            problems.append(
                f"{given.path}:{entry.line}: '{entry.task}' has a check, and no rubric to mark by. "
                "Write 'kind: override' with points and why."
            )
    parts = []
    for make, questions in ((_task, lab.tasks), (_question, lab.written)):
        for question in questions:
            try:
                parts.append(make(row, question, given.of(question.name)))
            except _Misfit as error:
                parts.append(error.part)
                problems.append(f"{given.path}:{error.part.entry.line}: {error}")
    plain = {f.name: getattr(row, f.name) for f in fields(Row)}
    made = Standing(**plain | {
        "points": {part.name: part.points for part in parts if part.points is not None},
        "total": None, "most": sum(part.most for part in parts),
    }, parts=tuple(parts), problems=tuple(problems))
    if made.counts:
        made.total = sum(made.points.values())
    return made


def of(row: Row | Standing, lab: Lab) -> Standing:
    """What is already one as it is; a row as one without marks."""
    return row if isinstance(row, Standing) else applied(row, None, lab)


def every(rows: Iterable[Row], lab: Lab, out: Path) -> list[Standing]:
    """The standings of a class, with the marks below ``out``.

    One whose file of marks has a fault is told in ``problems`` and has no total.
    """
    return [one(row, lab, out) for row in rows]


def faults(standings: Iterable[Standing]) -> list[str]:
    """Sentences on marks that cannot be used, each once."""
    return list(dict.fromkeys(problem for one in standings for problem in one.problems))


def one(row: Row, lab: Lab, out: Path) -> Standing:
    """The standing of one row."""
    try:
        return applied(row, marks.load(marks.place(out, row)), lab)
    except FileError as error:
        bare = applied(row, None, lab)
        parts = tuple(replace(p, why_open=UNREAD) if p.by_hand else p for p in bare.parts)
        return replace(bare, parts=parts, problems=(str(error),), total=None)


def checked_points(row: Row, task: Task) -> float | None:
    """What the check of a task gave; None if it said nothing, or its points are kept back."""
    report = row.reports.get(task.name)
    if row.status == "rejected" or set(row.codes) & WITHHELD or report is None:
        return None
    return None if report["status"] in UNCHECKED else row.points[task.name]


def _why_open(row: Row, task: Task) -> str:
    if row.status == "rejected":
        return "the file could not be graded"
    if set(row.codes) & WITHHELD:
        return "kept back until a person has looked"
    return "it could not be checked"


class _Misfit(ValueError):
    """Marks that do not fit their task, which is open: see ``part``."""

    def __init__(self, part: Part, text: str) -> None:
        super().__init__(text)
        self.part = replace(part, why_open=MISFIT)


def _task(row: Row, task: Task, history: tuple[Entry, ...]) -> Part:
    """A task with a check. Raises _Misfit."""
    gave = checked_points(row, task)
    bare = Part(task.name, gave, task.points, CHECK if gave is not None else OPEN, gave,
                why_open="" if gave is not None else _why_open(row, task), history=history)
    entry, earlier = _last(history, marks.version(row), "version")
    if entry is None or entry.kind != "override":
        return bare
    if not earlier or entry.checked == gave:
        return _overridden(bare, entry, earlier)
    said = "nothing" if gave is None else f"{gave:g} points"
    why = (f"{entry.points:g} points were given by hand on an earlier version of the file, for "
           f"which the check now gives {said}: look again")
    return replace(bare, points=None, source=OPEN, entry=entry, why_open=why, earlier=True)


def _overridden(bare: Part, entry: Entry, earlier: bool) -> Part:
    """With the points of an override, unless they were of other points. Raises _Misfit."""
    if entry.of not in (None, bare.most):
        of = f" of {entry.of:g}" if not isinstance(entry.of, dict) else ""
        why = (f"{entry.points:g}{of} points were given by hand, and the task has {bare.most:g} "
               "now: look again")
        return replace(bare, points=None, source=OPEN, entry=entry, why_open=why, earlier=True)
    if entry.points > bare.most:
        part = replace(bare, points=None, source=OPEN, entry=entry)
        raise _Misfit(part, f"'{bare.name}' has 0 to {bare.most:g} points, not {entry.points:g}. "
                            "Mend the points.")
    return replace(bare, points=float(entry.points), source=OVERRIDE, entry=entry, why_open="",
                   earlier=earlier)


def _last(history: tuple[Entry, ...], now: str, name: str) -> tuple[Entry | None, bool]:
    """The last entry made on what there is now; or else the last one, made on something earlier."""
    same = [entry for entry in history if getattr(entry, name) in ("", now)]
    if same:
        return same[-1], False
    return (history[-1], True) if history else (None, False)


def _question(row: Row, question: Written, history: tuple[Entry, ...]) -> Part:
    """A written question. Raises _Misfit."""
    text = row.written.get(question.name)
    why = "not marked yet" if text is not None else "its answer could not be read"
    bare = Part(question.name, None, question.points, OPEN, why_open=why, history=history,
                by_hand=True)
    now = marks.digest(text) if text is not None else "none"
    entry, earlier = _last(history, now, "answer")
    if entry is None or entry.kind == "withdrawn":
        return bare
    if earlier:
        why = "marked on an earlier version of the answer: look again"
        return replace(bare, entry=entry, why_open=why, earlier=True)
    before = entry.version not in ("", marks.version(row))
    if entry.kind == "override":
        return _overridden(bare, entry, before)
    if entry.points is None:  # a comment so far
        return replace(bare, entry=entry)
    try:
        if entry.of not in (None, lines.worth(question)):
            why = "marked by another rubric: look again"
            return replace(bare, entry=entry, why_open=why, earlier=True)
        points = lines.total(question, entry.points)
    except lines.RubricError as error:
        raise _Misfit(replace(bare, entry=entry), str(error)) from None
    return replace(bare, points=points, source=MARKER, entry=entry, why_open="", earlier=before)
