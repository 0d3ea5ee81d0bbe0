"""How the positional encoding is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import math
import re

import pytest

from dlworkbook.widgets.positional_encoding import PositionalEncoding
from tests.kit.widget_page import facts, number

KIND = PositionalEncoding
OTHER = {"i": 3, "d": 4}
STATES = ("", "bad", "i:0_j:44_d:2", "i:0_j:63_d:32", "i:63_j:0_d:32", "i:5_j:5_d:4", "j:0")
BAD = ("d:3", "d must be one of 2, 4, 8")
ALT = "Places 20 and 26, 6 apart, 16 columns: score"
NEEDS: dict = {}
READ = """(box) => {
  const value = (t) => Number(t.textContent.replace("−", "-"));
  const plot = box.querySelectorAll("svg.dlw-plot")[1];
  const ys = [...plot.querySelectorAll(".dlw-axes text[text-anchor=end]")].map((t) => [value(t), t.getAttribute("y") - 4]);
  const d = (el, kind) => [...el.querySelector(kind).getAttribute("d")
    .matchAll(/M(-?[\\d.]+) (-?[\\d.]+)L(-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => m.slice(1).map(Number));
  const one = (kind) => [...plot.querySelector(kind).getAttribute("d").matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { ys, hands: ["i", "j"].map((k) => d(box, `.dlw-hand-${k}`)), way: one(".dlw-way"), here: one(".dlw-here")[0],
    title: box.querySelector(".dlw-shapes").textContent };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Hands point where sine and cosine say; the curve, its dot and the numbers are Python's."""
    want = PositionalEncoding(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    for place, hands in zip((want.i, want.j), shown["hands"], strict=True):
        assert len(hands) == want.d // 2
        for w, (x, y, to_x, to_y) in zip(want.rates(), hands, strict=True):
            long = math.hypot(to_x - x, to_y - y)
            assert long > 10
            assert (to_x - x) / long == pytest.approx(math.cos(w * place), abs=0.02)
            assert (y - to_y) / long == pytest.approx(math.sin(w * place), abs=0.02)
    (low, a), (high, b) = shown["ys"][0], shown["ys"][-1]
    scores = [want.score(want.i, place) for place in range(64)]
    drawn = [low + (y - a) * (high - low) / (b - a) for _, y in shown["way"]]
    assert drawn == pytest.approx(scores, abs=0.006 * want.d)
    assert shown["here"] == shown["way"][want.j]
    assert shown["title"] == f"places {abs(want.i - want.j)} apart"
    product, twin, turns = facts(page, box)
    told = [number(v) for v in re.findall(r"−?\d+\.\d+", product)]
    assert told == pytest.approx([want.score(), want.score() / (want.d / 2)], abs=0.00501)
    other = re.match(r"places (\d+) and (\d+): (.*)", twin)
    if other:
        a, b = int(other[1]), int(other[2])
        assert b - a == want.j - want.i and a != want.i
        assert number(other[3]) == pytest.approx(want.score(), abs=0.00501)
    else:
        assert abs(want.i - want.j) == 63
    assert turns.startswith("6.28" if want.d == 2 else "fastest pair 6.28 places, slowest ")
    slow = 2 * math.pi / want.rates()[-1]
    said = re.findall(r"[\d.,]+", turns)[-1].replace(",", "")
    assert number(said) == pytest.approx(slow, rel=6e-3)
