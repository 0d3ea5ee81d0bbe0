"""An assignment as its file and its pages say it: tasks with their points, cells to hand out."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml

from dlworkbook import needs as waiting
from dlworkbook.answers import packed
from dlworkbook.checks import light
from dlworkbook.checks.report import QUARTERS
from dlworkbook.checks.task import Task as Check
from dlworkbook.checks.tasks import files as check_files
from dlworkbook.checks.tasks import load as load_check
from publish.notebooks.set_up import PACKAGES, setup_code, wheel_name
from publish.page import assignment, code, frontmatter
from publish.page.model import Page
from publish.page.parser import normalize
from publish.site.addresses import Addresses
from publish.tools import imports

from . import everything, excerpt, match, needs, plan, problems
from .own import OwnError
from .page import LabBook, LabCell, LabWriter
from .plan import Part, Plan, PlanError
from .problems import Given, ProblemsError
from .setup_cell import setup_cell
from .variants import Variants
from .written import Written

ROOT = Path(__file__).resolve().parents[2]
# What makes a grade: reads a file, runs it, and writes the row. How grades are shown is no part.
GRADER = ("read/reading.py", "run/warm.py", "report/results.py")
HEAD = (
    "*{what} of the book {book}. Fill in the parts marked `...`, run the cell, then run the "
    "check below it: it names the mistake, if there is one. Keep the names of the functions and "
    "classes, because they are what is graded; the last definition of a name counts. A cell that "
    "begins with `# needs:` waits for the answers that it names, so all cells can be run at any "
    "time. {written}Hand in this notebook. Cells that train are not run when it is graded.*"
)
WORDS = "Where it says 'Your answer', write below that line; a person reads and marks it. "


class LabError(ValueError):
    """An assignment cannot be made from its file and pages; says why, and where to look."""


@dataclass(frozen=True)
class Task:
    """One graded task: its check, the name that students define, its points."""

    name: str
    answer: str
    points: float
    label: str  # of its exercise
    spec: dict[str, Any] | None = None  # of a box or a practice problem, judged by this alone
    page: str = ""  # on which it stands, without .md
    line: int = field(default=0, repr=False, compare=False)  # there, of its solution
    own: Check | None = field(default=None, repr=False, compare=False)  # that the book has not

    @property
    def check(self) -> Check | None:
        """Probes and catalogue of mistakes; None for a box or a practice problem."""
        return None if self.spec else self.own or load_check(self.name)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """What a box asks for, or the boxes of a practice problem; empty for a check."""
        return self.spec.get("fields", [self.spec]) if self.spec else []

    @property
    def parts(self) -> int:
        """Into how many equal parts the points are split: a check gives quarters."""
        return light.parts(self.spec) if self.spec else QUARTERS


def answers(which: int | Plan, root: Path = ROOT) -> set[str]:
    """What the tasks of an assignment call their answers; draws no problem.

    Of the pages only the lines of the checks are read: parsing all pages of all assignments would
    take longer than grading a notebook. Raises LabError, OSError.
    """
    this = planned(which, root)
    found = set(problems.names(this).values())
    for part in this.pages:
        text = (root / f"{part.name}.md").read_text(encoding="utf-8")
        for line in text.split("\n"):
            if "checks.check(" in line:
                tree = code.parse(line)
                found |= {
                    code.interface_name(answer)
                    for name, answer in code.checked(tree)
                    if name in part.kept
                }
        boxes = [name for name in part.kept if frontmatter.ANSWER.match(name)]
        found |= {name.replace("-", "_") for name in boxes}
    return found


@dataclass
class Lab:
    """One assignment of the book: a lab, or exercises of its pages."""

    number: int | None  # of a lab
    page: str  # name of the first page, without .md
    title: str
    tasks: list[Task]
    cells: list[LabCell]
    imports: set[str] = field(default_factory=set)
    site: str = ""
    root: Path = ROOT
    page_code: list[str] = field(default_factory=list)  # of all cells of the pages, as they stand
    problems: list[Given] = field(default_factory=list)
    plan: Plan | None = None
    written: list[Written] = field(default_factory=list)
    variants: Variants = field(default_factory=Variants)  # of problems, for each student
    boxes: dict[str, dict[str, Any]] = field(default_factory=dict)  # on an instructor's own pages

    @property
    def name(self) -> str:
        """``lab6``, ``week06_convolution``: of its folder and its files."""
        return self.plan.name if self.plan else f"lab{self.number}"

    @property
    def heading(self) -> str:
        """Its title, with the number of a lab."""
        return self.title if self.number is None else f"Lab {self.number}: {self.title}"

    @property
    def what(self) -> str:
        """How messages name it: ``lab 6``, ``assignment 'week06_convolution'``."""
        return f"assignment '{self.name}'" if self.number is None else f"lab {self.number}"

    @property
    def automatic(self) -> float:
        """The points that checks give."""
        return sum(task.points for task in self.tasks)

    @property
    def total(self) -> float:
        """All points, those that are given by hand, too."""
        return self.automatic + sum(question.points for question in self.written)

    def shows(self, task: Task) -> bool:
        """Whether students see the check of a task."""
        return self.plan is None or self.plan.shows(_address(self, task))

    @property
    def answers(self) -> dict[str, str | None]:
        """What cells may wait for: name of an answer, and the task that checks it."""
        named = dict.fromkeys(n for cell in self.cells for n in waiting.named(cell.source))
        return named | {task.answer: task.name for task in self.tasks}

    @property
    def keys(self) -> str:
        """What the set-up cell tells the checks of what no package knows; empty without any."""
        return self.told({task.name for task in self.tasks if not self.shows(task)})

    def told(self, hidden: Collection[str] = ()) -> str:
        """Practice problems and an instructor's own boxes and tasks, packed, but for the hidden."""
        held: dict[str, Any] = {p.name: p.spec for p in self.problems} | self.boxes | self.sources
        held = {name: what for name, what in held.items() if name not in hidden}
        if all(name.startswith("_") for name in held):  # nothing is left that needs these
            return ""
        return packed(held)

    @property
    def sources(self) -> dict[str, str]:
        """The modules of an instructor's own tasks that are checked, with what they share."""
        if self.plan is None or self.plan.own is None:
            return {}
        trees = [code.parse(cell.source) for cell in self.cells if cell.role == "check"]
        named = {name for tree in trees for name, _ in code.checked(tree)}
        named |= {task.name for task in self.tasks}
        every = self.plan.own.sources if named & set(self.plan.own.tasks) else {}
        return {name: text for name, text in every.items() if name in named or name[0] == "_"}

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
        start += [check_files()[t.name] for t in self.tasks if not t.spec and not t.own]
        own = sorted(self.sources.items())
        start += self.plan.own.depends() if own else ()
        by_name = ROOT / "dlworkbook" / "checks" / "adapters"
        start += sorted(by_name.glob("*.py"))
        made_by = imports.follow(start, [ROOT / "grading", ROOT / "dlworkbook"])
        by_hand = [question.name for question in self.written]
        said = repr((self.name, self.tasks, by_hand, imports.digest(made_by, ROOT), *own))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _address(this: Lab, task: Task) -> str:
    """The name of a task in its file: a practice problem stands there by its address."""
    asked = zip(problems.names(this.plan), this.plan.problems) if this.plan else ()
    return {name: one.label or one.address for name, one in asked}.get(task.name, task.name)


