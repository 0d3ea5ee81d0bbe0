"""Which assignment is meant on a command line, and where its results are."""

from __future__ import annotations

import argparse
from pathlib import Path

from grading.make import lab as labs
from grading.make import problems
from grading.make.lab import ROOT, Lab


def arguments(parser: argparse.ArgumentParser) -> None:
    """What ``load`` reads."""
    parser.add_argument("which", metavar="lab", help="the number of a lab, or a file .yml")
    parser.add_argument("--out", type=Path, help="the results; default: where `make grade` writes")
    parser.add_argument("--assignment", type=Path, help="what was handed out; default: dist/<name>")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def load(options: argparse.Namespace) -> tuple[Lab, Path]:
    """The assignment and the folder of results. Raises LabError, PageError, FrontMatterError."""
    this = labs.planned(labs.asked(options.which), options.root)
    out = options.out or ROOT / "dist" / f"grades{this.lab or f'_{this.name}'}"
    folder = options.assignment or ROOT / "dist" / this.name
    return labs.load(this, options.root, source=problems.kept(folder)), out
