"""Norm balls: the numbers of the page are torch's."""

from __future__ import annotations

import math
import random

import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import declared
from dlworkbook.widgets.norm_balls import NormBalls
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "norm_balls/model.js"
POWERS = declared("norm_balls")["fields"]["p"]["of"]
RNG = random.Random(2)
CASES = [{"p": p, "x": x, "y": y} for p in POWERS for x, y in [
    (6, 8), (0, 0), (10, -2), (10, 0), (0, -10), (-15, 15),
    *((RNG.randint(-15, 15), RNG.randint(-15, 15)) for _ in range(20)),
]]  # fmt: skip
MUTANTS = [
    ("tenths forgotten", "s.y / 10", "s.y"),
    ("signs kept", "v.map(Math.abs)", "v.map((a) => a)"),
    ("no root", "** (1 / p)", "** 1"),
    ("smallest", "Math.max(...sizes)", "Math.min(...sizes)"),
    ("sum from one", "+ a ** p, 0)", "+ a ** p, 1)"),
    ("infinity is a large number", 's.p === "inf" ? Infinity', 's.p === "inf" ? 8'),
    ("in is out", 'size < 1 ? "in"', 'size > 1 ? "in"'),
    ("edge too wide", "< 1e-9", "< 1e-5"),
    ("not half way", "norm([0.5, 0.5], p)", "norm([0.5, 0.4], p)"),
    ("power upside down", "[c ** (2 / p), s ** (2 / p)]", "[c ** (p / 2), s ** (p / 2)]"),
    ("square cut", "c <= s ? 1 : s / c", "c <= s ? 1 : c / s"),
    ("round the wrong way", "[-y, x]", "[y, x]"),
]


def by_torch(case: dict) -> dict:
    p, v = float(case["p"]), torch.tensor([case["x"], case["y"]]).double() / 10
    size = torch.linalg.vector_norm(v, p).item()
    half = torch.linalg.vector_norm(torch.tensor([0.5, 0.5]).double(), p).item()
    return {
        "size": size,
        "place": "on" if abs(size - 1) < 1e-9 else "in" if size < 1 else "out",
        "between": half,
        "others": [torch.linalg.vector_norm(v, q).item() for q in (1, 2, math.inf)],
        "largest": 1.0, "smallest": 1.0, "quarters": [48, 48, 48, 48], "turns": 1,
    }  # fmt: skip


ASK = """(() => {
  const p = m.exponent(c), curve = m.ball(p), sizes = curve.map((v) => m.norm(v, p));
  const quarters = [0, 0, 0, 0];
  for (const [x, y] of curve) quarters[x > 0 && y >= 0 ? 0 : x <= 0 && y > 0 ? 1 : x < 0 && y <= 0 ? 2 : 3]++;
  const angles = curve.map(([x, y]) => Math.atan2(y, x));
  const step = (a) => (((a + 3 * Math.PI) % (2 * Math.PI)) - Math.PI) / (2 * Math.PI);
  const turns = Math.round(angles.reduce((sum, a, k) => sum + step(angles[(k + 1) % angles.length] - a), 0));
  return { size: m.norm(m.point(c), p), place: m.place(c), between: m.between(p), quarters, turns,
    others: [1, 2, Infinity].map((q) => m.norm(m.point(c), q)), largest: Math.max(...sizes), smallest: Math.min(...sizes) };
})()"""  # noqa: E501


def test_model():
    expected = [by_torch(case) for case in CASES]
    assert len(CASES) >= 200
    differential(MODEL, ASK, CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        assert NormBalls(**case).size() == pytest.approx(want["size"])


def test_the_curve_has_size_one_by_torch():
    for p in POWERS:
        js = "Infinity" if p == "inf" else p
        curve = torch.tensor(evaluate(MODEL, f"m.ball({js})"), dtype=torch.float64)
        ones = torch.linalg.vector_norm(curve, float(p), dim=1)
        assert curve.shape == (192, 2)
        assert torch.allclose(ones, torch.ones_like(ones), rtol=1e-9)


def test_words_and_picture():
    words = NormBalls().describe()
    assert words.endswith("its size is 1.4; for p = 1, 2 and infinity 1.4, 1, 0.8.")
    for p in (0.25, "inf"):
        assert NormBalls(p=p).png().startswith(b"\x89PNG")
