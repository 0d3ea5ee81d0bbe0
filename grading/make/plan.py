"""Read the file of an assignment, ``assignments/<name>.yml``: what is handed out, for what points.

What such a file may hold is said in ``assignment.schema.json``. Whether the pages hold what it
asks for is looked at in ``match.py``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from grading.roster.late import Late
from publish import practice
from publish.page import frontmatter, once
from publish.page.model import FOLDER as BOOK

from .own import Folder, is_own

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "assignments"
SCHEMA = json.loads(
    Path(__file__).with_name("assignment.schema.json").read_text(encoding="utf-8")
)
NAME = re.compile(r"[a-z0-9_]+")
PREDICTION = re.compile("(?:pr|try)-")
STUDENT = "student"  # in the place of a seed: another one for each student
_CHECKED = extend(Draft202012Validator, type_checker=frontmatter.TYPES)(SCHEMA)
_RUBRIC = re.compile(r"(?P<text>.*\S) *: *(?P<points>\d+(?:\.\d+)?)")


class PlanError(ValueError):
    """A file of an assignment that cannot be used: ``file:line: what is wrong, what to do``."""

    def __init__(self, path: Path | str, line: int, message: str):
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = str(path), line, message


@dataclass(frozen=True)
class Question:
    """Points and rubric of an exercise that is marked by hand."""

    points: float
    rubric: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A practice problem that is asked for: below all pages, or in the place of an exercise."""

    address: str  # family.level.seed, or family.level.student
    points: float
    keys: tuple[str | int, ...]  # where it stands in the file
    label: str = ""  # of the exercise


@dataclass(frozen=True)
class Part:
    """What one page gives to an assignment.

    ``page`` is its path below ``book/``, without ``.md``, or ``own/`` and its name in the folder of
    the instructor's own, which ``folder`` is. ``points``: of tasks and answer boxes; ``written``:
    questions by the labels of their exercises; ``vary``: family and level of the problem that
    stands in the place of an exercise, by the exercise's label.
    """

    page: str
    text: str = "exercises"
    points: dict[str, float] = field(default_factory=dict)
    written: dict[str, Question] = field(default_factory=dict)
    vary: dict[str, str] = field(default_factory=dict)
    folder: Folder | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """Name of the page: as in the table of contents, or its path without ``.md``."""
        return f"{BOOK}{self.page}" if self.folder is None else self.folder.page(self.page)

    @property
    def whole(self) -> bool:
        """Whether its whole text is handed out, up to the part "Break"."""
        return self.text == "page"

    @property
    def kept(self) -> dict[str, float]:
        """The points without those of exercises in whose place a problem stands."""
        gone = {name for label in self.vary for name in self.boxes(label)}
        return {name: points for name, points in self.points.items() if name not in gone}

    def boxes(self, label: str) -> dict[str, float]:
        """The points of the boxes of an exercise, which its label tells."""
        return {
            name: points
            for name, points in self.points.items()
            if name == label or name.startswith(f"{label}-")
        }


