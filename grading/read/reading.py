"""Read a submitted file: the code cells of a notebook, whatever was done to it, or why not."""

from __future__ import annotations

import ast
import builtins
import difflib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from dlworkbook import needs
from grading.make.lab import Lab
from grading.make.variants import MARK
from publish.page.code import bound, defined, imported, interface_name, parse, top_level

from . import written
from .cleaning import both, clean

LARGEST = 10_000_000  # bytes of a notebook that is opened at all
ALIKE = 0.85  # share of lines that a cell that trains keeps, to be known without its tag
MODULES = ("dlworkbook.checks.tasks", "dlworkbook.answers")  # these and files hold the answers
INSIDE = (*MODULES, "checks/tasks", "answers/pages", "checks.tasks", "checks import tasks",
          "dlworkbook import answers")
# Functions whose text is a module, a file or code: there a text counts as code.
TAKE_CODE = {
    "import_module", "__import__", "find_spec", "run_module", "exec", "eval", "open", "Path",
    "system", "getoutput", "run_line_magic", "run_cell_magic",
}
VARIANT = re.compile(rf"^{MARK} = '(\w+)'", re.MULTILINE)  # in the set-up cell
HALVES = re.compile("[\ud800-\udfff]")  # of characters: no file can hold them
LONG = 6  # statements of a solution that nobody writes twice by chance
KINDS = (  # how other files begin
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip or an Office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8", "a picture"),
    (b"<!DOCTYPE", "a page of HTML"),
    (b"<html", "a page of HTML"),
    (b"\x1f\x8b", "a compressed file"),
)


class Rejected(ValueError):
    """A file that cannot be graded; ``code`` is a word, the text a sentence."""

    def __init__(self, code: str, text: str):
        super().__init__(text)
        self.code = code


@dataclass
class Submitted:
    """The code of a submission. Cells to be left out are marked, so that numbers stay right."""

    cells: list[str]  # source of the code cells, in order
    labels: list[str] = field(default_factory=list)  # what to call each cell, for a student
    skipped: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)  # cells that are the book's, as handed out
    notes: list[tuple[str, str]] = field(default_factory=list)
    # for the name of an answer: why the cell that seems to define it cannot be read
    broken: dict[str, str] = field(default_factory=dict)
    variant: str = ""  # the mark of whose practice problems it says it holds
    written: dict[str, str] = field(default_factory=dict)  # answers in words, as Markdown

    def add(self, source: str, count: object) -> None:
        """Add a code cell with its number in brackets, if it has one."""
        self.cells.append(source)
        ran = f"In [{count}], " if isinstance(count, int) and not isinstance(count, bool) else ""
        self.labels.append(f"Code cell {len(self.cells)} ({ran}`{_first_line(source)}`)")

    def as_dict(self) -> dict:
        """Plain data for JSON."""
        return asdict(self) | {"skipped": sorted(self.skipped), "own": sorted(self.own)}

    @classmethod
    def from_dict(cls, data: dict) -> Submitted:
        """What ``as_dict`` gave."""
        notes = [tuple(note) for note in data["notes"]]
        sets = {name: set(data[name]) for name in ("skipped", "own")}
        return cls(**data | sets | {"notes": notes})

    def put_first(self, source: str, label: str) -> None:
        """Add a cell that the student does not see, before all others."""
        self.cells.insert(0, source)
        self.labels.insert(0, label)
        self.skipped = {k + 1 for k in self.skipped}
        self.own = {k + 1 for k in self.own}


def is_notebook(name: str) -> bool:
    """Whether a file's name is that of a notebook: one rule, wherever the file lies."""
    return name.lower().endswith((".ipynb", ".ipynb.txt", ".ipynb.json"))


