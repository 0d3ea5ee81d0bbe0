"""Where in the source the parser's inline tokens stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from . import vocabulary

if TYPE_CHECKING:
    from .parser import Fragment


def line_of(fragment: Fragment, parent: Token, token: Token) -> int:
    """Line of the page on which a child of an inline token stands."""
    span = token.meta.get("span")
    return fragment.line_of(span[0]) if span else fragment.first + (parent.map or [0])[0]


def remember(md: MarkdownIt) -> None:
    """Make each inline rule note, on the tokens it adds, where in the text it matched."""

    def remembering(rule):
        def wrapped(state, silent: bool) -> bool:
            start, before = state.pos, len(state.tokens)
            matched = rule(state, silent)
            if matched and not silent:
                for token in state.tokens[before:]:
                    if token.type != "text":  # text before the match is flushed here as well
                        token.meta.setdefault("local", (start, state.pos))
            return matched
        return wrapped

    # The ruler has no public way to read a rule's function.
    for rule in md.inline.ruler.__rules__:
        md.inline.ruler.at(rule.name, remembering(rule.fn), {"alt": rule.alt})


def locate(fragment: Fragment, token: Token, cursors: dict[int, int]) -> Iterator[tuple[int, str]]:
    """Turn positions inside an inline token's content into positions in the fragment.

    The content is the source without the prefixes of quotes and lists: each of its lines ends
    a line of the source, except in headings and table cells, which are searched from the left.
    Yields line and message, as a check does, where that fails.
    """
    first = token.map[0]
    starts = []  # (offset in content, offset in fragment) of each line
    inside = 0
    line_offset = sum(len(line) + 1 for line in fragment.lines[:first])
    for k, content in enumerate(token.content.split("\n")):
        source = fragment.lines[first + k]
        cursor = cursors.get(first + k, 0)
        stripped = source.rstrip()
        wanted = content.rstrip()
        column = len(stripped) - len(wanted)
        if "|" in source or not stripped.endswith(wanted) or column < cursor:
            found = source.find(wanted, cursor)
            # a text with a bar in it may still be a paragraph: then it ends the line
            column = found if found >= 0 else column if stripped.endswith(wanted) else -1
        if column < 0:
            if any("local" in child.meta for child in token.children or []
                   if child.type in vocabulary.OWN_INLINES or child.type == "link_open"):
                yield first + k, "a table cell with an escaped bar cannot hold roles or links"
            return
        cursors[first + k] = column + len(wanted)
        starts.append((inside, line_offset + column))
        inside += len(content) + 1
        line_offset += len(source) + 1

    def place(offset: int) -> int:
        base, there = max(s for s in starts if s[0] <= offset)
        return there + offset - base

    for child in token.children or []:
        if "local" in child.meta:
            start, end = child.meta["local"]
            # the end belongs to the line of the last character
            child.meta["span"] = (place(start), place(end - 1) + 1)
