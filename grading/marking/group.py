"""The class as a marker goes through it: whose answers there are, in which order, how far it is."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from grading.make.lab import Lab, Task
from grading.make.written import Written
from grading.report.results import Row, harmless

from . import marks, standing
from .standing import Standing


class NoResults(ValueError):
    """There is nothing to mark; says what to do."""


@dataclass(frozen=True)
class Item:
    """One submission as one question sees it: ``id`` tells nothing about whose it is."""

    id: str
    row: Row
    standing: Standing

    def part(self, name: str) -> standing.Part:
        return self.standing.by_name[name]


def read(path: Path) -> Row | None:
    """The row in a file of results; None if it holds none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        # a field that is newer than the file keeps its default
        return Row(**{f.name: data[f.name] for f in fields(Row) if f.name in data})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _state(path: Path) -> tuple[int, ...]:
    """Changes with a file; each of ours is replaced as a whole, and so gets a new inode."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


class Group:
    """The results below ``out``. Files are read anew when they have changed."""

    def __init__(self, out: Path, lab: Lab) -> None:
        self.out, self.lab = Path(out), lab
        self._read: dict[Path, tuple[tuple[int, ...], Row | None]] = {}
        self._known: dict[str, tuple[tuple, Standing]] = {}  # by the name of the submission
        self._order = self._secret()
        self.questions: dict[str, Written | Task] = {q.name: q for q in (*lab.written, *lab.tasks)}

    def _secret(self) -> bytes:
        """What orders the answers: the same as long as the results are."""
        try:
            return (self.out / "results" / "secret").read_bytes()
        except OSError:
            return secrets.token_bytes(16)

    def rows(self) -> list[Row]:
        """The rows of the last run, in the order of its table. Raises NoResults.

        Results of files that are no longer among the submissions stay where they are, and are
        not marked.
        """
        table = self.out / "grades.csv"
        try:
            with table.open(encoding="utf-8", newline="") as file:
                listed = [line["file"] for line in csv.DictReader(file)]
        except (OSError, ValueError, KeyError, csv.Error):
            raise NoResults(
                f"{table} is not there, or is no table of grades: run `make grade` first, and give "
                "the same OUT."
            ) from None
        found = {harmless(row.file): row for row in self._all()}
        return [found[file] for file in listed if file in found]

    def _all(self) -> Iterator[Row]:
        for path in sorted((self.out / "results").glob("*.json")):
            state = _state(path)
            if path not in self._read or self._read[path][0] != state:
                self._read[path] = state, read(path)
            if (row := self._read[path][1]) is not None:
                yield row

    def standings(self) -> list[Standing]:
        """All of the class: made anew where a file has changed."""
        made = []
        for row in self.rows():
            place = marks.place(self.out, row)
            state = (_state(place), row)
            known = self._known.get(row.file)
            if known is None or known[0] != state:
                known = self._known[row.file] = state, standing.one(row, self.lab, self.out)
            made.append(known[1])
        return made

    def stands(self, file: str) -> Standing | None:
        """The standing of one file; None if it is not among the results (any more)."""
        return next((one for one in self.standings() if one.file == file), None)

    def id(self, name: str, row: Row) -> str:
        """A name for a submission on the pages of one question."""
        said = f"{name}\0{row.file}".encode("utf-8", "surrogatepass")
        return hmac.new(self._order, said, hashlib.sha256).hexdigest()[:12]

    def items(self, name: str, *, anonymous: bool = False) -> list[Item]:
        """The submissions in the order in which a question is marked.

        By name; if anonymous, in an order of its own for each question, always the same one.
        """
        items = [Item(self.id(name, one), one, one) for one in self.standings()]
        if anonymous:
            return sorted(items, key=lambda item: item.id)
        return sorted(items, key=lambda item: (item.row.student.casefold(), item.row.file))

    def item(self, name: str, id_: str) -> Item | None:
        """One of them, read from its files now."""
        for row in self.rows():
            if self.id(name, row) == id_:
                return Item(id_, row, standing.one(row, self.lab, self.out))
        return None
