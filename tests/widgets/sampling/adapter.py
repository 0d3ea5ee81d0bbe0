"""How the widget of groups of rolls is read in Chromium, and what it must show (widget_page.py)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dlworkbook.widgets.sampling import Sampling
from tests.kit.widget_page import facts

KIND = Sampling
OTHER = {"n": 40, "seed": 7}
STATES = ("", "bad", "w:six_n:1_m:10", "w:face_n:500_m:2000", "w:six_z:1",
          "d:loaded_n:160_z:1_s:99")  # fmt: skip
BAD = ("n:11", "n must be one of 1, 2, 3, 5, 10")
ALT = "500 groups of 10 rolls: their means have the mean 3."
NEEDS: dict = {}
READ = """(box) => {
  const number = (t) => Number(t.textContent.replace("−", "-").replaceAll(",", ""));
  const [, plot] = box.querySelectorAll("svg.dlw-plot");
  const axis = (anchor, name, off) => [...plot.querySelectorAll(".dlw-axes text")]
    .filter((t) => t.getAttribute("text-anchor") === anchor && /^[−\\d.,]+$/.test(t.textContent))
    .map((t) => [number(t), t.getAttribute(name) - off]);
  const d = (kind) => box.querySelector(kind).getAttribute("d") ?? "";
  const blocks = [...d(".dlw-blocks").matchAll(/M([\\d.-]+) [\\d.-]+V([\\d.-]+)H([\\d.-]+)V/g)];
  const points = (kind) => [...d(kind).matchAll(/[ML]([\\d.-]+) ([\\d.-]+)/g)];
  const each = plot.textContent.includes("in thousands") ? 1000 : 1;
  return { xs: axis("middle", "x", 0), ways: points(".dlw-ways").length,
    ys: axis("end", "y", 4).map(([v, y]) => [each * v, y]),
    blocks: blocks.map((m) => m.slice(1).map(Number)),
    curve: points(".dlw-curve").map((m) => m.slice(1).map(Number)) };
}"""


def agrees(page, box: int = 0, **settings) -> None:
    """The bars hold all groups at their places, the curve is the normal one, and the numbers."""
    want = Sampling(**settings)
    values = np.array(want.values())
    mean, error = want.theory()
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    (x0, left), (x1, right) = shown["xs"][0], shown["xs"][-1]
    (y0, low), (y1, high) = shown["ys"][0], shown["ys"][-1]
    to_x = lambda v: x0 + (v - left) * (x1 - x0) / (right - left)  # noqa: E731
    to_y = lambda v: y0 + (v - low) * (y1 - y0) / (high - low)  # noqa: E731
    unit = (values - mean) / error if want.z else values
    total = 0.0
    for x, y, end in shown["blocks"]:
        counted = ((unit > to_x(x)) & (unit < to_x(end))).sum()
        assert to_y(y) == pytest.approx(counted, abs=0.01 * (y1 - y0) + 0.01)
        total += to_y(y)
    assert total == pytest.approx(len(values), rel=0.03)
    curve = np.array(shown["curve"])
    z = to_x(curve[:, 0]) if want.z else (to_x(curve[:, 0]) - mean) / error
    heights = to_y(curve[:, 1]) / to_y(curve[:, 1]).max() * stats.norm.pdf(z).max()
    off = 0.02 if error > 0.1 * (to_x(1) - to_x(0)) else 0.2  # px are coarse where it is narrow
    assert np.abs(heights - stats.norm.pdf(z)).max() < off
    assert shown["ways"] >= 2  # one roll is a dash, and visible
    told_mean, told_spread, told_near, told_gap = facts(page, box)
    assert told_mean == f"{values.mean():.3f}, expected {mean:.3f}"
    told = told_spread.replace(" of a face it is", " σ/√n is")
    assert told == f"{values.std():.4f}; σ/√n is {error:.4f}"
    near = 100 * (np.abs(values - mean) <= 2 * error + 1e-12).mean()
    assert told_near == f"{near:.1f}% of {len(values):,}"
    assert told_gap.startswith("at most 0.")
