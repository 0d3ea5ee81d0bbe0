"""A pasted matrix is read from every form that people paste, and refused in a sentence else."""

# ruff: noqa: E501
from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from dlworkbook.widgets.kit import bundle
from tests.kit.node import evaluate

MATRIX = bundle.WIDGETS / "kit/matrix.js"
NUMBER = r"(t) => (/^\s*[-−+]?\d+\.?\d*(e[-+]?\d+)?(\/\d+)?\s*$/i.test(t) ? eval(t.replace('−', '-')) : null)"
ASK = f"""data.map((t) => {{
  try {{ return m.readMatrix(t, {NUMBER}, [10, 10]); }} catch (e) {{ return e.message; }}
}})"""
X = [[1, -2, 0.5], [3, 4, 1e-3]]
GOOD = {
    "Python": str(X),
    "Python, over lines": "[\n  [1, -2, 0.5],\n  [3, 4, 1e-3],\n]\n",
    "tuples": str(tuple(map(tuple, X))),
    "assigned": f"kernel = {X}",
    "NumPy repr": repr(np.array(X)),
    "NumPy print": str(np.array(X)),
    "NumPy call": f"np.array({X}, dtype=np.float64)",
    "torch repr": repr(torch.tensor(X, dtype=torch.float64)),
    "torch with a gradient": repr(torch.tensor(X, requires_grad=True)).replace("1.0000e-03", "1e-3"),
    "MATLAB": "A = [1 -2 0.5; 3 4 1e-3];",
    "MATLAB, commas": "[1, -2, 0.5; 3, 4, 1e-3]",
    "MATLAB, lines": "[1 -2 0.5\n 3 4 1e-3]",
    "MATLAB, printed": "A =\n\n    1.0000   -2.0000    0.5000\n    3.0000    4.0000    0.0010\n",
    "pmatrix": r"\begin{pmatrix} 1 & -2 & 0.5 \\ 3 & 4 & 1e-3 \end{pmatrix}",
    "bmatrix": "$$K = \\begin{bmatrix}\n1 & -2 & \\frac{1}{2} \\\\\n3 & 4 & \\frac{1}{1000} \\\\\n\\end{bmatrix}$$",
    "array": r"\left(\begin{array}{ccc} 1 & −2 & 1/2 \\ \hline 3 & 4 & 1/1000 \end{array}\right)",
    "spreadsheet": "1\t-2\t0.5\r\n3\t4\t0.001\r\n",
    "table of blanks": "1 −2 .5\n3 4 1e-3".replace(" .5", " 0.5"),
    "comma separated": "1,-2,0.5\n3,4,0.001",
}


def test_every_form_is_read():
    for form, found in zip(GOOD, evaluate(MATRIX, ASK, list(GOOD.values())), strict=True):
        assert found == X, form


def test_rows_and_columns_alone():
    texts = ["[1, 2, 3]", "1\t2\t3", "[1; 2; 3]", "[[1], [2], [3]]", r"\begin{matrix}1\\2\\3\end{matrix}", "7"]
    row, column = [[1, 2, 3]], [[1], [2], [3]]
    assert evaluate(MATRIX, ASK, texts) == [row, row, column, column, column, [[7]]]


BAD = {
    "": "no number", "   \n\t\n ": "no number", "[]": "no number", "hello world": "“hello” (row 1, column 1)",
    "[[1, 2], [3]]": "Row 2 has another length (1) than row 1 (2)",
    "1\t\t2": "“” (row 1, column 2)", "[[1, 2], [3, None]]": "“None” (row 2, column 2)",
    "[[1 2 ... 3]]": "“...” (row 1, column 3)", "[[nan, 1]]": "“nan”", "[1, inf]": "“inf”", "[[1, 2], [3, 4]": "brackets",
    "[[1, 2]]]": "brackets", "[[[1, 2]]]": "brackets", ")1(": "brackets", "[1, [2, 3]]": "brackets", "[[1, 2] 3 [4, 5]]": "brackets",
    r"\begin{pmatrix} 1 & 2": "LaTeX", r"\begin{cases} 1 \end{cases}": "LaTeX",
    r"\begin{matrix}1\end{matrix}\begin{matrix}2\end{matrix}": "one matrix", r"\begin{matrix} \sqrt{2} \end{matrix}": "is not a number",
    "[1 - 2]": "“-”", "__proto__": "“__proto__”", "[[constructor]]": "“constructor”", "<img src=x onerror=alert(1)>": "is not a number",
    "[[alert(1)]]": "brackets", "1;" * 11: "11 × 1 numbers, and 10 × 10 fit", "1 " * 11: "1 × 11 numbers",
    "[" * 5000: "brackets", "9" * 10_000: "too long", "[[1,2],[3,4]] # x": "brackets",
}  # fmt: skip


def test_anything_else_gets_a_sentence():
    for text, said in zip(BAD, evaluate(MATRIX, ASK, list(BAD)), strict=True):
        assert isinstance(said, str) and BAD[text] in said, (text[:40], said)
        assert said.endswith("can be pasted from Python, NumPy, MATLAB, LaTeX or a spreadsheet")
        assert len(said) < 200


@pytest.mark.parametrize("part", ["[", "]", "] ", "[ ] ", "\\frac{", "\\begin{matrix}", "; ", "\\\\", "a =", "1\t", ",\n"])
def test_hostile_texts_take_no_time(part):
    start = time.perf_counter()
    evaluate(MATRIX, ASK, [(part * 9999)[:9999], f"[[1{part * 3000}"[:9999]] * 5)
    assert time.perf_counter() - start < 8, "ten texts; Node's start included, on a loaded machine"
