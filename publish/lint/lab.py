"""Lint rules about the newer lab pages: what a learner finds on the first screen, and may not find.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from publish.page import assignment
from publish.page.frontmatter import LAB
from publish.page.model import Heading, Page, Paragraph
from publish.page.parser import Cell

Found = Iterator[tuple[int, str]]

BOX = "lab"  # class of the admonition on the first screen
TOLD = ("open", "done when")
_POINTS = re.compile(r"\b\d+ points?\b")


def first_screen(page: Page, book) -> Found:
    """A box says what is written, how many lines, for what points, in how many minutes."""
    if not page.is_lab:
        return
    parts = [part for plan in book.plans.values() if plan.lab is not None
             for part in plan.pages if part.name == page.name and part.whole]
    if not parts:
        number = LAB.match(page.title)[1]
        yield page.title_line, (
            f"a lab needs the file assignments/lab{number}.yml, which gives points to its tasks"
        )
        return
    points = parts[0].points
    boxes = [d for d in page.directives("admonition")
             if BOX in str(d.options.get("class") or "").split()]
    first = next((h.line for h in page.of(Heading) if h.level == 2), 10**9)
    if not boxes or boxes[0].line > first:
        yield page.title_line, (
            f"a lab begins with ':::{{admonition}} What you write' of class '{BOX}', before the "
            "first '##': a table of tasks, lines, points and minutes, 'Open' and 'Done when'"
        )
        return
    box = boxes[0]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")]
            for line in box.body.lines if line.startswith("|")]
    for task in assignment.tasks(page, points):
        numbers = [task.lines, points[task.name], task.exercise.minutes]
        wanted = [f"{number:g}" for number in numbers]
        row = next((r for r in rows if r[0].startswith(f"`{task.interface}`")), None)
        if row is None or row[1:] != wanted:
            yield box.line, (
                f"the table needs the row '| `{task.interface}`: ... | {' | '.join(wanted)} |': "
                "lines that the solution has more than the starter, points, minutes"
            )
    text = box.body.text.lower()
    for words in TOLD:
        if f"**{words}**" not in text:
            yield box.line, f"the first screen's box says nothing of '**{words.capitalize()}**'"


def students_notebook(page: Page, book) -> Found:
    """Nothing of it refers to what only the book has, and points stand in one place."""
    if not page.is_lab:
        return
    end = assignment.end(page)
    for reference in page.references:
        if reference.kind == "glue:text" and reference.line < end:
            yield reference.line, (
                "a glued number in what students get, where it is a gap; write the number, and "
                "assert it in a hidden cell"
            )
    for block in page.of(Paragraph):
        found = _POINTS.search(block.text)
        if found and "exercise" in block.directives:
            yield block.line, f"'{found[0]}': points stand in the first box and are added below"


def table_of_targets(page: Page, book) -> Found:
    """The learner's own numbers are shown beside those of right answers."""
    if page.is_lab and not any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "targets"
        for cell in assignment.handed_out(page, page.cells) for node in ast.walk(_tree(cell))
    ):
        yield page.title_line, (
            "no table of targets before 'Break': show targets(yours, experiment('...')), with the "
            "numbers of right answers for twenty seeds"
        )


def _tree(cell: Cell) -> ast.AST:
    return cell.tree or ast.Module([], [])


RULES = ()
SECTION_RULES = (first_screen, students_notebook, table_of_targets)
