"""The tasks of a page that is handed out: who asks for them, who answers them, what is missing.

Whole pages (labs) are handed out up to their part "Break"; of other pages, single exercises. Lint
tells what is missing, and `make assignment` refuses a page that lacks anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from . import code
from .frontmatter import ANSWER
from .model import Exercise, Page
from .parser import Cell

END = "break"  # the part with which the students' notebook ends: it tells the mistakes
BOOK_ONLY = ("not-assigned", "site-only")  # tags of cells that are not handed out
HIDDEN = {"remove-input", "remove-output"}  # both: asserts, claims and proofs


@dataclass(frozen=True)
class Task:
    """One call of ``checks.check("task", answer)``, or one box for an answer."""

    name: str
    answer: str  # as the starter calls it: my_softmax
    line: int
    exercise: Exercise | None
    spec: dict[str, Any] | None = None  # of a box

    @property
    def interface(self) -> str:
        """What the solution and the students call it: softmax."""
        return code.interface_name(self.answer)

    @property
    def lines(self) -> int:
        """Lines of code that the book's solution has more than the starter; 1 for a box."""
        if self.spec is not None:
            return 1
        starter = _lines(self.exercise.starters, self.answer)
        return _lines(self.exercise.solution_cells, self.interface) - starter


def _lines(cells: list[Cell], name: str) -> int:
    """Lines of the function or class of that name, without empty ones and gaps."""
    return sum(
        bool(line.strip()) and line.strip() != "..."
        for cell in cells if cell.tree
        for node in cell.tree.body if getattr(node, "name", None) == name
        for line in cell.source.split("\n")[node.lineno - 1 : node.end_lineno]
    )


def end(page: Page) -> int:
    """Line of the part with which the students' notebook ends."""
    return next((heading.line for heading in page.part(END)), len(page.text.split("\n")) + 1)


def book_only(cell: Cell) -> bool:
    """Whether a cell stays in the book; so does what holds a page to its word, out of sight."""
    return cell.tagged(*BOOK_ONLY) or set(cell.tags) >= HIDDEN


def handed_out(page: Page, cells: list[Cell], *, whole: bool = True) -> list[Cell]:
    """Those of the cells that stand in the students' notebook, or in its solution.

    ``whole``: of a page whose text is handed out, up to its part "Break".
    """
    last = end(page) if whole else len(page.text.split("\n")) + 1
    return [cell for cell in cells if cell.line < last and not book_only(cell)]


def tasks(page: Page, points: Collection[str], *, whole: bool = True) -> list[Task]:
    """The tasks and boxes of the page that have points, in the order of their checks."""
    found = [
        Task(name, answer, cell.line, cell.exercise)
        for cell in handed_out(page, page.cells, whole=whole)
        if cell.role == "check"
        for name, answer in code.checked(cell.tree)
    ]
    found += [
        Task(box.name, box.variable, box.line, box.exercise, box.spec)
        for box in page.answers
        if box.exercise and (box.line < end(page) or not whole)
    ]
    return sorted((task for task in found if task.name in points), key=lambda task: task.line)


def problems(
    page: Page, points: Collection[str], *, whole: bool = True
) -> Iterator[tuple[str | None, int, str]]:
    """Each task is a box, or an exercise with starter, check and solution, in the order of points.

    Yields what is wrong and where: the line of the page and None, or 0 and the key in the points
    (empty: these as a whole).
    """
    before = f" before '{END.capitalize()}'" if whole else " of the page"
    found: dict[str, int] = {}
    for task in tasks(page, points, whole=whole):
        at = task.line
        if task.name in found:
            told = f"task '{task.name}' is checked twice; line {found[task.name]} does it already"
            yield None, at, told
            continue
        found[task.name] = at
        yield from ((None, at, what) for what in _missing(page, task, whole))
    for name in points:
        exercise = page.exercise(name)
        if name not in found and exercise and exercise.answers and page.answer(name) is None:
            boxes = ", ".join(f"'{box.name}'" for box in exercise.answers)
            yield name, 0, f"'{name}' is an exercise of several boxes; give points to {boxes}"
        elif name not in found and ANSWER.match(name):
            there = ", ".join(
                box.name for box in page.answers
                if box.exercise and (box.line < end(page) or not whole)
            )
            told = f"; the boxes there are {there}" if there else "; there is no box"
            yield name, 0, (
                f"no exercise{before} holds the answer '{name}'{told}; name one that is there, or "
                "take its points out"
            )
        elif name not in found:
            yield name, 0, (
                f"no exercise{before} asks for task '{name}'; it needs a starter, a cell with "
                f"checks.check('{name}', my_...) tagged 'check', and a solution with cells"
            )
    if [name for name in points if name in found] != list(found):
        yield "", 0, f"the tasks stand on the page in the order {', '.join(found)}; write that"


def solved(task: Task) -> str:
    """What the solution calls the answer: ``corr2d``, or another name that its own check has."""
    found = [
        answer
        for cell in task.exercise.solution_cells
        for name, answer in code.checked(cell.tree)
        if name == task.name and answer.isidentifier()
    ]
    return task.interface if task.interface in found or not found else found[0]


def _missing(page: Page, task: Task, whole: bool) -> Iterator[str]:
    """What a task's exercise lacks."""
    exercise, answer = task.exercise, task.answer
    if task.spec is not None:
        if exercise.starters:
            yield f"exercise '{exercise.label}' holds a box with points and a starter; make it two"
        return
    if exercise is None:
        yield f"the check of task '{task.name}' follows no exercise; put it into one"
        return

    def define(cells: list[Cell], name: str) -> bool:
        return any(name in cell.defined for cell in handed_out(page, cells, whole=whole))

    if not define(exercise.starters, answer):
        yield f"no starter of this exercise defines '{answer}', which is checked here"
    if task.interface == answer:
        yield f"call it 'my_{answer}' (a class: 'My{answer}') in starter and check"
    elif not define(exercise.solution_cells, solved(task)):
        yield (
            f"no cell of the solution of '{exercise.label}' defines '{task.interface}', "
            f"the answer to task '{task.name}'"
        )
