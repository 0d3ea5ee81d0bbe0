"""The tasks of a lab page: which exercise asks for them, who answers them, what is missing.

Lint tells what is missing, and `make assignment` refuses a page that lacks anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from publish import practice

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


def handed_out(page: Page, cells: list[Cell]) -> list[Cell]:
    """Those of the cells that stand in the students' notebook, or in its solution."""
    return [cell for cell in cells if cell.line < end(page) and not book_only(cell)]


def tasks(page: Page) -> list[Task]:
    """The tasks of the page's assignment, in the order of their checks."""
    found = [
        Task(name, answer, cell.line, cell.exercise)
        for cell in handed_out(page, page.cells)
        if cell.role == "check"
        for name, answer in code.checked(cell.tree)
    ]
    found += [
        Task(box.name, box.variable, box.line, box.exercise, box.spec)
        for box in page.answers
        if box.exercise and box.line < end(page)
    ]
    points = page.meta.assignment.points
    return sorted((task for task in found if task.name in points), key=lambda task: task.line)


def problems(page: Page) -> Iterator[tuple[int, str]]:
    """Each task is a box, or an exercise with starter, check and solution, in the order of points.
    """
    points = page.meta.assignment.points
    line = page.front.line("workbook", "assignment", "points")
    found: dict[str, int] = {}
    for task in tasks(page):
        at = task.line
        if task.name in found:
            told = f"task '{task.name}' is checked twice; line {found[task.name]} does it already"
            yield at, told
            continue
        found[task.name] = at
        yield from ((at, what) for what in _missing(page, task))
    for name in points:
        if name not in found and ANSWER.match(name):
            yield line, (
                f"no exercise before '{END.capitalize()}' holds the answer '{name}'; put its box "
                "there, or take its points out"
            )
        elif name not in found:
            yield line, (
                f"no exercise before '{END.capitalize()}' asks for task '{name}'; it needs a "
                f"starter, a cell with checks.check('{name}', my_...) tagged 'check', and a "
                "solution with cells"
            )
    if [name for name in points if name in found] != list(found):
        yield line, f"the tasks stand on the page in the order {', '.join(found)}; write that"


def undrawable(page: Page) -> Iterator[tuple[int, str]]:
    """Practice problems of the assignment that cannot be drawn. Asks Node."""
    for address in page.meta.assignment.practice:
        family, level, seed = practice.address(address)
        try:
            practice.check_level(family, level)
            practice.problems([(family, level, seed)])
        except (ValueError, practice.PracticeError) as error:
            line = page.front.line("workbook", "assignment", "practice", address)
            yield line, f"practice problem '{address}': {error}"


def _missing(page: Page, task: Task) -> Iterator[str]:
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
        return any(name in cell.defined for cell in handed_out(page, cells))

    if not define(exercise.starters, answer):
        yield f"no starter of this exercise defines '{answer}', which is checked here"
    if task.interface == answer:
        yield f"call it 'my_{answer}' (a class: 'My{answer}') in starter and check"
    elif not define(exercise.solution_cells, task.interface):
        yield (
            f"no cell of the solution of '{exercise.label}' defines '{task.interface}', "
            f"the answer to task '{task.name}'"
        )
