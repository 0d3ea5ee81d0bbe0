"""Which assignment is meant on a command line, and where its results are."""

from __future__ import annotations

import argparse
from pathlib import Path

from grading.make import each, problems
from grading.make import lab as labs
from grading.make.lab import ROOT, Lab
from grading.make.plan import Plan


def arguments(parser: argparse.ArgumentParser) -> None:
    """What ``load`` reads."""
    parser.add_argument("which", metavar="lab", help="the number of a lab, or a file .yml")
    parser.add_argument(
        "--out", type=Path, help="the results; default: dist/grades<n> or dist/grades_<name>"
    )
    parser.add_argument(
        "--assignment",
        type=Path,
        help="what was handed out, for the keys of its practice problems; default: dist/<name>",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)


def words(options: argparse.Namespace) -> str:
    """What Make is told of the assignment: ``LAB=6``, ``FILE=assignments/x.yml``."""
    return f"LAB={options.which}" if options.which.isdigit() else f"FILE={options.which}"


def place(options: argparse.Namespace) -> Plan:
    """The plan of the assignment; the options get the folders that they leave out.

    Raises LabError.
    """
    this = labs.planned(labs.asked(options.which), options.root)
    options.out = options.out or ROOT / "dist" / this.results
    options.assignment = options.assignment or ROOT / "dist" / this.name
    return this


def load(options: argparse.Namespace) -> Lab:
    """The assignment, with the problems of each student; the options get their folders.

    Raises LabError, PageError or FrontMatterError.
    """
    this = place(options)
    made = labs.load(this, options.root, source=problems.kept(options.assignment))
    made.variants = each.kept(made, options.assignment)
    return made
