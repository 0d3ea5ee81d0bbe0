"""Reads a page into a tree of parser tokens whose positions in the source are known.

The parser is the one of the site (myst-parser's markdown-it-py). Two things are added: each
inline token remembers where in the source it stands, and the text inside a directive is
parsed, too. What is outside of the vocabulary is a problem with page and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docutils.nodes import fully_normalize_name
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from . import code, vocabulary
from .exercises import complaint

if TYPE_CHECKING:
    import ast

    from .model import Exercise

DEFAULT_EXTENSIONS = ("dollarmath", "amsmath", "colon_fence")
Complaints = Iterator[tuple[int, str]]  # line, counted from 0 in a fragment, and what is wrong


class PageError(ValueError):
    """A page holds something that it may not hold; names page and line."""

    def __init__(self, page: str, line: int, message: str):
        super().__init__(f"{page}:{line}: {message}")
        self.page, self.line, self.message = page, line, message


@dataclass
class Directive:
    """A directive with its parsed body; line is that of its opening fence.

    title is the parsed argument of an admonition or exercise, None for the others; parents are
    the names of the directives around it, outermost first.
    """

    name: str
    argument: str
    options: dict[str, Any]
    title: Fragment | None
    body: Fragment
    line: int
    parents: tuple[str, ...]


@dataclass
class Cell:
    """A code cell of the page; line is that of its opening fence, first that of its code."""

    source: str
    options: dict[str, Any]
    caption: Fragment | None
    line: int
    first: int
    exercise: Exercise | None = None  # to which a starter, check or solution belongs

    @property
    def tags(self) -> list[str]:
        tags = self.options.get("tags")
        return tags if isinstance(tags, list) else []

    def tagged(self, *tags: str) -> bool:
        """True if it has one of these tags."""
        return not set(tags).isdisjoint(self.tags)

    @property
    def role(self) -> str:
        """What it is to its exercise: starter, check or solution; else code."""
        return next((r for r in ("starter", "check", "solution") if self.tagged(r)), "code")

    @property
    def image(self) -> dict[str, str]:
        return _mapping(_mapping(self.options.get("mystnb")).get("image"))

    @property
    def figure(self) -> dict[str, str]:
        return _mapping(_mapping(self.options.get("mystnb")).get("figure"))

    @cached_property
    def tree(self) -> ast.Module | None:
        """Its code parsed, with the cell's own line numbers; None if it is broken."""
        return code.parse(self.source)

    @cached_property
    def defined(self) -> dict[str, int]:
        """What it defines at its top level, and in which line of the page."""
        return {
            name: self.first + node.lineno - 1
            for node in (code.top_level(self.tree) if self.tree else ())
            for name in code.bound(node)
        }


@dataclass
class Fragment:
    """Lines of Markdown (a page, or the inside of a directive) and their tokens.

    Token maps count lines from 0 inside the fragment; first is the page's line number of
    line 0. A directive's token has its Directive in ``meta["directive"]``, a code cell's its
    Cell in ``meta["cell"]``; inline tokens have ``meta["span"]``, their start and end in the
    fragment's text.
    """

    page: str
    lines: list[str]
    first: int
    tokens: list[Token] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def line_of(self, offset: int) -> int:
        """Line number on the page of a position in the fragment's text."""
        return self.first + self.text.count("\n", 0, offset)

    def error(self, line: int, message: str) -> PageError:
        """Error at a line that is counted from 0 inside this fragment."""
        return PageError(self.page, self.first + line, message)


def normalize(label: str) -> str:
    """A label as Sphinx stores it: lower case, single spaces."""
    return fully_normalize_name(label)


def myst_extensions(root: Path) -> tuple[str, ...]:
    """Syntax extensions that the site uses, from `_config.yml`."""
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
    found = ((config or {}).get("parse") or {}).get("myst_enable_extensions")
    return tuple(found) if found else DEFAULT_EXTENSIONS


