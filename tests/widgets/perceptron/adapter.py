"""How the perceptron's widget is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import numpy as np
import pytest

from dlworkbook.widgets.perceptron import Perceptron
from tests.kit.widget_page import facts

KIND = Perceptron
OTHER = {"extra": "zero", "step": 3}
STATES = ("", "bad", "s:xor_n:30", "s:and_e:one_x:-10_y:-10_n:12", "s:or_e:zero_x:20_y:20_n:4")
BAD = ("x:21", "x must be a whole number from -10 to 20")
ALT = "A perceptron on AND, after 0 of "
NEEDS = {"x": {"extra": "one"}, "y": {"extra": "one"}}
READ = """(box) => {
  const number = (t) => Number(t.textContent.replace("−", "-"));
  const texts = (anchor) => [...box.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)];
  const axis = (anchor, name, off) => texts(anchor)
    .map((t) => [number(t), t.getAttribute(name) - off]);
  const d = (kind) => [...(box.querySelector(kind).getAttribute("d") ?? "")
    .matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: axis("middle", "x", 0), ys: axis("end", "y", 4), side: d(".dlw-side"),
    ones: d(".dlw-ones"), zeros: d(".dlw-zeros"), last: d(".dlw-last"),
    step: box.querySelector(".dlw-controls > :last-child output").textContent };
}"""


def agrees(page, box: int = 0, **settings) -> None:
    """Points and the shaded side, in the units of the axes, and the numbers, are NumPy's."""
    want = Perceptron(**settings)
    X, t = map(np.array, want.points())
    weights, causes, ended = want.train()
    total = len(weights) - 1
    at = min(want.step, total)
    w = np.array(weights[at])
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    (x0, left), (x1, right) = shown["xs"][0], shown["xs"][-1]
    (y0, low), (y1, high) = shown["ys"][0], shown["ys"][-1]

    def units(points: list) -> list[list[float]]:
        return [[x0 + (a - left) * (x1 - x0) / (right - left),
                 y0 + (b - low) * (y1 - y0) / (high - low)] for a, b in points]  # fmt: skip

    for kind, target in (("ones", 1), ("zeros", -1)):
        places = X[t == target, 1:] / 10
        assert len(shown[kind]) == len(places), kind
        assert np.abs(np.array(units(shown[kind])) - places).max() < 0.01, kind
    if at:
        assert units(shown["last"])[0] == pytest.approx(X[causes[at - 1], 1:] / 10, abs=0.01)
    corners = np.array(units(shown["side"])).reshape(-1, 2)
    score = 10 * w[0] + 10 * corners @ w[1:]
    assert (score > -1.5 * max(1, np.abs(w[1:]).sum() / 10)).all(), "the shaded side"
    told_weights, _cause, wrong, end = facts(page, box)
    b, w1, w2 = (f"{v / 10:g}".replace("-", "−") for v in w)
    assert told_weights.replace("-", "−") == f"b = {b}, w = ({w1}, {w2})"
    assert wrong.startswith(f"{int((t * (X @ w) <= 0).sum())} of {len(X)}")
    assert shown["step"] == f"{at} of {total}"
    assert end.startswith("all right" if ended else ("never", "not yet"))
