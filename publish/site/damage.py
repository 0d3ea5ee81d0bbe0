"""What became of a page that was run: which cells failed, and which could not be computed.

After an assertion that fails, those cells are still run that need nothing it left undone; after
any other exception none, and the page is shown as far as it came. No Sphinx here.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from publish.tools.kernels import Run

from .asserts import MIME

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")
TRACE_LINES = 30  # of a traceback, the last ones
CLAIM, ASSERTION, ERROR, TIMEOUT, DIED, START, SKIPPED = KINDS = (
    "claim", "assertion", "error", "timeout", "died", "start", "skipped",
)


@dataclass
class Failure:
    """One thing on a page that did not hold or was not computed.

    index: of the cell among all cells; number: among code cells, from 1; line: in the source,
    from 1. expected, came: what was stated and what there was; trace: without colours.
    For a cell that was not run (``skipped``), cause is the number of the cell that failed.
    """

    kind: str
    index: int
    number: int
    line: int
    expected: str = ""
    came: str = ""
    trace: str = ""
    cause: int = 0

    @property
    def again(self) -> bool:
        """Whether the page must be run again by the next build; a claim's value is a result."""
        return self.kind != CLAIM


@dataclass
class Plan:
    """Decides, cell by cell, what can still be run; see ``run_notebook(select=...)``."""

    lost: dict[str, int] = field(default_factory=dict)  # name: number of the cell that lacks it
    skipped: dict[int, int] = field(default_factory=dict)  # index: number of the cause
    ended: int = 0  # number of the cell after which nothing is run
    judged: int = 0  # cells before this index have been looked at

    def __call__(self, notebook: NotebookNode, index: int) -> bool:
        self.catch_up(notebook, index)
        cause = self.ended or next(
            (self.lost[name] for name in needed(notebook.cells[index].source) if name in self.lost),
            0,
        )
        if cause:
            self.skipped[index] = cause
        return not cause

    def catch_up(self, notebook: NotebookNode, end: int) -> None:
        """Look at the cells before this index."""
        for index in range(self.judged, end):
            self._judge(notebook, index)
        self.judged = end

    def _judge(self, notebook: NotebookNode, index: int) -> None:
        cell = notebook.cells[index]
        if cell.cell_type != "code":
            return
        if index in self.skipped:
            self._lose(cell.source, 1, self.skipped[index])
            return
        output = error_of(cell)
        if output is None:
            for name in assigned(cell.source):
                self.lost.pop(name, None)
        elif output.ename == "AssertionError":
            self._lose(cell.source, line_in_cell(output), number_of(notebook, index))
        elif output.ename == "NameError" and (missing := _missing_name(output)) in self.lost:
            self.skipped[index] = self.lost[missing]  # a function needed it: no failure of its own
            self._lose(cell.source, line_in_cell(output), self.lost[missing])
        else:
            self.ended = number_of(notebook, index)

    def _lose(self, source: str, line: int, cause: int) -> None:
        for name in assigned(source, line):
            self.lost[name] = cause


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """The exception of a cell that was not expected to raise one."""
    if "raises-exception" in cell.metadata.get("tags", []):
        return None
    return next((o for o in cell.get("outputs", []) if o.output_type == "error"), None)


def number_of(notebook: NotebookNode, index: int) -> int:
    """Number of a cell among the code cells, from 1."""
    return sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])


def plain(text: str) -> str:
    """Text without the colours of a terminal."""
    return _ANSI.sub("", text)


def line_in_cell(error: NotebookNode) -> int:
    """Line of the cell that raised, from 1."""
    found = _IN_CELL.search(plain("\n".join(error.traceback)))
    return int(found[1]) if found else 1


def _missing_name(error: NotebookNode) -> str:
    found = re.search(r"name '(\w+)' is not defined", error.evalue)
    return found[1] if found else ""


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # a magic, or the failure itself
        return []


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement binds where it stands, and in what it encloses."""
    names = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            names.add(inner.id)
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(inner.name)
        elif isinstance(inner, ast.arg):
            names.add(inner.arg)
        elif isinstance(inner, ast.alias):
            names.add((inner.asname or inner.name).split(".")[0])
    return names


def assigned(source: str, line: int = 1) -> set[str]:
    """Names that the statements of a cell bind, from the one at this line on."""
    names: set[str] = set()
    for statement in _statements(source):
        if (statement.end_lineno or statement.lineno) >= line:
            names |= _bound(statement)
    return names


def _run_now(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it: not the bodies of functions."""
    yield node
    function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    for name, value in ast.iter_fields(node):
        if not (function and name == "body"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _run_now(child)


def needed(source: str) -> Iterator[str]:
    """Names that a cell reads before it has bound them itself; a function may read others later."""
    own: set[str] = set()
    simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert, ast.Return)
    for statement in _statements(source):
        bound = _bound(statement)
        # `x = x + 1` needs x; the i of a loop or comprehension is the statement's own.
        loops = [n.target for n in ast.walk(statement) if isinstance(n, ast.comprehension)]
        inside = own.union(*map(_bound, loops if isinstance(statement, simple) else [statement]))
        for inner in _run_now(statement):
            name = inner.target if isinstance(inner, ast.AugAssign) else inner
            if not isinstance(name, ast.Name) or hasattr(builtins, name.id):
                continue
            if (name is not inner or isinstance(name.ctx, ast.Load)) and name.id not in inside:
                yield name.id
        own |= bound


