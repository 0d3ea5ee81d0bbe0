"""What a solution puts out waits in a fold: run in a kernel, as 'Run all' does."""

from __future__ import annotations

import re

import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from publish.tools.kernels import run_notebook

pytestmark = pytest.mark.notebooks

TITLE = "# @title Solution of exercise 3\n"
FOLD = "from dlworkbook import solutions\nsolutions.fold()"
SECRET = "4711"
SHOWS = {
    "print": f"print({SECRET})",
    "value": f"{SECRET} + 0",
    "errors": f"import sys; print({SECRET}, file=sys.stderr)",
    "warning": f"import warnings; warnings.warn('{SECRET}')",
    "display": f"display({SECRET})",
    "formula": f"import sympy\nsympy.Integer({SECRET}) + sympy.Symbol('x')",
    "table": f"import pandas\npandas.DataFrame([{SECRET}])",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "svg": "from dlworkbook import style\nstyle.use()\nplt.plot([1, 2])\nplt.show()",
}


@pytest.fixture
def run(unpacked_wheel, kernel_environment, tmp_path):
    """Return a function that runs cells in one kernel with the wheel, and gives them back."""

    def execute(*sources, **settings):
        notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
        environment = {**kernel_environment, "PYTHONPATH": str(unpacked_wheel)}
        run_notebook(notebook, tmp_path, timeout=120, env=environment, **settings).check()
        return notebook.cells

    return execute


def outside_folds(cell) -> str:
    """All that a reader sees of a cell's outputs before he opens anything."""
    shown = ""
    for output in cell.outputs:
        html = output.get("data", {}).get("text/html", "")
        if html.startswith("<details>"):
            shown += re.search("<summary.*?</summary>", html)[0] + output.data["text/plain"]
        else:
            shown += str(output)
    return shown


def test_nothing_is_seen_of_a_solution_until_it_is_opened(run):
    cells = run(FOLD, FOLD, *(TITLE + code for code in SHOWS.values()), SHOWS["print"])
    for name, cell in zip(SHOWS, cells[2:], strict=False):
        assert len(cell.outputs) == 1, name
        html = cell.outputs[0].data["text/html"]
        assert html.startswith("<details>") and "<details open" not in html
        inside = html.split("</summary>")[1]
        wanted = {"plot": "data:image/png;base64,iVBOR", "svg": "data:image/svg+xml;base64,"}
        assert wanted.get(name, SECRET) in inside, name
        assert SECRET not in outside_folds(cell) and "image/" not in outside_folds(cell), name
    assert SECRET in outside_folds(cells[-1])  # any other cell shows what it has to show


def test_a_solution_leaves_its_names_its_lines_and_no_empty_fold(run):
    lines = "import inspect\nline = inspect.currentframe().f_lineno"
    cells = run(FOLD, TITLE + "def answer():\n    return 6 * 7", TITLE + lines,
                "print(answer(), line)")
    assert cells[1].outputs == cells[2].outputs == []
    assert cells[3].outputs[0].text == "42 3\n"  # counted with the title, as the reader sees it


def test_what_is_written_anew_is_shown_as_it_is_in_the_end(run):
    code = ("from dlworkbook.counting import progress\n"
            "for _ in progress(range(3), 'networks'): print(end='x')")
    html = run(FOLD, TITLE + code)[1].outputs[0].data["text/html"]
    assert html.count("networks") == 1 and "networks: 3 of 3 done" in html and "xxx" in html


def test_an_error_in_a_solution_is_shown_once_and_stops(run):
    cells = run(FOLD, TITLE + "print(1)\n1 / 0", "print('on')", allow_errors=True)
    errors = [o for o in cells[1].outputs if o.output_type == "error"]
    assert [error.ename for error in errors] == ["ZeroDivisionError"]
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(FOLD, TITLE + "1 / 0")
    assert "print" not in outside_folds(cells[2]) and "on" in outside_folds(cells[2])


def test_without_the_setup_or_without_the_title_a_cell_shows_everything(run):
    cells = run(TITLE + SHOWS["print"], FOLD, SHOWS["value"])
    assert SECRET in outside_folds(cells[0]) and SECRET in outside_folds(cells[2])


def test_outside_of_ipython_it_does_nothing():
    from dlworkbook import solutions

    solutions.fold()
