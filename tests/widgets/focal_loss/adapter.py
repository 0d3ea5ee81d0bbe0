"""How the widget of focal loss is read in Chromium, and what it must show (see widget_page.py)."""

from __future__ import annotations

import math

import pytest

from dlworkbook.widgets.focal_loss import FocalLoss
from tests.kit.widget_page import facts, in_axes, number

KIND = FocalLoss
OTHER = {"p": 20, "reading": "both"}
STATES = ("", "bad", "p:1_x:score", "p:99_g:5_t:0_w:zero_a:1_x:score", "p:3_g:0.5_w:one_a:19")
BAD = ("p:0", "p must be a whole number from 1 to 99")
ALT = "Probability 0.7 of the true class 1: cross-entropy 0.3567, focal loss 0.0321 "
NEEDS = {"alpha": {"reading": "both"}}
READ = """(box) => {
  const number = (t) => Number(t.textContent.replace("−", "-"));
  const texts = (anchor) => [...box.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)];
  const axis = (anchor, name, off) => texts(anchor)
    .map((t) => [number(t), t.getAttribute(name) - off]).filter(([v]) => !Number.isNaN(v));
  const d = (kind) => [...(box.querySelector(kind).getAttribute("d") ?? "")
    .matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: axis("middle", "x", 0), ys: axis("end", "y", 4), cross: d(".dlw-cross"),
    focal: d(".dlw-focal"), points: d(".dlw-plot .dlw-dots"), tangent: d(".dlw-tangent") };
}"""


def read(page, box: int = 0) -> dict:
    """Paths as points in the units of the axes."""
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    return in_axes(shown, "cross", "focal", "points", "tangent")


def agrees(page, box: int = 0, **settings) -> None:
    """Curves, points, tangent and numbers are torch's."""
    want, shown = FocalLoss(**settings), read(page, box)
    here, side = want.losses(), 2 * want.target - 1
    at = want.score() if want.axis == "score" else want.p / 100
    for (x, y), loss in zip(shown["points"], (here["ce"], here["focal"]), strict=True):
        assert (x, y) == pytest.approx((at, loss), abs=0.03)
    for k in (30, 80, 130):
        x = shown["cross"][k][0]
        there = want.losses(x if want.axis == "score" else side * math.log(x / (1 - x)))
        for kind, key in (("cross", "ce"), ("focal", "focal")):
            assert shown[kind][k][1] == pytest.approx(there[key], abs=0.04), kind
    assert len(shown["tangent"]) == (2 if want.axis == "score" else 0)
    for (a, b), (c, d) in [shown["tangent"]] if shown["tangent"] else []:
        assert (d - b) / (c - a) == pytest.approx(here["focalSlope"], abs=0.04)
    score, *told = facts(page, box)
    assert number(score) == pytest.approx(want.score(), rel=1e-3, abs=1e-3)
    pairs = [[number(word.split()[-1]) for word in text.split(",")] for text in told]
    assert pairs[0] == pytest.approx([here["ce"], here["slope"]], rel=6e-3)
    assert pairs[1] == pytest.approx([here["focal"], here["focalSlope"]], rel=6e-3)
    assert pairs[2] == pytest.approx(
        [here["focal"] / here["ce"], here["focalSlope"] / here["slope"]], rel=6e-3
    )
