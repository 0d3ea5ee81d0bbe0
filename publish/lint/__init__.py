"""Check that every page has its parts and that they hold together.

``python -m publish.lint [page.md ...]`` checks all pages of ``_toc.yml`` below ``book/``, the
template ``book/_template.md``, and the files in ``assignments/``; or only the pages named. Each
finding is one line, ``page.md:line: what is wrong, what to do``. Exit status 1 if there is one.

A page that teaches (its front matter has goals) must meet every rule; chapter openers, routes
and the appendix meet those about titles, links, labels and wording.
"""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grading.make import plan
from publish.notebooks.references import References
from publish.page import book, frontmatter
from publish.page.model import Label, Page
from publish.page.parser import normalize

from . import answers, assignment, code, house, lab, links, prose, standard, structure

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "book/_template"
MODULES = (structure, standard, links, code, answers, prose, assignment, lab)


@dataclass(frozen=True, order=True)
class Issue:
    """One finding."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Book(book.Book):
    """All pages of `_toc.yml`, read at once. Pages that cannot be read are skipped."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.references = References(root)
        self.pages: dict[str, Page] = {}
        for name in self.names:
            with contextlib.suppress(OSError, frontmatter.FrontMatterError):
                self.pages[name] = self.page(name)
        self.defined: dict[str, list[str]] = {}  # label: the pages that define it
        for name, page in self.pages.items():
            for label in page.labels:
                self.defined.setdefault(label, []).append(name)
        self.asked: dict[str, list[str]] = {}  # id of an answer: the pages that ask for it
        for name, page in self.pages.items():
            for answer in page.answers:
                self.asked.setdefault(answer.name, []).append(name)

    def find(self, label: str, page: Page) -> tuple[Page, Label] | None:
        """Where a label is defined: here, or on another page that can be read."""
        wanted = normalize(label)
        pages = (page, *self.pages.values())
        return next(((p, p.labels[wanted]) for p in pages if wanted in p.labels), None)

    def has_page(self, target: str, page: Page) -> bool:
        """Whether a {doc} target or a link to a .md file names a page, readable or not."""
        name = self.name_of(target, page)
        return name in self.names and (self.root / f"{name}.md").is_file()

    @cached_property
    def plans(self) -> dict[str, plan.Plan]:
        """The assignments that can be read, by name."""
        return plan.every(self.root)

    @cached_property
    def terms(self) -> set[str]:
        """Terms of all glossaries, in lower case."""
        glossaries = [g for page in self.pages.values() for g in page.directives("glossary")]
        lines = [line for glossary in glossaries for line in glossary.body.lines]
        return {line.strip().lower() for line in lines if line[:1].strip()}


def check(name: str, book: Book) -> list[Issue]:
    """All findings of one page, by line."""
    path = f"{name}.md"
    try:
        page = book.page(name)
    except OSError:
        return [Issue(path, 1, "no such file; create it or remove it from _toc.yml")]
    except frontmatter.FrontMatterError as error:
        return [Issue(path, error.line, error.message)]
    issues = [Issue(path, problem.line, problem.message) for problem in page.problems]
    for module in MODULES:
        rules = module.RULES + (module.SECTION_RULES if page.meta.is_section else ())
        for rule in rules:
            issues += [Issue(path, line, message) for line, message in rule(page, book)]
    for cell in page.cells:
        if page.meta.is_section:
            break
        issues.append(Issue(
            path, cell.line,
            "a page with cells needs goals in its front matter, and then all parts of a page",
        ))
    return sorted(set(issues))


def lint(root: Path = ROOT, names: list[str] | None = None) -> list[Issue]:
    """Findings of the named pages; or of all below book/, the template, and the assignments."""
    book, every = Book(root), names is None
    if every:
        names = [name for name in book.names if name.startswith("book/")]
        if (root / f"{TEMPLATE}.md").is_file():
            names.append(TEMPLATE)
    issues = [issue for name in names for issue in check(name, book)]
    if every:
        told = {str(issue) for issue in issues}
        found = (Issue(*finding) for finding in assignment.files(book))
        issues += [issue for issue in found if str(issue) not in told]
    return issues


def main(argv: list[str] | None = None) -> int:
    """Print findings and their count; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m publish.lint", description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path, metavar="page.md")
    options = parser.parse_args(argv)
    names = None
    if options.pages:
        names = []
        for path in options.pages:
            path = path.resolve()
            if path.suffix != ".md" or not path.is_relative_to(ROOT):
                parser.error(f"{path} is not a page (.md) of this book")
            names.append(path.relative_to(ROOT).with_suffix("").as_posix())
    issues: list[object] = list(lint(ROOT, names))
    if names is None:
        issues += [f"{path}: {what}" for path, what in house.findings(ROOT)]
    for issue in issues:
        print(issue)
    if issues:
        print(f"{len(issues)} finding{'s' if len(issues) > 1 else ''}")
        return 1
    print("All pages have their parts, and the house is in order." if names is None else
          "All these pages have their parts.")
    return 0
