"""Run an instructor's own pages once, as the book's build runs its pages: what they assert holds.

So a key that its solution does not prove, or a cell that stops, is told before anybody gets it.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable

import yaml
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbconvert.filters import strip_ansi
from nbformat.v4 import new_code_cell, new_notebook

from dlworkbook.answers import packed
from publish.page.model import Page
from publish.tools.kernels import run_notebook

from .own import ROOT, Folder


def problems(folder: Folder, pages: Iterable[Page]) -> list[str]:
    """The first cell of each page that stops, ``page.md:line: what is wrong``."""
    found = (_stopped(page, folder) for page in pages)
    return [told for told in found if told]


@functools.cache
def _seconds() -> int:
    """What a cell of the book may take."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["execute"]["timeout"]


def _stopped(page: Page, folder: Folder) -> str:
    held = packed({answer.name: answer.spec for answer in page.answers} | folder.sources)
    first = new_code_cell(f"from dlworkbook import checks\nchecks.hold({held!r})")
    cells = [new_code_cell(cell.source, metadata={"tags": cell.tags}) for cell in page.cells]
    notebook = new_notebook(cells=[first, *cells])
    with tempfile.TemporaryDirectory(prefix="own-page-") as place:
        run = run_notebook(notebook, place, timeout=_seconds(), env={"PYTHONPATH": str(ROOT)})
    if run.error is None:
        return ""
    at = page.cells[run.at - 1].line if run.at else 1
    if isinstance(run.error, CellExecutionError):
        said = run.error.evalue.strip().split("\n")[0] or _marked(run.error.traceback)
        what = f"this cell stops: {run.error.ename}{f': {said}' if said else ''}"
    elif isinstance(run.error, CellTimeoutError):
        what = f"this cell takes more than {_seconds()} s"
    else:
        what = f"the page cannot be run: {run.error}"
    return f"{page.name}.md:{at}: {what}"


def _marked(trace: str) -> str:
    """The line of code at which an exception without words was raised, in a report of IPython."""
    lines = [line for line in strip_ansi(trace).split("\n") if line.startswith("--")]
    return " ".join(lines[-1].lstrip("->").split()[1:]) if lines else ""