def numbers(root: Path = ROOT) -> dict[int, str]:
    """The labs of the book: number and name of the page."""
    every = plan.every(root).values()
    return {one.lab: one.pages[0].name for one in every if one.lab is not None}


def planned(which: int | str | Path | Plan, root: Path = ROOT) -> Plan:
    """The file of an assignment; see ``load``. Raises LabError."""
    try:
        return plan.find(which, root)
    except PlanError as error:
        # "There is no lab 91" is about no line of a file
        raise LabError(error.message if error.path == plan.FOLDER else str(error)) from None


def asked(text: str) -> int | Path:
    """What a command line asks for: the number of a lab, or the file of an assignment."""
    return int(text) if text.isascii() and text.isdigit() else Path(text)


def find(number: int, root: Path = ROOT) -> str:
    """Name of the page of a lab. Raises LabError if there is none."""
    return planned(number, root).pages[0].name


def load(
    which: int | str | Path | Plan,
    root: Path = ROOT,
    addresses: Addresses | None = None,
    *,
    source: problems.Source = problems.drawn,
) -> Lab:
    """Read an assignment from its pages, and its practice problems from their source.

    ``which``: number of a lab, name or file of an assignment, or what was read of one. Raises
    LabError, PageError or FrontMatterError.
    """
    this = planned(which, root)
    addresses = addresses or Addresses.load(root)
    book = LabBook(root, addresses, [part.name for part in this.pages if part.folder])
    for problem in match.problems(this, book, draw=False):
        raise LabError(str(problem))
    own = checks_of(this)
    try:
        given = problems.given(this, source)
    except ProblemsError as error:
        raise LabError(str(error)) from None
    pages = [book.page(part.name) for part in this.pages]
    writers = _writers(this, book, pages, given, root)
    cells = _cells(this, writers, given, _book_title(root))
    tasks = _tasks(this, pages, given, own)
    for cell, names in zip(cells, needs.of(cells)):
        if names:
            cell.source = f"{waiting.line(names)}\n{cell.source}"
    title = frontmatter.LAB.sub("", this.title) if this.lab is not None else this.title
    made = Lab(
        this.lab,
        pages[0].name,
        title,
        tasks,
        cells,
        _imports(this, pages, cells),
        addresses.site,
        root,
        [cell.source for page in pages for cell in page.cells],
        given,
        this,
        [q for part, writer in zip(this.pages, writers) for q in _written(part, writer)],
        boxes={name: spec for part, writer in zip(this.pages, writers) if part.folder
               for name, spec in writer.asked.items()},
    )
    trees = [code.parse(source) for source in made.sources.values()]
    made.imports = made.imports.union(*map(code.packages, trees))  # what a check needs, too
    made.cells += everything.cells(made)
    return made


