"""The marks of one student: a file to which entries are added, and from which none is taken.

``OUT/marks/<key>.yml`` is a list. An entry is a *mark* (points for each line of the rubric of a
written question), an *override* (other points than a check or a marker gave, and why), or says that
those before are *withdrawn*. The last one on a task counts; the others stay as its history. Who,
when, and on which version of the file stands in each.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from grading.report.results import Row
from grading.run.keeper import write_atomically

from . import checked
from .checked import FileError

FOLDER = "marks"  # below the folder of results
PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
SCHEMA = checked.schema("marks")
HEAD = (
    "# Marks of {who}: entries are added at the end, and the last one on a task counts. This file\n"
    "# may be edited by hand; `make grade` and `make mark` tell its faults with their lines.\n"
)


class Conflict(ValueError):
    """Somebody else has written meanwhile; ``marks`` is what stands there now."""

    def __init__(self, marks: Marks) -> None:
        super().__init__(f"{marks.path} has changed meanwhile.")
        self.marks = marks


@dataclass(frozen=True)
class Entry:
    """What somebody decided about one task. ``points``: of each line, or in all; None: open."""

    task: str
    kind: str  # mark, override, withdrawn
    who: str
    when: str  # ISO, with zone
    points: dict[str, float] | float | None = None
    comment: str = ""  # for the student
    why: str = ""  # of an override, or why it was withdrawn
    file: str = ""
    version: str = ""  # of the file: see `version`
    answer: str = ""  # the text that was marked: see `digest`
    checked: float | None = None  # what the check gave
    of: dict[str, float] | float | None = None  # the most there was: of each line, or in all
    line: int = field(default=0, compare=False)  # where it stands in its file

    def says(self) -> dict:
        """What it decides: without who, when and where."""
        return {k: v for k, v in asdict(self).items() if k not in ("who", "when", "line")}


@dataclass(frozen=True)
class Marks:
    """All entries of one file, in their order, and its text."""

    path: Path
    entries: tuple[Entry, ...] = ()
    text: str = ""

    def of(self, task: str) -> tuple[Entry, ...]:
        """The entries on one task."""
        return tuple(entry for entry in self.entries if entry.task == task)

    def state(self, task: str) -> str:
        """Changes with each entry on this task, and with nothing else."""
        return digest(repr(self.of(task)))


def digest(text: str) -> str:
    """A short name for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def version(row: Row) -> str:
    """A short name for what was handed in: the file's content, its name and its owner."""
    return row.key.partition("-")[0][:16]


def key(row: Row) -> str:
    """The name under which a student's marks are kept: by the id, or else by the file."""
    if row.student_id:
        kind, name = row.system or "id", row.student_id.lstrip("0") or "0"
    else:
        kind, name = "file", row.file
    if kind != "file" and PLAIN.fullmatch(name):
        return f"{kind}-{name}"
    # names of files come from outside: what can be read of it, and what tells it from its like
    shown = re.sub(r"[^a-z0-9]+", "-", Path(name).name.lower()).strip("-")[:40]
    return f"{kind}-{shown or 'x'}-{digest(name)[:10]}"


def place(out: Path, row: Row) -> Path:
    """The file of marks of a row."""
    return Path(out) / FOLDER / f"{key(row)}.yml"


def load(path: Path) -> Marks:
    """Read a file of marks; without entries if there is none. Raises FileError."""
    return _parsed(path, checked.text(path))


def _parsed(path: Path, text: str) -> Marks:
    data, tree = checked.parsed(path, text, SCHEMA)
    entries = []
    for k, item in enumerate(data or ()):
        if checked.zoned(item["when"]) is None:
            raise FileError(
                path,
                checked.line(tree, [k, "when"]),
                f"{item['when']!r} is no time with a zone. Write, for example, "
                "2026-09-14T23:59:00+02:00.",
            )
        entries.append(Entry(**item, line=checked.line(tree, [k])))
    return Marks(path, tuple(entries), text)


def applied(row: Row, marks: Marks | None, lab, **late):
    """The row with its marks: see ``standing.applied``."""
    from .standing import applied

    return applied(row, marks, lab, **late)


def now() -> str:
    """The time to the second, with the zone of this machine."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def add(out: Path, row: Row, entry: Entry, seen: str | None = None) -> Marks:
    """Add an entry at the end of the file of a row; what the file then holds.

    Nothing is written if the last entry on the task says the same. ``seen`` is the state of the
    task that the marker had in view: if that is no longer so, Conflict is raised. Raises FileError
    if the file has a fault; then it stays as it is.
    """
    path = place(out, row)
    with locked(path.parent):
        old = load(path)
        if seen is not None and old.state(entry.task) != seen:
            raise Conflict(old)
        before = old.of(entry.task)
        if before and before[-1].says() == entry.says():
            return old
        text = old.text or HEAD.format(who=_line(row.student or row.file))
        text += "" if text.endswith("\n") else "\n"
        text += checked.dumped([_plain(entry)])
        try:
            new = _parsed(path, text)
        except FileError:
            new = None
        if new is None or new.entries != (*old.entries, entry):
            last = old.text.count("\n") + 1
            raise FileError(path, last, "nothing can be added below this. Write the file as a list "
                                        "in which each entry begins with '- task: ' at the edge.")
        write_atomically(path, text)
        return new


def _plain(entry: Entry) -> dict:
    """Without what is empty."""
    data = {k: v for k, v in asdict(entry).items() if k != "line" and v not in ("", None)}
    return data


def _line(text: str) -> str:
    return " ".join(text.split())


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One writer at a time, of all processes that mark into this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
