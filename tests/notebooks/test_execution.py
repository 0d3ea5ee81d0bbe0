"""Every generated notebook runs from top to bottom with the wheel, untouched."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from publish.kernels import run_notebook
from publish.notebook_book import Book
from publish.site.addresses import Addresses
from tests.notebooks.helpers import ROOT

PAGES = [page.notebook for page in Book(ROOT, Addresses()).notebooks()]
WHERE = "import dlworkbook; print(dlworkbook.__file__)"


def printed(cell) -> str:
    return "".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream")


def shown(cell) -> str:
    """All text that a cell puts out."""
    data = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
    return printed(cell) + "".join(data)


def outside_folds(cell) -> str:
    """What a solution shows before anyone opens the fold below it."""
    return "".join(
        str(output) for output in cell.outputs
        if not output.get("data", {}).get("text/html", "").startswith("<details><summary")
    )


def test_there_are_notebooks():
    assert PAGES


@pytest.mark.parametrize("name", PAGES)
def test_notebook_runs_with_the_wheel(
    name, generated, unpacked_wheel, kernel_environment, pinned_python, tmp_path
):
    path = next(p for p in generated if p.as_posix().endswith(f"/{name}.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(WHERE))
    environment = {**kernel_environment, "PYTHONPATH": str(unpacked_wheel)}
    kernel = [str(pinned_python)]  # what requirements.txt brings, and nothing else
    run_notebook(notebook, tmp_path, timeout=300, env=environment, kernel=kernel).check()
    assert printed(notebook.cells[-1]).startswith(str(unpacked_wheel))

    for cell in notebook.cells[:-1]:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code":
            assert cell.execution_count is not None
            errors = [o for o in cell.outputs if o.output_type == "error"]
            assert not errors or "raises-exception" in tags
            if "setup" in tags:
                assert cell.outputs == []  # nothing to install, nothing to say
            if "check" in tags:
                assert "not done yet" in shown(cell).lower()
            if "solution" in tags:
                assert outside_folds(cell) == ""  # nobody has tried the exercise yet
    left = [p.name for p in tmp_path.iterdir() if p.name != ".ipynb_checkpoints"]
    assert left == []  # a notebook leaves no files behind