class PageParser:
    """Parses pages; one instance serves many."""

    def __init__(self, extensions: tuple[str, ...] = DEFAULT_EXTENSIONS):
        config = MdParserConfig(enable_extensions=set(extensions), dmath_double_inline=True)
        self.md = create_md_parser(config, RendererHTML)
        _remember_positions(self.md)

    def parse(self, text: str, page: str, *, free: bool) -> tuple[Fragment, list[PageError]]:
        """The whole page, with nested directives, and what is wrong with it.

        free: it becomes no notebook, so it may hold what is outside of the vocabulary.
        """
        reading = _Reading(self.md, page, free)
        fragment = reading.fragment(text.replace("\r\n", "\n").split("\n"), 1, ())
        for name, found in reading.env.get("references", {}).items():
            line = found["map"][0] if found.get("map") else 0
            told = f"link definition [{name.lower()}]: write [text](address) in its place"
            reading.complain(fragment, [(line, told)])
        return fragment, reading.problems

    def line(self, text: str, page: str, line: int) -> Fragment:
        """A title or a goal: one line of Markdown. Raises PageError."""
        reading = _Reading(self.md, page, False)
        fragment = reading.line(text, line)
        if reading.problems:
            raise reading.problems[0]
        return fragment


class _Reading:
    """One page while it is parsed: what has been found wrong so far."""

    def __init__(self, md: MarkdownIt, page: str, free: bool):
        self.md, self.page, self.free = md, page, free
        self.env: dict[str, Any] = {}
        self.problems: list[PageError] = []

    def complain(self, fragment: Fragment, complaints: Complaints) -> None:
        """Note what the vocabulary forbids; one thing a line, for others may follow from it."""
        for line, message in complaints:
            if not self.free:
                self.note(fragment.error(line, message))

    def note(self, error: PageError) -> None:
        if all(known.line != error.line for known in self.problems):
            self.problems.append(error)

    def line(self, text: str, line: int) -> Fragment:
        env, self.env = self.env, {}
        fragment = self.fragment([" ".join(text.split())], line, ("a line of text",))
        self.env = env
        return fragment

    def fragment(self, lines: list[str], first: int, outer: tuple[str, ...]) -> Fragment:
        fragment = Fragment(self.page, lines, first)
        fragment.tokens = self.md.parse(fragment.text + "\n", self.env)
        depth = 0
        cursors: dict[int, int] = {}
        for token in fragment.tokens:
            depth += token.nesting
            self.complain(fragment, _check_block(token, outer))
            if token.type == "inline":
                self.complain(fragment, _locate(fragment, token, cursors))
                self.complain(fragment, _check_dollars(token))
                for child in token.children or []:
                    self.complain(fragment, _check_inline(fragment, token, child))
            elif token.type in ("fence", "colon_fence"):
                self.fence(fragment, token, outer, nested=depth > 0)
        return fragment

    def fence(
        self, fragment: Fragment, token: Token, outer: tuple[str, ...], nested: bool
    ) -> None:
        """Parse a directive or a code cell; a fence with plain code stays as it is."""
        info = token.info.strip()
        self.complain(fragment, _check_fence(fragment, token, outer, nested))
        if not info.startswith("{"):
            return
        start = token.map[0]
        line = fragment.first + start
        name, _, argument = info[1:].partition("}")
        _, allowed = vocabulary.DIRECTIVES.get(name, (False, frozenset({"any"})))
        strict = name in vocabulary.DIRECTIVES and not self.free
        result = parse_directive_text(
            _directive_class(allowed if strict else frozenset({"any"})), "", token.content,
            validate_options=strict,
        )
        for warning in result.warnings:
            self.note(fragment.error(start, f"{{{name}}}: {warning.msg}"))
        first = line + 1 + result.body_offset
        if name == vocabulary.CODE_CELL:
            cell = Cell("\n".join(result.body).rstrip(), result.options, None, line, first)
            token.meta["cell"] = cell
            self.complain(fragment, _check_cell(cell, start))
            if cell.figure.get("caption"):
                cell.caption = self.line(str(cell.figure["caption"]), line)
            return
        if name == "exercise":
            wrong = complaint({key: str(value or "") for key, value in result.options.items()})
            self.complain(fragment, [(start, f"{{{name}}} {wrong}")] if wrong else [])
        body = Fragment(self.page, result.body, first)
        if name not in vocabulary.VERBATIM:
            body = self.fragment(result.body, first, (*outer, name))
        argument = argument.strip()
        title = self.line(argument, line) if name in vocabulary.TITLED and argument else None
        token.meta["directive"] = Directive(
            name, argument, result.options, title, body, line, outer
        )


