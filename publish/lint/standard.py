"""Lint rules for pages by the newer standard: those that do not state their minutes themselves.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from publish.page.model import Exercise, Page
from publish.page.parser import Cell

Found = Iterator[tuple[int, str]]

MOST_EXERCISES, MOST_HARD = 8, 2
BOOKKEEPING = ("checks.proves", "proves", "glue", "claim")


def out_of_sight(page: Page, book) -> Found:
    """What holds the page to its word stands in no cell that a reader sees."""
    for cell in page.cells if page.rewritten else ():
        for line, what in sorted(set(_bookkeeping(cell))) if cell.visible else ():
            yield line, (
                f"'{what}' in a cell that readers see; put it into a cell of its own tagged "
                "[remove-input, remove-output], or into a fold or solution"
            )


def _bookkeeping(cell: Cell) -> Iterator[tuple[int, str]]:
    for node in ast.walk(cell.tree) if cell.tree else ():
        if isinstance(node, ast.Assert):
            yield cell.first + node.lineno - 1, "assert"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in BOOKKEEPING:
            yield cell.first + node.lineno - 1, ast.unparse(node.func)


def exercises(page: Page, book) -> Found:
    """Few enough for one page, most of them with a verdict."""
    own = page.exercises
    if not page.rewritten or not own:
        return
    judged = [e for e in own if _is_judged(e)]
    if 3 * len(judged) < 2 * len(own):
        yield own[0].line, (
            f"{len(judged)} of {len(own)} exercises have an answer box or a check; at least two "
            "thirds must"
        )
    if "limits" in page.meta.skip:
        return
    hard = [e for e in own if e.directive.options.get("level") == "H"]
    for what, found, most in (("", own, MOST_EXERCISES), ("hard ", hard, MOST_HARD)):
        if len(found) > most:
            yield found[most].line, (
                f"{len(found)} {what}exercises; a page has at most {most}: split it, or give a "
                "reason in 'skip: {limits: ...}'"
            )


def _is_judged(exercise: Exercise) -> bool:
    return bool(exercise.answers or exercise.checks)


def needs(page: Page, book) -> Found:
    """What must be known before is said, even if it is nothing."""
    if page.rewritten and "needs" not in page.front.data["workbook"]:
        yield page.front.line("workbook"), (
            "front matter 'workbook' lacks 'needs': name the pages that this one builds on ([] if "
            "there are none)"
        )


def see(page: Page, book) -> Found:
    """A picture comes before the first formula that stands by itself."""
    if not page.rewritten or "see" in page.meta.skip:
        return
    figure = min((cell.line for cell in page.cells if cell.figure), default=None)
    formula = min(
        (token.map[0] + 1 for token in page.fragment.tokens
         if token.type in ("math_block", "math_block_label")), default=10**9,
    )
    if figure is None or figure > formula:
        yield page.title_line if figure is None else formula, (
            "no figure stands before the first formula; draw what the page is about, or give a "
            "reason in 'skip: {see: ...}'"
        )


RULES = ()
SECTION_RULES = (out_of_sight, exercises, needs, see)
