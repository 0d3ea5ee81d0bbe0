"""Lint rules about what is handed out: the files of assignments, and the pages that they name.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

from collections.abc import Iterator

from grading.make import match, plan
from publish.page.frontmatter import FrontMatterError
from publish.page.model import Page
from publish.page.parser import PageError

Found = Iterator[tuple[int, str]]


def tags(page: Page, book) -> Found:
    """Tags for assignments stand on pages that an assignment names."""
    if any(part.name == page.name for one in book.plans.values() for part in one.pages):
        return
    for cell in page.cells:
        for tag in sorted({"not-assigned", "slow"} & set(cell.tags)):
            yield cell.line, f"tag '{tag}' says nothing here: no assignment takes from this page"


def files(book) -> Iterator[tuple[str, int, str]]:
    """What is wrong with the files of assignments, and with pages that they need: path, line, what.
    """
    for path in plan.files(book.root):
        try:
            found = list(match.problems(plan.load(path, book.root), book))
        except plan.PlanError as error:
            found = [error]
        except (PageError, FrontMatterError, FileNotFoundError):
            continue  # a finding of its page
        yield from ((error.path, error.line, error.message) for error in found)
    for error in plan.two_of_one_lab(book.root):
        yield error.path, error.line, error.message


RULES = ()
SECTION_RULES = (tags,)
