"""Which assignment is meant on a command line, and where its results are."""

from __future__ import annotations

import argparse
from pathlib import Path

from grading.make import lab as labs
from grading.make import problems
from grading.make.lab import ROOT, Lab


def arguments(parser: argparse.ArgumentParser) -> None:
    """What ``load`` reads."""
    parser.add_argument("lab", type=int, help="the number of the lab")
    parser.add_argument("--out", type=Path, help="the results of `make grade`: dist/grades<n>")
    parser.add_argument("--assignment", type=Path, help="what was handed out; default: dist/lab<n>")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def load(options: argparse.Namespace) -> tuple[Lab, Path]:
    """The assignment and the folder of results. Raises LabError, PageError, FrontMatterError."""
    number = options.lab
    folder = options.assignment or ROOT / "dist" / f"lab{number}"
    this = labs.load(number, options.root, source=problems.kept(folder))
    return this, options.out or ROOT / "dist" / f"grades{number}"
