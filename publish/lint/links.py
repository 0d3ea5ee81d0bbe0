"""Lint rules about labels and what points to them.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from publish.page.model import REFERS, Page, Reference, split_keys

Found = Iterator[tuple[int, str]]

PREFIXES = {"equation": "eq-", "exercise": "ex-", "figure": "fig-"}
NOTHING = {  # what to say of a role that points to nothing of its kinds
    "eq": "no equation has this label",
    "numref": "no figure has this name",
    "ref": "nothing has this label",
}
SPHINX_LABELS = {"genindex", "modindex", "search"}
_NUMBER = re.compile(r"\d+(\.\d+)+")  # of a page, at the beginning of a link's text
_PLANNED = re.compile(
    r"\b[Pp]lanned\b[^.\n]*\((\d+\.\d+)\)|\b[Ss]ection (\d+\.\d+)\b[^.;\n]*\bplanned\b"
    r"|\b[Cc]hapter (\d+)\b[^.;\n]*\bstill to come\b"
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def unique(page: Page, book) -> Found:
    """A label is defined once in the whole book, and says what it names."""
    for key, label in page.labels.items():
        for other in book.defined.get(key, ()):
            if other != page.name:
                yield label.line, f"label '{label.name}' is also defined in {other}.md; rename one"
        prefix = PREFIXES.get(label.kind, "")
        if page.meta.is_section and not label.name.startswith(prefix):
            yield label.line, f"{label.kind} label '{label.name}' must begin with '{prefix}'"


def targets(page: Page, book) -> Found:
    """Roles and links inside the book point to something that exists."""
    for found in page.references:
        kind, target, line = found.kind, found.target, found.line
        if kind in REFERS:
            if not _points(page, book, target, REFERS[kind]) and target not in SPHINX_LABELS:
                yield line, f"{{{kind}}} '{target}': {NOTHING[kind]}"
        elif kind == "doc":
            if not book.has_page(target, page):
                yield line, f"{{doc}} '{target}': no such page in _toc.yml"
            elif named := _NUMBER.match(found.title):
                other = book.pages.get(book.name_of(target, page))
                if other and other.meta.number not in ("", named[0]):
                    yield line, f"{{doc}} '{target}' is {other.meta.number}, not {named[0]}"
        elif kind == "term":
            if target.lower() not in book.terms:
                yield line, f"{{term}} '{target}': not in the glossary"
        elif kind.startswith("cite"):
            for key in split_keys(target):
                if key not in book.references:
                    yield line, f"{{{kind}}} '{key}': not in book/references.bib"
        elif kind in ("link", "image"):
            yield from _link(page, book, found)


def planned(page: Page, book) -> Found:
    """What is called planned, or still to come, is not there yet."""
    numbers = {other.meta.number: name for name, other in book.pages.items()}
    for number, name in list(numbers.items()):
        numbers.setdefault(number.partition(".")[0], name)  # a chapter has a page
    for line, text in enumerate(page.text.splitlines(), start=1):
        for match in _PLANNED.finditer(text):
            number = next(filter(None, match.groups()))
            if number in numbers:
                yield line, f"'planned' ({number}): {numbers[number]}.md is written; link to it"


def _points(page: Page, book, target: str, kinds: tuple[str, ...]) -> bool:
    found = book.find(target, page)
    return found is not None and found[1].kind in kinds


def _link(page: Page, book, link: Reference) -> Found:
    """A Markdown link: an address, a page, a file beside the page, or a label."""
    address = link.content
    if _SCHEME.match(address):
        if address.startswith("http:"):
            yield link.line, f"link '{address}': use https"
        return
    path, _, anchor = address.partition("#")
    if not path:
        if not _points(page, book, anchor, (*REFERS["ref"], "figure")):
            yield link.line, f"link to '#{anchor}': nothing has this label"
    elif path.endswith(".md"):
        if not book.has_page(path, page):
            yield link.line, f"link to '{path}': no such page in _toc.yml"
    elif not (book.root / book.name_of(path, page)).is_file():
        yield link.line, f"link to '{path}': no such file"


RULES = (unique, targets, planned)
SECTION_RULES = ()