def _mapping(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _check_fence(
    fragment: Fragment, token: Token, outer: tuple[str, ...], nested: bool
) -> Complaints:
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
    if name in vocabulary.TOP_LEVEL and (outer or nested):
        inside = f"{{{outer[-1]}}}" if outer else "a list or quote"
        yield start, f"{{{name}}} cannot stand inside {inside}"
    takes_argument, _ = vocabulary.DIRECTIVES[name]
    if takes_argument and not argument:
        yield start, f"{{{name}}} needs a text after its name"
    if argument and not takes_argument:
        yield start, f"{{{name}}} takes no text after its name: {argument!r}"
    for below, text in enumerate(token.content.split("\n"), start=1):
        if not text.lstrip().startswith(":"):
            break
        if text.lstrip().startswith(":::"):  # the parser would take it for an option
            yield start + below, f"put a blank line above '{text.strip()}'"


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


def _directive_class(options: frozenset[str]) -> type:
    """What parse_directive_text asks of a directive class."""
    spec = dict.fromkeys(sorted(options), lambda value: value or "")
    # Without any option, ':' would open the text; a spec that nothing can match keeps
    # ':unknown: x' an error.
    return type("_Spec", (), {
        "option_spec": spec or {"(none)": str}, "required_arguments": 0, "optional_arguments": 1,
        "final_argument_whitespace": True, "has_content": True,
    })


def _check_cell(cell: Cell, start: int) -> Complaints:
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
    yield from check(_mapping(mystnb).get("image", {}), vocabulary.IMAGE_KEYS, "mystnb.image")
    yield from check(_mapping(mystnb).get("figure", {}), vocabulary.FIGURE_KEYS, "mystnb.figure")
    if not isinstance(cell.options.get("tags", []), list):
        yield start, "code cell: tags must be a list such as [hide-input]"
    for tag in cell.tags:
        if tag not in vocabulary.TAGS:
            yield start, (
                f"code cell: unknown tag {tag!r}; allowed: {', '.join(sorted(vocabulary.TAGS))}"
            )


def _base(type_: str) -> str:
    for ending in ("_open", "_close"):
        type_ = type_.removesuffix(ending)
    return type_


def _unknown(type_: str, allowed: frozenset[str]) -> str:
    advice = vocabulary.ADVICE.get(type_)
    shown = advice or f"allowed: {', '.join(sorted(allowed))}"
    return f"'{type_}' is not in the vocabulary of pages; {shown}"


def _check_block(token: Token, outer: tuple[str, ...]) -> Complaints:
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


def _check_inline(fragment: Fragment, parent: Token, token: Token) -> Complaints:
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


def line_of(fragment: Fragment, parent: Token, token: Token) -> int:
    """Line of the page on which a child of an inline token stands."""
    span = token.meta.get("span")
    return fragment.line_of(span[0]) if span else fragment.first + (parent.map or [0])[0]


def _check_dollars(token: Token) -> Complaints:
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


def _remember_positions(md: MarkdownIt) -> None:
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


def _locate(fragment: Fragment, token: Token, cursors: dict[int, int]) -> Complaints:
    """Turn positions inside an inline token's content into positions in the fragment.

    The content is the source without the prefixes of quotes and lists: each of its lines ends
    a line of the source, except in headings and table cells, which are searched from the left.
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
