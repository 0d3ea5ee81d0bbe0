"""How the sweep is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import collections
import math
import re

import pytest

from dlworkbook.widgets.compression_sweep import CompressionSweep
from dlworkbook.widgets.compression_sweep.widget import stored
from tests.kit.widget_page import facts

KIND = CompressionSweep
OTHER = {"bits": 2, "pruned": 50}
STATES = ("", "bad", "b:2", "b:2_f:affine", "b:3_g:row", "b:32_p:90", "f:affine_g:group_p:60")
NEEDS: dict = {}
BAD = ("b:9", "bits must be one of 2, 3, 4, 5, 6, 7, 8, 32")
ALT = "A trained network of 2,368 weights, 4 bits, symmetric, a scale for each tensor, 0% pruned"
READ = """(box) => {
  const plots = [...box.querySelectorAll("svg.dlw-plot")];
  const marks = [...plots[1].querySelectorAll(".dlw-axes text[text-anchor=end]")]
    .map((t) => [Number(t.textContent), t.getAttribute("y") - 4]);
  const d = (el) => [...(el.getAttribute("d") ?? "").matchAll(/M?L?(-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { marks, curve: d(plots[1].querySelector(".dlw-curve")), here: d(plots[1].querySelector(".dlw-here")),
    sticks: [...plots[0].querySelector(".dlw-after").getAttribute("d").matchAll(/M[-\\d.]+ ([-\\d.]+)V([-\\d.]+)/g)].map((m) => m[1] - m[2]) };
}"""  # noqa: E501


def numbers(text: str) -> list[int]:
    return [int(v.replace(",", "")) for v in re.findall(r"\d[\d,]*", text)]


def agrees(page, box: int = 0, **settings) -> None:
    """Counts, bytes, errors, sticks, and the curve over the bits are Python's."""
    want = CompressionSweep(**settings)
    r = want.result()
    right, dense, sparse, error = facts(page, box)
    assert numbers(right) == [r["right"], 200]
    assert numbers(dense)[0] == r["dense"]
    assert numbers(dense)[1:] == ([r["scales"]] if r["scales"] else [])
    assert numbers(sparse)[0] == r["sparse"]
    if want.bits == 32:
        assert error == "0: nothing is rounded"
    else:
        shown = [float(v) for v in re.findall(r"\d\.\d{4}", error)]
        assert shown == pytest.approx([r["error"], r["half"]], abs=5.1e-5)
    seen = page.locator(".dlw-box").nth(box).evaluate(READ)
    (low, at_low), (high, at_high) = seen["marks"][0], seen["marks"][-1]
    scale = (high - low) / (at_high - at_low)
    for k, bits in ((0, 2), (2, 4), (7, 32)):
        count = CompressionSweep(**{**settings, "bits": bits}).result()["right"]
        assert low + scale * (seen["curve"][k][1] - at_low) == pytest.approx(count, abs=0.4)
    k = [2, 3, 4, 5, 6, 7, 8, 32].index(want.bits)
    assert seen["here"][0] == pytest.approx(seen["curve"][k], abs=0.15)
    (W1, *_), _, _ = stored()
    edge, bins = 1.05 * max(abs(v) for row in W1 for v in row), collections.Counter()
    for row in want.small(W1)[0]:
        places = (math.floor((v + edge) / (2 * edge) * 121) for v in row)
        bins.update(min(max(k, 0), 120) for k in places)  # beyond the edge: its last bin
    roots = [math.sqrt(n) for _, n in sorted(bins.items())]
    share = [high / max(seen["sticks"]) for high in seen["sticks"]]
    assert share == pytest.approx([root / max(roots) for root in roots], abs=0.01)
