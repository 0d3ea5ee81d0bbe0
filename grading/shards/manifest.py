"""What a shard leaves when it has come to its end, for those who join all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from grading.report.moodle import Worksheet
from grading.run.keeper import write_atomically

from .split import Shard

FOLDER = "shards"  # below that of the results


@dataclass
class Manifest:
    """The end of one shard. ``units`` are those of the class (see ``split.unit``), ``own`` its.

    ``files``: the key of each file that it graded, which tells content and grader.
    """

    number: int
    of: int
    lab: int
    fingerprint: str
    units: list[str]
    own: list[str]
    files: dict[str, str]
    messages: list[str] = field(default_factory=list)
    worksheets: list[dict] = field(default_factory=list)
    walls: dict[str, str] = field(default_factory=dict)

    @property
    def shard(self) -> Shard:
        """Which one of how many."""
        return Shard(self.number, self.of)

    @property
    def sheets(self) -> list[Worksheet]:
        """Moodle's worksheets beside the submissions."""
        return [Worksheet(**sheet) for sheet in self.worksheets]


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
        lists = (found.units, found.own, found.messages, found.sheets)
        right = all(isinstance(one, list) for one in lists) and 1 <= found.number <= found.of
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if right and isinstance(found.files, dict) else None


def every(out: Path) -> list[Path]:
    """The files of all shards that lie in a folder of results, in order."""
    return sorted((Path(out) / "results" / FOLDER).glob("[0-9]*-of-*.json"))
