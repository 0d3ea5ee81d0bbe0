"""What a shard leaves when it has come to its end, for those who join all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from grading.make.lab import Lab
from grading.read.submissions import Class
from grading.report.moodle import Worksheet
from grading.roster.inputs import Inputs
from grading.run.keeper import write_atomically

from .split import Shard

if TYPE_CHECKING:
    from grading.grade import Grader

FOLDER = "shards"  # below that of the results


@dataclass
class Manifest:
    """The end of one shard. ``units`` are those of the class (see ``split.unit``), ``own`` its.

    ``assignment`` is its name; ``fingerprint`` tells its tasks and the grader, ``problems`` the
    making in which students got problems of their own. ``files``: the key of each file that it
    graded, which tells content, grader and whose problems. ``given``: tables, as Make calls them,
    and a digest of each.
    """

    number: int
    of: int
    assignment: str
    fingerprint: str
    problems: str
    units: list[str]
    own: list[str]
    files: dict[str, str]
    messages: list[str] = field(default_factory=list)
    worksheets: list[dict] = field(default_factory=list)
    walls: dict[str, str] = field(default_factory=dict)
    around: list[str] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)

    @property
    def shard(self) -> Shard:
        """Which one of how many."""
        return Shard(self.number, self.of)

    @property
    def sheets(self) -> list[Worksheet]:
        """Moodle's worksheets beside the submissions."""
        return [Worksheet(**sheet) for sheet in self.worksheets]


def of(grader: Grader, every: Class) -> Manifest:
    """That of a shard which has just graded its files of a class."""
    files = {submission.file: grader.key(submission) for submission in every.submissions}
    shard, lab = grader.shard, grader.lab
    return Manifest(
        shard.number, shard.of, lab.name, lab.fingerprint, problems(lab), every.units, every.own,
        files, every.messages, [asdict(sheet) for sheet in every.worksheets], grader.walls,
        grader.around, given(grader.inputs),
    )


def problems(lab: Lab) -> str:
    """Tells one making of an assignment from another, where problems vary; else empty."""
    return _digest(lab.variants.secret) if lab.variants.secret else ""


def given(inputs: Inputs) -> dict[str, str]:
    """The tables that were given, and a digest of each."""
    known = {
        "ROSTER": inputs.roster and inputs.roster.people,
        "EXTENSIONS": inputs.extensions.by_key,
        "TIMES": inputs.times.by_file | inputs.times.by_key,
    }
    return {name: _digest(repr(table)) for name, table in known.items() if table}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def place(out: Path, shard: Shard) -> Path:
    """The file of a shard."""
    name = f"{shard.number:0{len(str(shard.of))}}-of-{shard.of}.json"
    return Path(out) / "results" / FOLDER / name


def write(out: Path, manifest: Manifest) -> None:
    """Write it, as a whole or not at all."""
    write_atomically(place(out, manifest.shard), json.dumps(asdict(manifest), indent=1))


def read(path: Path) -> Manifest | None:
    """The manifest in a file; None if it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = Manifest(**{f.name: data[f.name] for f in fields(Manifest)})
        lists = (found.units, found.own, found.messages, found.sheets, found.around)
        right = all(isinstance(one, list) for one in lists) and 1 <= found.number <= found.of
        right = right and all(isinstance(one, dict) for one in (found.files, found.given))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if right else None


def every(out: Path) -> list[Path]:
    """The files of all shards that lie in a folder of results, in order."""
    return sorted((Path(out) / "results" / FOLDER).glob("[0-9]*-of-*.json"))
