"""Dropout over many masks: what is shown is what torch and NumPy give for the same masks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.widgets.dropout import DropoutMasks
from dlworkbook.widgets.dropout.widget import W, X
from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "dropout/model.js"
P = [k / 10 for k in range(10)]
FOLDED = itertools.product(("train", "eval"), P, (True, False), (1, 2, 5, 20, 100, 1000))
CASES = [
    {"mode": m, "p": p, "scale": d, "n": n, "seed": 1 + (7 * k) % 50}
    for k, (m, p, d, n) in enumerate(FOLDED)
]
ASK = """({ masks: m.masks(c).slice(-3), factor: m.factor(c), measured: m.measured(c),
  formula: m.formula(c), outputs: m.outputs(c), last: m.output(c, m.masks(c).at(-1)) })"""
MUTANTS = [
    ("scaled by p", "1 / (1 - p) : 1", "1 / p : 1"),
    ("always scaled", '(mode === "train" && scale ?', '(mode === "train" ?'),
    ("scaled in eval, too", '(mode === "train" && scale ?', "(scale ?"),
    ("kept with p", "next() >= limit", "next() < limit"),
    ("dropped in eval", 'mode === "eval" || next()', "next()"),
    ("one seed", "generator(seed)", "generator(1)"),
    ("unbiased variance", "(b - mean) ** 2, 0) / s.n", "(b - mean) ** 2, 0) / (s.n - 1 || 1)"),
    ("mean square", "(b - mean) ** 2", "b ** 2"),
    ("formula: no 1 - p", "factor(s) * (1 - p) * TOTAL", "factor(s) * TOTAL"),
    ("formula: factor once", "factor(s) ** 2 * p", "factor(s) * p"),
    ("formula: p squared", "p * (1 - p) * SQUARES", "p ** 2 * SQUARES"),
    ("formula: square of the sum", "a + b * b, 0)", "a + b * Math.abs(b), 0)"),
    ("chances turned round", "p ** (6 - stay) * (1 - p) ** stay",
     "(1 - p) ** (6 - stay) * p ** stay"),
    ("a mask less", "code < 64", "code < 63"),
    ("outputs not scaled", "value: factor(s) * sum", "value: sum"),
    ("another input", "[2, 1, 3, 1, 2, 4]", "[2, 1, 3, 1, 2, 5]"),
    ("another weight", "[1, -1, 0.5, 2, -0.5, 0.25]", "[1, -1, 0.5, 2, 0.5, 0.25]"),
]  # fmt: skip


def by_torch(case: dict) -> dict:
    """The masks go through a linear layer of torch; all 64 masks give the exact distribution."""
    widget = DropoutMasks(**case)
    p = case["p"] if case["mode"] == "train" else 0.0
    layer = nn.Linear(6, 1, bias=False, dtype=torch.float64)
    layer.weight.data[:] = torch.tensor(W)
    x = torch.tensor(X, dtype=torch.float64)
    factor = 1 / (1 - p) if case["scale"] else 1.0
    masks = torch.tensor(widget.masks(), dtype=torch.float64)
    with torch.no_grad():
        z = layer(masks * x * factor)[:, 0]
        every = torch.tensor(list(itertools.product((0.0, 1.0), repeat=6)), dtype=torch.float64)
        values = layer(every * x * factor)[:, 0]
    chances = (every * (1 - p) + (1 - every) * p).prod(1)
    mean = (chances * values).sum()
    found = {}
    for v, chance in zip(values.tolist(), chances.tolist(), strict=True):
        key = round(v / factor, 6)
        found[key] = (v, found.get(key, (v, 0.0))[1] + chance)
    counts = dict.fromkeys(found, 0)
    for v in z.tolist():
        counts[round(v / factor, 6)] += 1
    return {
        "masks": [[int(m) for m in row] for row in masks.tolist()[-3:]],
        "measured": {"mean": z.mean().item(), "variance": z.var(correction=0).item()},
        "formula": {"mean": mean.item(), "variance": (chances * (values - mean) ** 2).sum().item()},
        "outputs": [
            {"value": found[k][0], "chance": found[k][1], "count": counts[k]} for k in sorted(found)
        ],
        "last": z[-1].item(),
    }


def test_model():
    expected = [by_torch(case) for case in CASES]
    assert len(CASES) >= 200
    differential(MODEL, ASK, CASES, expected, MUTANTS, sample=slice(0, None, 3))
    for case, want in zip(CASES, expected, strict=True):
        widget = DropoutMasks(**case)
        assert widget.measured() == pytest.approx(tuple(want["measured"].values()))
        assert widget.formula() == pytest.approx(tuple(want["formula"].values()))


def test_formula_is_that_of_torch_s_dropout():
    """F.dropout on many copies has the widget's mean and variance."""
    torch.manual_seed(0)
    for p in (0.2, 0.5, 0.8):
        x = torch.tensor(X, dtype=torch.float64).expand(200_000, 6)
        z = F.dropout(x, p) @ torch.tensor(W, dtype=torch.float64)
        mean, variance = DropoutMasks(p=p).formula()
        assert z.mean().item() == pytest.approx(mean, abs=6 * (variance / 2e5) ** 0.5)
        assert z.var().item() == pytest.approx(variance, rel=0.03)


def test_draws_are_independent():
    """Shares as p says, inputs and masks unrelated, fewer masks are the first of many."""
    masks = np.array([DropoutMasks(p=0.3, n=5000, seed=s).masks() for s in range(1, 9)])
    assert abs(masks.mean() - 0.7) < 0.006
    m = (masks - 0.7) / np.sqrt(0.21)
    assert abs((m[..., 1:] * m[..., :-1]).mean()) < 0.012
    assert abs((m[:, 1:] * m[:, :-1]).mean()) < 0.012
    assert abs((m[1:] * m[:-1]).mean()) < 0.015
    few, many = DropoutMasks(n=20).masks(), DropoutMasks(n=200).masks()
    assert many[:20] == few and masks[0].tolist() != masks[1].tolist()
