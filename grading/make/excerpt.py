"""Single exercises of a page, with the code that they need and nothing else of the page.

An exercise needs what its starter, its check and the answer of its solution read, and functions
that its statement names. The cells of the page that define these names come along, and what those
read in turn; imports come once, above. A cell that gives a solution away is for the solution only.
What a solution does beside (comparing the answer with other parts of the page) stays in the book.
"""

from __future__ import annotations

import ast
import builtins
import dis
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

from markdown_it.token import Token

from publish.page.assignment import BOOK_ONLY, HIDDEN
from publish.page.code import checked, imported, interface_name
from publish.page.model import Exercise, Page, split_title
from publish.page.parser import Cell, normalize

from .page import HandoutText, LabBook, LabCell, LabWriter, under_its_name


@dataclass(frozen=True)
class Wanted:
    """What an assignment asks of all its pages: what others must not give away."""

    answers: Collection[str]  # as students call them: corr2d, ex_conv_size
    boxes: Collection[str]  # ids of boxes with points


class ExcerptText(HandoutText):
    """The text of single exercises: what they point to on their page stands in the book."""

    kept: Collection[str] = ()  # normalized labels of the exercises that are handed out

    def stays(self, label: str) -> bool:
        return label not in self.kept

    def _role(self, token: Token, line: int) -> str:
        text, name = super()._role(token, line), token.meta["name"]
        if name in ("eq", "numref"):
            page, _ = self._find(split_title(" ".join(token.content.split()))[1], line)
            if page.name == self.page.name:
                text += f" of {self._page_link(page)}"
        return text


class ExcerptWriter(LabWriter):
    """Writes the cells of the chosen exercises of a page, below the title of the page."""

    text_writer = ExcerptText

    def __init__(
        self,
        book: LabBook,
        page: Page,
        root: Path,
        labels: Collection[str],
        wanted: Wanted,
        by_hand: Collection[str] = (),
        instead: Mapping[str, list[LabCell]] | None = None,
    ):
        super().__init__(book, page, root, by_hand, instead)
        self.labels, self.wanted = {*labels, *self.instead}, wanted
        self.text.kept = {normalize(label) for label in labels}
        chosen = [exercise for exercise in page.exercises if exercise.label in labels]
        self.needed = needed(page, chosen, wanted)

    def take_apart(self) -> list[LabCell]:
        """Title of the page, imports, then exercises and needed cells in the order of the page."""
        self.write()
        cells = [cell for cell in self.lab_cells if self.is_wanted(cell)]
        if not cells:
            return []
        url = self.book.url(self.page, self.page)
        title = f"[{self.page.title}]({url})" if url else self.page.title
        first = [LabCell("markdown", f"## {title}", "text")]
        if self.needed.imports:
            first.append(LabCell("code", "\n".join(self.needed.imports), "code"))
        self.lab_cells = [*first, *_solutions_last(cells)]
        return self.lab_cells

    def is_wanted(self, cell: LabCell) -> bool:
        """Whether it belongs to a chosen exercise, or is needed by one."""
        return cell.label in self.labels or cell.line in self.needed.lines

    def block(self, token: Token, content: str) -> None:
        self.ended = False  # exercises stand below "Break"
        self.level = 2  # of the page's title here
        if token.type == "heading_open" and token.tag == "h2":
            super(LabWriter, self).block(token, content)
            return
        super().block(token, content)

    def code(self, cell: Cell) -> None:
        how = self.needed.lines.get(cell.line)
        if how is None:
            start = len(self.lab_cells)
            super().code(cell)
            for made in self.lab_cells[start:]:
                if made.role == "solution" and made.kind == "code":
                    made.source = self.needed.reduced(cell, made.source)
            return
        tags = [tag for tag in cell.tags if tag == "slow"]
        label, role = (how, "solution") if how else ("", "code")
        made = LabCell("code", _without_imports(cell), role, label, tags, line=cell.line)
        if made.source:
            self.lab_cells.append(made)


