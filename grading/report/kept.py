"""What is kept of each file: ``results/<name>.json`` with its row and its traces.

A run that goes on, and one that joins shards, reads this and not the submission once more.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from grading.run.keeper import write_atomically

from .results import Row
from .traces import Traces

ABANDONED = 600  # seconds after which a part of a file belongs to nobody who still writes


@dataclass
class Kept:
    """A row, and the traces of its file; ``stamp`` says what these were made by and for.

    ``traces`` is None where an older grader kept none.
    """

    row: Row
    traces: Traces | None
    stamp: str = ""


def place(out: Path, file: str) -> Path:
    """Where the result of a file is kept, below the folder of all results."""
    name = hashlib.sha256(file.encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return Path(out) / "results" / f"{name}.json"


def write(out: Path, kept: Kept) -> None:
    """Write one result, as a whole or not at all."""
    traces = asdict(kept.traces) if kept.traces else None
    data = kept.row.as_dict() | {"stamp": kept.stamp}
    # a line for each part of the row; the traces are long, and for programs only
    head = json.dumps(data, indent=1).removesuffix("\n}")
    write_atomically(place(out, kept.row.file), f'{head},\n "traces": {json.dumps(traces)}\n}}')


def read(out: Path, file: str) -> Kept | None:
    """The result of a file; None if there is none that can be read."""
    try:
        data = json.loads(place(out, file).read_text(encoding="utf-8"))
        row = Row(**{f.name: data[f.name] for f in fields(Row)})
        traces = Traces(**data["traces"]) if data.get("traces") else None
        found = Kept(row, traces, str(data.get("stamp", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if row.file == file else None


def clear(out: Path) -> None:
    """Remove parts of files that runs left behind which were killed while they wrote.

    Their age is told by the clock of the disk, which may be that of another machine.
    """
    parts = list(Path(out).rglob(".*.part"))
    if not parts:
        return
    now = Path(out) / f".clock.{time.monotonic_ns()}"
    try:
        now.touch()
        for part in parts:
            if now.stat().st_mtime - part.stat().st_mtime > ABANDONED:
                part.unlink()
    except OSError:
        pass  # another run removed it first
    finally:
        now.unlink(missing_ok=True)
