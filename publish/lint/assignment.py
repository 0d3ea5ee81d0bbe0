"""Lint rules about lab pages: what `make assignment` needs to find on them.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Cell, Directive, Heading, Page

Found = Iterator[tuple[int, str]]

END = "break"  # the part with which the students' notebook ends


def tasks(page: Page, book) -> Found:
    """Each task of `assignment` is an exercise with starter, check and solution, in its order."""
    assignment = page.meta.assignment
    if assignment is None:
        for cell in page.cells:
            for tag in sorted(cell.tags & {"not-assigned", "slow"}):
                yield cell.line, f"tag '{tag}' says nothing here: the page is no assignment"
        return
    line = page.key_line("workbook", "assignment", "points")
    for name, other in book.pages.items():
        theirs = other.meta.assignment
        if name != page.name and theirs is not None and theirs.lab == assignment.lab:
            yield page.key_line("workbook", "assignment", "lab"), (
                f"lab {assignment.lab} is also that of {name}.md; a number is used once"
            )
    found: dict[str, int] = {}
    for task, answer, cell in _checks(page):
        if task not in assignment.points:
            continue
        if task in found:
            yield cell.line, f"task '{task}' is checked twice; line {found[task]} does it already"
            continue
        found[task] = cell.line
        yield from _complete(page, task, answer, cell)
    for task in assignment.points:
        if task not in found:
            yield line, (
                f"no exercise before '{END.capitalize()}' asks for task '{task}'; it needs a "
                f"starter, a cell with checks.check('{task}', my_...) tagged 'check', and a "
                "solution with cells"
            )
    if [t for t in assignment.points if t in found] != list(found):
        yield line, f"the tasks stand on the page in the order {', '.join(found)}; write that"


def _assigned(page: Page) -> list:
    """The blocks above 'Break'."""
    end = next(
        (h.line for h in page.of(Heading) if h.level == 2 and h.text.lower().startswith(END)),
        10**9,
    )
    return [block for block in page.blocks if block.line < end]


def _checks(page: Page) -> Iterator[tuple[str, str, Cell]]:
    """Task, name of the answer and cell of each call of checks.check in a cell tagged check."""
    for cell in _assigned(page):
        if not isinstance(cell, Cell) or "check" not in cell.tags or cell.tree is None:
            continue
        for node in ast.walk(cell.tree):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "checks.check"
                and len(node.args) == 2
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value), ast.unparse(node.args[1]), cell


def _complete(page: Page, task: str, answer: str, check: Cell) -> Found:
    """A task's exercise, starter and solution, seen from its check."""
    before = [b for b in _assigned(page) if b.line < check.line]
    exercise = next(
        (b for b in reversed(before) if isinstance(b, Directive) and b.name == "exercise"), None
    )
    if exercise is None:
        yield check.line, f"the check of task '{task}' follows no exercise; put it into one"
        return
    starter = [
        b for b in before
        if isinstance(b, Cell) and "starter" in b.tags and b.line > exercise.line
    ]
    wanted = answer.removeprefix("my_")
    if wanted.startswith("My") and wanted[2:3].isupper():
        wanted = wanted[2:]
    if not any(answer in _names(cell) for cell in starter):
        yield check.line, f"no starter of this exercise defines '{answer}', which is checked here"
    if wanted == answer:
        yield check.line, f"call it 'my_{answer}' (a class: 'My{answer}') in starter and check"
        return
    label = str(exercise.options.get("label", ""))
    after = [b for b in _assigned(page) if b.line > check.line]
    start = next((k for k, b in enumerate(after)
                  if isinstance(b, Directive) and b.name == "solution" and b.argument == label),
                 None)
    solution: list[Cell] = []
    for block in after[start + 1:] if start is not None else []:
        if isinstance(block, Cell) and "solution" in block.tags:
            solution.append(block)
        elif not getattr(block, "parents", ()) and not getattr(block, "directives", ()):
            break
    if not any(wanted in _names(cell) for cell in solution):
        yield check.line, (
            f"no cell of the solution of '{label}' defines '{wanted}', the answer to task '{task}'"
        )


def _names(cell: Cell) -> set[str]:
    """Names of functions, classes and variables that a cell defines at its top level."""
    found = set()
    for node in cell.tree.body if cell.tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return found


RULES = ()
SECTION_RULES = (tasks,)