def read(path: Path, lab: Lab, others: dict[str, set[str]]) -> Submitted:
    """The code cells of a file. ``others``: names of the answers of the other assignments.

    Raises Rejected for a file that is no notebook, or that of another assignment.
    """
    notebook = _json(path)
    raw = notebook.get("cells")
    if raw is None and isinstance(notebook.get("worksheets"), list):  # before 2015
        sheets = [w.get("cells") for w in notebook["worksheets"] if isinstance(w, dict)]
        raw = [cell for cells in sheets if isinstance(cells, list) for cell in cells]
    if not isinstance(raw, list):
        raise Rejected("not_a_notebook", "The file is JSON, but not a notebook: it has no cells.")
    found, every = Submitted([]), []
    for cell in raw:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input"))
        text = "".join(map(str, source)) if isinstance(source, list) else source
        text = HALVES.sub("\ufffd", text) if isinstance(text, str) else ""
        kind = "code" if cell.get("cell_type") == "code" else "text"
        every.append((kind, text, bool(cell.get("attachments"))))
        if kind == "code":
            found.add(text, cell.get("execution_count", cell.get("prompt_number")))
            if _left_out(text, _tags(cell), lab):
                found.skipped.add(len(found.cells) - 1)
    collected = written.collect(every, lab)
    found.written = collected.answers
    found.notes += collected.notes
    if not found.cells and not any(found.written.values()):
        raise Rejected("no_code", "The notebook has no code cells.")
    _which_lab(notebook, found, lab, others)
    found.variant = _variant(notebook, found)
    _borrowed(found, lab)
    handed_out = {tuple(_lines(c.source)) for c in lab.cells if c.kind == "code"}
    found.own = {k for k, s in enumerate(found.cells) if tuple(_lines(s)) in handed_out}
    _starters_below(found, lab)
    _broken(found, lab)
    _imports(found, lab)
    return found


def _json(path: Path) -> dict:
    size = path.stat().st_size
    if size == 0:
        raise Rejected("empty", "The file is empty.")
    if size > LARGEST:
        raise Rejected(
            "too_large",
            f"The file has {size / 1e6:,.0f} MB; a notebook may have {LARGEST / 1e6:.0f}. Its "
            "outputs take the room: clear them, save, and hand it in again.",
        )
    data = path.read_bytes()
    for start, kind in KINDS:
        if data[:64].lstrip().lower().startswith(start.lower()):
            raise Rejected("not_a_notebook", f"The file is {kind}, not a notebook.")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Rejected("not_a_notebook", "The file is not text, so not a notebook.") from None
    if not text.strip(" \t\r\n\0"):
        raise Rejected("empty", "The file holds nothing but blanks.")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        if text.lstrip().startswith("{") and '"cell' in text:
            raise Rejected(
                "damaged", "The notebook is damaged: its JSON breaks off or is not valid."
            ) from None
        raise Rejected("not_a_notebook", "The file is text, but not a notebook.") from None
    if not isinstance(notebook, dict):
        raise Rejected("not_a_notebook", "The file is JSON, but not a notebook.")
    return notebook


