"""Lint rules about labels and what points to them.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from .source import Page

Found = Iterator[tuple[int, str]]

PREFIXES = {"equation": "eq-", "exercise": "ex-", "figure": "fig-"}
SPHINX_LABELS = {"genindex", "modindex", "search"}
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def labels(page: Page) -> Iterator[tuple[str, str, int]]:
    """All labels that a page defines, as (kind, label, line)."""
    for label, line in page.equations:
        yield "equation", label, line
    for label, line in page.targets:
        yield "target", label, line
    for exercise in page.directives("exercise"):
        if exercise.options.get("label"):
            yield "exercise", str(exercise.options["label"]), exercise.line
    for cell in page.cells:
        name = (cell.mystnb.get("figure") or {}).get("name")
        if name:
            yield "figure", str(name), cell.line


def unique(page: Page, book) -> Found:
    """A label is defined once in the whole book."""
    own: dict[str, int] = {}
    for kind, label, line in sorted(labels(page), key=lambda found: found[2]):
        if label in own:
            yield line, f"label '{label}' is used twice (before in line {own[label]}); rename one"
        own.setdefault(label, line)
        for other in book.defined.get(label, ()):
            if other != page.name:
                yield line, f"label '{label}' is also defined in {other}.md; rename one"
        prefix = PREFIXES.get(kind, "")
        if page.meta.is_section and not label.startswith(prefix):
            yield line, f"{kind} label '{label}' must begin with '{prefix}'"


def targets(page: Page, book) -> Found:
    """Roles and links inside the book point to something that exists."""
    own: dict[str, set[str]] = {}
    for kind, label, _ in labels(page):
        own.setdefault(kind, set()).add(label)

    def known(*kinds: str) -> set[str]:
        return set().union(*(own.get(k, set()) | book.labels.get(k, set()) for k in kinds))

    for role in page.roles:
        target = role.target
        if role.name == "doc":
            if not book.has_page(_resolve(page, target)):
                yield role.line, f"{{doc}} '{target}': no such page in _toc.yml"
        elif role.name == "eq":
            if target not in known("equation"):
                yield role.line, f"{{eq}} '{target}': no equation has this label"
        elif role.name == "numref":
            if target not in known("figure", "target"):
                yield role.line, f"{{numref}} '{target}': no figure has this name"
        elif role.name == "ref":
            if target not in known("target", "exercise", "figure") | SPHINX_LABELS:
                yield role.line, f"{{ref}} '{target}': nothing has this label"
        elif role.name == "term":
            if target.lower() not in book.terms:
                yield role.line, f"{{term}} '{target}': not in the glossary"
        elif role.name.startswith("cite"):
            for key in target.split(","):
                if key.strip() not in book.citations:
                    yield role.line, f"{{{role.name}}} '{key.strip()}': not in book/references.bib"
    for link in page.links:
        yield from _link(page, book, link, known("target", "exercise", "figure"))


def _resolve(page: Page, target: str) -> str:
    """Page name of a {doc} target: from the root with a leading slash, else from the page."""
    target = target.removesuffix(".md")
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(page.name), target))


def _link(page: Page, book, link, known: set[str]) -> Found:
    """A Markdown link: an address, a page, a file beside the page, or a label."""
    if _SCHEME.match(link.target):
        if link.target.startswith("http:"):
            yield link.line, f"link '{link.target}': use https"
        return
    path, _, anchor = link.target.partition("#")
    if not path:
        if anchor not in known:
            yield link.line, f"link to '#{anchor}': nothing has this label"
    elif path.endswith(".md"):
        if not book.has_page(_resolve(page, path)):
            yield link.line, f"link to '{path}': no such page in _toc.yml"
    elif not (book.root / _resolve(page, path)).is_file():
        yield link.line, f"link to '{path}': no such file"


RULES = (unique, targets)
SECTION_RULES = ()
