"""What the pages of the book define, and how they are numbered and linked.

Numbers follow the site: equations count per page, figures carry the page's number
(Figure 6.2.1), exercises count per page.
"""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from myst_nb.core.read import is_myst_markdown_notebook

from publish.page import frontmatter
from publish.page.parser import (
    Cell,
    Fragment,
    PageError,
    PageParser,
    myst_extensions,
    normalize,
    walk,
)
from publish.site.addresses import Addresses

FOLDER = "book/"


@dataclass(frozen=True)
class Label:
    """Something that a page can refer to."""

    kind: str  # equation, figure, exercise, section or page
    number: str  # "3", "6.2.1"; empty for sections
    title: str  # Markdown
    line: int


@dataclass
class Page:
    """One page of the book, parsed and numbered; name is its path without ``.md``."""

    name: str
    meta: frontmatter.PageMeta
    fragment: Fragment
    is_notebook: bool
    title: str = ""
    labels: dict[str, Label] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    glued: dict[str, int] = field(default_factory=dict)  # name: line of its cell
    imports: set[str] = field(default_factory=set)  # top-level packages
    footnotes: list[str] = field(default_factory=list)  # in order of first reference
    cited: list[str] = field(default_factory=list)
    has_bibliography: bool = False

    @property
    def notebook(self) -> str:
        """Path of the notebook below `notebooks/`, without ``.ipynb``."""
        return self.name.removeprefix(FOLDER)

    def error(self, line: int, message: str) -> PageError:
        return PageError(f"{self.name}.md", line, message)

    def label(self, name: str, kinds: tuple[str, ...], line: int) -> Label | None:
        """The label of that name on this page; None if it is not here.

        Raises PageError if it names something of another kind.
        """
        found = self.labels.get(normalize(name))
        if found and found.kind not in kinds:
            raise self.error(
                line, f"'{name}' is the label of a {found.kind}, not of a {' or '.join(kinds)}"
            )
        return found


class Book:
    """All pages of `_toc.yml`, each parsed when it is first asked for."""

    def __init__(self, root: Path, addresses: Addresses):
        self.root = root
        self.addresses = addresses
        self.parser = PageParser(myst_extensions(root))
        self._pages: dict[str, Page] = {}

    @cached_property
    def names(self) -> list[str]:
        """Names of the pages, in reading order."""
        return frontmatter.toc_files(self.root) if (self.root / "_toc.yml").exists() else []

    def page(self, name: str) -> Page:
        """The page of that name. Raises PageError, FrontMatterError, FileNotFoundError."""
        if name not in self._pages:
            self._pages[name] = self._read(name)
        return self._pages[name]

    def notebooks(self, only: set[str] | None = None) -> list[Page]:
        """Pages with code (of those named in ``only``), in reading order: the notebooks."""
        names = [name for name in self.names if only is None or name in only]
        return [
            self.page(name)
            for name in names
            if name.startswith(FOLDER) and self.page(name).is_notebook
        ]

    def find(self, label: str, page: Page) -> tuple[Page, Label] | None:
        """Where a label is defined, page first, then the whole book."""
        wanted = normalize(label)
        for name in (page.name, *self.names):
            # Parsing takes a fifth of a second a page: only those that hold the word at all.
            if name not in self._pages and wanted not in normalize(self.text(name)):
                continue
            found = self.page(name).labels.get(wanted)
            if found:
                return self.page(name), found
        return None

    def resolve(self, target: str, page: Page) -> Page | None:
        """The page that a ``{doc}`` target or a link to a ``.md`` file names."""
        target = target.removesuffix(".md")
        if target.startswith("/"):
            name = target[1:]
        else:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), target))
        return self.page(name) if name in self.names else None

    def url(self, target: Page, page: Page, anchor: str = "") -> str:
        """Address of a page for a reader of another page's notebook.

        The site where its address is known; without one the other notebook, or "" for a page
        that is no notebook.
        """
        if self.addresses.site:
            return f"{self.addresses.site}/{target.name}.html" + (f"#{anchor}" if anchor else "")
        if not target.is_notebook:
            return ""
        here = posixpath.dirname(page.notebook) or "."
        return posixpath.relpath(f"{target.notebook}.ipynb", here)

    def text(self, name: str) -> str:
        """The source of a page. FileNotFoundError if the table of contents names a missing one."""
        path = self.root / f"{name}.md"
        if not path.exists():
            raise FileNotFoundError(f"_toc.yml lists {name}, but there is no {name}.md")
        return path.read_text(encoding="utf-8")

    def _read(self, name: str) -> Page:
        path = self.root / f"{name}.md"
        text = self.text(name)
        # The cover may hold code, too, but below book/ are the pages that are read as notebooks.
        is_notebook = name.startswith(FOLDER) and is_myst_markdown_notebook(text)
        read = self.parser.parse if is_notebook else self.parser.outline
        page = Page(
            name=name,
            meta=frontmatter.read(path),
            fragment=read(text, f"{name}.md"),
            is_notebook=is_notebook,
        )
        _Index(page).run()
        return page


