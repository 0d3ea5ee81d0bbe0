"""Lint rules about the code cells of a page.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import ast
import functools
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ruff import find_ruff_bin

from publish.page import code
from publish.page.model import Page
from publish.page.parser import Cell, Directive

Found = Iterator[tuple[int, str]]

MAX_WIDTH = 79
IMPORTS = (ast.Import, ast.ImportFrom)
# Rules of ruff that a notebook breaks with good reason: imports in later cells, functions
# defined anew, an expression that is shown, a semicolon that hides it, `for step in range(9)`,
# `fig, ax = plt.subplots()`, `list(d)[0]`; and line length, which `width` checks.
IGNORED = "E402,F811,B018,E703,B007,RUF059,RUF015,E501"
_PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def plain_python(source: str) -> str:
    """Code with IPython's % and ! lines replaced by `pass`, line for line."""
    lines = []
    for line in source.split("\n"):
        bare = line.lstrip()
        magic = bare.startswith(("%", "!"))
        lines.append(line[: len(line) - len(bare)] + "pass" if magic else line)
    return "\n".join(lines)


def as_module(page: Page) -> str:
    """All cells of a page as one module that has the line numbers of the page.

    A `pass` stands where a cell begins: it parts the import blocks of different cells. So does one
    behind a cell that ends with imports, as far below as ruff wants the next statement.
    """
    lines = [""] * (len(page.text.split("\n")) + 1)
    for cell in page.cells:
        lines[cell.line - 1] = "pass"
        for i, line in enumerate(plain_python(cell.source).split("\n")):
            lines[cell.first - 1 + i] = line
        if cell.tree and cell.tree.body and isinstance(cell.tree.body[-1], IMPORTS):
            lines[cell.first + cell.tree.body[-1].end_lineno] = "pass"
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines) + "\n"


def ruff(page: Page, book) -> Found:
    """Findings of ruff, at the page's own lines."""
    if not page.cells:
        return
    run = subprocess.run(
        [find_ruff_bin(), "check", "--config", _PYPROJECT.name, "--extend-ignore",
         IGNORED, "--config", 'builtins=["display", "get_ipython"]',
         "--config", "lint.isort.lines-after-imports=1", "--no-cache",
         "--output-format", "json", "--stdin-filename", "page.py", "-"],
        input=as_module(page), capture_output=True, text=True, encoding="utf-8",
        cwd=_PYPROJECT.parent,  # ruff would take a `$` in the folder's name for a variable
    )
    if run.returncode not in (0, 1):
        raise RuntimeError(f"ruff did not run: {run.stderr.strip()}")
    for finding in json.loads(run.stdout):
        yield finding["location"]["row"], f"code: {finding['code']} {finding['message']}"


def width(page: Page, book) -> Found:
    """Lines fit a phone, a printed page and two windows side by side."""
    for cell in page.cells:
        for i, line in enumerate(cell.source.split("\n")):
            if len(line) > MAX_WIDTH:
                yield cell.first + i, f"code line of {len(line)} characters; at most {MAX_WIDTH}"


def docstrings(page: Page, book) -> Found:
    """Every function and class at the top level says in one line what it gives.

    A function of a single statement may do without: its name and that line say it.
    """
    for cell in page.cells:
        for node in cell.tree.body if cell.tree else ():
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            text = ast.get_docstring(node)
            line = cell.first + node.lineno - 1
            if text is None and (isinstance(node, ast.ClassDef) or len(node.body) > 1):
                yield line, f"'{node.name}' has no docstring; say in one line what it gives"
            elif "\n" in (text or ""):
                yield line, f"the docstring of '{node.name}' has several lines; page code has one"


def starters(page: Page, book) -> Found:
    """A starter follows its exercise, is checked, and nothing later depends on it."""
    pending: Cell | None = None  # a starter that is not checked yet
    own: dict[str, int] = {}  # what starters define
    for block in page.blocks:
        if isinstance(block, Directive) and block.name in ("exercise", "solution"):
            yield from _unchecked(pending)
            pending = None
        if not isinstance(block, Cell):
            continue
        checks = any(code.calls(block.tree, "checks.check"))
        if block.role == "starter":
            if block.exercise is None:
                yield block.line, "this starter follows no exercise; put it right after one"
            own |= block.defined
            for name, line in block.defined.items():
                if code.interface_name(name) == name:
                    yield line, (
                        f"the starter defines '{name}'; call it 'my_{name}' (a class: 'My' and a "
                        "capital letter), which an assignment calls as the solution does"
                    )
            pending = block
        elif block.role == "check":
            if not checks:
                yield block.line, "a cell tagged 'check' must call checks.check(task, answer)"
            pending = None
        else:
            for name in sorted(_used(block) & own.keys()):
                yield block.line, (
                    f"this cell uses '{name}' of a starter; untouched notebooks would fail here"
                )
            if checks and block.role == "code":
                yield block.line, "this cell calls checks.check; tag it 'check'"
    yield from _unchecked(pending)


