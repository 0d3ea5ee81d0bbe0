"""Formulas of practice problems: the part of LaTeX that becomes MathML."""

from __future__ import annotations

import pytest

from publish import practice
from publish.site import mathml
from tests.kit.node import NodeError, evaluate

SHOW = practice.SOURCES / "show.js"
GOOD = {
    "x": '<mi mathvariant="normal" class="it">x</mi>',
    r"\frac{1}{2}": "<mfrac><mn>1</mn><mn>2</mn></mfrac>",
    "-3": '<mo form="prefix">−</mo><mn>3</mn>',
    "x_1^2": '<msubsup><mi mathvariant="normal" class="it">x</mi><mn>1</mn><mn>2</mn></msubsup>',
    "x^2_1": '<msubsup><mi mathvariant="normal" class="it">x</mi><mn>1</mn><mn>2</mn></msubsup>',
    r"\ln 2": '<mi>ln</mi><mspace width="0.17em"/><mn>2</mn>',
    r"\ln(2)": '<mi>ln</mi><mo stretchy="false">(</mo><mn>2</mn><mo stretchy="false">)</mo>',
    r"\text{if a < b}": "<mtext>if a &lt; b</mtext>",
    r"\sqrt{9}": "<msqrt><mn>9</mn></msqrt>",
}
BAD = [r"\unknown", "{x", "x_", "_1", r"\frac{1}", "x & y", r"\text x"]


def html(text: str) -> str:
    return evaluate(SHOW, "m.html(m.inline(data))", text)


@pytest.mark.parametrize("source, wanted", GOOD.items())
def test_formula(source, wanted):
    found = html(f"${source}$")
    assert wanted in found, found
    assert not mathml.faults(found.replace("<math>", f'<math xmlns="{mathml.NAMESPACE}">'))


@pytest.mark.parametrize("source", BAD)
def test_what_is_unknown_is_an_error(source):
    with pytest.raises(NodeError, match="formula"):
        html(f"${source}$")


def test_a_long_formula_may_break_behind_signs_outside_of_brackets():
    parts = html("$(1 + 2) + 3 = 6$").split("</math>")[:-1]
    assert [part.count("<mn>") for part in parts] == [2, 1, 1]


def test_text():
    assert html("a **b** `c<d` -1 x-1") == (
        "a <strong>b</strong> <code>c&lt;d</code> −1 x-1")
