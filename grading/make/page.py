"""Take a page apart: what of it is handed out, and which role each cell plays.

The text is written by the notebook edition's own writer, so that an assignment reads as the book
does. A lab page is taken up to its part "Break", which tells the mistakes; of other pages
``excerpt.py`` takes single exercises.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from publish.notebooks import PageWriter, boxes
from publish.notebooks.book import Book
from publish.notebooks.references import References
from publish.notebooks.text import TextWriter
from publish.page import code
from publish.page.assignment import book_only, end
from publish.page.model import Answer, Exercise, Label, Page
from publish.page.parser import Cell, Directive, normalize
from publish.site.addresses import Addresses

from . import place
from .names import in_text, renamed


@dataclass
class LabCell:
    """One cell, with its role: text, code, exercise, starter, check, written or solution.

    ``label`` is that of its exercise; cells of roles text and code have none. ``line``: of the
    page; 0 where that is not known.
    """

    kind: str  # markdown or code
    source: str
    role: str
    label: str = ""
    tags: list[str] = field(default_factory=list)
    box: str = ""  # id of the answer whose cell this is
    line: int = 0


class LabBook(Book):
    """A book whose other pages can be reached on its site only: a student has one notebook.

    ``own``: names of an instructor's own pages, which no site has.
    """

    def __init__(self, root: Path, addresses: Addresses, own: Iterable[str] = ()):
        super().__init__(root, addresses)
        self.own = tuple(own)

    def url(self, target: Page, page: Page, anchor: str = "") -> str:
        """Address of a page on the site; empty without a site."""
        on_site = self.addresses.site and target.name not in self.own
        return super().url(target, page, anchor) if on_site else ""


class HandoutText(TextWriter):
    """The text of a page for students."""

    by_hand: Collection[str] = ()  # labels of the exercises that are answered in words
    instead: Collection[str] = ()  # labels of those in whose place something else stands

    def stays(self, label: str) -> bool:
        """Whether what has this label on the page stands in the book only."""
        return label in self.instead

    def _label_url(self, page: Page, label: Label, target: str) -> str:
        if page.name == self.page.name and self.stays(normalize(target)):
            anchor = "" if label.kind == "page" else super()._label_url(page, label, target)[1:]
            return self.book.url(page, self.page, anchor)
        return super()._label_url(page, label, target)

    def box(self, directive: Directive) -> str:
        """What is asked: with no line to fill in, where the answer is given in words."""
        answer = self.page.answer(directive.argument)
        if answer.exercise is None or answer.exercise.label not in self.by_hand:
            return super().box(directive)

        def line(text: object) -> str:
            return self.line(str(text), directive.line)

        asked = f"**{line(answer.spec.get('ask') or boxes.DEFAULT_LABEL)}**"
        of = answer.spec.get("of")
        items = [f"- ({letter}) {line(of[letter])}" for letter in of] if of else []
        return "\n".join([asked, *([""] if items else []), *items])


class LabWriter(PageWriter):
    """Writes the cells of a page with their roles.

    ``by_hand``: labels of the exercises that are answered in words and marked by hand.
    ``instead``: cells that stand in the place of an exercise and its solution, by its label.
    """

    handout = True
    text_writer = HandoutText

    def __init__(
        self,
        book: LabBook,
        page: Page,
        root: Path,
        by_hand: Collection[str] = (),
        instead: Mapping[str, list[LabCell]] | None = None,
    ):
        super().__init__(book, page, References(root))
        self.instead = self.text.instead = instead or {}
        if self.instead:  # links of the text lead to the book now
            self.body = self.text.fragment(page.fragment)
        self.lab_cells: list[LabCell] = []
        self.by_hand = self.text.by_hand = by_hand
        self.ended = False
        self.label = ""  # of the exercise or solution that is being written
        self.names: dict[str, str] = {}  # my_softmax: softmax
        self.role = "text"

    def take_apart(self) -> list[LabCell]:
        """The cells in the order of the page."""
        self.write()
        return self.lab_cells

    def block(self, token: Token, content: str) -> None:
        directive = token.meta.get("directive")
        if token.type == "heading_open" and token.map[0] + 1 == end(self.page):
            self.markdown_until(token.map[0])
            self.ended = True
        if directive is not None and directive.name in ("exercise", "solution"):
            self.markdown_until(token.map[0])  # what stands before is no part of it
            self.role = directive.name
            label = directive.options["label"] if self.role == "exercise" else directive.argument
            exercise = self.page.exercise(label)
            self.label, self.names = exercise.label, exercise.interface
            if self.label in self.instead:
                self.markdown_until(*token.map)
                self.lab_cells += self.instead[self.label] if self.role == "exercise" else []
                self.role = "text"
                return
        super().block(token, content)
        self.role = "text"

    def head(self, first: int, last: int) -> None:
        """The title is that of the assignment, above the cells of all its pages."""

    def code(self, cell) -> None:
        source, exercise = cell.source, cell.exercise
        if self.ended or book_only(cell) or (exercise and exercise.label in self.instead):
            return
        if exercise and cell.role in ("starter", "check"):
            source = renamed(source, exercise.interface)
        label = exercise.label if exercise else ""
        if exercise and cell.role == "solution":
            if not exercise.checks:  # it argues; nothing that is handed in takes its place
                text = f"```python\n{source}\n```"
                self.lab_cells.append(LabCell("markdown", text, "solution", label, line=cell.line))
                return
            source = under_its_name(cell)
        made = LabCell("code", source, cell.role, label, list(cell.tags), line=cell.line)
        self.lab_cells.append(made)
        self.caption(cell)

    def add_markdown(self, text: str) -> None:
        if self.ended or not text.strip():
            return
        source = in_text(text, self.names) if self.names else text
        label = self.label if self.role != "text" else ""
        self.lab_cells.append(LabCell("markdown", source, self.role, label))

    def with_boxes(self, directive: Directive, head: str, quoted: bool = False) -> None:
        super().with_boxes(directive, head, quoted)
        if self.role == "exercise" and self.label in self.by_hand and not self.ended:
            title = self.text.one_line(directive.title)
            source = place.cell(self.label, title)
            made = LabCell("markdown", source, "written", self.label, [place.TAG])
            self.lab_cells.append(made)

    def box(self, answer: Answer) -> None:
        if answer.exercise and answer.exercise.label in self.by_hand:
            return  # it is answered in words
        self.of_box(answer, "starter", boxes.starter(answer))

    def check(self, answer: Answer) -> None:
        if answer.exercise and answer.exercise.label in self.by_hand:
            return
        self.of_box(answer, "check", boxes.check(answer.name, answer.variable))
        if answer.exercise:
            self.of_box(answer, "solution", f"{answer.variable} = {answer.spec['is']!r}")

    def of_box(self, answer: Answer, role: str, source: str) -> None:
        """A cell that belongs to a box, under the names of the assignment."""
        if self.ended:
            return
        label, names = "", {}
        if answer.exercise:
            label, names = answer.exercise.label, answer.exercise.interface
        tags = [role] if role != "solution" else []
        self.lab_cells.append(
            LabCell("code", renamed(source, names), role, label, tags, answer.name)
        )

    def add_code(self, source: str, metadata: dict) -> None:
        """The set-up cell of the book is not used."""

    def tail(self) -> None:
        """Notes and sources stand at the end of the whole notebook; see ``notes``, ``cited``."""

    @property
    def asked(self) -> dict[str, dict[str, Any]]:
        """The boxes that the cells check, by their ids."""
        names = [cell.box for cell in self.lab_cells if cell.role == "check" and cell.box]
        return {name: self.page.answer(name).spec for name in names}

    def model_answer(self, exercise: Exercise) -> str:
        """What the page answers, as Markdown: text and code of its solution."""
        said = []
        for solution in exercise.solutions:
            said.append(self.text.fragment(solution.directive.body).all())
            said += [f"```python\n{cell.source}\n```" for cell in solution.cells
                     if not book_only(cell)]
        return in_text("\n\n".join(filter(None, said)), exercise.interface)

    def notes(self) -> str:
        """The footnotes that the cells point to; empty if they point to none."""
        pointed = any("#note-" in c.source for c in self.lab_cells if c.kind == "markdown")
        return self.text.footnotes() if pointed else ""

    def cited(self) -> list[str]:
        """Keys of the sources that the cells point to."""
        text = "\n".join(c.source for c in self.lab_cells if c.kind == "markdown")
        references = self.text.references
        return [
            key
            for key in self.page.cited
            if key in references and f"(#{references.anchor(key)})" in text
        ]


def under_its_name(cell: Cell, source: str | None = None) -> str:
    """The code of a solution, with a line that gives it the name of the answer if it has another.

    The line stands above the statement that checks it. ``source``: in place of the cell's own.
    """
    source = cell.source if source is None else source
    lines, tree = source.split("\n"), code.parse(source)
    starters = [part for one in cell.exercise.checks for part in code.checked(one.tree)]
    for node in reversed(tree.body if tree else []):
        for task, name in code.checked(ast.Module([node], [])):
            wanted = next((code.interface_name(n) for t, n in starters if t == task), name)
            if wanted != name and name.isidentifier():
                lines.insert(node.lineno - 1, f"{wanted} = {name}")
    return "\n".join(lines)
