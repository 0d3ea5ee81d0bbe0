"""What is kept of a file to compare it with others: its lines, and the structure of its answers.

It is found once, by whoever grades the file. A run that goes on, and one that joins shards, has it
without the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grading.make.lab import ROOT, Lab
from grading.read.rare import rare_lines
from grading.read.reading import Submitted
from publish.tools import imports

from . import class_report, similarity

MADE_BY = ("read/structure.py", "read/rare.py")


@dataclass(frozen=True)
class Traces:
    """``lines`` of code that nobody handed out; ``structures`` of the answers, by task.

    ``structures`` is None where there is nothing to compare; ``too_much``: because it takes more
    time or memory to find than it may.
    """

    lines: list[str]
    structures: dict[str, Any] | None = None
    too_much: bool = False


NOTHING = Traces([])  # of a file that cannot be read


def of(files: Mapping[str, Submitted], lab: Lab) -> dict[str, Traces]:
    """The traces of files that were read."""
    known, found = class_report.handed_out(lab), similarity.read(files, lab)
    return {
        file: Traces(sorted(rare_lines(read.cells) - known), found.get(file),
                     file in found and found[file] is None)
        for file, read in files.items()
    }


def stamp(lab: Lab) -> str:
    """Changes when the traces of the same file would be others."""
    start = [ROOT / "grading" / file for file in MADE_BY]
    made_by = imports.follow(start, [ROOT / "grading", ROOT / "publish"])
    said = lab.handed_out, similarity.answers(lab), imports.digest(made_by, ROOT)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
