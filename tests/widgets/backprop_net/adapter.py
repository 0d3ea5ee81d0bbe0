"""How backprop_net is read in Chromium, and what it must show (see tests/kit/widget_page.py)."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from dlworkbook.widgets.backprop_net import BackpropNet
from tests.kit.widget_page import facts

KIND = BackpropNet
OTHER = {"kind": "softmax", "step": 14}
STATES = (
    "", "bad", "s:14", "s:0", "k:softmax_h:relu_s:14", "h:tanh_r:10_s:14",
    "s:14_w:-12.25,99.125,-77.5;-0.0001,1e-5,-0.00123;-10.375,-11.5,-12.625;3,1,-9",
)  # fmt: skip
BAD = ("s:15", "step must be a whole number from 0 to 14")
GARBAGE = (
    "s:-1", "k:relu", "h:softmax", "r:3", "r:1e1", "d:1,2", "d:1,2;3,x", "d:", "w:1,2;3,4",
    "w:1,2,3;1,2,3;1,2,3;1,2,101", "k:softmax_d:1,2;1,1", "d:1,2;1,1e999", "w:%3Cscript%3E",
)  # fmt: skip
ALT = "two hidden units and two outputs: outputs 0.4694, 0.6508, loss 0.3525"
NEEDS: dict = {}
X = "1, 2; 1, 0"
W = "0.5, −0.5, 0.5; 1, −0.25, 0; 1, −1, 0; 2, 1, −1"
FIELDS = {
    "x; targets": ("[[3, -1/2], [0, 1]]", {"data": [[3, -0.5], [0, 1]]}, X, {
        "1, 2": "The inputs and targets must be 2 rows of 2 numbers",
        "1, 2; 3, x": "“x” (row 2, column 2) is not a number",
        "1, 2; 3, 1000": "The inputs and targets must lie between −100 and 100",
        "": "There is no number in it",
    }),
    "w, w, bias of h₁; h₂; ŷ₁; ŷ₂": (
        "1 2 3; 4 5 6; -1 .5 0; 0 0 1",
        {"weights": [[1, 2, 3], [4, 5, 6], [-1, 0.5, 0], [0, 0, 1]]}, W, {
            "1, 2, 3; 4": "Row 2 has another length (1) than row 1 (3)",
            "1 2 3": "The weights must be 4 rows of 3 numbers",
            "1 2 3 4; 1 2 3 4": "It has 2 × 4 numbers, and 4 × 3 fit in here",
        },
    ),
}  # fmt: skip
LAST, LOSS_AT = 14, 5
DELTA = {2: 6, 3: 7, 0: 10, 1: 11}
GRADS = {2: 8, 3: 9, 0: 12, 1: 13}
READ = """(box) => {
  const texts = (e) => [...e.querySelectorAll("text")].map((t) => t.textContent);
  return { units: [...box.querySelectorAll(".dlw-unit")].map(texts),
    tags: texts(box.querySelector(".dlw-tag")), wires: box.querySelectorAll(".dlw-wire").length,
    back: box.querySelectorAll(".dlw-wire.dlw-back").length,
    fields: [...box.querySelectorAll(".dlw-typed")].map((f) => f.value),
    words: box.querySelector(".dlw-work").textContent,
    step: box.querySelector(".dlw-walk output").textContent }; }"""


def value(text: str) -> float:
    return float(text.replace("−", "-"))


def near(v: float):
    """What four decimals or three digits leave of a number."""
    return pytest.approx(v, abs=5.1e-5, rel=5.1e-3 if abs(v) < 1e-3 or abs(v) >= 1e4 else 0)


def agrees(page, box: int = 0, **settings) -> None:
    """Values, errors, gradients and the update are torch's; before their step they are hidden."""
    want = BackpropNet(**settings)
    all_, step = want.run(), want.step
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    assert shown["step"] == f"{step + 1} of {LAST + 1}" and shown["wires"] == 8
    for text, rows in zip(shown["fields"], (want.data, want.weights), strict=True):
        typed = re.findall(r"[-−]?[\de.]+(?:-\d+)?(?:/\d+)?", text)
        flat = [v for row in rows for v in row]
        assert [float(Fraction(v.replace("−", "-"))) for v in typed] == flat
    inputs, units = shown["units"][:2], shown["units"][2:]
    assert [value(texts[1]) for texts in inputs] == [near(v) for v in want.data[0]]
    for n, texts in enumerate(units):
        top, k = n > 1, n % 2
        rows = []
        if step > n:
            rows.append(all_["a2" if top else "a1"][k])
            if not top or want.kind == "sigmoid" or step >= LOSS_AT:
                rows.append(all_["o" if top else "h"][k])
        if step >= DELTA[n]:
            rows.append(all_["d2" if top else "d1"][k])
        assert [value(t.split(" ")[1]) for t in texts[1:]] == [near(v) for v in rows], texts
        if top:
            assert value(texts[0].split("→ ")[1]) == near(want.data[1][k])
    told = iter(shown["tags"])
    now = all_["after"] if step == LAST else want.weights
    for n in range(4):
        for k in range(3):
            assert value(next(told).removeprefix("b ")) == near(now[n][k])
            if step >= GRADS[n]:
                assert value(next(told)) == near(all_["grads"][n][k])
    assert next(told, None) is None
    assert shown["back"] == 2 * sum(step >= at for at in GRADS.values())
    loss, outer, inner = facts(page, box)
    if step < LOSS_AT:
        assert loss == "not yet"
    else:
        numbers = [value(v) for v in loss.split(", then ")]
        both = [all_["loss"], all_["lossAfter"]]
        assert numbers == [near(v) for v in both[: 2 if step == LAST else 1]]
    for text, key, at in ((outer, "d2", 7), (inner, "d1", 11)):
        told = "not yet" if step < at else [value(v) for v in text.split(", ")]
        assert (text if step < at else told) == (
            "not yet" if step < at else [near(v) for v in all_[key]]
        )