class _Index:
    """Fills in what a page defines, in one walk over its tokens."""

    def __init__(self, page: Page):
        self.page = page
        self.equations = self.figures = self.exercises = 0
        self.targets: list[tuple[str, int]] = []  # waiting for the heading that follows

    def run(self) -> None:
        tokens = list(walk(self.page.fragment))
        for i, (fragment, token) in enumerate(tokens):
            line = fragment.first + (token.map[0] if token.map else 0)
            if token.type == "heading_open":
                self.heading(tokens[i + 1][1].content, token.tag, line)
            elif token.type == "myst_target":
                self.targets.append((token.content, line))
            elif token.type == "math_block_label":
                self.equations += 1
                self.define(token.info, "equation", str(self.equations), "", line)
            elif not self.page.is_notebook:
                continue
            elif token.type == "footnote_ref":
                label = token.meta["label"]
                if label not in self.page.footnotes:
                    self.page.footnotes.append(label)
            elif token.type == "myst_role" and token.meta["name"].startswith("cite"):
                for key in split_keys(token.content):
                    if key not in self.page.cited:
                        self.page.cited.append(key)
            elif "directive" in token.meta:
                self.directive(token.meta["directive"])
            elif "cell" in token.meta:
                self.cell(token.meta["cell"])
        if self.targets and self.page.is_notebook:
            name, line = self.targets[0]
            raise self.page.error(line, f"({name})= must stand before a heading")

    def define(self, name: str, kind: str, number: str, title: str, line: int) -> None:
        name = normalize(name)
        if name in self.page.labels:
            first = self.page.labels[name].line
            raise self.page.error(line, f"label '{name}' is already used in line {first}")
        self.page.labels[name] = Label(kind, number, title, line)

    def heading(self, title: str, tag: str, line: int) -> None:
        if tag == "h1":
            if self.page.title and self.page.is_notebook:
                raise self.page.error(line, "a page has one title: use ## here")
            self.page.title = self.page.title or title
        for name, at in self.targets:
            self.define(name, "page" if tag == "h1" else "section", "", title, at)
        self.targets = []

    def directive(self, directive) -> None:
        options, line = directive.options, directive.line
        if directive.name == "exercise":
            self.exercises += 1
            self.define(
                options["label"], "exercise", str(self.exercises), directive.argument, line
            )
        elif directive.name == "solution":
            label = self.page.labels.get(normalize(directive.argument))
            if not label or label.kind != "exercise":
                raise self.page.error(
                    line, f"{{solution}} {directive.argument}: no exercise of this label above"
                )
        elif directive.name == "bibliography":
            self.page.has_bibliography = True
        elif options.get("name"):
            title = directive.argument or directive.name.capitalize()
            self.define(options["name"], "section", "", title, line)

    def cell(self, cell: Cell) -> None:
        self.page.cells.append(cell)
        if cell.figure:
            if "notebook-only" in cell.tags:
                raise self.page.error(
                    cell.line, "a notebook-only cell cannot be a numbered figure: the site "
                               "would count differently"
                )
            self.figures += 1
            if cell.figure.get("name"):
                prefix = f"{self.page.meta.number}." if self.page.meta.number else ""
                number = f"{prefix}{self.figures}"
                self.define(cell.figure["name"], "figure", number, "", cell.line)
        try:
            tree = ast.parse(TransformerManager().transform_cell(cell.source))
        except SyntaxError as error:
            if "raises-exception" in cell.tags:
                return
            raise self.page.error(
                cell.line, f"the code cell is not Python: {error.msg} (its line {error.lineno})"
            ) from None
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self.page.imports |= {a.name.partition(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.page.imports.add(node.module.partition(".")[0])
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name | ast.Attribute)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "glue"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                self.page.glued.setdefault(str(node.args[0].value), cell.line)


def split_keys(content: str) -> list[str]:
    """Keys of a ``{cite}`` role."""
    return [key.strip() for key in content.split(",") if key.strip()]
