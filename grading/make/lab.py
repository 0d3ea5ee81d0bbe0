"""A lab as the page says it: tasks with their points, and the cells to hand out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from dlworkbook import needs as waiting
from dlworkbook.answers import packed
from dlworkbook.checks import adapters, light
from dlworkbook.checks.report import QUARTERS
from dlworkbook.checks.task import Task as Check
from dlworkbook.checks.tasks import files as check_files
from dlworkbook.checks.tasks import load as load_check
from publish.notebooks.set_up import PACKAGES, setup_code, wheel_name
from publish.page import assignment, frontmatter
from publish.site.addresses import Addresses
from publish.tools import imports

from . import everything, needs, problems
from .page import LabBook, LabCell, LabWriter
from .problems import Given, ProblemsError
from .setup_cell import setup_cell

ROOT = Path(__file__).resolve().parents[2]
# What makes a grade: reads a file, runs it, and writes the row. How grades are shown is no part.
GRADER = ("read/reading.py", "run/warm.py", "report/results.py")


class LabError(ValueError):
    """A lab cannot be made from its page; says why, and where to look."""


@dataclass(frozen=True)
class Task:
    """One graded task: its check, the name that students define, its points."""

    name: str
    answer: str
    points: float
    label: str  # of its exercise
    spec: dict[str, Any] | None = None  # of a box or a practice problem, judged by this alone

    @property
    def check(self) -> Check | None:
        """Probes and catalogue of mistakes; None for a box or a practice problem."""
        return None if self.spec else load_check(self.name)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """What a box asks for, or the boxes of a practice problem; empty for a check."""
        return self.spec.get("fields", [self.spec]) if self.spec else []

    @property
    def parts(self) -> int:
        """Into how many equal parts the points are split: a check gives quarters."""
        return light.parts(self.spec) if self.spec else QUARTERS


def answers(number: int, root: Path = ROOT) -> set[str]:
    """What the tasks of a lab call their answers; draws no problem. Raises as ``load`` does."""
    page = LabBook(root, Addresses.load(root)).page(find(number, root))
    names = problems.names(page)
    return {task.interface for task in assignment.tasks(page)} | set(names.values())


@dataclass
class Lab:
    """One lab of the book."""

    number: int
    page: str  # name of the page, without .md
    title: str
    tasks: list[Task]
    cells: list[LabCell]
    imports: set[str] = field(default_factory=set)
    site: str = ""
    root: Path = ROOT
    page_code: list[str] = field(default_factory=list)  # of all cells of the page, as it stands
    problems: list[Given] = field(default_factory=list)

    @property
    def total(self) -> float:
        """All points."""
        return sum(task.points for task in self.tasks)

    @property
    def answers(self) -> dict[str, str | None]:
        """What cells may wait for: name of an answer, and the task that checks it."""
        named = dict.fromkeys(n for cell in self.cells for n in waiting.named(cell.source))
        return named | {task.answer: task.name for task in self.tasks}

    @property
    def keys(self) -> str:
        """What the set-up cell tells the checks of the practice problems; empty without any."""
        return packed({p.name: p.spec for p in self.problems}) if self.problems else ""

    @cached_property
    def handed_out(self) -> list[str]:
        """Code that every student got: the assignment's, and that of the page in the book."""
        own = [cell.source for cell in self.cells if cell.kind == "code"]
        known = self.imports & PACKAGES.keys()
        setup = [
            setup_cell(known, self.site, wheel_name(self.root), self.answers, self.keys),
            setup_code({*known, "dlworkbook"}, self.site, self.root, solutions=True),
        ]
        return [*own, *self.page_code, *setup]

    @cached_property
    def fingerprint(self) -> str:
        """Changes when the tasks, their checks or the grader change: then grades are stale."""
        start = [ROOT / "grading" / file for file in GRADER]
        start += [check_files()[task.name] for task in self.tasks if not task.spec]
        start += sorted(Path(adapters.__file__).parent.glob("*.py"))  # loaded by their names
        made_by = imports.follow(start, [ROOT / "grading", ROOT / "dlworkbook"])
        said = repr((self.number, self.tasks, imports.digest(made_by, ROOT)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def numbers(root: Path = ROOT) -> dict[int, str]:
    """The labs of the book: number and name of the page."""
    known: dict[int, str] = {}
    for path in sorted((root / "book").rglob("*.md")):
        if path.name.startswith("_"):
            continue
        found = frontmatter.read(path).assignment
        if found is not None:
            known[found.lab] = path.relative_to(root).with_suffix("").as_posix()
    return known


def find(number: int, root: Path = ROOT) -> str:
    """Name of the page of a lab. Raises LabError if there is none."""
    known = numbers(root)
    if number not in known:
        labs = ", ".join(map(str, sorted(known))) or "none"
        raise LabError(f"There is no lab {number}; the book has: {labs}.")
    return known[number]


def load(
    number: int,
    root: Path = ROOT,
    addresses: Addresses | None = None,
    *,
    source: problems.Source = problems.drawn,
) -> Lab:
    """Read a lab from its page, and its practice problems from their source.

    Raises LabError, PageError or FrontMatterError.
    """
    name = find(number, root)
    addresses = addresses or Addresses.load(root)
    book = LabBook(root, addresses)
    page = book.page(name)
    for line, problem in assignment.problems(page):
        raise LabError(f"{name}.md:{line}: {problem}")
    try:
        given = problems.given(page, source)
    except ProblemsError as error:
        raise LabError(str(error)) from None
    writer = LabWriter(book, page, root, _book_title(root), given)
    cells = writer.take_apart()
    own = page.meta.assignment
    tasks = [
        Task(task.name, task.interface, own.points[task.name], task.exercise.label, task.spec)
        for task in assignment.tasks(page)
    ]
    tasks += [
        Task(one.name, one.variable, points, "", one.spec)
        for one, points in zip(given, own.practice.values(), strict=True)
    ]
    for cell, names in zip(cells, needs.of(cells)):
        if names:
            cell.source = f"{waiting.line(names)}\n{cell.source}"
    cells += everything.cells(tasks)
    title = page.title.removeprefix(f"Lab {number}:").strip()
    code = [cell.source for cell in page.cells]
    return Lab(number, name, title, tasks, cells, page.imports, addresses.site, root, code, given)


def _book_title(root: Path) -> str:
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return str((config or {}).get("title", ""))
