"""Lint rules about lab pages: what `make assignment` needs to find on them.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

from collections.abc import Iterator

from publish.page import assignment
from publish.page.model import Page

Found = Iterator[tuple[int, str]]


def tasks(page: Page, book) -> Found:
    """Each task of `assignment` is an exercise with starter, check and solution, in its order."""
    own = page.meta.assignment
    if own is None:
        for cell in page.cells:
            for tag in sorted({"not-assigned", "slow"} & set(cell.tags)):
                yield cell.line, f"tag '{tag}' says nothing here: the page is no assignment"
        return
    for name, other in book.pages.items():
        theirs = other.meta.assignment
        if name != page.name and theirs is not None and theirs.lab == own.lab:
            yield page.front.line("workbook", "assignment", "lab"), (
                f"lab {own.lab} is also that of {name}.md; a number is used once"
            )
    yield from assignment.problems(page)
    yield from assignment.undrawable(page)


RULES = ()
SECTION_RULES = (tasks,)
