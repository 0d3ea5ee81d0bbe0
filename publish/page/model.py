"""What a page is made of, read from its tree once for lint, notebooks, site and assignments.

Numbers follow the site: equations and exercises count per page, figures carry the page's number
(Figure 6.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markdown_it.token import Token

from . import answers, code, exercises, numbers
from .frontmatter import LAB, Front, PageMeta
from .parser import Cell, Directive, Fragment, PageError, normalize
from .positions import line_of

FOLDER = "book/"
# Roles that point to labels, and the kinds of label that they take.
REFERS = {
    "eq": ("equation",), "numref": ("figure",), "ref": ("exercise", "section", "page"),
}


@dataclass(frozen=True)
class Heading:
    """A heading: its words (mathematics and roles as X), and its Markdown."""

    level: int
    text: str
    line: int
    markdown: str


@dataclass(frozen=True)
class Paragraph:
    """One run of text; `directives` are the names of the directives it stands in."""

    text: str
    line: int
    directives: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """Something that a page can refer to."""

    kind: str  # equation, figure, exercise, section or page
    name: str  # as it is written
    number: str  # "3", "6.2.1"; empty for sections
    title: str  # Markdown
    line: int


@dataclass(frozen=True)
class Reference:
    """A role, or a link or image of Markdown; an image's text is its alt text."""

    kind: str  # name of the role, link or image
    content: str
    line: int
    text: str = ""

    @property
    def title(self) -> str:
        """``Title`` of ``Title <target>``; empty without one."""
        return split_title(self.content)[0]

    @property
    def target(self) -> str:
        """What is pointed to: ``x`` of both ``x`` and ``Title <x>``."""
        return split_title(self.content)[1]


@dataclass
class Solution:
    """The text of a solution, or of a part of one, and the cells that follow it."""

    directive: Directive
    exercise: Exercise | None  # None if there is none of its label
    cells: list[Cell] = field(default_factory=list)


@dataclass
class Fold:
    """Depth that a reader may leave closed: its parts (the first has the title), its cells."""

    directives: list[Directive]
    cells: list[Cell] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.directives[0].argument


@dataclass
class Answer:
    """A box for an answer: its id, what its body says ({} while that is unreadable), its place."""

    directive: Directive
    spec: dict[str, Any]
    place: str  # exercise, prediction or text
    exercise: Exercise | None  # the one that it stands in

    @property
    def name(self) -> str:
        """Its id: ``ex-conv-size``."""
        return self.directive.argument

    def line_of(self, key: str) -> int:
        """Line of a key of its body; that of the directive if it has none of this name."""
        body = self.directive.body
        at = [k for k, line in enumerate(body.lines) if line.startswith((f"{key}:", f'"{key}":'))]
        return body.first + at[0] if at else self.line

    @property
    def variable(self) -> str:
        """What a notebook calls the reader's answer."""
        return answers.variable(self.name)

    @property
    def line(self) -> int:
        return self.directive.line


