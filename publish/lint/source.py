"""A page as the lint sees it: blocks with line numbers, read from the parser's tokens.

The parser is the one that the site uses (markdown-it-py as set up by myst-parser), so text in
code, comments and mathematics is never mistaken for prose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from publish.page import frontmatter

# As `parse.myst_enable_extensions` in _config.yml.
EXTENSIONS = {"dollarmath", "amsmath", "colon_fence", "deflist", "attrs_inline"}
# Directives whose body is not Markdown.
VERBATIM = {"code-cell", "code", "code-block", "math", "bibliography", "toctree", "route", "raw"}


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Paragraph:
    """One run of text; `directives` are the names of the directives it stands in."""

    text: str
    line: int
    directives: tuple[str, ...]


@dataclass(frozen=True)
class Role:
    name: str
    content: str
    line: int

    @property
    def target(self) -> str:
        """What the role points to: `x` for both `x` and `text <x>`."""
        text = self.content.strip()
        if text.endswith(">") and "<" in text:
            return text[text.rindex("<") + 1 : -1].strip()
        return text


@dataclass(frozen=True)
class Link:
    """A Markdown link or image; `text` is the alt text of an image."""

    kind: str
    target: str
    text: str
    line: int


@dataclass(frozen=True)
class Directive:
    name: str
    argument: str
    options: dict
    body: str
    line: int
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One code cell; `first` is the page's line on which its code begins."""

    code: str
    options: dict
    line: int
    first: int

    @property
    def tags(self) -> set[str]:
        return set(self.options.get("tags") or [])

    @property
    def mystnb(self) -> dict:
        value = self.options.get("mystnb")
        return value if isinstance(value, dict) else {}

    @cached_property
    def tree(self) -> ast.Module | None:
        """The code parsed (magics blanked); None if it has a syntax error."""
        try:
            return ast.parse(plain_python(self.code))
        except SyntaxError:
            return None


@dataclass
class Page:
    """Everything that the rules look at."""

    path: Path
    text: str
    front: dict
    front_lines: dict[tuple[str, ...], int]
    blocks: list[Heading | Paragraph | Directive | Cell] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    targets: list[tuple[str, int]] = field(default_factory=list)  # (label)=
    equations: list[tuple[str, int]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def of(self, kind: type) -> list:
        """All blocks of a kind, nested ones too, in the order of the page."""
        return [block for block in self.blocks if isinstance(block, kind)]

    def directives(self, *names: str) -> list[Directive]:
        return [d for d in self.of(Directive) if d.name in names]

    @property
    def cells(self) -> list[Cell]:
        return self.of(Cell)

    def key_line(self, *keys: str) -> int:
        """Line of a front matter key, or of the nearest key around it that exists."""
        return frontmatter.line_of(self.front_lines, *keys)


def plain_python(code: str) -> str:
    """Code with IPython's % and ! lines replaced by `pass`, line for line."""
    lines = []
    for line in code.split("\n"):
        bare = line.lstrip()
        magic = bare.startswith(("%", "!"))
        lines.append(line[: len(line) - len(bare)] + "pass" if magic else line)
    return "\n".join(lines)


def read(path: Path) -> Page:
    """Parse one page. Raises FrontMatterError if its front matter is not YAML."""
    text = path.read_text(encoding="utf-8")
    _, length = frontmatter.split(text, path)
    front = frontmatter.load(text, path)
    page = Page(path, text, front.data, front.lines)
    body = "\n".join(text.splitlines()[length:])
    _Reader(page).read(body, offset=length, parents=())
    return page


class _AnyDirective:
    """Stands for any directive while its options are parsed."""

    option_spec: ClassVar = {"any": True}
    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True


@cache
def _parser() -> MarkdownIt:
    parser = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)
    return parser.disable("front_matter", True)


class _Reader:
    """Walks the tokens of a page, into the bodies of directives."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.parser = _parser()

    def read(self, text: str, *, offset: int, parents: tuple[str, ...]) -> None:
        """Read Markdown whose first line is line offset + 1 of the page."""
        tokens = self.parser.parse(text)
        for i, token in enumerate(tokens):
            line = offset + (token.map[0] if token.map else 0) + 1
            if token.type in ("fence", "colon_fence"):
                self._fence(token, line, parents)
            elif token.type == "myst_target":
                self.page.targets.append((token.content, line))
            elif token.type == "math_block_label":
                self.page.equations.append((token.info, line))
            elif token.type == "inline":
                self._inline(token, tokens[i - 1], line, parents)

    def _inline(self, token: Token, opener: Token, line: int, parents: tuple[str, ...]) -> None:
        text = "".join(_text(token))
        if opener.type == "heading_open":
            self.page.blocks.append(Heading(int(opener.tag[1]), text, line))
        else:
            self.page.blocks.append(Paragraph(text, line, parents))
        for child in token.children or ():
            if child.type == "myst_role":
                self.page.roles.append(Role(child.meta["name"], child.content, line))
            elif child.type == "link_open":
                target = str(child.attrs.get("href", ""))
                self.page.links.append(Link("link", target, "", line))
            elif child.type == "image":
                target = str(child.attrs.get("src", ""))
                self.page.links.append(Link("image", target, child.content, line))
            line += child.type in ("softbreak", "hardbreak") or child.content.count("\n")

    def _fence(self, token: Token, line: int, parents: tuple[str, ...]) -> None:
        info = token.info.strip()
        if not (info.startswith("{") and "}" in info):
            return
        name, _, argument = info[1:].partition("}")
        parsed = parse_directive_text(
            _AnyDirective, "", token.content, validate_options=False
        )
        for warning in parsed.warnings:
            text = getattr(warning, "msg", str(warning))
            self.page.warnings.append((line, f"options of {{{name}}}: {text}"))
        # How many lines stand before the body: options, and a blank line after them.
        lines = token.content.split("\n")
        body = list(parsed.body)
        while body and not body[-1].strip():
            body.pop()
        while lines and not lines[-1].strip():
            lines.pop()
        before = len(lines) - len(body)
        first = line + 1 + before
        text = "\n".join(body)
        if name == "code-cell":
            self.page.blocks.append(Cell(text, dict(parsed.options), line, first))
            return
        self.page.blocks.append(
            Directive(name, argument.strip(), dict(parsed.options), text, line, parents)
        )
        if name == "math" and parsed.options.get("label"):
            self.page.equations.append((str(parsed.options["label"]), line))
        if name not in VERBATIM:
            self.read(text, offset=first - 1, parents=(*parents, name))


def _text(token: Token) -> Iterator[str]:
    """The words of an inline token; mathematics and roles become a placeholder."""
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            yield child.content if child.type == "text" else f"`{child.content}`"
        elif child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type in ("math_inline", "math_inline_double", "myst_role"):
            yield "X"