def _solutions_last(cells: list[LabCell]) -> list[LabCell]:
    """Needed cells that are for a solution only stand right before the rest of it."""
    early = [c for c in cells if c.role == "solution" and not _below(cells, c)]
    made = [cell for cell in cells if not any(cell is other for other in early)]
    for cell in early:
        at = next(k for k, c in enumerate(made) if c.role == "solution" and c.label == cell.label)
        made.insert(at, cell)
    return made


def _below(cells: list[LabCell], cell: LabCell) -> bool:
    """Whether a cell stands below the statement of its exercise."""
    for other in cells:
        if other is cell:
            return False
        if other.role == "exercise" and other.label == cell.label:
            return True
    return False


@dataclass
class Needed:
    """Cells of a page that come along, by their lines, and lines that import what they read.

    Of a cell that is for the solution only, ``lines`` has the label of its exercise; else "".
    """

    lines: dict[int, str] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    left_out: dict[int, list[ast.stmt]] = field(default_factory=dict)  # of solution cells

    def reduced(self, cell: Cell, source: str) -> str:
        """The code of a solution's cell without the statements that stay in the book."""
        if not self.left_out.get(cell.line):
            return source
        lines: list[str | None] = list(cell.source.split("\n"))
        for node in self.left_out[cell.line]:
            lines[node.lineno - 1 : node.end_lineno] = [None] * (node.end_lineno - node.lineno + 1)
        short = "\n".join(line for line in lines if line is not None)
        return under_its_name(cell, short).strip("\n")

    def add(self, lines: Iterable[str]) -> None:
        """Add imports, each once."""
        self.imports += [line for line in dict.fromkeys(lines) if line not in self.imports]


def needed(page: Page, chosen: list[Exercise], wanted: Wanted) -> Needed:
    """What these exercises need of their page."""
    labels = {exercise.label for exercise in chosen}
    given = [cell for cell in page.cells if cell.tree and _is_given(cell, labels)]
    reading = [_Code(cell) for cell in given]
    # a cell that is in sight comes before one that holds the page to its word
    in_sight = [one for one in reading if not set(one.cell.tags) >= HIDDEN]
    found = Needed()
    for exercise in chosen:
        own = [_Code(cell) for cell in (*exercise.starters, *exercise.checks) if cell.tree]
        binds = {name for one in own for name in one.binds}
        asked = [(name, one.cell.line) for one in own for name in one.reads if name not in binds]
        asked += [(name, exercise.line) for name in _called(exercise)]
        # a check is not run when submissions are graded, but the solution reads its imports
        found.add(line for one in own for line in one.imports.values())
        todo = asked + _of_solution(exercise, reading, found)
        seen = set()
        while todo:
            name, line = todo.pop()
            one = _latest(in_sight, name, line) or _latest(reading, name, line)
            if one is None or (name, one.cell.line) in seen:
                continue
            seen.add((name, one.cell.line))
            if name in one.imports:
                found.add([one.imports[name]])
                continue
            if one.cell.line not in found.lines or found.lines[one.cell.line]:
                found.lines[one.cell.line] = exercise.label if one.tells(wanted) else ""
            todo += [(read, one.cell.line) for read in one.reads]
            found.add(one.imports.values())  # they are taken out of it
    found.imports.sort(key=_import_order)
    return found


def _of_solution(
    exercise: Exercise, reading: list[_Code], found: Needed
) -> list[tuple[str, int]]:
    """Names that the answer in a solution reads, with lines; ``found`` is told what is left out.

    Beside what makes the answer those statements are kept that need nothing but imports.
    """
    if not exercise.checks:
        return []
    cells = [cell for cell in exercise.solution_cells if cell.tree]
    steps = [_Code(cell, node) for cell in cells for node in cell.tree.body]
    checks = [pair for cell in exercise.checks for pair in checked(cell.tree)]
    wanted = {interface_name(answer) for _, answer in checks}
    names = {name for name, _ in checks}
    wanted |= {answer for cell in cells for name, answer in checked(cell.tree) if name in names}
    kept: set[int] = set()
    for k, step in reversed(list(enumerate(steps))):
        if not step.binds.isdisjoint(wanted):
            kept.add(k)
            wanted |= step.reads
    own: set[str] = set(dir(builtins))
    own |= {line.split()[-1].partition(".")[0] for line in found.imports}
    asked = []
    for k, step in enumerate(steps):
        outside = {name: _latest(reading, name, step.cell.line) for name in step.reads - own}
        if k in kept:
            asked += [(name, step.cell.line) for name, one in outside.items() if one is not None]
        elif all(one is not None and name in one.imports for name, one in outside.items()):
            asked += [(name, step.cell.line) for name in outside]
        else:
            found.left_out.setdefault(step.cell.line, []).append(step.node)
            continue
        own |= step.binds
    return asked


