"""The softmax widget: probabilities, loss and gradient are torch's, with autograd."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
import torch.nn.functional as F

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.softmax import Softmax
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "softmax/model.js"
SCORES = [(4, 2, -2), (0, 0, 0), (8, -8, 1), (-8, -8, 7), (-3, 6, 6)]
HEATS = (0.1, 0.25, 0.5, 1, 2, 4, 10)
CASES = [
    {"a": a, "b": b, "c": c, "target": t, "heat": h, "shift": shift}
    for (a, b, c), t, h, shift in itertools.product(SCORES, range(3), HEATS, (-1000, 0, 10, 1000))
]
ASK = """{ scores: m.scores(c), naive: m.naive(c), powers: m.powers(c), shares: m.shares(c),
  loss: m.loss(c), gradient: m.gradient(c) }"""
MUTANTS = [
    ("nothing subtracted", "const z = scores(s), most = Math.max(...z);\n  return",
     "const z = scores(s), most = 0;\n  return"),
    ("the smallest subtracted", "most = Math.max(...z);\n  return",
     "most = Math.min(...z);\n  return"),
    ("the first subtracted, in the loss too little", "- (z[s.target] - most)",
     "- (z[s.target] - z[0])"),
    ("no temperature in the gradient", "(k === s.target ? 1 : 0)) / s.heat",
     "(k === s.target ? 1 : 0)) / 1"),
    ("multiplied by the temperature", "Math.exp((v - most) / s.heat)",
     "Math.exp((v - most) * s.heat)"),
    ("no temperature in the loss", "(z[s.target] - most) / s.heat", "(z[s.target] - most)"),
    ("sign of the gradient", "(p - (k === s.target ? 1 : 0))", "((k === s.target ? 1 : 0) - p)"),
    ("target ignored in the gradient", "k === s.target ? 1 : 0", "k === 0 ? 1 : 0"),
    ("no target in the gradient", "k === s.target ? 1 : 0", "0"),
    ("target ignored in the loss", "(z[s.target] - most)", "(z[0] - most)"),
    ("sign of the loss", "Math.log(sum) -", "-Math.log(sum) +"),
    ("divided by the largest", "map((v) => v / sum)", "map((v) => v / Math.max(...list))"),
    ("nothing added", "v / 2 + shift", "v / 2"),
    ("halves as wholes", "v / 2 + shift", "v + shift"),
    ("naive without temperature", "Math.exp(v / s.heat)", "Math.exp(v)"),
]  # fmt: skip


def by_torch(case: dict) -> dict:
    """In float64; the gradient by autograd."""
    z = torch.tensor([case[k] / 2 + case["shift"] for k in "abc"], dtype=torch.float64)
    z.requires_grad_()
    loss = F.cross_entropy(z / case["heat"], torch.tensor(case["target"]))
    loss.backward()
    gradient, z = z.grad, z.detach()
    p = F.softmax(z / case["heat"], 0)
    return {
        "scores": z.tolist(), "naive": (z / case["heat"]).exp().tolist(),
        "powers": ((z - z.max()) / case["heat"]).exp().tolist(), "shares": p.tolist(),
        "loss": loss.item(), "gradient": gradient.tolist(),
    }  # fmt: skip


def test_model():
    expected = [by_torch(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        widget = Softmax(**case)
        assert widget.shares() == pytest.approx(want["shares"], abs=1e-12)
        assert widget.loss() == pytest.approx(want["loss"], abs=1e-12)
        assert widget.gradient() == pytest.approx(want["gradient"], abs=1e-11)


def test_the_cases_reach_the_edges():
    """Some exponentials overflow, some vanish, and no loss does."""
    expected = [by_torch(case) for case in CASES]
    assert any(math.isinf(v) for e in expected for v in e["naive"])
    assert any(sum(e["naive"]) == 0 for e in expected)
    assert all(math.isfinite(e["loss"]) for e in expected)