def _tasks(
    this: Plan, pages: list[Page], given: list[Given], own: dict[str, Check]
) -> list[Task]:
    """The tasks in the order of the pages, then the practice problems below them."""
    drawn = [
        (Task(one.name, one.variable, asked.points, "", one.spec), one.label)
        for one, asked in zip(given, this.problems, strict=True)
    ]
    made = []
    for part, page in zip(this.pages, pages):
        found = [
            (task.line, Task(task.name, task.interface, part.points[task.name],
                             task.exercise.label, task.spec, page.name, _line(task),
                             own.get(task.name)))
            for task in assignment.tasks(page, part.kept, whole=part.whole)
        ]  # fmt: skip
        found += [(page.exercise(label).line, replace(task, page=page.name))
                  for task, label in drawn if label in part.vary]
        made += [task for _, task in sorted(found, key=itemgetter(0))]
    return made + [task for task, label in drawn if not label]


def checks_of(this: Plan) -> dict[str, Check]:
    """The tasks of an instructor's own that have points in an assignment. Raises LabError."""
    if this.own is None:
        return {}
    try:
        return this.own.load([name for name in this.points if name in this.own.tasks])
    except OwnError as error:
        raise LabError(str(error)) from None


def _line(task: assignment.Task) -> int:
    """The line of the solution of a task's exercise."""
    solutions = task.exercise.solutions if task.exercise else []
    return solutions[0].directive.line if solutions else task.line


def _writers(
    this: Plan, book: LabBook, pages: list[Page], given: list[Given], root: Path
) -> list[LabWriter]:
    """A writer for each page."""
    instead = {normalize(one.label): problems.cells_of(one) for one in given if one.label}
    asked = [
        task
        for part, page in zip(this.pages, pages)
        for task in assignment.tasks(page, part.kept, whole=part.whole)
    ]
    wanted = excerpt.Wanted(
        {task.interface for task in asked}, {task.name for task in asked if task.spec is not None}
    )
    made = []
    for part, page in zip(this.pages, pages):
        by_hand = {normalize(label) for label in part.written}
        if part.whole:
            made.append(LabWriter(book, page, root, by_hand, instead))
            continue
        labels = {task.exercise.label for task in assignment.tasks(page, part.kept, whole=False)}
        labels |= by_hand
        made.append(excerpt.ExcerptWriter(book, page, root, labels, wanted, by_hand, instead))
    return made


def _cells(
    this: Plan, writers: list[LabWriter], given: list[Given], book_title: str
) -> list[LabCell]:
    """Title, the cells of all pages, practice problems, then notes and sources."""
    what = "An assignment" if this.lab is None else f"Lab {this.lab}"
    words = WORDS if any(part.written for part in this.pages) else ""
    about = HEAD.format(what=what, book=f"*{book_title}*".strip("*"), written=words)
    cells = [LabCell("markdown", f"# {this.heading}\n\n{about}", "text")]
    for writer in writers:
        cells += writer.take_apart()
    cells += problems.cells([one for one in given if not one.label])
    several = len(writers) > 1
    notes, cited = [], {}
    for k, writer in enumerate(writers, start=1):
        found = writer.notes()
        if found and several:
            for cell in writer.lab_cells:
                cell.source = cell.source.replace("(#note-", f"(#note-{k}-")
            found = found.replace('="note-', f'="note-{k}-')
            found = f"{writer.page.title}:\n\n{found}"
        notes += [found] if found else []
        cited |= dict.fromkeys(writer.cited())
    if notes:
        cells.append(LabCell("markdown", "## Notes\n\n" + "\n\n".join(notes), "text"))
    if cited:
        text = writers[0].text.references.markdown(list(cited), cited.__contains__)
        cells.append(LabCell("markdown", f"## References\n\n{text}", "text"))
    return cells


def _imports(this: Plan, pages: list[Page], cells: list[LabCell]) -> set[str]:
    """Top-level packages that the pages import; of single exercises, those that they need."""
    found = {name for part, page in zip(this.pages, pages) if part.whole for name in page.imports}
    trees = [code.parse(cell.source) for cell in cells if cell.kind == "code"]
    return found.union(*(code.packages(tree) for tree in trees if tree is not None))


def _written(part: Part, writer: LabWriter) -> list[Written]:
    """The questions of a page that are answered in words, in the order of the page."""
    made = []
    for exercise in writer.page.exercises:
        label = next((name for name in part.written if normalize(name) == exercise.label), None)
        if label is None:
            continue
        said = [
            cell.source
            for cell in writer.lab_cells
            if cell.role == "exercise" and cell.label == exercise.label
        ]
        question = part.written[label]
        made.append(Written(
            exercise.label, question.points, exercise.label, "\n\n".join(said),
            writer.model_answer(exercise), question.rubric,
        ))
    return made


def _book_title(root: Path) -> str:
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    return str((config or {}).get("title", ""))