@dataclass(frozen=True)
class Plan:
    """An assignment as its file says it. Times have a zone."""

    name: str  # of the file, without its ending
    title: str
    pages: tuple[Part, ...]
    lab: int | None = None
    practice: dict[str, float] = field(default_factory=dict)  # points by address
    own: Folder | None = None  # of pages and tasks that the book does not have
    opens: datetime | None = None
    due: datetime | None = None
    late: Late | None = None  # None: late work is told, and costs nothing
    counts: str = "latest"
    show: str | tuple[str, ...] = "all"
    path: Path = field(default=Path(), compare=False)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def file(self) -> str:
        """The file as messages name it: relative to the book, where it lies inside."""
        return _told(self.path)

    @property
    def points(self) -> dict[str, float]:
        """Points of the tasks and boxes of all pages."""
        return {name: points for part in self.pages for name, points in part.kept.items()}

    @property
    def problems(self) -> list[Asked]:
        """All practice problems, those in the places of exercises last."""
        below = [Asked(text, points, ("practice", text)) for text, points in self.practice.items()]
        return below + [
            Asked(f"{kind}.{STUDENT}", sum(part.boxes(label).values()),
                  ("pages", k, "vary", label), label)
            for k, part in enumerate(self.pages)
            for label, kind in part.vary.items()
        ]  # fmt: skip

    @property
    def addresses(self) -> list[str]:
        """Those of all practice problems."""
        return [one.address for one in self.problems]

    @property
    def heading(self) -> str:
        """Its title, with the number of a lab."""
        if self.lab is None or frontmatter.LAB.match(self.title):
            return self.title
        return f"Lab {self.lab}: {self.title}"

    @property
    def results(self) -> str:
        """The folder of its results in ``dist/``, if nothing else is said."""
        return f"grades{self.lab}" if self.lab else f"grades_{self.name}"

    @property
    def command(self) -> str:
        """How it is made."""
        what = f"FILE={self.file}" if self.lab is None else f"LAB={self.lab}"
        return f"make assignment {what}"

    def shows(self, task: str) -> bool:
        """Whether students see the check of a task."""
        return self.show == "all" or (self.show != "none" and task in self.show)

    def line(self, *keys: str | int) -> int:
        """Line of a key, or of the nearest key around it; entries of lists by their numbers."""
        return once.nearest(self.lines, tuple(map(str, keys)))

    def error(self, message: str, *keys: str | int) -> PlanError:
        """An error at the line of a key."""
        return PlanError(self.file, self.line(*keys), message)


def files(root: Path = ROOT) -> list[Path]:
    """The files of all assignments of a book, sorted."""
    return sorted((root / FOLDER).glob("*.yml"))


def every(root: Path = ROOT) -> dict[str, Plan]:
    """The assignments of a book that can be read, by name."""
    found = {}
    for path in files(root):
        try:
            found[path.stem] = load(path, root)
        except PlanError:
            continue  # a file in the making; lint and `make assignment` say what is wrong
    return found


def find(which: int | str | Path | Plan, root: Path = ROOT) -> Plan:
    """The assignment of a lab's number, of a name, or in a file. Raises PlanError."""
    if isinstance(which, Plan):
        return which
    if isinstance(which, int):
        return _lab(which, root)
    path = Path(which)
    if isinstance(which, str) and NAME.fullmatch(which) and not path.exists():
        path = root / FOLDER / f"{which}.yml"
    return load(path, root)


def _lab(number: int, root: Path) -> Plan:
    # A file that says another number is not read to its end: it may be in the making.
    numbers: dict[int, list[Path]] = {}
    for path in files(root):
        number_ = _number(path)
        if number_ is not None:
            numbers.setdefault(number_, []).append(path)
    if number not in numbers:
        labs = ", ".join(map(str, sorted(numbers))) or "none"
        raise PlanError(FOLDER, 1, f"There is no lab {number}; the book has: {labs}.")
    first, *others = numbers[number]
    if others:
        plan = load(others[0], root)
        raise plan.error(
            f"lab {number} is also that of {_told(first)}; a number is used once", "lab"
        )
    return load(first, root)


