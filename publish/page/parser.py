"""Reads a page into a tree of parser tokens whose positions in the source are known.

The parser is the one of the site (myst-parser's markdown-it-py). Two things are added: each
inline token remembers where in the source it stands, and the text inside a directive is
parsed, too. What is outside of the vocabulary is a problem with page and line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
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

from . import checks, code, positions, vocabulary
from .exercises import complaint

if TYPE_CHECKING:
    import ast

    from .model import Exercise, Fold

DEFAULT_EXTENSIONS = ("dollarmath", "amsmath", "colon_fence")


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
    fold: Fold | None = None  # to which it belongs
    number: str = ""  # of its figure: "6.2.1"

    @property
    def tags(self) -> list[str]:
        tags = self.options.get("tags")
        return tags if isinstance(tags, list) else []

    def tagged(self, *tags: str) -> bool:
        """True if it has one of these tags."""
        return not set(tags).isdisjoint(self.tags)

    @property
    def visible(self) -> bool:
        """Whether a reader of the site sees its code without opening anything."""
        return not self.tagged(*vocabulary.OUT_OF_SIGHT)

    @property
    def role(self) -> str:
        """What it is to its exercise: starter, check or solution; else code."""
        return next((r for r in ("starter", "check", "solution") if self.tagged(r)), "code")

    @property
    def image(self) -> dict[str, str]:
        return checks.as_mapping(checks.as_mapping(self.options.get("mystnb")).get("image"))

    @property
    def figure(self) -> dict[str, str]:
        return checks.as_mapping(checks.as_mapping(self.options.get("mystnb")).get("figure"))

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
        positions.remember(self.md)

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

    def complain(self, fragment: Fragment, complaints: Iterable[tuple[int, str]]) -> None:
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
            self.complain(fragment, checks.block(token, outer))
            if token.type == "inline":
                self.complain(fragment, positions.locate(fragment, token, cursors))
                self.complain(fragment, checks.dollars(token))
                for child in token.children or []:
                    self.complain(fragment, checks.inline(fragment, token, child))
            elif token.type in ("fence", "colon_fence"):
                self.fence(fragment, token, outer, nested=depth > 0)
        return fragment

    def fence(
        self, fragment: Fragment, token: Token, outer: tuple[str, ...], nested: bool
    ) -> None:
        """Parse a directive or a code cell; a fence with plain code stays as it is."""
        info = token.info.strip()
        self.complain(fragment, checks.fence(fragment, token, outer, nested))
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
            self.complain(fragment, checks.cell(cell, start))
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


def _directive_class(options: frozenset[str]) -> type:
    """What parse_directive_text asks of a directive class."""
    spec = dict.fromkeys(sorted(options), lambda value: value or "")
    # Without any option, ':' would open the text; a spec that nothing can match keeps
    # ':unknown: x' an error.
    return type("_Spec", (), {
        "option_spec": spec or {"(none)": str}, "required_arguments": 0, "optional_arguments": 1,
        "final_argument_whitespace": True, "has_content": True,
    })
