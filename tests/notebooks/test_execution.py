"""Every generated notebook runs from top to bottom with the wheel, untouched.

Under another processor level and with other seeds than the site: what a page says of its training
must hold there, too.
"""

from __future__ import annotations

import json
import re

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell

from dlworkbook.claims import sentence
from publish.tools import seeds
from publish.tools.claims import processor
from publish.tools.kernels import run_notebook
from publish.notebooks.book import Book
from publish.site.addresses import Addresses
from tests.kit.notebooks import ROOT

pytestmark = pytest.mark.notebooks

PAGES = [page.notebook for page in Book(ROOT, Addresses()).notebooks()]
SHIFT = 1000  # of all seeds
WHERE = "import dlworkbook; print(dlworkbook.__file__)"


def other_level() -> dict[str, str]:
    """Environment of a processor level below that of this machine."""
    level = "avx2" if torch.backends.cpu.get_cpu_capability() == "AVX512" else "default"
    return processor(level)


def run_shifted(notebook, folder, environment, kernel=None) -> None:
    """Run a notebook with all its seeds shifted."""
    lines = json.dumps([seeds.startup_line(SHIFT)])
    run_notebook(
        notebook, folder, timeout=300, env=environment, kernel=kernel,
        extra_arguments=[f"--IPKernelApp.exec_lines={lines}"],
    ).check()


def failed_claims(told: str) -> list[str]:
    """Sentences about the claims that did not hold; told: a JSON object a line."""
    records = [json.loads(line) for line in told.splitlines()]
    return [sentence(record) for record in records if not record["holds"]]


def printed(cell) -> str:
    return "".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream")


def shown(cell) -> str:
    """All text that a cell puts out."""
    data = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
    return printed(cell) + "".join(data)


def complaints(cell) -> list[str]:
    """What a cell writes to the error stream, and the warnings in its folds."""
    streams = [o.text for o in cell.outputs if o.get("name") == "stderr"]
    folds = "".join(o.get("data", {}).get("text/html", "") for o in cell.outputs)
    return streams + re.findall(r"\w+Warning: [^\n]*", folds)


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
    folder, told = tmp_path / "work", tmp_path / "claims"
    folder.mkdir()
    told.touch()
    environment = {**kernel_environment, **other_level(), "PYTHONPATH": str(unpacked_wheel),
                   "DLWORKBOOK_CLAIMS": str(told)}
    # what requirements.txt brings, and nothing else
    run_shifted(notebook, folder, environment, kernel=[str(pinned_python)])
    assert failed_claims(told.read_text(encoding="utf-8")) == []
    assert printed(notebook.cells[-1]).startswith(str(unpacked_wheel))

    for cell in notebook.cells[:-1]:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code":
            assert cell.execution_count is not None
            errors = [o for o in cell.outputs if o.output_type == "error"]
            assert not errors or "raises-exception" in tags
            assert complaints(cell) == []
            if "setup" in tags:
                assert cell.outputs == []  # nothing to install, nothing to say
            if "check" in tags:
                assert "not done yet" in shown(cell).lower()
            if "solution" in tags:
                assert outside_folds(cell) == ""  # nobody has tried the exercise yet
    left = [p.name for p in folder.iterdir() if p.name != ".ipynb_checkpoints"]
    assert left == []  # a notebook leaves no files behind


def test_claim_that_fails_is_told(tmp_path, kernel_environment, unpacked_wheel):
    told = tmp_path / "claims"
    code = ("import warnings, torch\nwarnings.simplefilter('ignore')\n"
            "from dlworkbook import claim\ntorch.manual_seed(0)\nprint(torch.initial_seed())\n"
            "claim(1, '<', 2, 'one')\nclaim(3, '<', 2, 'three')")
    notebook = nbformat.v4.new_notebook(cells=[new_code_cell(code)])
    environment = {**kernel_environment, "PYTHONPATH": str(unpacked_wheel),
                   "DLWORKBOOK_CLAIMS": str(told)}
    run_shifted(notebook, tmp_path, environment)
    assert failed_claims(told.read_text(encoding="utf-8")) == [
        "three: this run gave 3, and the page says < 2."
    ]
    assert printed(notebook.cells[0]).splitlines()[0] == str(SHIFT)
