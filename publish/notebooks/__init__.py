"""Writes the notebook edition: a Colab-ready ``.ipynb`` from each page with code.

    python -m publish.notebooks           writes notebooks/ anew
    python -m publish.notebooks --check   fails if notebooks/ is not what the pages give

A page is taken apart by the site's own parser (page/parser.py), numbered and linked as on
the site (book.py), and its text written as plain Markdown (text.py). What
pages may use is listed in page/vocabulary.py; anything else is an error with page and line.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from dataclasses import fields
from pathlib import Path

import nbformat
from markdown_it.token import Token
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from publish.page import answers, minutes
from publish.page.facts import facts_markdown
from publish.page.frontmatter import FrontMatterError
from publish.page.model import FOLDER, Answer, Page
from publish.page.parser import Cell, Directive, PageError, normalize
from publish.site.addresses import Addresses

from . import boxes
from .book import Book
from .references import References
from .set_up import setup_code
from .text import TextWriter

# Tags of cells whose code starts out folded.
FOLDED = {"hide-input", "remove-input", "solution", "fold"}
FOLD = {"jupyter": {"source_hidden": True}}  # what JupyterLab folds; Colab wants a form
SPLIT_AT = {"h1", "h2", "h3"}


def convert(page: Path, *, root: Path, addresses: Addresses) -> NotebookNode:
    """The notebook of one page.

    Raises PageError or FrontMatterError, naming the page, for what a notebook cannot show.
    """
    root = Path(root)
    name = Path(page).resolve().relative_to(root.resolve()).with_suffix("").as_posix()
    book = Book(root, addresses)
    return PageWriter(book, book.page(name), References(root)).write()


def write_all(
    out: Path, *, root: Path, addresses: Addresses, only: set[str] | None = None
) -> list[Path]:
    """Write the notebook of every page with code below ``out``; the paths in reading order.

    With ``only``, names of pages such as ``book/ch06/convolution``, just those are written.
    Raises PageError or FrontMatterError before anything is written.
    """
    book = Book(Path(root), addresses)
    references = References(Path(root))
    texts = {
        Path(out) / f"{page.notebook}.ipynb": dump(PageWriter(book, page, references).write())
        for page in book.notebooks(only)
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def dump(notebook: NotebookNode) -> str:
    """The notebook as text, always the same bytes for the same content."""
    nbformat.validate(notebook)
    text = nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    return text.rstrip("\n") + "\n"


class PageWriter:
    """Puts the cells of one page together."""

    handout = False  # to students, who get nothing of what is ``book-only``
    text_writer = TextWriter

    def __init__(self, book: Book, page: Page, references: References):
        self.book, self.page = book, page
        self.text = self.text_writer(book, page, references, self.handout)
        self.body = self.text.fragment(page.fragment)
        self.cells: list[NotebookNode] = []
        self.start = 0  # first line that is in no cell yet
        self.level = 2  # of the heading above
        self.title_seen = self.facts_shown = False
        self.section = "top"
        self.sections: dict[str, int] = {}
        self.counts: dict[str, int] = {}

    def write(self) -> NotebookNode:
        depth, lines = 0, [0, 0]
        tokens = self.page.fragment.tokens
        for i, token in enumerate(tokens):
            before, depth = depth, depth + token.nesting
            if before == 0 and token.map:
                lines = token.map
                self.block(token, tokens[i + 1].content if token.nesting == 1 else "")
            elif depth == 0 and token.nesting == -1:
                if token.type == "paragraph_close":
                    self.paragraph_end(lines[1])
                self.settle(*lines)
        if self.page.meta.goals and not self.facts_shown:
            raise self.page.error(1, "no paragraph below the title, where the goals would stand")
        self.markdown_until(len(self.page.fragment.lines))
        self.tail()
        notebook = new_notebook(cells=self.cells, metadata=self.metadata())
        notebook.nbformat_minor = 5
        return notebook

    def block(self, token: Token, content: str) -> None:
        """Start and end cells at a block of the page that stands in no other block."""
        first, last = token.map
        cell, directive = token.meta.get("cell"), token.meta.get("directive")
        if token.type == "front_matter":
            self.start = last
        elif cell is not None:
            self.markdown_until(first, last)
            self.code(cell)
        elif token.type == "myst_block_break":
            self.markdown_until(first, last)
        elif token.type == "heading_open":
            self.level = int(token.tag[1])
            if token.tag in SPLIT_AT:
                self.markdown_until(first)
                self.enter(content)
            if token.tag == "h1":
                self.title_seen, self.start = True, last
                self.head(first, last)
        elif directive is not None and directive.name == "exercise":
            self.markdown_until(first, last)
            self.enter(directive.options["label"])
            self.with_boxes(directive, self.text.exercise(directive, self.level + 1))
        elif directive is not None and directive.name == "predict":
            self.markdown_until(first, last)
            self.with_boxes(directive, "**Predict**", quoted=True)
        elif directive is not None and directive.name == "answer":
            self.markdown_until(last)
            answer = self.page.answer(directive.argument)
            self.box(answer)
            self.check(answer)
        elif directive is not None and directive.name == "solution":
            self.markdown_until(first, last)
            self.add_markdown(self.text.solution(directive))

    def paragraph_end(self, end: int) -> None:
        """The facts and goals stand below the first paragraph."""
        if not self.title_seen or self.facts_shown:
            return
        self.facts_shown = True
        facts = self.facts()
        if facts:
            self.add_markdown(f"{self.body.lines(self.start, end)}\n\n{facts}")
            self.start = end

    def settle(self, first: int, last: int) -> None:
        """The checks of predictions stand behind the block that settles them."""
        for role in self.page.references:
            if role.kind == "settles" and first < role.line <= last:
                answer = self.page.answer(role.content)
                if answer is None:
                    raise self.page.error(
                        role.line, f"{{settles}}: no prediction of the page is '{role.content}'"
                    )
                self.markdown_until(last)
                self.check(answer)

    # --- cells

    def with_boxes(self, directive: Directive, head: str, quoted: bool = False) -> None:
        """A directive with boxes for answers: text and cells as they alternate in it."""
        body, start = self.text.fragment(directive.body, quoted=quoted), 0

        def text(end: int) -> None:
            said = "\n\n".join(filter(None, [head * (start == 0), body.lines(start, end)]))
            if quoted and said:
                said = "\n".join(f"> {line}".rstrip() for line in said.split("\n"))
            self.add_markdown(said)

        for token in directive.body.tokens:
            inner = token.meta.get("directive")
            if inner is not None and inner.name == "answer":
                text(token.map[1])
                start = token.map[1]
                answer = self.page.answer(inner.argument)
                self.box(answer)
                if answer.exercise:
                    self.check(answer)
        text(len(directive.body.lines))

    def box(self, answer: Answer) -> None:
        self.add_code(boxes.starter(answer), {"tags": ["starter"]})

    def check(self, answer: Answer) -> None:
        self.add_code(boxes.check(answer.name, answer.variable), {"tags": ["check"]})

    def markdown_until(self, end: int, resume: int | None = None) -> None:
        """A cell with the lines up to end (not included); the next starts at resume."""
        self.add_markdown(self.body.lines(self.start, end))
        self.start = end if resume is None else resume

    def add_markdown(self, text: str) -> None:
        if text.strip():
            self.cells.append(new_markdown_cell(text, id=self.next_id()))

    def add_code(self, source: str, metadata: dict) -> None:
        cell = new_code_cell(source, id=self.next_id(), metadata=metadata)
        self.cells.append(cell)

    def head(self, first: int, last: int) -> None:
        """Title and origin, then the set-up cell."""
        title = self.body.lines(first, last)
        number = f"{self.page.meta.number} " if self.page.meta.number else ""
        heading = "# " + number + title.lstrip("#").strip()
        source = f"{self.page.name}.md"
        address = self.book.addresses.source(self.page.name)
        shown = f"[`{source}`]({address})" if address else f"`{source}`"
        site = ""
        if self.book.addresses.site:
            url = self.book.url(self.page, self.page)
            site = f" To read it with live widgets and no kernel, open it [on the site]({url})."
        solutions = any("solution" in cell.tags for cell in self.page.cells)
        folds = ""
        if solutions:
            folds = (
                "\n\n*Solutions are folded, and so is what they print and draw. 'Run all' runs "
                "them, because later cells may build on them, and gives nothing away: try an "
                "exercise first, then open the fold below its solution.*"
            )
        self.add_markdown(
            f"{heading}\n\n*This notebook is generated from {shown}: propose changes there, not "
            f"here; `make notebooks` writes it anew.{site}*{folds}"
        )
        imports = self.page.imports | ({"dlworkbook"} if self.page.answers else set())
        try:
            code = setup_code(
                imports, self.book.addresses.site, self.book.root, solutions=solutions
            )
        except ValueError as error:
            raise self.page.error(1, str(error)) from None
        if code:
            self.add_code(code, {"tags": ["setup"], **FOLD, "cellView": "form"})

    def facts(self) -> str:
        def link(need: str) -> str | None:
            target = self.book.resolve(f"/{FOLDER}{need}", self.page)
            if not target:
                return None
            url = self.book.url(target, self.page)
            return f"[{target.title}]({url})" if url else target.title

        def goal(text: str) -> str:
            return self.text.line(text, self.page.front.line("workbook", "goals"))

        return facts_markdown(self.page.meta, minutes.told(self.page), link, goal)

    def code(self, cell: Cell) -> None:
        if "site-only" in cell.tags:
            return
        metadata: dict = {}
        source = cell.source
        if cell.tags:
            metadata["tags"] = cell.tags
        if FOLDED & set(cell.tags):
            metadata |= FOLD
        if "solution" in cell.tags:
            # Colab folds a cell only if it is a form, which starts with a title. The title also
            # tells dlworkbook.solutions whose output to fold.
            if source.startswith("%%"):
                raise self.page.error(
                    cell.line, "a solution cannot start with a cell magic (%%...): its notebook "
                               "could not fold what it puts out"
                )
            source = f"# @title {self.text.solution_title(cell.exercise)}\n{source}"
            metadata["cellView"] = "form"
        elif cell.fold and not source.startswith("%%"):
            source = f"# @title {boxes.plain(cell.fold.title)}\n{source}"
            metadata["cellView"] = "form"
        self.add_code(source, metadata)
        self.caption(cell)

    def caption(self, cell: Cell) -> None:
        """The caption of a cell that is a figure, below it."""
        if cell.caption:
            self.add_markdown(f"**Figure {cell.number}.** {self.text.one_line(cell.caption)}")

    def tail(self) -> None:
        """Footnotes, and the sources if the page has no place for them."""
        self.enter("notes")
        notes = self.text.footnotes()
        if notes:
            self.add_markdown(f"## Notes\n\n{notes}")
        if self.page.cited and not self.page.directives("bibliography"):
            self.add_markdown(f"## References\n\n{self.text.bibliography()}")

    # --- identity

    def enter(self, title: str) -> None:
        """A new section: ids count within it, so that edits leave other sections' ids alone."""
        name = normalize(title)
        self.sections[name] = self.sections.get(name, 0) + 1
        self.section = f"{name}#{self.sections[name]}"

    def next_id(self) -> str:
        count = self.counts[self.section] = self.counts.get(self.section, 0) + 1
        key = f"{self.page.name}\n{self.section}\n{count}"
        return hashlib.sha256(key.encode()).hexdigest()[:16]

    def metadata(self) -> dict:
        return {
            "colab": {"provenance": [], "toc_visible": True},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "workbook": {"source": f"{self.page.name}.md"},
        }


