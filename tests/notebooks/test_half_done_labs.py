"""A lab of which some answers are right, some wrong and some missing runs to its end.

Whole notebooks run untouched in test_execution.py. What an answer could break is its check, and
a cell that uses it: the cells of the answers run here with every kind of answer, and no other
cell may know their names.
"""

from __future__ import annotations

import ast

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from publish.tools.kernels import run_notebook

pytestmark = pytest.mark.notebooks

RIGHT = "class {my}({name}):\n    pass"
WRONG = {
    "MyGRU": "class MyGRU(GRU):\n    def forward(self, inputs, state):\n"
    "        outputs, last = super().forward(inputs, state)\n        return -outputs, -last",
    "MySequenceModel": "class MySequenceModel(SequenceModel):\n"
    "    def forward(self, tokens, state):\n"
    "        return super().forward(tokens, state)[0].softmax(dim=2), state",
    "MyAttentionDecoder": "class MyAttentionDecoder(AttentionDecoder):\n"
    "    def decode(self, *arguments):\n        raise ValueError('not yet')",
}
LABS = {
    "ch09_modern_rnn/lab_verse": ("MyGRU", "MySequenceModel"),
    "ch10_attention/lab_reversal": ("MyAttentionDecoder",),
}
ANSWERS = [  # for each answer of a lab: right, wrong or missing
    ("ch09_modern_rnn/lab_verse", ("right", "wrong")),
    pytest.param("ch09_modern_rnn/lab_verse", ("wrong", "missing"), marks=pytest.mark.long),
    ("ch09_modern_rnn/lab_verse", ("missing", "right")),
    ("ch10_attention/lab_reversal", ("wrong",)),
    pytest.param("ch10_attention/lab_reversal", ("right",), marks=pytest.mark.long),
]


def read(generated, lab):
    path = next(p for p in generated if p.as_posix().endswith(f"/{lab}.ipynb"))
    return nbformat.read(path, as_version=4)


def names(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def defines(source: str) -> bool:
    """Whether a cell holds a class or a function."""
    return any(isinstance(n, ast.ClassDef | ast.FunctionDef) for n in ast.parse(source).body)


@pytest.mark.parametrize("lab", LABS)
def test_only_its_check_knows_an_answer(generated, lab):
    for cell in read(generated, lab).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and not {"setup", "starter", "check"} & set(tags):
            assert not names(cell.source) & set(LABS[lab]), cell.source


@pytest.mark.parametrize(("lab", "given"), ANSWERS)
def test_checks_of_a_half_done_lab_stop_nothing(
    generated, unpacked_wheel, kernel_environment, tmp_path, lab, given
):
    notebook = read(generated, lab)
    cells = {tag: [] for tag in ("starter", "check", "solution")}
    for cell in notebook.cells:
        for tag in cells:
            if tag in cell.metadata.get("tags", []) and len(cells[tag]) < len(given):
                if tag != "solution" or defines(cell.source):  # not what proves a solution
                    cells[tag].append(cell)
    sources = ["import torch\nfrom torch import nn\nfrom dlworkbook import checks"]
    sources += [cell.source for cell in cells["solution"]]
    for my, how, starter in zip(LABS[lab], given, cells["starter"], strict=True):
        answer = RIGHT.format(my=my, name=my.removeprefix("My"))
        sources.append({"right": answer, "wrong": WRONG[my], "missing": starter.source}[how])
    notebook.cells = [new_code_cell(source) for source in sources] + cells["check"]
    environment = {**kernel_environment, "PYTHONPATH": str(unpacked_wheel)}
    run_notebook(notebook, tmp_path, timeout=120, env=environment).check()
    for cell, how in zip(notebook.cells[-len(given):], given, strict=True):
        shown = "".join(o.data["text/plain"] for o in cell.outputs if "data" in o).lower()
        assert ("not done yet" in shown) == (how == "missing")
        assert ("right" in shown and "not right" not in shown) == (how == "right"), shown
