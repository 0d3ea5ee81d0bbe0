"""The rules for an instructor's own pages: those of the book, but for what makes a chapter's page.

They are looked at by ``make assignment``, and not by lint: they lie outside of the book. A page of
exercises needs no goals, no number and no parts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from dlworkbook.checks import tasks
from grading.make.own import Folder
from publish.notebooks import set_up
from publish.notebooks.references import References
from publish.page import book
from publish.page.code import checked, packages
from publish.page.frontmatter import FrontMatterError
from publish.page.model import Page
from publish.page.parser import normalize

from . import answers, code, links, prose, structure
from .code import IMPORTS

RULES = (
    *structure.RULES, structure.exercises, *links.RULES, *code.RULES, *code.SECTION_RULES,
    *answers.SECTION_RULES, *prose.RULES,
)


class Elsewhere:
    """Which pages hold something, by its name: only those are parsed that hold the word at all."""

    def __init__(self, of: Book, kind: str) -> None:
        self.book, self.kind = of, kind

    def get(self, name: str, default: object = ()) -> list[str]:
        return [page for page in (*self.book.own, *self.book.names)
                if name in normalize(self.book.text(page)) and name in self.held(page)]

    def held(self, name: str) -> set[str]:
        page = self.book.page(name)
        return set(page.labels) if self.kind == "labels" else {a.name for a in page.answers}


class Book(book.Book):
    """The book beside an instructor's own pages; see ``publish.lint.Book``."""

    terms: frozenset[str] = frozenset()

    def __init__(self, root: Path, own: Iterable[str]) -> None:
        super().__init__(root)
        self.own = tuple(own)
        self.references = References(root)
        self.pages: dict[str, Page] = {}
        self.defined, self.asked = Elsewhere(self, "labels"), Elsewhere(self, "answers")

    def has_page(self, target: str, page: Page) -> bool:
        return self.resolve(target, page) is not None


def unknown(page: Page, folder: Folder) -> Iterator[tuple[int, str]]:
    """Each check of the page asks for a task of the book, or of the folder."""
    from grading.make.plan import near  # which needs the folder, too

    known = [*tasks.files(), *folder.tasks]
    for cell in page.cells:
        for name, _ in checked(cell.tree):
            if cell.role == "check" and name not in known:
                yield cell.line, (
                    f"there is no task '{name}'{near(name, known)}; write {folder.file(name)}, or "
                    "take the name of a task that is there"
                )


def not_there(tree: ast.Module | None, first: int = 1) -> Iterator[tuple[int, str]]:
    """Imports of packages that no set-up cell can get; ``first``: the line of the code's start."""
    for node in ast.walk(tree) if tree else ():
        for name in packages(ast.Module([node], [])) if isinstance(node, IMPORTS) else ():
            try:
                set_up.packages({name})
            except ValueError:
                yield first + node.lineno - 1, (
                    f"'{name}' is no package that students get; known are "
                    f"{', '.join(sorted(set_up.PACKAGES))}"
                )


def findings(folder: Folder, names: list[str], root: Path) -> tuple[list[str], list[Page]]:
    """What is wrong with these pages, and with what tasks import; the pages that can be read.

    Each finding is ``file:line: what is wrong, what to do``.
    """
    here = Book(root, names)
    found: list[tuple[str, int, str]] = []
    for name, source in folder.sources.items():
        found += [(folder.file(name), *issue) for issue in not_there(ast.parse(source))]
    for name in names:
        path = f"{name}.md"
        try:
            page = here.page(name)
        except FrontMatterError as error:
            found.append((path, error.line, error.message))
            continue
        except UnicodeDecodeError:
            found.append((path, 1, "the file is not UTF-8; save it as such"))
            continue
        unread = list(structure.form(page, here))
        if unread:
            found += [(path, *issue) for issue in unread]
            continue
        here.pages[name] = page
        issues = {(problem.line, problem.message) for problem in page.problems}
        for rule in RULES:
            issues |= set(rule(page, here))
        issues |= set(unknown(page, folder))
        issues |= {issue for cell in page.cells for issue in not_there(cell.tree, cell.first)}
        found += [(path, *issue) for issue in sorted(issues)]
    told = [f"{path}:{line}: {message}" for path, line, message in found]
    return told, list(here.pages.values())
