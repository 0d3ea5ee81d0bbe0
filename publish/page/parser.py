"""Reads a page into a tree of parser tokens whose positions in the source are known.

The parser is the one of the site (myst-parser's markdown-it-py). Two things are added: each
inline token remembers where in the source it stands, and the text inside a directive is
parsed, too. Everything outside of the vocabulary is an error with page and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml
from docutils.nodes import fully_normalize_name
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from . import vocabulary

DEFAULT_EXTENSIONS = ("dollarmath", "amsmath", "colon_fence")


class PageError(ValueError):
    """A page holds something that the notebook edition cannot show; names page and line."""

    def __init__(self, page: str, line: int, message: str):
        super().__init__(f"{page}:{line}: {message}")
        self.page, self.line = page, line


@dataclass
class Directive:
    """A directive with its parsed body; line is that of its opening fence.

    title is the parsed argument of an admonition or exercise, None for the others.
    """

    name: str
    argument: str
    options: dict[str, Any]
    title: Fragment | None
    body: Fragment
    line: int


@dataclass
class Cell:
    """A code cell of the page; line is that of its opening fence."""

    source: str
    options: dict[str, Any]
    caption: Fragment | None
    line: int

    @property
    def tags(self) -> list[str]:
        return list(self.options.get("tags") or [])

    @property
    def figure(self) -> dict[str, str]:
        return (self.options.get("mystnb") or {}).get("figure") or {}


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

    def outline(self, text: str, page: str) -> Fragment:
        """A page that becomes no notebook: its tokens as they are, nothing checked."""
        lines = text.replace("\r\n", "\n").split("\n")
        return Fragment(page, lines, 1, self.md.parse("\n".join(lines) + "\n", {}))

    def parse(self, text: str, page: str) -> Fragment:
        """The whole page, with nested directives. Raises PageError."""
        lines = text.replace("\r\n", "\n").split("\n")
        env: dict[str, Any] = {}
        fragment = self._fragment(lines, 1, page, env, ())
        if env.get("references"):
            name, found = next(iter(env["references"].items()))
            line = found["map"][0] if found.get("map") else 0
            raise fragment.error(
                line, f"link definition [{name.lower()}]: write [text](address) in its place"
            )
        return fragment

    def line(self, text: str, page: str, line: int) -> Fragment:
        """A caption, a title or a goal: one line of Markdown. Raises PageError."""
        return self._fragment([" ".join(text.split())], line, page, {}, ("a line of text",))

    def _fragment(
        self, lines: list[str], first: int, page: str, env: dict, outer: tuple[str, ...]
    ) -> Fragment:
        fragment = Fragment(page, lines, first)
        fragment.tokens = self.md.parse(fragment.text + "\n", env)
        depth = 0
        cursors: dict[int, int] = {}
        for token in fragment.tokens:
            depth += token.nesting
            _check_block(fragment, token, outer)
            if token.type == "inline":
                _locate(fragment, token, cursors)
                _check_dollars(fragment, token)
                for child in token.children or []:
                    _check_inline(fragment, token, child)
            elif token.type in ("fence", "colon_fence"):
                self._fence(fragment, token, env, outer, nested=depth > 0)
        return fragment

    def _fence(
        self, fragment: Fragment, token: Token, env: dict, outer: tuple[str, ...], nested: bool
    ) -> None:
        start, end = token.map or [0, 0]
        line = fragment.first + start
        info = token.info.strip()
        if not info.startswith("{"):
            if token.type == "colon_fence":
                raise fragment.error(start, f"'{token.markup}' without the {{name}} of a directive")
            return
        last = fragment.lines[min(end, len(fragment.lines)) - 1].strip(" >\t")
        if end - start < 2 or last.strip(token.markup[0]) or len(last) < len(token.markup):
            raise fragment.error(start, f"'{token.markup}{info}' is never closed")
        name, _, argument = info[1:].partition("}")
        argument = argument.strip()
        if name == vocabulary.CODE_CELL:
            if outer or nested:
                raise fragment.error(start, "a code cell must stand at the left margin, "
                                            "outside of lists and directives")
            cell = token.meta["cell"] = _cell(fragment, token)
            if cell.figure.get("caption"):
                cell.caption = self.line(str(cell.figure["caption"]), fragment.page, line)
            return
        if name not in vocabulary.DIRECTIVES:
            allowed = ", ".join(sorted([*vocabulary.DIRECTIVES, vocabulary.CODE_CELL]))
            raise fragment.error(start, f"unknown directive {{{name}}}; allowed: {allowed}")
        if name in vocabulary.TOP_LEVEL and (outer or nested):
            inside = f"{{{outer[-1]}}}" if outer else "a list or quote"
            raise fragment.error(start, f"{{{name}}} cannot stand inside {inside}")
        takes_argument, allowed_options = vocabulary.DIRECTIVES[name]
        if takes_argument and not argument:
            raise fragment.error(start, f"{{{name}}} needs a text after its name")
        if argument and not takes_argument:
            raise fragment.error(start, f"{{{name}}} takes no text after its name: {argument!r}")
        for below, text in enumerate(token.content.split("\n"), start=1):
            if not text.lstrip().startswith(":"):
                break
            if text.lstrip().startswith(":::"):  # the parser would take it for an option
                raise fragment.error(start + below, f"put a blank line above '{text.strip()}'")
        result = parse_directive_text(
            _directive_class(allowed_options), "", token.content, validate_options=True
        )
        if result.warnings:
            raise fragment.error(start, f"{{{name}}}: {result.warnings[0].msg}")
        for option in vocabulary.REQUIRED_OPTIONS.get(name, ()):
            if not result.options.get(option):
                raise fragment.error(start, f"{{{name}}} lacks the option :{option}:")
        body = self._fragment(
            result.body, line + 1 + result.body_offset, fragment.page, env, (*outer, name)
        )
        title = None
        if name in vocabulary.TITLED and argument:
            title = self.line(argument, fragment.page, line)
        token.meta["directive"] = Directive(name, argument, result.options, title, body, line)


def walk(fragment: Fragment) -> Iterator[tuple[Fragment, Token]]:
    """All tokens in the order of the page; inline tokens' children and directives' bodies too."""
    for token in fragment.tokens:
        yield fragment, token
        for child in token.children or []:
            yield fragment, child
        if "directive" in token.meta:
            directive = token.meta["directive"]
            if directive.title:
                yield from walk(directive.title)
            yield from walk(directive.body)
        if "cell" in token.meta and token.meta["cell"].caption:
            yield from walk(token.meta["cell"].caption)


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
    spec = dict.fromkeys(sorted(options), str)
    # Without any option, ':' would open the text; a spec that nothing can match keeps
    # ':unknown: x' an error.
    return type("_Spec", (), {
        "option_spec": spec or {"(none)": str}, "required_arguments": 0, "optional_arguments": 1,
        "final_argument_whitespace": True, "has_content": True,
    })


def _cell(fragment: Fragment, token: Token) -> Cell:
    start = token.map[0]
    result = parse_directive_text(
        _directive_class(frozenset({"any"})), "", token.content, validate_options=False
    )
    if result.warnings:
        raise fragment.error(start, f"code cell: {result.warnings[0].msg}")
    options = result.options

    def check(found: object, allowed: frozenset[str], where: str) -> None:
        if not isinstance(found, dict):
            raise fragment.error(start, f"code cell: '{where}' must be a mapping")
        for key in found:
            if key not in allowed:
                raise fragment.error(start, f"code cell: unknown key {key!r} in '{where}'; "
                                            f"allowed: {', '.join(sorted(allowed))}")

    check(options, vocabulary.CELL_KEYS, "metadata")
    mystnb = options.get("mystnb", {})
    check(mystnb, vocabulary.MYSTNB_KEYS, "mystnb")
    check(mystnb.get("image", {}), vocabulary.IMAGE_KEYS, "mystnb.image")
    check(mystnb.get("figure", {}), vocabulary.FIGURE_KEYS, "mystnb.figure")
    tags = options.get("tags", [])
    if not isinstance(tags, list):
        raise fragment.error(start, "code cell: tags must be a list such as [hide-input]")
    for tag in tags:
        if tag not in vocabulary.TAGS:
            raise fragment.error(start, f"code cell: unknown tag {tag!r}; allowed: "
                                        f"{', '.join(sorted(vocabulary.TAGS))}")
    return Cell("\n".join(result.body).rstrip(), options, None, fragment.first + start)


def _base(type_: str) -> str:
    for ending in ("_open", "_close"):
        type_ = type_.removesuffix(ending)
    return type_


def _unknown(type_: str, allowed: frozenset[str]) -> str:
    advice = vocabulary.ADVICE.get(type_)
    shown = advice or f"allowed: {', '.join(sorted(allowed))}"
    return f"'{type_}' is not in the vocabulary of pages; {shown}"


def _check_block(fragment: Fragment, token: Token, outer: tuple[str, ...]) -> None:
    kind = _base(token.type)
    line = token.map[0] if token.map else 0
    if kind not in vocabulary.PLAIN_BLOCKS | vocabulary.OWN_BLOCKS:
        raise fragment.error(line, _unknown(kind, vocabulary.PLAIN_BLOCKS))
    if kind == "heading" and outer and token.nesting == 1:
        raise fragment.error(line, f"a heading cannot stand inside {{{outer[-1]}}}")
    if kind == "html_block" and not is_comment(token.content):
        raise fragment.error(line, _unknown(kind, vocabulary.PLAIN_BLOCKS))
    if token.type == "math_block_label" and not token.content.strip():
        raise fragment.error(line, "a numbered equation without content")


def _check_inline(fragment: Fragment, parent: Token, token: Token) -> None:
    kind = _base(token.type)
    # an attribute in braces is swallowed by the parser and shows only here
    allowed_attrs = {"link": {"href", "title"}}.get(kind, set())
    span = token.meta.get("span")
    line = fragment.line_of(span[0]) - fragment.first if span else parent.map[0]
    if kind not in vocabulary.PLAIN_INLINES | vocabulary.OWN_INLINES:
        allowed = vocabulary.PLAIN_INLINES | vocabulary.OWN_INLINES
        raise fragment.error(line, _unknown(kind, allowed))
    if token.attrs and set(token.attrs) - allowed_attrs:
        raise fragment.error(line, _unknown("span", vocabulary.PLAIN_INLINES))
    if kind == "html_inline" and not is_comment(token.content):
        raise fragment.error(line, _unknown(kind, vocabulary.PLAIN_INLINES))
    if kind == "myst_role" and token.meta["name"] not in vocabulary.ROLES:
        raise fragment.error(
            line, f"unknown role {{{token.meta['name']}}}; "
                  f"allowed: {', '.join(sorted(vocabulary.ROLES))}"
        )


def _check_dollars(fragment: Fragment, token: Token) -> None:
    """A lone dollar sign would pair with another in a notebook, which reads formulas first."""
    text = list(token.content)
    for child in token.children or []:
        if child.type not in ("link_open", "link_close") and "local" in child.meta:
            start, end = child.meta["local"]
            text[start:end] = " " * (end - start)
    if "$" in "".join(text).replace("\\$", ""):
        line = "".join(text).replace("\\$", "  ").index("$")
        raise fragment.error(
            token.map[0] + token.content.count("\n", 0, line),
            "a lone dollar sign: close the formula in the same paragraph, or write \\$",
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


def _locate(fragment: Fragment, token: Token, cursors: dict[int, int]) -> None:
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
                raise fragment.error(first + k, "a table cell with an escaped bar cannot hold "
                                                "roles or links")
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