def committed_addresses(root: Path) -> Addresses:
    """Addresses of the committed edition: those of `_config.yml` alone.

    The environment overrides them for the published edition only; otherwise the committed
    files would depend on who runs the command.
    """
    names = [f"WORKBOOK_{field.name.upper()}" for field in fields(Addresses)]
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        return Addresses.load(root)
    finally:
        os.environ.update(kept)


def check(out: Path, *, root: Path, addresses: Addresses) -> list[str]:
    """Differences between ``out`` and what the pages give; each says what to do."""
    book = Book(Path(root), addresses)
    references = References(Path(root))
    problems, expected = [], set()
    for page in book.notebooks():
        path = Path(out) / f"{page.notebook}.ipynb"
        expected.add(path)
        source = f"{page.name}.md"
        text = dump(PageWriter(book, page, references).write())
        if not path.exists():
            problems.append(f"{path} is missing: run 'make notebooks' (its source is {source})")
        elif path.read_bytes() != text.encode("utf-8"):
            problems.append(
                f"{path} is not what {source} gives: edit {source}, never the notebook, then "
                f"run 'make notebooks'"
            )
    problems += [
        f"{path} is not what the pages say: run 'make notebooks'"
        for path in answers.outdated(Path(root), book.with_answers())
    ]
    problems += [
        f"{path} belongs to no page of _toc.yml: delete it"
        for path in _existing(Path(out)) - expected
    ]
    return sorted(problems)


