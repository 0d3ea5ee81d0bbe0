"""How norm balls are read in Chromium, and what they must show (see tests/kit/widget_page.py)."""

from __future__ import annotations

import math

import pytest
import torch

from dlworkbook.widgets.norm_balls import NormBalls

KIND = NormBalls
OTHER = {"p": "inf", "x": -9}
STATES = ("", "p:0.25_x:-15_y:15", "p:inf_x:0_y:0", "bad")
BAD = ("x:16", "x must be a whole number from -15 to 15")
ALT = "The unit ball for p = 1 and the point (0.6, 0.8): its size is 1.4"
NEEDS: dict = {}
READ = """(box) => {
  const number = (t) => Number(t.textContent.replace("−", "-"));
  const axis = (anchor, name, off) => [...box.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)]
    .map((t) => [number(t), t.getAttribute(name) - off]);
  const d = (kind) => [...box.querySelector(kind).getAttribute("d").matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: axis("middle", "x", 0), ys: axis("end", "y", 4),
    ball: d(".dlw-ball"), through: d(".dlw-through"), tip: d(".dlw-balls .dlw-dots"),
    facts: [...box.querySelectorAll(".dlw-facts dd")].map(number), words: box.querySelector(".dlw-work").textContent };
}"""  # noqa: E501


def agrees(page, box: int = 0, **settings) -> None:
    """Both balls and the point, read in the units of the axes, and the numbers, are torch's."""
    want = NormBalls(**settings)
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    p, v = float(want.p), torch.tensor([want.x / 10, want.y / 10]).double()

    def size(q: float) -> float:
        return torch.linalg.vector_norm(v, q).item()

    (x0, left), (x1, right) = shown["xs"][0], shown["xs"][-1]
    (y0, low), (y1, high) = shown["ys"][0], shown["ys"][-1]

    def units(points: list) -> torch.Tensor:
        x = [x0 + (a - left) * (x1 - x0) / (right - left) for a, _ in points]
        y = [y0 + (b - low) * (y1 - y0) / (high - low) for _, b in points]
        return torch.tensor([x, y]).double().T

    assert (units(shown["tip"])[0] - v).abs().max() < 0.01
    for kind, radius in (("ball", 1.0), ("through", size(p))):
        if radius == 0:
            assert shown[kind] == []
            continue
        curve = units(shown[kind])
        inside = curve[curve.abs().amax(1) < 1.55] / radius
        # near a cusp a small shift changes the size much: ask for 1 between two points near by
        near, far = ((inside.abs() + off).clamp(min=0) for off in (-0.02, 0.02))
        assert (torch.linalg.vector_norm(near, p, dim=1) <= 1).all(), kind
        assert (torch.linalg.vector_norm(far, p, dim=1) >= 1).all(), kind
    assert shown["facts"] == pytest.approx([size(q) for q in (p, 1, 2, math.inf)], rel=1e-3)
    assert ("not a norm" in shown["words"]) == (p < 1)
    where = "on the edge" if abs(size(p) - 1) < 1e-9 else "inside" if size(p) < 1 else "outside"
    assert where in shown["words"]
