"""What a page may not hold, because a notebook could not show it: see vocabulary.py.

A check yields the line, counted from 0 in its fragment, and what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it.token import Token

from . import vocabulary
from .positions import line_of

if TYPE_CHECKING:
    from .parser import Cell, Fragment

Complaints = Iterator[tuple[int, str]]


def as_mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _base(type_: str) -> str:
    for ending in ("_open", "_close"):
        type_ = type_.removesuffix(ending)
    return type_


def _unknown(type_: str, allowed: frozenset[str]) -> str:
    advice = vocabulary.ADVICE.get(type_)
    shown = advice or f"allowed: {', '.join(sorted(allowed))}"
    return f"'{type_}' is not in the vocabulary of pages; {shown}"


def block(token: Token, outer: tuple[str, ...]) -> Complaints:
    """A block; outer are the names of the directives around it."""
    if token.nesting == -1:
        return
    kind = _base(token.type)
    line = token.map[0] if token.map else 0
    if kind not in vocabulary.PLAIN_BLOCKS | vocabulary.OWN_BLOCKS | vocabulary.INNER_BLOCKS:
        yield line, _unknown(kind, vocabulary.PLAIN_BLOCKS)
    elif kind == "heading" and outer:
        yield line, f"a heading cannot stand inside {{{outer[-1]}}}"
    elif kind == "html_block" and not is_comment(token.content):
        yield line, _unknown(kind, vocabulary.PLAIN_BLOCKS)
    elif token.type == "math_block_label" and not token.content.strip():
        yield line, "a numbered equation without content"


def inline(fragment: Fragment, parent: Token, token: Token) -> Complaints:
    """A child of an inline token."""
    if token.nesting == -1:
        return
    kind = _base(token.type)
    # an attribute in braces is swallowed by the parser and shows only here
    allowed_attrs = {"link": {"href", "title"}}.get(kind, set())
    line = line_of(fragment, parent, token) - fragment.first
    if kind not in vocabulary.PLAIN_INLINES | vocabulary.OWN_INLINES:
        yield line, _unknown(kind, vocabulary.PLAIN_INLINES | vocabulary.OWN_INLINES)
    elif token.attrs and set(token.attrs) - allowed_attrs:
        yield line, _unknown("span", vocabulary.PLAIN_INLINES)
    elif kind == "html_inline" and not is_comment(token.content):
        yield line, _unknown(kind, vocabulary.PLAIN_INLINES)
    elif kind == "myst_role" and token.meta["name"] not in vocabulary.ROLES:
        yield line, (
            f"unknown role {{{token.meta['name']}}}; "
            f"allowed: {', '.join(sorted(vocabulary.ROLES))}"
        )


def dollars(token: Token) -> Complaints:
    """A lone dollar sign would pair with another in a notebook, which reads formulas first."""
    text = list(token.content)
    for child in token.children or []:
        if child.type not in ("link_open", "link_close") and "local" in child.meta:
            start, end = child.meta["local"]
            text[start:end] = " " * (end - start)
    if "$" in "".join(text).replace("\\$", ""):
        line = "".join(text).replace("\\$", "  ").index("$")
        yield token.map[0] + token.content.count("\n", 0, line), (
            "a lone dollar sign: close the formula in the same paragraph, or write \\$"
        )


def fence(
    fragment: Fragment, token: Token, outer: tuple[str, ...], nested: bool
) -> Complaints:
    """A directive or a code cell; nested: it stands in a list, quote or table."""
    start, end = token.map
    info = token.info.strip()
    if not info.startswith("{"):
        if token.type == "colon_fence":
            yield start, f"'{token.markup}' without the {{name}} of a directive"
        return
    last = fragment.lines[min(end, len(fragment.lines)) - 1].strip(" >\t")
    if end - start < 2 or last.strip(token.markup[0]) or len(last) < len(token.markup):
        yield start, f"'{token.markup}{info}' is never closed"
    name, _, argument = info[1:].partition("}")
    argument = argument.strip()
    if name == vocabulary.CODE_CELL:
        if outer or nested:
            yield start, (
                "a code cell must stand at the left margin, outside of lists and directives"
            )
        return
    if name not in vocabulary.DIRECTIVES:
        allowed = ", ".join(sorted([*vocabulary.DIRECTIVES, vocabulary.CODE_CELL]))
        yield start, f"unknown directive {{{name}}}; allowed: {allowed}"
        return
    around = vocabulary.INSIDE.get(name, frozenset())
    if name in vocabulary.TOP_LEVEL or around:
        inside = f"{{{outer[-1]}}}" if outer and not nested else "a list or quote"
        if nested or (outer and (len(outer) > 1 or outer[0] not in around)):
            yield start, f"{{{name}}} cannot stand inside {inside}"
    takes_argument, _ = vocabulary.DIRECTIVES[name]
    if takes_argument and not argument:
        yield start, f"{{{name}}} needs a text after its name"
    if argument and takes_argument is False:
        yield start, f"{{{name}}} takes no text after its name: {argument!r}"
    for below, text in enumerate(token.content.split("\n"), start=1):
        if not text.lstrip().startswith(":"):
            break
        if text.lstrip().startswith(":::"):  # the parser would take it for an option
            yield start + below, f"put a blank line above '{text.strip()}'"


def cell(cell: Cell, start: int) -> Complaints:
    """The options of a code cell that begins in line start of its fragment."""

    def check(found: object, allowed: frozenset[str], where: str) -> Complaints:
        if not isinstance(found, dict):
            yield start, f"code cell: '{where}' must be a mapping"
            return
        for key in found:
            if key not in allowed:
                yield start, (
                    f"code cell: unknown key {key!r} in '{where}'; "
                    f"allowed: {', '.join(sorted(allowed))}"
                )

    yield from check(cell.options, vocabulary.CELL_KEYS, "metadata")
    mystnb = cell.options.get("mystnb", {})
    yield from check(mystnb, vocabulary.MYSTNB_KEYS, "mystnb")
    yield from check(as_mapping(mystnb).get("image", {}), vocabulary.IMAGE_KEYS, "mystnb.image")
    yield from check(as_mapping(mystnb).get("figure", {}), vocabulary.FIGURE_KEYS, "mystnb.figure")
    if not isinstance(cell.options.get("tags", []), list):
        yield start, "code cell: tags must be a list such as [hide-input]"
    for tag in cell.tags:
        if tag not in vocabulary.TAGS:
            yield start, (
                f"code cell: unknown tag {tag!r}; allowed: {', '.join(sorted(vocabulary.TAGS))}"
            )


def is_comment(html: str) -> bool:
    """True when a piece of HTML holds comments and blanks only."""
    finder = _NotComment()
    finder.feed(html)
    finder.close()
    return not finder.found and html.strip().startswith("<!--")


class _NotComment(HTMLParser):
    found = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found = True

    def handle_endtag(self, tag: str) -> None:
        self.found = True

    def handle_data(self, data: str) -> None:
        self.found = self.found or bool(data.strip())
