"""One unit under BatchNorm: everything that is shown is torch's BatchNorm1d, batch after batch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook.widgets.batch_norm import BatchNorm
from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "batch_norm/model.js"
FOLDED = itertools.product(("train", "eval"), ("steady", "drift", "jump"), (0.01, 0.1, 0.5, 1),
                           (1, 2, 4, 8, 16, 32, 64), (0, 1, 29, 30, 31, 60))  # fmt: skip
CASES = [
    {"mode": m, "data": d, "momentum": a, "n": n, "step": t, "seed": 1 + k % 50}
    for k, (m, d, a, n, t) in enumerate(FOLDED) if k % 4 == 0
]  # fmt: skip
ASK = """((v, all) => ({ x: v.x, y: v.y, used: v.used, own: v.own, before: v.before, next: v.next,
  running: all.running }))(m.view(c), m.history(c))"""
MUTANTS = [
    ("unbiased for the batch", "variance: own.biased", "variance: own.unbiased ?? 0"),
    ("biased for the running", "mixed(old.variance, unbiased)",
     "mixed(old.variance, sum2(mean, unbiased))"),
    ("momentum turned round", "(1 - s.momentum) * a + s.momentum * b",
     "s.momentum * a + (1 - s.momentum) * b"),
    ("starts with variance 0", "{ mean: 0, variance: 1 }", "{ mean: 0, variance: 0 }"),
    ("eval with the batch's", 's.mode === "train" ? { mean', 's.mode !== "x" ? { mean'),
    ("train with the running", 's.mode === "train" ? { mean', 's.mode === "x" ? { mean'),
    ("eval learns", 's.mode === "train" ? s.step + 1', 's.mode !== "x" ? s.step + 1'),
    ("one is taken", "&& s.n < 2", "&& s.n < 1"),
    ("two are refused", "&& s.n < 2", "&& s.n < 3"),
    ("eps forgotten", "used.variance + EPS", "used.variance"),
    ("no root", "Math.sqrt(used.variance + EPS)", "(used.variance + EPS)"),
    ("mean kept", "(v - used.mean)", "v"),
    ("eleven numbers", "length: 12", "length: 11"),
    ("one batch for all", "64 * seed + t", "64 * seed"),
    ("a jump too late", "t >= 30", "t > 30"),
    ("a slower drift", "0.05 * t", "0.04 * t"),
    ("spread of one", "SPREAD = 1.5", "SPREAD = 1"),
]


def by_torch(case: dict) -> dict:
    """A BatchNorm1d of one unit is fed all batches; the one in view in the mode asked for."""
    widget = BatchNorm(**case)
    norm = nn.BatchNorm1d(1, momentum=case["momentum"], dtype=torch.float64)

    def now() -> dict:
        return {"mean": norm.running_mean.item(), "variance": norm.running_var.item()}

    running, view = [now()], {}
    for t in range(61):
        x = torch.tensor(widget.batch(t), dtype=torch.float64)[:, None]
        if t == case["step"]:
            twin = nn.BatchNorm1d(1, momentum=case["momentum"], dtype=torch.float64)
            twin.load_state_dict(norm.state_dict())
            twin.train(case["mode"] == "train")
            try:
                y = twin(x).flatten().tolist()
            except ValueError:
                y = None
            own = {"mean": x.mean().item(), "biased": x.var(correction=0).item(),
                   "unbiased": x.var().item() if len(x) > 1 else None}  # fmt: skip
            used = {"mean": own["mean"], "variance": own["biased"]}
            view = {"x": x.flatten().tolist(), "y": y, "own": own, "before": now(),
                    "used": used if case["mode"] == "train" else now(),
                    "next": {"mean": twin.running_mean.item(),
                             "variance": twin.running_var.item()}}  # fmt: skip
        try:
            norm(x)
        except ValueError:
            assert len(x) == 1
        running.append(now())
    return {**view, "running": running}


def test_model():
    expected = [by_torch(case) for case in CASES]
    assert len(CASES) > 200 and sum(e["y"] is None for e in expected) > 5
    mutants = [
        (name, old, new.replace("sum2(mean, unbiased)", "unbiased * (s.n - 1) / s.n"))
        for name, old, new in MUTANTS
    ]
    differential(MODEL, f"({ASK})", CASES, expected, mutants, sample=slice(0, None, 5))
    for case, want in zip(CASES, expected, strict=True):
        widget = BatchNorm(**case)
        assert widget.outputs() == (want["y"] and pytest.approx(want["y"]))
        flat = [pair for r in want["running"] for pair in (r["mean"], r["variance"])]
        assert [v for pair in widget.running() for v in pair] == pytest.approx(flat)


def test_draws_are_nearly_normal():
    """Mean 0, variance 1, neighbours unrelated, also batches of neighbouring seeds."""
    z = np.array([[BatchNorm(seed=s, n=64).batch(t) for t in range(61)] for s in range(1, 9)])
    z = (z - 2) / 1.5
    assert abs(z.mean()) < 0.02 and abs(z.var() - 1) < 0.03
    assert abs((z[..., 1:] * z[..., :-1]).mean()) < 0.02
    assert abs((z[:, 1:] * z[:, :-1]).mean()) < 0.02
    assert 0.30 < (abs(z) > 1).mean() < 0.34


def test_small_batches_are_nested():
    big, small = BatchNorm(n=64).batch(7), BatchNorm(n=4).batch(7)
    assert big[:4] == small