# --- what is told


def failures(run: Run, plan: Plan, text: str, timeout: float | None = None) -> list[Failure]:
    """Everything that failed in a run, in the order of the page; the outputs are made clean.

    text: the source of the page. Errors and failed claims are taken out of the cells' outputs:
    the page shows them in boxes of its own.
    """
    plan.catch_up(run.notebook, len(run.notebook.cells))
    found: list[Failure] = []
    stopped = _stopped(run, timeout)
    if "language_info" not in run.notebook.metadata:  # of a kernel that did not start
        run.notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for index, cell in enumerate(run.notebook.cells):
        if cell.cell_type != "code":
            continue
        where = Where(run.notebook, index, text)
        if stopped and index > stopped.index:
            cause = plan.skipped.get(index, stopped.number)
            found.append(where.failure(SKIPPED, cause=cause))
        elif stopped and index == stopped.index:
            found += [*claims(cell, where), where.failure(
                stopped.kind, expected=stopped.expected, came=stopped.came)]
        elif index in plan.skipped:
            found.append(where.failure(SKIPPED, cause=plan.skipped[index]))
        else:
            found += claims(cell, where) + raised(cell, where)
        cell.outputs = [output for output in cell.get("outputs", []) if not _told(cell, output)]
    return found


@dataclass
class Where:
    """A cell and its place in the source of the page."""

    notebook: NotebookNode
    index: int
    text: str

    def line(self, inside: int = 1) -> int:
        """Line of the source, from 1, of a line of the cell."""
        start = self.notebook.metadata.get("source_map", [0] * (self.index + 1))[self.index]
        code = self.notebook.cells[self.index].source.splitlines() or [""]
        lines = self.text.splitlines()
        for number in range(start, min(start + 20, len(lines))):  # below the options of the cell
            if lines[number].strip() == code[0].strip():
                return number + inside
        return start + 1

    def failure(self, kind: str, inside: int = 1, **told) -> Failure:
        number = number_of(self.notebook, self.index)
        return Failure(kind, self.index, number, self.line(inside), **told)


def claims(cell: NotebookNode, where: Where) -> list[Failure]:
    """The claims of a cell that did not hold (dlworkbook/claims.py)."""
    found = []
    for output in cell.get("outputs", []):
        if record := output.get("metadata", {}).get("dlworkbook", {}).get("claim"):
            value = record["value"]
            shown = f"{value:.6g}" if isinstance(value, float) else value
            expected = f"{record['what']} {record['relation']} {record['bound']:.6g}"
            found.append(where.failure(CLAIM, expected=expected, came=str(shown)))
    return found


def raised(cell: NotebookNode, where: Where) -> list[Failure]:
    """The exception of a cell, at most one."""
    error = error_of(cell)
    if error is None:
        return []
    line = line_in_cell(error)
    trace = "\n".join(plain("\n".join(error.traceback)).splitlines()[-TRACE_LINES:])
    message = plain(f"{error.ename}: {error.evalue}" if error.evalue else error.ename)
    if error.ename != "AssertionError":
        return [where.failure(ERROR, line, came=message, trace=trace)]
    noted = next((o.data[MIME] for o in cell.outputs if MIME in o.get("data", {})), None)
    if noted is None:  # raised by a function, as torch.testing.assert_close
        return [where.failure(ASSERTION, line, came=message, trace=trace)]
    came = [f"{name} = {value}" for name, value in noted["values"]] or ["False"]
    came += [plain(error.evalue)] if error.evalue else []
    return [where.failure(ASSERTION, line, expected=noted["test"], came="; ".join(came),
                          trace=trace)]


def _stopped(run: Run, timeout: float | None) -> Failure | None:
    """Why the whole run stopped, if it did."""
    if run.error is None:
        return None
    code = [i for i, cell in enumerate(run.notebook.cells) if cell.cell_type == "code"]
    index = code[0] if run.at is None else run.at
    where = Where(run.notebook, index, "")
    if isinstance(run.error, CellTimeoutError):
        return where.failure(TIMEOUT, came=f"The cell took longer than {timeout:g} s.")
    if isinstance(run.error, DeadKernelError):
        return where.failure(DIED, came="The Python process that ran the page ended in this cell.")
    told = f"{type(run.error).__name__}: {run.error}"
    return where.failure(START if run.at is None else ERROR, came=told)


def _told(cell: NotebookNode, output: NotebookNode) -> bool:
    """Whether an output is told in a box, or to nobody."""
    return (
        (output.output_type == "error" and error_of(cell) is not None)
        or MIME in output.get("data", {})
        or "claim" in output.get("metadata", {}).get("dlworkbook", {})
    )


def to_data(found: list[Failure]) -> list[dict]:
    """As JSON."""
    return [asdict(failure) for failure in found]


def from_data(found: list[dict]) -> list[Failure]:
    return [Failure(**failure) for failure in found]
