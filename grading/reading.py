"""Read a submitted file: the code cells of a notebook, whatever was done to it, or why not."""

from __future__ import annotations

import ast
import difflib
import json
from dataclasses import dataclass, field
from pathlib import Path

from grading.lab import Lab
from grading.names import defined, interface_name

LARGEST = 400_000_000  # bytes of a file that is opened at all
ALIKE = 0.85  # share of lines that a cell that trains keeps, to be known without its tag
INSIDE = ("checks.tasks", "checks import tasks", "import_module('dlworkbook", "TASK.reference")
LONG = 6  # statements of a solution that nobody writes twice by chance
KINDS = (  # how other files begin
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip or an Office document"),
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
    skipped: set[int] = field(default_factory=set)
    notes: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path, lab: Lab, others: dict[int, set[str]]) -> Submitted:
    """The code cells of a file. ``others``: names of the answers of the other labs.

    Raises Rejected for a file that is no notebook, or that of another lab.
    """
    notebook = _json(path)
    raw = notebook.get("cells")
    if raw is None and isinstance(notebook.get("worksheets"), list):  # before 2015
        raw = [c for w in notebook["worksheets"] if isinstance(w, dict) for c in w.get("cells", [])]
    if not isinstance(raw, list):
        raise Rejected("not_a_notebook", "The file is JSON, but not a notebook: it has no cells.")
    found = Submitted([])
    for cell in raw:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            text = "".join(map(str, source)) if isinstance(source, list) else str(source)
            found.cells.append(text)
            if _left_out(text, _tags(cell), lab):
                found.skipped.add(len(found.cells) - 1)
    if not found.cells:
        raise Rejected("no_code", "The notebook has no code cells.")
    _which_lab(notebook, found, lab, others)
    _borrowed(found, lab)
    return found


def _json(path: Path) -> dict:
    size = path.stat().st_size
    if size == 0:
        raise Rejected("empty", "The file is empty.")
    if size > LARGEST:
        raise Rejected("too_large", f"The file has {size / 1e6:,.0f} MB.")
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
    return [line.strip() for line in source.splitlines() if line.strip()]


def _which_lab(notebook: dict, found: Submitted, lab: Lab, others: dict[int, set[str]]) -> None:
    """Note lost metadata; raise Rejected for the notebook of another lab."""
    metadata = notebook.get("metadata")
    about = metadata.get("workbook") if isinstance(metadata, dict) else None
    number = about.get("lab") if isinstance(about, dict) else None
    if number is None:
        text = "The notebook lost its metadata; it was graded by the names that it defines."
        found.notes.append(("no_metadata", text))
    names = {interface_name(n) for source in found.cells for n in defined(source)}
    if names & {task.answer for task in lab.tasks}:
        if number not in (None, lab.number):
            text = f"The notebook says that it is of lab {number}, but it answers this lab."
            found.notes.append(("other_metadata", text))
        return
    best = max(others, key=lambda n: len(names & others[n]), default=None)
    if number is None and best is not None and names & others[best]:
        number = best
    if number not in (None, lab.number):
        raise Rejected(
            "wrong_lab", f"This is the notebook of lab {number}; lab {lab.number} was asked for."
        )


def _borrowed(found: Submitted, lab: Lab) -> None:
    """Note answers that are the checks' own, or the book's."""
    code = "\n".join(found.cells)
    if any(text in code for text in INSIDE):
        text = "The code reaches into the checks themselves, where the answers are."
        found.notes.append(("reads_checks", text))
    for task in lab.tasks:
        own = {
            _plain(d)
            for c in lab.cells
            if c.role == "solution"
            for d in _definitions(c.source)
            if d.name == task.answer
        }
        theirs = [d for c in found.cells for d in _definitions(c) if d.name == task.answer]
        if any(_plain(d) in own and _statements(d) >= LONG for d in theirs):
            text = f"`{task.answer}` is the book's own solution, to the letter."
            found.notes.append(("book_solution", text))


def _definitions(source: str) -> list[ast.FunctionDef | ast.ClassDef]:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _plain(node: ast.AST) -> str:
    """A definition without what does not matter: layout, comments, docstring."""
    body = [
        s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    return "\n".join(ast.dump(statement) for statement in body)


def _statements(node: ast.AST) -> int:
    return sum(isinstance(n, ast.stmt) for n in ast.walk(node))
