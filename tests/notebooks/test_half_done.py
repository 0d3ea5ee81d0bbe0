"""A lab that is half done runs to its end: one answer right, one wrong, the rest not begun."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from publish import frontmatter
from tests.notebooks.helpers import ROOT
from tests.notebooks.test_execution import PAGES, run, shown

LABS = [name for name in PAGES if frontmatter.read(ROOT / "book" / f"{name}.md").assignment]


def code(notebook, tag):
    """The code cells with this tag."""
    return [
        cell for cell in notebook.cells
        if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])
    ]


def checked(cell) -> str:
    """The answer that a check cell asks for."""
    return re.search(r"checks\.check\(['\"]\w+['\"], (\w+)\)", cell.source)[1]


def definition(cells, name):
    """The cell that defines a function or class, and the definition's own text."""
    for cell in cells:
        for node in ast.parse(cell.source).body:
            if getattr(node, "name", "") == name:
                return cell, ast.get_source_segment(cell.source, node)
    raise LookupError(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_a_half_done_lab_runs_to_its_end(
    name, generated, unpacked_wheel, kernel_environment, tmp_path
):
    path = next(p for p in generated if p.as_posix().endswith(f"/{name}.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    starters = code(notebook, "starter")
    right, *others = [checked(cell) for cell in code(notebook, "check")]
    bare = re.sub("^[Mm]y_?", "", right)
    _, text = definition(code(notebook, "solution"), bare)
    definition(starters, right)[0].source = text.replace(bare, right)
    for wrong in others[:1]:
        cell, text = definition(starters, wrong)
        inner = "    def forward(self, *args):\n        return 0\n"
        body = inner if text.startswith("class") else "    return 0\n"
        cell.source = f"{text.splitlines()[0]}\n{body}"
    run(notebook, tmp_path, {**kernel_environment, "PYTHONPATH": str(unpacked_wheel)})

    told = {checked(cell): shown(cell).lower() for cell in code(notebook, "check")}
    assert "passed" in told[right]
    for wrong in others[:1]:
        assert "passed" not in told[wrong] and "not done yet" not in told[wrong]
    for missing in others[1:]:
        assert "not done yet" in told[missing]