def _tags(cell: dict) -> set[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return {str(tag) for tag in tags} if isinstance(tags, list) else set()


def _left_out(source: str, tags: set[str], lab: Lab) -> bool:
    """Cells that train, checks as they were handed out, and the set-up cell are not run."""
    names = set(defined(source))
    if names & {task.answer for task in lab.tasks}:
        return False
    if source.lstrip().startswith("# @title Set-up") and "dlworkbook" in source:
        return True
    plain = _lines(source)
    for cell in lab.cells:
        if cell.role == "check" and plain == _lines(cell.source):
            return True
        if "slow" in cell.tags:
            theirs = _lines(cell.source)
            if plain == theirs or "slow" in tags:
                return True
            if difflib.SequenceMatcher(None, plain, theirs, False).ratio() >= ALIKE:
                return True
    return False


def _lines(source: str) -> list[str]:
    """What a cell is compared by: which answers it waits for does not matter."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return [line for line in lines if not needs.named(line)]


def _which_lab(notebook: dict, found: Submitted, lab: Lab, others: dict[str, set[str]]) -> None:
    """Note lost metadata; raise Rejected for the notebook of another assignment."""
    metadata = notebook.get("metadata")
    about = metadata.get("workbook") if isinstance(metadata, dict) else None
    name = about.get("assignment") if isinstance(about, dict) else None
    if name is None and isinstance(about, dict) and about.get("lab") is not None:
        name = f"lab{about['lab']}"  # handed out before assignments had names
    if name is None:
        text = "The notebook lost its metadata; it was graded by the names that it defines."
        found.notes.append(("no_metadata", text))
    names = {interface_name(n) for source in found.cells for n in defined(source)}
    if names & {task.answer for task in lab.tasks} or any(found.written.values()):
        if name not in (None, lab.name):
            text = f"The notebook says that it is of {_told(name)}, but it answers {lab.what}."
            found.notes.append(("other_metadata", text))
        return
    best = max(others, key=lambda n: len(names & others[n]), default=None)
    if name is None and best is not None and names & others[best]:
        name = best
    if name not in (None, lab.name):
        raise Rejected(
            "wrong_lab", f"This is the notebook of {_told(name)}; {lab.what} was asked for."
        )


def _variant(notebook: dict, found: Submitted) -> str:
    """The mark in the metadata, or, where these were lost, in the set-up cell."""
    metadata = notebook.get("metadata")
    about = metadata.get("workbook") if isinstance(metadata, dict) else None
    said = about.get("variant") if isinstance(about, dict) else None
    lines = (match for k in sorted(found.skipped) for match in VARIANT.finditer(found.cells[k]))
    first = next(lines, None)
    return str(said or (first[1] if first else ""))[:40]


def _told(name: object) -> str:
    """An assignment in words: ``lab 6``; what a notebook says of itself may be anything."""
    text = clean(str(name), 60)
    number = text.removeprefix("lab")
    return f"lab {number}" if number != text and number.isdigit() else f"assignment '{text}'"


def _borrowed(found: Submitted, lab: Lab) -> None:
    """Note answers that are the checks' own, or the book's."""
    if any(_reaches_inside(source) for source in found.cells):
        text = "The code reaches into the checks themselves, where the answers are."
        found.notes.append(("reads_checks", text))
    books = []
    for task in lab.tasks:
        own = {
            _plain(d)
            for c in lab.cells
            if c.role == "solution"
            for d in _definitions(c.source)
            if d.name == task.answer or (task.label and c.label == task.label)
        }
        theirs = [d for c in found.cells for d in _definitions(c) if _answers(d.name, task.answer)]
        if any(_plain(d) in own and _statements(d) >= LONG for d in theirs):
            books.append(f"`{task.answer}`")
    if books:
        are = "are the book's own solutions" if len(books) > 1 else "is the book's own solution"
        found.notes.append(("book_solution", f"{both(books)} {are}, to the letter."))


def _reaches_inside(source: str) -> bool:
    """Whether code, not a comment or a printed text, asks for the modules with the answers."""
    if not any(word in source for word in ("checks", "reference", "answers")):
        return False
    tree = parse(source)
    return tree is not None and any(map(_inside, ast.walk(tree)))


def _inside(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.startswith(MODULES) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        return any(name.startswith(MODULES) for name in names)
    if isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value).rpartition(".")[2]
        return (owner, node.attr) in (
            ("checks", "tasks"), ("TASK", "reference"), ("dlworkbook", "answers"))
    if isinstance(node, ast.Subscript):  # sys.modules["..."]
        return _says_inside(node.slice)
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in TAKE_CODE and any(map(_says_inside, node.args))
    return False


def _says_inside(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and any(word in part.value for word in INSIDE)
        for part in ast.walk(node)
    )


# -- answers in places where nobody looks for them


def _answers(name: str, answer: str) -> bool:
    """Whether a definition of this name is graded as the answer."""
    return name in (answer, f"my_{answer}", f"My{answer}")


def _starters_below(found: Submitted, lab: Lab) -> None:
    """Take out untouched starters of answers that another cell gives: they would replace it."""
    starters = {
        (d.name, _plain(d))
        for cell in lab.cells
        if cell.role == "starter"
        for d in _definitions(cell.source)
    }
    below = []
    for task in lab.tasks:
        given, left = False, False
        for k, source in enumerate(found.cells):
            tree = parse(source) if task.answer in source and k not in found.skipped else None
            for node in top_level(tree) if tree is not None else ():
                if not any(_answers(name, task.answer) for name in bound(node)):
                    continue
                if not _is_stub(node, task.answer, starters):
                    given = True
                elif given:
                    _take_out(found, k, node)
                    left = True
        if left:
            below.append(f"`{task.answer}`")
    if below:
        text = f"The untouched starter of {below[0]} below its answer does not count."
        if len(below) > 1:
            text = f"The untouched starters of {both(below)} below their answers do not count."
        found.notes.append(("starter_below", text))


def _take_out(found: Submitted, k: int, node: ast.stmt) -> None:
    """Leave the lines of a starter empty; a cell with a magic command is left out as a whole."""
    lines = found.cells[k].split("\n")
    if any(line.lstrip().startswith(("%", "!")) for line in lines):
        found.skipped.add(k)
        return
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    lines[first - 1 : node.end_lineno] = [""] * (node.end_lineno - first + 1)
    found.cells[k] = "\n".join(lines)


def _is_stub(node: ast.stmt, answer: str, starters: set[tuple[str, str]]) -> bool:
    if isinstance(node, ast.Assign):  # of a box, or of several in a list
        given = getattr(node.value, "elts", [node.value])
        return bool(given) and all(ast.unparse(one) == "..." for one in given)
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return False
    body = [s for s in node.body if not _is_text(s)]
    return (answer, _plain(node)) in starters or not body


def _broken(found: Submitted, lab: Lab) -> None:
    """Note the cells that seem to define an answer and cannot be read."""
    for k, source in enumerate(found.cells):
        if k in found.skipped or parse(source) is not None:
            continue
        for task in lab.tasks:
            names = f"(?:my_|My)?{re.escape(task.answer)}"
            if re.search(
                rf"^[ \t]*(?:def|class)[ \t]+{names}\b|^{names}[ \t]*=", source, re.MULTILINE
            ):
                found.broken[task.answer] = f"{found.labels[k]} cannot be read: {_fault(source)}"


def _fault(source: str) -> str:
    """What Python says about code that is no code."""
    # magic commands are no fault
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")]
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        line = lines[error.lineno - 1].strip() if 0 < (error.lineno or 0) <= len(lines) else ""
        shown = f": `{clean(line, 80)}`" if line and "`" not in line else ""
        return f"{error.msg}, in its line {error.lineno}{shown}."
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}."
    return "it is no Python."


def _imports(found: Submitted, lab: Lab) -> None:
    """Give back the imports that were handed out and that a cell uses without or before them."""
    trees = [parse(s) for k, s in enumerate(found.cells) if k not in found.skipped]
    known, missing = set(dir(builtins)), set()
    for tree in filter(None, trees):
        nodes = list(ast.walk(tree))
        used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        known |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        known |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        known |= {name for node in nodes for name, _ in imported(node)}
        if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in tree.body):
            break  # whatever it brings
        missing |= used - known
    lines: dict[str, str] = {}
    for cell in lab.cells:
        tree = parse(cell.source) if cell.kind == "code" and cell.role == "code" else None
        for node in tree.body if tree is not None else ():
            lines |= {name: line for name, line in imported(node) if name in missing}
    if lines:
        code = "\n".join(dict.fromkeys(lines.values()))
        found.put_first(code, "The restored imports")
        text = f"Imports that were handed out are missing, or come too late: {', '.join(lines)}. "
        text += "They were restored before the first cell."
        found.notes.append(("imports_restored", text))


def _first_line(source: str) -> str:
    """The first line of code, short; to find the cell again."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    line = next((text for text in lines if not text.startswith("#")), lines[0] if lines else "")
    return clean(line.replace("`", "'"), 44)


# -- definitions


def _definitions(source: str) -> list[ast.FunctionDef | ast.ClassDef]:
    tree = parse(source)
    nodes = top_level(tree) if tree is not None else ()
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _is_text(statement: ast.stmt) -> bool:
    """A docstring, a ``...`` or a ``pass``."""
    expression = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return expression or isinstance(statement, ast.Pass)


def _plain(node: ast.AST) -> str:
    """A definition without what does not matter: layout, comments, docstring."""
    body = [s for s in node.body if not _is_text(s)]
    return "\n".join(ast.dump(statement) for statement in body)


def _statements(node: ast.AST) -> int:
    return sum(isinstance(n, ast.stmt) for n in ast.walk(node))
