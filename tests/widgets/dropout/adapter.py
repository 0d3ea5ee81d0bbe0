"""How the dropout widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import collections
import re

import pytest

from dlworkbook.widgets.dropout import DropoutMasks
from dlworkbook.widgets.dropout.widget import PARTS
from tests.kit.widget_page import along, facts, number

KIND = DropoutMasks
OTHER = {"p": 0.2, "seed": 7}
STATES = ("", "bad", "m:eval", "d:0_p:0.5", "p:0.9_n:5000", "p:0_n:1", "n:1_p:0.9_s:3",
          "d:0_p:0.8_n:1000_s:50")  # fmt: skip
BAD = ("n:3", "n must be one of 1, 2, 5, 10")
ALT = "Six inputs under dropout, train, p = 0.5, 200 masks: the output has the mean"
NEEDS: dict = {}
READ = """(box) => {
  const [net, plot] = box.querySelectorAll("svg.dlw-plot");
  const value = (t) => Number(t.textContent.replace("−", "-"));
  const axis = (anchor, name, off) => [...plot.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)]
    .filter((t) => /^[−\\d.]+$/.test(t.textContent)).map((t) => [value(t), t.getAttribute(name) - off]);
  const d = (at, kind) => at.querySelector(kind).getAttribute("d") ?? "";
  const blocks = [...d(plot, ".dlw-counts").matchAll(/M([\\d.-]+) [\\d.-]+V([\\d.-]+)H([\\d.-]+)V/g)];
  const points = (kind) => [...d(plot, kind).matchAll(/M([\\d.-]+) ([\\d.-]+)/g)].map((m) => m.slice(1).map(Number));
  const ways = (kind) => (d(net, kind).match(/M/g) ?? []).length;
  return { xs: axis("middle", "x", 0), ys: axis("end", "y", 4), blocks: blocks.map((m) => m.slice(1).map(Number)),
    expected: points(".dlw-expected"), mean: points(".dlw-average"), use: points(".dlw-in-use"),
    kept: ways(".dlw-kept"), gone: ways(".dlw-gone"), off: net.querySelectorAll("circle.dlw-off").length };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Bars, dots and lines stand where Python says, and the numbers in words are its numbers."""
    want = DropoutMasks(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    to_x, to_y, z = along(shown["xs"]), along(shown["ys"]), want.outputs()
    counted = collections.Counter(z)
    near = 0.1 * want.factor
    bars = [(to_x((a + b) / 2), to_y(y)) for a, y, b in shown["blocks"]]
    assert len(bars) == len(counted)
    for (x, height), value in zip(bars, sorted(counted), strict=True):
        assert x == pytest.approx(value, abs=near)
        assert height == pytest.approx(counted[value], abs=0.006 * max(counted.values()) + 0.02)
    (mean, variance), (target, spread) = want.measured(), want.formula()
    assert to_x(shown["mean"][0][0]) == pytest.approx(mean, abs=near)
    assert to_x(shown["use"][0][0]) == pytest.approx(sum(PARTS), abs=near)
    weights = [to_y(y) for _, y in shown["expected"]]
    places = [to_x(x) for x, _ in shown["expected"]]
    assert sum(weights) == pytest.approx(want.n, rel=0.03)
    centre = sum(w * x for w, x in zip(weights, places, strict=True)) / sum(weights)
    assert centre == pytest.approx(target, abs=2 * near)
    last = want.masks()[-1]
    assert (shown["kept"], shown["gone"], shown["off"]) == (sum(last), *[6 - sum(last)] * 2)
    told = facts(page, box)
    assert number(re.findall(r"−?\d+\.\d+$", told[0])[0]) == pytest.approx(z[-1], abs=0.00501)
    for text, values in ((told[1], (mean, target)), (told[2], (variance, spread))):
        numbers = [number(v) for v in re.findall(r"−?\d+\.\d+", text)]
        assert numbers == pytest.approx(values, abs=0.00501)
    assert told[3].startswith("4.50")
    assert ("but training" in told[3]) == (abs(target - 4.5) > 1e-9)