@dataclass
class Exercise:
    """An exercise with all that belongs to it on its page."""

    directive: Directive
    number: int  # on its page
    hints: list[Directive] = field(default_factory=list)
    starters: list[Cell] = field(default_factory=list)
    checks: list[Cell] = field(default_factory=list)
    solutions: list[Solution] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def label(self) -> str:
        return normalize(str(self.directive.options.get("label") or ""))

    @property
    def title(self) -> str:
        return self.directive.argument

    @property
    def line(self) -> int:
        return self.directive.line

    @property
    def minutes(self) -> int:
        """Minutes to think about it."""
        return exercises.minutes(self.directive.options)

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Where it comes from; [] also while that is badly written, which is a problem."""
        try:
            return numbers.parse(str(self.directive.options.get("number") or ""))
        except ValueError:
            return []

    @property
    def solution_cells(self) -> list[Cell]:
        return [cell for solution in self.solutions for cell in solution.cells]

    @property
    def interface(self) -> dict[str, str]:
        """What the solution calls the names of the starters: ``{"my_softmax": "softmax"}``."""
        own = [name for cell in self.starters for name in cell.defined]
        names = {n: code.interface_name(n) for n in (*own, *(a.variable for a in self.answers))}
        return {old: new for old, new in names.items() if old != new}


@dataclass
class Page:
    """One page of the book; name is its path without ``.md``."""

    name: str
    text: str
    front: Front
    fragment: Fragment
    is_notebook: bool
    problems: list[PageError]  # in the order of their discovery
    title: str = ""  # Markdown
    blocks: list[Heading | Paragraph | Directive | Cell] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    labels: dict[str, Label] = field(default_factory=dict)  # by normalized name
    exercises: list[Exercise] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)  # in order of first reference

    @property
    def meta(self) -> PageMeta:
        return self.front.meta

    @property
    def rewritten(self) -> bool:
        """Whether it is held to the newer rules, by which minutes are computed and not stated."""
        return self.meta.is_section and not self.meta.minutes

    @property
    def is_lab(self) -> bool:
        """Whether it is a lab by the newer rules: tasks first, with parts of its own."""
        return self.rewritten and LAB.match(self.title) is not None

    @property
    def notebook(self) -> str:
        """Path of the notebook below `notebooks/`, without ``.ipynb``."""
        return self.name.removeprefix(FOLDER)

    def error(self, line: int, message: str) -> PageError:
        return PageError(f"{self.name}.md", line, message)

    def of(self, kind: type) -> list:
        """All blocks of a kind, nested ones too, in the order of the page."""
        return [block for block in self.blocks if isinstance(block, kind)]

    @property
    def title_line(self) -> int:
        return next((h.line for h in self.of(Heading) if h.level == 1), 1)

    def directives(self, *names: str) -> list[Directive]:
        return [d for d in self.of(Directive) if d.name in names]

    @cached_property
    def cells(self) -> list[Cell]:
        return self.of(Cell)

    def answer(self, name: str) -> Answer | None:
        return next((a for a in self.answers if a.name == name), None)

    def exercise(self, label: str) -> Exercise | None:
        return next((e for e in self.exercises if e.label == normalize(label)), None)

    def part(self, name: str) -> list[Heading]:
        """The headings ``##`` that begin with the name of a part."""
        begins = re.compile(rf"{re.escape(name)}\b", re.IGNORECASE)
        return [h for h in self.of(Heading) if h.level == 2 and begins.match(h.text.strip())]

    @cached_property
    def imports(self) -> set[str]:
        """Top-level packages that the cells import."""
        return {name for cell in self.cells if cell.tree for name in code.packages(cell.tree)}

    @cached_property
    def glued(self) -> dict[str, int]:
        """What cells glue, and the line of the first cell that does."""
        found: dict[str, int] = {}
        for cell in self.cells:
            for name in code.glued(cell.tree):
                found.setdefault(name, cell.line)
        return found

    @cached_property
    def cited(self) -> list[str]:
        """Keys of the sources, in order of first citation."""
        cites = [r for r in self.references if r.kind.startswith("cite")]
        return list(dict.fromkeys(key for cite in cites for key in split_keys(cite.content)))


def make(page: Page, *, free: bool) -> Page:
    """Fill in what the page's tree holds, and what it lacks; free as in PageParser.parse."""
    _Maker(page, free).run()
    return page


