"""How sampling is read in Chromium, and what it must show (see tests/kit/widget_page.py)."""

from __future__ import annotations

import pytest
from dlworkbook.widgets.sampling import Sampling

KIND = Sampling
OTHER = {"curvature": 2}
STATES = ("", "c:2_s:79", "bad")
BAD = ("s:80", "step must be a whole number from 0 to 79")
ALT = "Gradient descent on 1 x²/2 from x = 1 with step size 0.3"
NEEDS: dict = {}
READ = """(box) => {
  const number = (t) => Number(t.replace("−", "-"));
  const all = [...box.querySelectorAll(".dlw-axes text[text-anchor=end]")];
  const ticks = all.map((t) => [number(t.textContent), t.getAttribute("y") - 4]);
  const d = box.querySelector(".dlw-way").getAttribute("d");
  return { ticks, y: [...d.matchAll(/[ML]-?[\\d.]+ (-?[\\d.]+)/g)].map((m) => +m[1]),
    title: box.querySelector(".dlw-shapes").textContent };
}"""


def agrees(page, box: int = 0, **settings) -> None:
    """The drawn path, read in the units of its axis, is Python's."""
    want = Sampling(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    (low, a), (high, b) = shown["ticks"][0], shown["ticks"][-1]
    x = [low + (y - a) * (high - low) / (b - a) for y in shown["y"]]
    assert x == pytest.approx([max(-9, min(9, v)) for v in want.path()], abs=0.01)
    product = want.rate() * want.curvature
    how = "converges" if product < 2 else "diverges" if product > 2 else "jumps to and fro"
    assert shown["title"] == how
