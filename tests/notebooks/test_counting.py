"""Progress: counted in a notebook, silent on the site and in a program."""

from __future__ import annotations

import nbformat
import pytest

from dlworkbook import progress
from publish.tools.kernels import run_notebook

CELL = "from dlworkbook import progress\ntotal = sum(progress([1, 2, 3], 'networks'))\nprint(total)"


def test_outside_of_a_notebook_only_the_items_come(capsys):
    assert list(progress(range(3), "networks")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("static", ["0", "1"])
def test_a_notebook_counts_and_the_site_does_not(static, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    run_notebook(notebook, tmp_path, timeout=60, env={"DLWORKBOOK_STATIC": static}).check()
    told = [o.data["text/plain"] for o in notebook.cells[0].outputs if "data" in o]
    printed = [o.text for o in notebook.cells[0].outputs if o.output_type == "stream"]
    assert printed == ["6\n"]
    assert told == ([] if static == "1" else ["networks: 3 of 3 done, 0 s"])