def _existing(out: Path) -> set[Path]:
    return {p for p in out.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}


def _is_generated(path: Path) -> bool:
    """Only what this module wrote may be deleted: a reader's own notebook stays."""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    except (ValueError, KeyError):
        return False
    return "source" in metadata.get("workbook", {})


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.notebooks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("."), help="the book's folder")
    parser.add_argument("--out", type=Path, help="where the notebooks go (default: ROOT/notebooks)")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(argv)
    root, out = options.root, options.out or options.root / "notebooks"
    try:
        addresses = committed_addresses(root)
        if options.check:
            problems = check(out, root=root, addresses=addresses)
            for problem in problems:
                print(problem, file=sys.stderr)
            if not problems:
                print(f"{out} is what the pages give")
            return 1 if problems else 0
        written = write_all(out, root=root, addresses=addresses)
        answers.write(root, Book(root, addresses).with_answers())
    except (PageError, FrontMatterError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    for stray in sorted(_existing(out) - set(written)):
        if _is_generated(stray):
            stray.unlink()
            print(f"deleted {stray}: its page is not in _toc.yml")
        else:
            print(f"left {stray}: it is not ours", file=sys.stderr)
    print(f"wrote {len(written)} notebook{'s' * (len(written) != 1)} below {out}")
    return 0
