"""sampling: the numbers of the page are torch's."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from dlworkbook.widgets.sampling import Sampling

from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "sampling/model.js"
CASES = [{"curvature": c, "step": s} for c, s in itertools.product((0.5, 1, 2), range(80))]
MUTANTS = [
    ("climbs", "found[n] - rate(s)", "found[n] + rate(s)"),
    ("starts at zero", "found = [1]", "found = [0]"),
    ("one update less", "n < UPDATES", "n < UPDATES - 1"),
    ("rates in tenths", "(s.step + 1) / 20", "(s.step + 1) / 10"),
    ("edge of one", "2 / s.curvature", "1 / s.curvature"),
    ("loss without the half", "(s.curvature * x ** 2) / 2", "s.curvature * x ** 2"),
]


def trained(case: dict) -> dict:
    """The same by torch.optim: x and the loss at each of them."""
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], (case["step"] + 1) / 20)
    found = {"path": [], "losses": [], "limit": 2.0 / case["curvature"]}
    for _ in range(21):
        loss = case["curvature"] * x**2 / 2
        found["path"].append(x.item())
        found["losses"].append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return found


def test_model():
    ask = "{ path: m.path(c), losses: m.path(c).map((x) => m.loss(c, x)), limit: m.limit(c) }"
    expected = [trained(case) for case in CASES]
    differential(MODEL, f"({ask})", CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        assert Sampling(**case).path() == pytest.approx(want["path"])


def test_nothing_is_the_skeletons():
    files = [*MODEL.parent.glob("*.*"), *Path(__file__).parent.glob("adapter.py")]
    left = [file.name for file in files if "TODO" in file.read_text(encoding="utf-8")]
    assert not left, f"still the skeleton's: {', '.join(left)}"
