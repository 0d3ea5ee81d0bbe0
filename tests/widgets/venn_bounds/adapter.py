"""How the widget of two events is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from dlworkbook.widgets.venn_bounds import VennBounds
from tests.kit.widget_page import facts

KIND = VennBounds
OTHER = {"a": 6, "b": 10}
STATES = ("", "bad", "a:10_b:10_s:0", "a:19_b:19", "a:1_b:1", "a:1_b:19_s:20", "a:6_b:10_s:20")
BAD = ("a:20", "a must be a whole number from 1 to 19")
ALT = "P(A) = 0.7 and P(B) = 0.6: both have the probability 0.42, between 0.3 and 0.6"
NEEDS: dict = {}
READ = """(box) => {
  const read = (e, names) => names.map((k) => Number(e.getAttribute(k)));
  return { discs: [...box.querySelectorAll("circle")].map((c) => read(c, ["cx", "r"])),
    bars: [...box.querySelectorAll("svg rect")].map((r) => read(r, ["x", "width", "height"])),
    title: box.querySelector(".dlw-shapes").textContent };
}"""


def shared(r: float, q: float, d: float, strips: int = 1000) -> float:
    """Area that two circles share, in vertical strips."""
    low, high = max(-r, d - q), min(r, d + q)
    wide = max(high - low, 0) / strips
    x = low + (np.arange(strips) + 0.5) * wide
    half = np.sqrt(np.minimum(r * r - x * x, q * q - (x - d) ** 2).clip(0))
    return 2 * wide * float(half.sum())


def agrees(page, box: int = 0, **settings) -> None:
    """Areas of circles and bars, read back from pixels, and the numbers are Python's."""
    want = VennBounds(**settings)
    p = want.probabilities()
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    a, b, whole = shown["bars"]
    scale = whole[1] * whole[2]
    for (_, r), probability in zip(shown["discs"], (want.a / 20, want.b / 20)):
        assert math.pi * r * r / scale == pytest.approx(probability, abs=0.004)
    (x, r), (y, q) = shown["discs"]
    assert shared(r, q, y - x) / scale == pytest.approx(float(p["both"]), abs=0.004)
    for (start, width, _), begin, length in ((a, 0, want.a), (b, want.a / 20 - p["both"], want.b)):
        assert (start - whole[0]) / whole[1] == pytest.approx(float(begin), abs=0.001)
        assert width / whole[1] == pytest.approx(length / 20, abs=0.001)
    both, either, given = facts(page, box)
    product = Fraction(want.a * want.b, 400)
    assert both == (
        f"{float(p['low']):g} ≤ {float(p['both']):g} ≤ {float(p['high']):g}; "
        f"P(A) P(B) = {float(product):g}"
    )
    assert either == f"{float(p['least']):g} ≤ {float(p['either']):g} ≤ {float(p['most']):g}"
    assert given == f"{p['both'] / Fraction(want.a, 20)}, beside P(B) = {want.b / 20:g}"
    how = "independent" if p["both"] == product else (
        "they attract each other" if p["both"] > product else "they avoid each other"
    )  # fmt: skip
    assert shown["title"] == how