class _Maker:
    """Fills in what a page holds and defines, in one walk over its tokens."""

    def __init__(self, page: Page, free: bool):
        self.page, self.free = page, free
        self.equations = self.figures = 0
        self.targets: list[tuple[str, int]] = []  # waiting for the heading that follows
        self.exercise: Exercise | None = None  # whose starters and checks may follow
        self.solution: Solution | None = None  # whose cells may follow
        self.fold: Fold | None = None  # whose cells and further parts may follow

    def run(self) -> None:
        page = self.page
        self.walk(page.fragment, ())
        for name, line in self.targets:
            self.define(name, "section", "", "", line)
            if not self.free:
                self.complain(line, f"({name})= must stand before a heading")
        if not page.title:
            self.complain(1, "no title; begin the page with one '# Title'")

    def complain(self, line: int, message: str) -> None:
        self.page.problems.append(self.page.error(line, message))

    def walk(self, fragment: Fragment, parents: tuple[str, ...], *, text: bool = True) -> None:
        """Take in a fragment; text: its words are paragraphs, not a title or a caption."""
        depth = 0
        for i, token in enumerate(fragment.tokens):
            before, depth = depth, depth + token.nesting
            line = fragment.first + (token.map[0] if token.map else 0)
            directive, cell = token.meta.get("directive"), token.meta.get("cell")
            if directive is not None:
                self.directive(directive)
            elif cell is not None:
                self.cell(cell)
            elif token.type == "inline":
                self.inline(fragment, token, fragment.tokens[i - 1], line, parents, text)
            elif token.type == "myst_target":
                self.targets.append((token.content, line))
            elif token.type == "math_block_label":
                self.equation(token.info, line)
            if not (
                parents or before or not text or cell is not None or token.map is None
                or token.type in ("html_block", "myst_line_comment")
                or (directive is not None and directive.name in ("solution", "fold"))
            ):
                self.solution = self.fold = None  # not their cells, and no comment

    def inline(
        self, fragment: Fragment, token: Token, opener: Token, line: int,
        parents: tuple[str, ...], text: bool,
    ) -> None:
        words = "".join(_words(token))
        if opener.type == "heading_open":
            self.heading(Heading(int(opener.tag[1]), words, line, token.content))
        elif text:
            self.page.blocks.append(Paragraph(words, line, parents))
        for child in token.children or ():
            at = line_of(fragment, token, child)
            if child.type == "myst_role":
                kind, content, alt = child.meta["name"], " ".join(child.content.split()), ""
            elif child.type == "link_open":
                kind, content, alt = "link", str(child.attrs.get("href", "")), ""
            elif child.type == "image":
                kind, content, alt = "image", str(child.attrs.get("src", "")), child.content
            elif child.type == "footnote_ref":
                if child.meta["label"] not in self.page.footnotes:
                    self.page.footnotes.append(child.meta["label"])
                continue
            else:
                continue
            self.page.references.append(Reference(kind, content, at, alt))

    def define(self, name: str, kind: str, number: str, title: str, line: int) -> None:
        known = self.page.labels.get(normalize(name))
        if known:
            self.complain(line, f"label '{name}' is already used in line {known.line}; rename one")
        else:
            self.page.labels[normalize(name)] = Label(kind, name, number, title, line)

    def equation(self, name: str, line: int) -> None:
        self.equations += 1
        self.define(name, "equation", str(self.equations), "", line)

    def heading(self, heading: Heading) -> None:
        self.page.blocks.append(heading)
        kind = "page" if heading.level == 1 else "section"
        if heading.level == 1 and self.page.title:
            self.complain(heading.line, "a second title; a page has one title: use ## here")
        elif heading.level == 1:
            self.page.title = heading.markdown
        elif heading.level == 2:
            self.exercise = None
        for name, at in self.targets:
            self.define(name, kind, "", heading.markdown, at)
        self.targets = []

    def directive(self, directive: Directive) -> None:
        page, options, line = self.page, directive.options, directive.line
        page.blocks.append(directive)
        if directive.name == "exercise":
            self.exercise = Exercise(directive, len(page.exercises) + 1)
            page.exercises.append(self.exercise)
            if options.get("label"):
                number = str(self.exercise.number)
                self.define(str(options["label"]), "exercise", number, directive.argument, line)
        elif directive.name == "hint" and self.exercise and directive.parents[-1:] == ("exercise",):
            self.exercise.hints.append(directive)
        elif directive.name == "answer":
            self.answer(directive)
        elif directive.name == "fold":
            self.open_fold(directive)
        elif directive.name == "solution":
            self.fold = None
            exercise = page.exercise(directive.argument)
            self.solution = Solution(directive, exercise)
            if exercise is None:
                told = f"{{solution}} {directive.argument}: no exercise of this label above"
                self.complain(line, told)
            else:
                exercise.solutions.append(self.solution)
        elif directive.name == "math" and options.get("label"):
            self.equation(str(options["label"]), line)
        if options.get("name"):
            title = directive.argument or directive.name.capitalize()
            self.define(str(options["name"]), "section", "", title, line)
        if directive.title:
            self.walk(directive.title, directive.parents, text=False)
        self.walk(directive.body, (*directive.parents, directive.name))

    def answer(self, directive: Directive) -> None:
        inside = directive.parents[-1:]
        place = {("exercise",): "exercise", ("predict",): "prediction"}.get(inside, "text")
        exercise = self.exercise if place == "exercise" else None
        spec: dict[str, Any] = {}
        try:
            spec = answers.read(directive.body.text)
        except answers.BodyError as error:
            self.complain(directive.body.first + error.line,
                          f"{{answer}} {directive.argument}: {error}")
        found = Answer(directive, spec, place, exercise)
        known = self.page.answer(found.name)
        if known:
            self.complain(found.line, f"answer '{found.name}' stands in line {known.line} already")
        if not answers.ID.fullmatch(found.name):
            self.complain(found.line, f"the id of an answer is made of small letters, digits and "
                                      f"hyphens, such as ex-conv-size; not '{found.name}'")
        self.page.answers.append(found)
        if exercise:
            exercise.answers.append(found)

    def open_fold(self, directive: Directive) -> None:
        """A fold, or (without a title) one more part of the fold whose cells stand above."""
        self.solution = None
        if directive.argument:
            self.fold = Fold([directive])
            self.page.folds.append(self.fold)
        elif self.fold is None:
            self.complain(directive.line, "this fold has no title; say what it settles, as in "
                                          "':::{fold} Proof that the mean is divided by n'")
        else:
            self.fold.directives.append(directive)

    def cell(self, cell: Cell) -> None:
        page, exercise = self.page, self.exercise
        page.blocks.append(cell)
        if cell.role == "starter" and exercise and exercise.solutions:
            exercise = None  # it comes too late
        if cell.role == "solution":
            if self.solution is None:
                self.complain(
                    cell.line, "a cell tagged 'solution' must directly follow its {solution} or "
                    "another such cell; as it stands it would be shown open"
                )
            else:
                self.solution.cells.append(cell)
                exercise = self.solution.exercise
        else:
            self.solution = None
        if not cell.tagged("fold"):
            self.fold = None
        elif self.fold is None:
            self.complain(cell.line, "a cell tagged 'fold' must directly follow its {fold} or "
                                     "another such cell; as it stands it would be shown open")
        else:
            self.fold.cells.append(cell)
            cell.fold = self.fold
        if cell.role != "code":
            cell.exercise = exercise
        if exercise and cell.role == "starter":
            exercise.starters.append(cell)
        elif exercise and cell.role == "check":
            exercise.checks.append(cell)
        if cell.figure:
            self.figure(cell)
        if not self.free and cell.tree is None and "raises-exception" not in cell.tags:
            self.complain(*_not_python(cell))
        if cell.caption:
            self.walk(cell.caption, (), text=False)

    def figure(self, cell: Cell) -> None:
        self.figures += 1
        if "notebook-only" in cell.tags:
            self.complain(
                cell.line, "a notebook-only cell cannot be a numbered figure: the site "
                           "would count differently"
            )
        cell.number = ".".join(filter(None, (self.page.meta.number, str(self.figures))))
        if cell.figure.get("name"):
            self.define(str(cell.figure["name"]), "figure", cell.number, "", cell.line)


def _not_python(cell: Cell) -> tuple[int, str]:
    """Line and words for a cell that is broken."""
    try:
        code.read(cell.source)
    except SyntaxError as error:
        return cell.first + (error.lineno or 1) - 1, f"the code cell is not Python: {error.msg}"
    except code.BROKEN as error:
        return cell.line, f"the code cell is not Python: {error}"
    raise AssertionError("the cell can be read")


def _words(token: Token) -> Iterator[str]:
    """The words of an inline token; mathematics and roles become a placeholder."""
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            yield child.content if child.type == "text" else f"`{child.content}`"
        elif child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type in ("math_inline", "math_inline_double", "myst_role"):
            yield "X"


def split_keys(content: str) -> list[str]:
    """Keys of a ``{cite}`` role."""
    return [key.strip() for key in content.split(",") if key.strip()]


def split_title(content: str) -> tuple[str, str]:
    """``Title <target>`` as ("Title", "target"), ``target`` as ("", "target")."""
    content = content.strip()
    if content.endswith(">") and "<" in content:
        title, _, target = content[:-1].rpartition("<")
        return title.strip(), target.strip()
    return "", content
