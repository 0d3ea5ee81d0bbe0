"""How the next letter's widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import re

import pytest

from dlworkbook.widgets.next_token import NextToken
from dlworkbook.widgets.next_token.widget import BARS, softmax
from tests.kit.widget_page import facts

KIND = NextToken
OTHER = {"text": 2, "share": 0.5}
STATES = ("", "bad", "x:1", "x:2_t:5_p:1", "k:1", "t:0.1_p:0.1", "x:7_o:last_t:3_s:12")
BAD = ("t:4", "heat must be one of 0.1, 0.2, 0.3")
ALT = "summer's lo” 4 of 61 letters stay"
NEEDS: dict = {}
READ = """(box) => {
  const plot = box.querySelector("svg.dlw-plot");
  const texts = (anchor) => [...plot.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)];
  const ys = texts("end").map((t) => [parseFloat(t.textContent) / 100, t.getAttribute("y") - 4]);
  const bars = (kind) => [...plot.querySelector(kind).getAttribute("d").matchAll(/M([-\\d.]+) ([-\\d.]+)V([-\\d.]+)H([-\\d.]+)/g)]
    .map((m) => m.slice(1).map(Number));
  return { ys, letters: texts("middle").map((t) => t.textContent), fill: bars(".dlw-bar-fill"), frame: bars(".dlw-bar-frame") };
}"""  # noqa: E501


def sign(letter: str) -> str:
    return {" ": "_", "\n": "¶"}.get(letter, letter)


def agrees(page, box: int = 0, **settings) -> None:
    """Bars, letters and numbers are Python's."""
    want = NextToken(**settings)
    letters, scores = want.ranked()
    p, own, (number, mass) = want.weights(), softmax(scores), want.kept()
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    assert shown["letters"] == [sign(c) for c in letters[:BARS]]
    (low, a), (high, b) = shown["ys"][0], shown["ys"][-1]
    for bars, values in ((shown["fill"], p), (shown["frame"], own)):
        heights = [low + (y - a) * (high - low) / (b - a) for _, _, y, _ in bars]
        assert heights == pytest.approx([v for v in values[:BARS] if v > 0], abs=0.004)
    stay, first, entropy, far, drawn = facts(page, box)
    assert stay.startswith(f"{number} of 61, which had {100 * mass:.1f}%")
    assert f"{100 * p[0]:.1f}%" in first and f"the model {100 * own[0]:.1f}%" in first
    told = [float(v) for v in re.findall(r"\d+\.\d+", entropy)]
    assert told == pytest.approx([want.entropy(), want.entropy(model=True)], abs=0.00501)
    assert float(re.match(r"\d+\.\d+", far)[0]) == pytest.approx(want.distance(), abs=0.00501)
    assert drawn == "".join(map(sign, want.draws()))