def _unchecked(starter: Cell | None) -> Found:
    if starter is not None:
        yield starter.line, "the starter has no check; follow it by a cell tagged 'check'"


def _used(cell: Cell) -> set[str]:
    """Names that a cell reads and does not define itself."""
    names = [n for n in ast.walk(cell.tree) if isinstance(n, ast.Name)] if cell.tree else []
    return {n.id for n in names if isinstance(n.ctx, ast.Load)} - cell.defined.keys()


def figures(page: Page, book) -> Found:
    """A cell that plots is a figure: caption, name, alt text."""
    for cell in page.cells:
        figure, image = cell.figure, cell.image
        if not figure:
            # Reruns with sliders plot too, and so does code that is left to the reader.
            if _plots(cell) and not cell.tagged("notebook-only", "starter", "raises-exception"):
                yield cell.line, (
                    "this cell plots, but is no figure; add 'mystnb: {image: {alt: ...}, "
                    "figure: {caption: ..., name: fig-...}}'"
                )
            continue
        if len(str(figure.get("caption") or "").split()) < 4:
            yield cell.line, "the figure has no caption that says what to see and what it means"
        if len(str(image.get("alt") or "").split()) < 4:
            yield cell.line, "the figure has no 'image: alt:' that tells the finding"
        if not str(figure.get("name") or "").startswith("fig-"):
            yield cell.line, "the figure needs a 'name:' that begins with 'fig-'"


def _plots(cell: Cell) -> bool:
    """True if the cell calls pyplot outside function definitions."""
    stack: list[ast.AST] = list(cell.tree.body) if cell.tree else []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "plt"
            and node.attr not in ("close", "rcParams", "cm", "get_cmap")
        ):
            return True
        stack.extend(ast.iter_child_nodes(node))
    return False


def markdown_images(page: Page, book) -> Found:
    """Pictures in the text carry an alt text."""
    for found in page.references:
        if found.kind == "image" and len(found.text.split()) < 3:
            yield found.line, f"image '{found.content}' has no alt text that tells what it shows"


def glue(page: Page, book) -> Found:
    """Every number that the text takes from a cell is glued, and every glued one is used."""
    glued: dict[str, int] = {}
    for cell in page.cells:
        for call in code.calls(cell.tree, "glue"):
            if not call.args:
                continue
            line, name = cell.first + call.lineno - 1, call.args[0]
            if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
                yield line, "the first argument of glue must be a literal name"
            elif name.value in glued:
                yield line, f"'{name.value}' is glued twice (before in line {glued[name.value]})"
            else:
                glued[name.value] = line
    used = {}
    for found in page.references:
        if found.kind.startswith("glue"):
            used.setdefault(found.content.partition(":")[0].strip(), found.line)
    for name, line in used.items():
        if name not in glued:
            yield line, f"the text uses '{name}', but no cell calls glue(\"{name}\", ...)"
    for name, line in glued.items():
        if name not in used:
            yield line, f"'{name}' is glued, but the text never uses it; use it or remove the call"


def claims(page: Page, book) -> Found:
    """Claims are for the book's own bookkeeping: in cells that the site does not show."""
    for cell in page.cells:
        for call in code.calls(cell.tree, "claim"):
            line = cell.first + call.lineno - 1
            if "notebook-only" in cell.tags:
                yield line, "a claim in a 'notebook-only' cell would not mark the page"
            elif not cell.tagged("remove-input", "fold", "solution"):
                yield line, "this cell shows a claim; put it into a cell tagged 'remove-input'"


@functools.cache
def widget_names() -> dict[str, str]:
    """Name of each widget by its class."""
    from dlworkbook import widgets

    classes = {cls: getattr(widgets, cls) for cls in widgets.__all__}
    return {cls: kind.widget_name for cls, kind in classes.items() if hasattr(kind, "widget_name")}


def widgets(page: Page, book) -> Found:
    """The front matter names the widgets that the cells show, and their code is hidden."""
    shown: dict[str, Cell] = {}
    imported: set[str] = set()
    for cell in page.cells:
        for node in ast.walk(cell.tree) if cell.tree else ():
            if isinstance(node, ast.ImportFrom) and node.module == "dlworkbook.widgets":
                imported |= {a.asname or a.name for a in node.names}
        for name in sorted(imported):
            if any(code.calls(cell.tree, name)):
                shown.setdefault(widget_names().get(name, name), cell)
    line = page.front.line("workbook", "widgets")
    for name in page.meta.widgets:
        if name not in shown:
            yield line, f"widget '{name}' is in the front matter, but no cell shows it"
    for name, cell in shown.items():
        if name not in page.meta.widgets:
            yield cell.line, f"widget '{name}' is not in the front matter; add it to 'widgets'"
        if not cell.tagged("remove-input", "notebook-only"):
            yield cell.line, "a cell that shows a widget needs the tag 'remove-input'"


RULES = (markdown_images,)  # every page of the book
SECTION_RULES = (ruff, width, docstrings, starters, figures, glue, claims, widgets)
