"""Find the submitted files, and whose they are, in a folder or zip from a learning system."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml

from grading.report import moodle
from grading.shards.split import Shard, unit

from .archives import METADATA, Files, Found, clean_name, ignored
from .cleaning import clean
from .reading import Rejected

# Moodle: Ada Lovelace_123456_assignsubmission_file_lab6.ipynb, or that as a folder
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_.*)?", re.DOTALL)
# Gradescope: submission_123456/lab6.ipynb, and submission_metadata.yml beside the folders
GRADESCOPE = re.compile(r"submission_(?P<id>\d+)")
# Canvas: lovelaceada_LATE_12345_678901_lab6-1.ipynb; without names, anon_a1B2c_678901_lab6.ipynb
ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon_(?P<late2>LATE_)?[A-Za-z0-9]+)_\d+_.+", re.DOTALL
)
CANVAS = re.compile(r"(?P<late>LATE_)?(?P<id>\d+)_(?P<file>\d+)_.")  # behind name and _
# what was typed into Canvas: lovelaceada_12345_text.html
TYPED = re.compile(r"(?P<name>.+?)_(?P<late>LATE_)?(?P<id>\d+)_(?:text|link)\.html", re.DOTALL)
LARGEST_METADATA = 20_000_000


@dataclass(frozen=True)
class Member:
    """One of those who handed in a file together; id and email may be empty."""

    name: str
    id: str = ""
    email: str = ""


@dataclass(frozen=True)
class Submission:
    """One file to grade. ``file`` is its name in the folder or zip, with / between folders.

    ``path`` is None if there is nothing to read; then ``problem`` is a code and a sentence.
    """

    file: str
    path: Path | None
    student: str
    student_id: str = ""
    system: str = ""
    late: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    members: tuple[Member, ...] = ()  # who handed it in, where the system says so
    submitted: str = ""  # when, as ISO 8601; empty if the system does not say
    problem: tuple[str, str] | None = None


@dataclass
class Class:
    """What a folder or zip holds: submissions in the order of their names, and Moodle's sheets.

    ``everyone``: of other shards, too; a zip that is not opened stands for all that is in it.
    ``units``: all that is handed in, also what other shards grade (a student's zip is one);
    ``own``: those of this shard.
    """

    submissions: list[Submission] = field(default_factory=list)
    worksheets: list[moodle.Worksheet] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    everyone: list[Submission] = field(default_factory=list)


class NoSubmissions(ValueError):
    """There is nothing to grade; says why."""


@dataclass(frozen=True)
class Owner:
    """Whose file it is, as far as its name tells."""

    student: str
    student_id: str = ""
    system: str = ""
    late: bool = False
    notes: tuple[tuple[str, str], ...] = ()
    members: tuple[Member, ...] = ()
    submitted: str = ""


def find(source: Path, unpack: Path, shard: Shard | None = None) -> Class:
    """The files of a folder or zip. Zips, also inside, are unpacked below ``unpack``.

    With a shard, those of its own; no other is opened, but for tables of learning systems. Whose
    they are is told from the names of all, so that each shard says the same. Raises NoSubmissions.
    """
    source = Path(source)
    shown = clean_name(str(source))
    if not (source.is_dir() or source.is_file()):
        what = "is neither a folder nor a zip" if source.exists() else "does not exist"
        raise NoSubmissions(f"SUBMISSIONS={shown} {what}.")
    try:
        inner, beside = _inner(source)
        ours = shard.holds if shard else lambda parts: True
        found = [*Files(inner, unpack, ours), *beside]
    except Rejected as error:
        raise NoSubmissions(f"SUBMISSIONS={shown} is neither a folder nor a zip. {error}") from None
    made, people, files = Class(), {}, []
    depth = _common([one.parts[: one.zipped or None] for one in found])
    for one in found:
        # what lies in a student's folder is the student's, whatever it is called
        top = one.path is not None and not one.zipped and len(one.parts) - 1 <= depth
        sheet = moodle.read(one.path) if top and one.parts[-1].lower().endswith(".csv") else None
        if top and one.parts[-1] == METADATA:
            people |= _gradescope(one, made.messages)
        elif sheet is not None:
            sheet.name = clean(one.parts[-1], 200)  # not the number under which it was unpacked
            made.worksheets.append(sheet)
        else:
            files.append(one)
    if not files:
        raise NoSubmissions(f"SUBMISSIONS={shown} holds no files.")
    owners = identify([one.parts[: one.zipped or None] for one in files], people)
    for one, owner, file in zip(files, owners, _different([one.file for one in files])):
        submission = Submission(file, one.path, **vars(owner), problem=one.problem)
        made.everyone.append(submission)
        if ours(one.parts):
            made.submissions.append(submission)
    for submissions in (made.everyone, made.submissions):
        submissions.sort(key=lambda s: s.file)
    made.units = sorted({unit(one.parts) for one in files})
    made.own = sorted({unit(one.parts) for one in files if ours(one.parts)})
    return made


def _different(names: list[str]) -> list[str]:
    """Names that differ: a zip may hold two files of one name. The later ones get a number."""
    taken, given, last = set(names), set(), defaultdict(lambda: 1)
    made = []
    for name in names:
        new = name
        while new in given or (new != name and new in taken):
            last[name] += 1
            new = f"{name} ({last[name]})"
        given.add(new)
        made.append(new)
    return made


def _inner(source: Path) -> tuple[Path, list[Found]]:
    """A folder; or the one zip in it, if nothing but tables lies beside it, and these."""
    if not source.is_dir():
        return source, []
    paths = [path for path in sorted(source.iterdir()) if not ignored(path.name)]
    tables = [path for path in paths if path.suffix.lower() == ".csv" and path.is_file()]
    zips = [path for path in paths if path.suffix.lower() == ".zip" and path.is_file()]
    if len(zips) == 1 and tables and len(paths) == len(tables) + 1:
        return zips[0], [Found((clean_name(path.name),), path) for path in tables]
    return source, []


def identify(
    files: Iterable[tuple[str, ...]], people: dict[str, Folder] | None = None
) -> list[Owner]:
    """The owner of each file of a class; files are the parts of their names.

    ``people``: what Gradescope's own file says of each folder. Folders count before
    the file: what a student calls his file may not give his points to another.
    """
    files, people = list(files), people or {}
    depth = _common(files)
    shapes = _canvas_shapes(parts[-1] for parts in files)
    below = defaultdict(set)  # name of a folder: the folders that hold it
    for parts in files:
        for k in range(1, len(parts) - 1):
            below[parts[k].casefold()].add(parts[k - 1])
    return [_owner(parts, depth, shapes, below, people) for parts in files]


def _owner(parts, depth, shapes, below, people) -> Owner:
    for part in parts:
        match = MOODLE.fullmatch(part)
        if match:
            return Owner(match["name"], match["id"], "moodle")
        match = GRADESCOPE.fullmatch(part.removesuffix(".zip"))
        if match:
            about = people.get(match[0], Folder(match["id"], match["id"]))
            return Owner(about.student, about.id, "gradescope", members=about.members,
                         submitted=about.submitted)
    submitted = next((k for k, part in enumerate(parts[:-2]) if part == "submitted"), None)
    if submitted is not None:  # nbgrader
        return Owner(parts[submitted + 1], parts[submitted + 1])
    match = ANONYMOUS.fullmatch(parts[-1])
    flat = len(parts) - 1 <= depth
    if match and flat:
        text = "The file was downloaded without names, so it has no id and is in no gradebook."
        return Owner(match["name"], "", "canvas", bool(match["late"]), (("anonymous", text),))
    readings = _canvas(parts[-1])
    if readings and flat:
        best = min(readings, key=lambda reading: _unlike(reading, shapes))
        notes = ()
        if len(readings) > 1:
            others = " or ".join(r.id for r in readings if r is not best)
            text = f"Its name can be read in several ways: the id is {best.id}, not {others}?"
            notes = (("id_unclear", text),)
        return Owner(best.name, best.id, "canvas", best.late, notes)
    folder = len(parts) - 2
    while folder > 0 and (
        len(below[parts[folder].casefold()]) > 1
        or parts[folder].casefold() == _stem(parts[folder + 1]).casefold()
    ):
        folder -= 1  # lab2/lab2.ipynb, or lab2 in the folder of each student
    notes = ()
    if readings:
        text = (
            "Its name looks like one of Canvas, but lies in a folder: no id was taken."
        )
        notes = (("id_in_folder", text),)
    name = parts[folder] if folder >= 0 else _stem(parts[-1])
    return Owner(name, notes=notes)


@dataclass(frozen=True)
class Reading:
    """One way to read a name that Canvas made: numbers may stand in the student's own name, too."""

    name: str
    late: bool
    id: str
    file: str


def _canvas(name: str) -> list[Reading]:
    """All readings of a name; only one, if it is certain."""
    typed = TYPED.fullmatch(name)
    if typed:
        return [Reading(typed["name"], bool(typed["late"]), typed["id"], "")]
    found = []
    for gap in re.finditer("_", name):
        match = CANVAS.match(name, gap.end())
        if match and gap.start():
            one = Reading(name[: gap.start()], bool(match["late"]), match["id"], match["file"])
            found.append(one)
            if one.late:
                return [one]
    return found


def _canvas_shapes(names: Iterable[str]) -> set[tuple[int, int]]:
    """Numbers of digits in the names that can be read in one way only."""
    readings = [_canvas(name) for name in names]
    return {(len(r[0].id), len(r[0].file)) for r in readings if len(r) == 1 and r[0].file}


def _unlike(reading: Reading, shapes: set[tuple[int, int]]) -> tuple[int, bool, int]:
    """How far a reading is from those of the class; then: long numbers first, then the first."""
    digits = len(reading.id), len(reading.file)
    far = [abs(digits[0] - a) + abs(digits[1] - b) for a, b in shapes]
    return min(far, default=0), min(digits) < 4, len(reading.name)


def _common(files: list[tuple[str, ...]]) -> int:
    """How many folders lie above all files."""
    folders = [parts[:-1] for parts in files]
    first, last = min(folders, default=()), max(folders, default=())
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return same


def _stem(name: str) -> str:
    for end in (".txt", ".json", ".ipynb", ".zip"):
        if name.lower().endswith(end):
            name = name[: -len(end)]
    return name or "?"


@dataclass(frozen=True)
class Folder:
    """What Gradescope says of the folder of one submission."""

    student: str
    id: str
    members: tuple[Member, ...] = ()
    submitted: str = ""


def _gradescope(one: Found, messages: list[str]) -> dict[str, Folder]:
    """What the file says that Gradescope adds, for each folder."""
    people = {}
    try:
        if one.path.stat().st_size > LARGEST_METADATA:
            raise ValueError("too large")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        data = yaml.load(one.path.read_text(encoding="utf-8-sig"), loader)
        for folder, about in data.items():
            members = tuple(
                Member(*(clean(s.get(key) or "", 200) for key in (":name", ":sid", ":email")))
                for s in about[":submitters"]
            )
            people[str(folder)] = Folder(
                " and ".join(m.name or m.email or "?" for m in members),
                " ".join(filter(None, (m.id or m.email for m in members))),
                members,
                _moment(about.get(":created_at")),
            )
    except Exception as error:  # its names are a comfort, not a need
        messages.append(
            f"{one.file} could not be read ({type(error).__name__}): ids stand for names."
        )
    return people


def _moment(value: object) -> str:
    """A time of Gradescope's file as ISO 8601, as it stands there; empty if there is none."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    return found.isoformat(timespec="seconds")
