"""Take a lab page apart: what is handed out, and which role each cell plays.

The text is written by the notebook edition's own writer, so that an assignment reads as the book
does. The page is taken up to its part "Break", which tells the mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from markdown_it.token import Token

from publish.notebooks import PageWriter, boxes
from publish.notebooks.book import Book
from publish.notebooks.references import References
from publish.page.assignment import book_only, end
from publish.page.model import Answer, Page

from .names import in_text, renamed
from .problems import HEAD as PROBLEMS
from .problems import Given

HEAD = (
    "*Lab {lab} of the book {book}. Fill in the parts marked `...`, run the cell, then run the "
    "check below it: it names the mistake, if there is one. Keep the names of the functions and "
    "classes, because they are what is graded; the last definition of a name counts. A cell that "
    "begins with `# needs:` waits for the answers that it names, so all cells can be run at any "
    "time. Hand in this notebook. Cells that train are not run when it is graded.*"
)


@dataclass
class LabCell:
    """One cell, with its role: text, code, exercise, starter, check or solution.

    ``label`` is that of its exercise; cells of roles text and code have none.
    """

    kind: str  # markdown or code
    source: str
    role: str
    label: str = ""
    tags: list[str] = field(default_factory=list)
    box: str = ""  # id of the answer whose cell this is


class LabBook(Book):
    """A book whose other pages can be reached on its site only: a student has one notebook."""

    def url(self, target: Page, page: Page, anchor: str = "") -> str:
        """Address of a page on the site; empty without a site."""
        return super().url(target, page, anchor) if self.addresses.site else ""


class LabWriter(PageWriter):
    """Writes the cells of a lab page with their roles."""

    handout = True

    def __init__(self, book: LabBook, page: Page, root: Path, title: str, problems: list[Given]):
        super().__init__(book, page, References(root))
        self.lab_cells: list[LabCell] = []
        self.book_title = title
        self.problems = problems
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
        super().block(token, content)
        self.role = "text"

    def head(self, first: int, last: int) -> None:
        title = self.body.lines(first, last).lstrip("#").strip()
        lab = self.page.meta.assignment.lab
        title = title.removeprefix(f"Lab {lab}:").strip()
        about = HEAD.format(lab=lab, book=f"*{self.book_title}*".strip("*"))
        self.add_markdown(f"# Lab {lab}: {title}\n\n{about}")

    def code(self, cell) -> None:
        if self.ended or book_only(cell):
            return
        source, exercise = cell.source, cell.exercise
        if exercise and cell.role in ("starter", "check"):
            source = renamed(source, exercise.interface)
        label = exercise.label if exercise else ""
        self.lab_cells.append(LabCell("code", source, cell.role, label, list(cell.tags)))
        self.caption(cell)

    def add_markdown(self, text: str) -> None:
        if self.ended or not text.strip():
            return
        source = in_text(text, self.names) if self.names else text
        label = self.label if self.role != "text" else ""
        self.lab_cells.append(LabCell("markdown", source, self.role, label))

    def box(self, answer: Answer) -> None:
        self.of_box(answer, "starter", boxes.starter(answer))

    def check(self, answer: Answer) -> None:
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

    def problem(self, given: Given) -> None:
        """The cells of a practice problem."""
        self.lab_cells += [
            LabCell("markdown", given.statement, "text"),
            LabCell("code", given.starter, "starter", tags=["starter"], box=given.name),
            LabCell("code", given.check, "check", tags=["check"], box=given.name),
            LabCell("code", given.solution, "solution", box=given.name),
            LabCell("markdown", given.problem.steps, "solution", box=given.name),
        ]

    def tail(self) -> None:
        """Practice problems, then footnotes and references that the text above points to."""
        self.ended, self.names = False, {}
        if self.problems:
            self.add_markdown(PROBLEMS)
        for given in self.problems:
            self.problem(given)
        text = "\n".join(c.source for c in self.lab_cells if c.kind == "markdown")
        notes = self.text.footnotes()
        if notes and "#note-" in text:
            self.add_markdown(f"## Notes\n\n{notes}")
        references = self.text.references
        cited = [
            key
            for key in self.page.cited
            if key in references and f"(#{references.anchor(key)})" in text
        ]
        if cited:
            self.add_markdown(f"## References\n\n{references.markdown(cited, cited.__contains__)}")