def _number(path: Path) -> int | None:
    """The number of the lab in a file; None without one, or if the file is broken."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    number = found.get("lab") if isinstance(found, dict) else None
    return number if type(number) is int else None


def load(path: Path | str, root: Path = ROOT) -> Plan:
    """The assignment in a file. Raises PlanError, naming file, line and remedy."""
    path = Path(path)
    told = _told(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PlanError(told, 1, "the file is not UTF-8; save it as such") from None
    except OSError as error:
        here = ", ".join(file.stem for file in files(root)) or "none"
        what = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise PlanError(told, 1, f"{what}; the book has the assignments {here}") from None
    try:
        data = yaml.load(text, once.Loader)
        lines = once.lines(text)
    except yaml.YAMLError as error:
        faults = once.faults(error)
        words = ": ".join(f"{what} (line {at})" for what, at in faults) or str(error)
        words += once.remedy(error)
        raise PlanError(told, faults[-1][1] if faults else 1, f"not YAML: {words}") from None
    return _Reading(path, root, lines).plan(data)


class _Reading:
    """One file while it is read."""

    def __init__(self, path: Path, root: Path, lines: dict[tuple[str, ...], int]):
        self.path, self.root, self.lines = path, root, lines

    def fail(self, message: str, *keys: str | int) -> PlanError:
        at = once.nearest(self.lines, tuple(map(str, keys)))
        return PlanError(_told(self.path), at, message)

    def plan(self, data: Any) -> Plan:
        if not NAME.fullmatch(self.path.stem):
            raise self.fail(
                f"the file is called '{self.path.name}'; take small letters, digits and _, and "
                "the ending .yml, as week06_convolution.yml"
            )
        data = _plain(data)
        for error in _CHECKED.iter_errors(data):
            keys = list(error.absolute_path)
            where = "".join(f"[{k + 1}]" if isinstance(k, int) else f".{k}" for k in keys)[1:]
            if error.validator == "additionalProperties" and isinstance(error.instance, dict):
                known = error.schema["properties"]
                unknown = next(key for key in error.instance if key not in known)
                raise self.fail(
                    f"unknown key '{unknown}'; known are {', '.join(known)}{near(unknown, known)}",
                    *keys, unknown,
                )
            if error.validator == "required":
                missing = [key for key in error.validator_value if key not in error.instance]
                raise self.fail(f"'{missing[0]}' is missing: {where or 'the file'} "
                                f"{error.schema['description']}", *keys)
            raise self.fail(f"'{where}' {frontmatter.wanted(error)}" if where else
                            f"the file {frontmatter.wanted(error)}", *keys)
        return self.made(data)

    def made(self, data: dict[str, Any]) -> Plan:
        self.own = self.folder(data["own"]) if "own" in data else None
        parts = tuple(self.part(k, held) for k, held in enumerate(data["pages"]))
        for k, part in enumerate(parts):
            if part.page in [before.page for before in parts[:k]]:
                raise self.fail(f"page '{part.page}' stands here twice; put both together",
                                "pages", k, "page")
        times = {key: self.time(data[key], key) for key in ("opens", "due") if key in data}
        if len(times) == 2 and times["due"] <= times["opens"]:
            raise self.fail(f"it is due at {data['due']}, before it opens ({data['opens']}); put "
                            "'due' after 'opens'", "due")
        if "late" in data and "due" not in data:
            raise self.fail("'late' says what late work costs, but nothing is due; add 'due'",
                            "late")
        late = Late(**data.get("late", {}))
        if late.days is not None and late.days < late.free_days:
            raise self.fail(f"nothing is taken after {late.days} days, so {late.free_days} days "
                            "cannot be free; make 'days' at least 'free_days'", "late", "days")
        for address in data.get("practice", {}):
            self.address(drawn(address), "practice", address)
        show = data.get("show", "all")
        made = Plan(
            self.path.stem,
            data["title"],
            parts,
            data.get("lab"),
            data.get("practice", {}),
            self.own,
            late=late if "late" in data else None,
            counts=data.get("counts", "latest"),
            show=show if isinstance(show, str) else tuple(show),
            path=self.path,
            lines=self.lines,
            **times,
        )
        problems = [one.label or one.address for one in made.problems]
        known = list(dict.fromkeys((*made.points, *problems)))
        for k, task in enumerate(made.show if isinstance(made.show, tuple) else ()):
            if task not in known:
                raise self.fail(f"'{task}' in 'show' has no points here; known are "
                                f"{', '.join(known)}{near(task, known)}", "show", k)
        return made

    def folder(self, name: str) -> Folder:
        found = Folder(self.path.parent / name, self.root)
        if not found.path.is_dir():
            raise self.fail(f"there is no folder '{name}' beside this file; copy that of "
                            f"{FOLDER}/template/, or take this line out", "own")
        return found

    def part(self, k: int, held: dict[str, Any]) -> Part:
        where = "pages", k
        written = {
            name: Question(question["points"], tuple(question.get("rubric", ())))
            for name, question in held.get("written", {}).items()
        }
        own = self.own if is_own(held["page"]) else None
        part = Part(held["page"], held.get("text", "exercises"), held.get("points", {}), written,
                    held.get("vary", {}), own)
        if is_own(part.page) and own is None:
            raise self.fail(f"'{part.page}' is a page of your own, but no folder is named; add "
                            "'own: <folder beside this file>'", *where, "page")
        if own is not None and part.page not in own.pages:
            there = f"there are {', '.join(own.pages)}" if own.pages else "no page is there"
            raise self.fail(f"there is no page {part.name}.md; {there}"
                            f"{near(part.page, own.pages)}", *where, "page")
        if own is None and not (self.root / f"{part.name}.md").is_file():
            raise self.fail(f"there is no page {part.name}.md; name a page below {BOOK}, without "
                            ".md", *where, "page")
        if not part.points and not written and not part.whole:
            raise self.fail(f"nothing of page '{part.page}' has points; add 'points' or 'written'",
                            *where, "page")
        self.tasks(part, where)
        for label, kind in part.vary.items():
            self.address(f"{kind}.0", *where, "vary", label)
            if label in written:
                raise self.fail(f"exercise '{label}' is written, so it has no numbers to vary; "
                                "leave it in one", *where, "vary", label)
            if not part.boxes(label):
                raise self.fail(f"nothing of exercise '{label}' has points; give points to its "
                                "boxes, which the problem in its place is worth in sum",
                                *where, "vary", label)
        for name, question in written.items():
            if name in part.points:
                raise self.fail(f"exercise '{name}' has points and is written; leave it in one",
                                *where, "written", name)
            given = sum(rubric_points(line)[1] for line in question.rubric)
            if question.rubric and abs(given - question.points) > 1e-9:
                raise self.fail(f"the rubric of '{name}' gives {given:g} points, and the question "
                                f"has {question.points:g}", *where, "written", name, "rubric")
        return part

    def tasks(self, part: Part, where: tuple[str | int, ...]) -> None:
        from dlworkbook.checks.tasks import files  # the tasks are many files

        names = [*files(), *(self.own.tasks if self.own else ())]
        for task in part.points:
            if task in names or frontmatter.ANSWER.match(task):
                continue
            if PREDICTION.match(task):
                raise self.fail(f"'{task}' is the box of a prediction, which gives no points; name "
                                "boxes of exercises, ex-..., or checks", *where, "points", task)
            told = near(task, names) or ("; it is the name in checks.check(...) on the page, or "
                                           "the id of a box, ex-...")
            raise self.fail(f"there is no check '{task}'{told}", *where, "points", task)

    def address(self, address: str, *keys: str | int) -> None:
        try:
            practice.address(address)
        except ValueError as error:
            key = next(key for key in ("vary", "practice") if key in keys)
            raise self.fail(f"'{key}': {error}", *keys) from None

    def time(self, text: str, key: str) -> datetime:
        wanted = "must be a time with its zone, as 2026-09-14T23:59+02:00"
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            raise self.fail(f"'{key}' {wanted}, not '{text}'", key) from None
        if time.tzinfo is None:
            raise self.fail(f"'{key}' {wanted}; '{text}' has no zone", key)
        return time


def near(word: str, known: Iterable[str]) -> str:
    """The end of a sentence, ``; is it 'linear'?``; empty if nothing known is alike."""
    found = difflib.get_close_matches(word, list(known), 3)
    return f"; is it {' or '.join(map(repr, found))}?" if found else ""


def drawn(address: str) -> str:
    """An address with a number in the place of ``student``."""
    return address.removesuffix(STUDENT) + "0" if address.endswith(f".{STUDENT}") else address


def rubric_points(line: str) -> tuple[str, float]:
    """Text and points of a line of a rubric: ``gives a counterexample: 2``."""
    match = _RUBRIC.fullmatch(line)
    return match["text"], float(match["points"])


def two_of_one_lab(root: Path = ROOT) -> Iterator[PlanError]:
    """Labs of one number."""
    numbers: dict[int, Plan] = {}
    for plan in every(root).values():
        if plan.lab in numbers:
            told = f"lab {plan.lab} is also that of {numbers[plan.lab].file}; a number is used once"
            yield plan.error(told, "lab")
        elif plan.lab is not None:
            numbers[plan.lab] = plan


def _plain(value: Any) -> Any:
    """The value as JSON has it: keys and times as text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value  # datetimes are dates


def _told(path: Path) -> str:
    """A path from its folder of assignments on; else as it is."""
    return path.as_posix() if path.parent.name != FOLDER else f"{FOLDER}/{path.name}"