def _is_given(cell: Cell, labels: Collection[str]) -> bool:
    """Whether a cell may come along: no part of a chosen exercise, and no starter or check."""
    if cell.tagged(*BOOK_ONLY) or cell.role in ("starter", "check"):
        return False
    return cell.exercise is None or cell.exercise.label not in labels


def _latest(cells: Iterable[_Code], name: str, line: int) -> _Code | None:
    """The last cell above a line that binds a name."""
    above = [one for one in cells if one.cell.line < line and name in one.binds]
    return above[-1] if above else None


class _Code:
    """What a cell reads of names from before it, and what it binds."""

    def __init__(self, cell: Cell, node: ast.stmt | None = None) -> None:
        """``node``: one statement of the cell, in place of all."""
        self.cell, self.node = cell, node
        tree = cell.tree if node is None else ast.Module([node], [])
        self.imports = dict(item for part in tree.body for item in imported(part))
        self.binds: set[str] = set()
        self.reads: set[str] = set()
        self._follow(compile(tree, "cell", "exec"))

    def tells(self, wanted: Wanted) -> bool:
        """Whether it gives an answer away that students are asked for."""
        said = {node.value for node in ast.walk(self.cell.tree) if isinstance(node, ast.Constant)}
        return not self.binds.isdisjoint(wanted.answers) or bool(said & set(wanted.boxes))

    def _follow(self, code: CodeType) -> None:
        inner: list[CodeType] = []
        for step in dis.get_instructions(code):
            if isinstance(step.argval, CodeType):
                inner.append(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in self.binds:
                self.reads.add(step.argval)
            elif step.opname in ("STORE_NAME", "STORE_GLOBAL"):
                self.binds.add(step.argval)
        for body in inner:  # what runs later may read what the cell binds
            self.reads |= {name for name in _globals(body) if name not in self.binds}


def _globals(code: CodeType) -> Iterator[str]:
    own = {s.argval for s in dis.get_instructions(code) if s.opname == "STORE_NAME"}
    for step in dis.get_instructions(code):
        if isinstance(step.argval, CodeType):
            yield from _globals(step.argval)
        elif step.opname == "LOAD_GLOBAL" or (
            step.opname == "LOAD_NAME" and step.argval not in own  # of the body of a class
        ):
            yield step.argval


def _called(exercise: Exercise) -> set[str]:
    """Functions that the statement names in code: ``corr(X, K)``."""
    found = set()
    for token in exercise.directive.body.tokens:
        for child in token.children or ():
            if child.type == "code_inline":
                try:
                    tree = ast.parse(child.content)
                except (SyntaxError, ValueError):
                    continue
                calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
                found |= {call.id for call in calls if isinstance(call, ast.Name)}
    return found


def _without_imports(cell: Cell) -> str:
    """The code of a cell without the imports at its top level, which stand above."""
    lines: list[str | None] = list(cell.source.split("\n"))
    for node in cell.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            own = range(node.lineno - 1, node.end_lineno)
            if not any(_shares(other, own) for other in cell.tree.body if other is not node):
                for k in own:
                    lines[k] = None
    kept = "\n".join(line for line in lines if line is not None)
    return kept.strip("\n")


def _shares(node: ast.stmt, lines: range) -> bool:
    return node.lineno - 1 in lines or node.end_lineno - 1 in lines


def _import_order(line: str) -> tuple[bool, bool, str]:
    """Packages of others first, ours last; ``import`` before ``from``."""
    return "dlworkbook" in line, line.startswith("from"), line
