"""The widget of focal loss: losses and derivatives are torch's."""

from __future__ import annotations

import itertools
import math

import pytest

from dlworkbook.widgets.focal_loss import FocalLoss
from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "focal_loss/model.js"
READINGS = (("none", 8), ("both", 8), ("one", 8), ("zero", 5), ("one", 19))
CASES = [
    {"p": p, "gamma": g, "target": t, "reading": r, "alpha": a, "axis": "p" if n % 2 else "score"}
    for n, (p, g, t, (r, a)) in enumerate(
        itertools.product((1, 10, 37, 50, 70, 99), (0, 0.5, 1, 2, 5), (1, 0), READINGS)
    )
]
AT = (-800.0, -40.0, -3.0, 0.0, 0.4, 5.0, 40.0, 800.0)
ASK = f"""{{ now: m.here(c), weight: m.weight(c), score: m.scoreOf(c), place: m.placeOf(c),
  ratios: m.ratios(c), there: {list(AT)}.map((o) => m.losses(c, o)),
  curve: m.curves(c, 8), back: m.chosen(c, m.placeOf(c)),
  far: [-9, 9].map((x) => m.chosen(c, x)) }}"""
MUTANTS = [
    ("exponent off by one", "Math.exp(s.gamma * logQ)", "Math.exp((s.gamma - 1) * logQ)"),
    ("sign of the focal derivative", "focalSlope: side(s) *", "focalSlope: -side(s) *"),
    ("sign of the derivative", "slope: -side(s) * q", "slope: side(s) * q"),
    ("one term of the product rule", "(s.gamma * p * logP - q)", "(-q)"),
    ("the other term", "(s.gamma * p * logP - q)", "(s.gamma * p * logP)"),
    ("no p in the product rule", "s.gamma * p * logP", "s.gamma * logP"),
    ("alpha for the other class", '(reading === "one") ===', '(reading === "zero") ==='),
    ("alpha for both, always", "a : 1 - a", "a : a"),
    ("alpha forgotten", "weight(s) * Math.exp", "Math.exp"),
    ("alpha in tenths", "alpha / 20", "alpha / 10"),
    ("logarithm to base 2", "ce: -logP", "ce: -logP / Math.LN2"),
    ("focal to base 2", "focal: factor * -logP", "focal: (factor * -logP) / Math.LN2"),
    ("p to the power", "s.gamma * logQ", "s.gamma * logP"),
    ("sides exchanged", "target === 1 ? 1 : -1", "target === 1 ? -1 : 1"),
    ("overflow", "Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))", "Math.log1p(Math.exp(v))"),
    ("ratio of the losses upside down", "focal / ce", "ce / focal"),
    ("ratio of the derivatives from the losses", "focalSlope / slope", "focal / ce + 0 * slope"),
    ("one axis for both", 's.axis === "score" ? scoreOf(s)', 's.axis === "p" ? scoreOf(s)'),
    ("curve by the p of class 1", "x : side(s) * Math.log(x / (1", "x : Math.log(x / (1"),
    ("pressed on the wrong side", "Math.exp(-side(s) * x)", "Math.exp(-x)"),
    ("no end at the right", "Math.min(99,", "Math.min(100,"),
]  # fmt: skip


def exact(case: dict) -> dict:
    widget = FocalLoss(**case)
    found, side = widget.losses(), 2 * widget.target - 1
    low, high = (0, 1) if case["axis"] == "p" else (-5.5, 5.5)
    curve = []
    for n in range(9):
        x = low + ((n or 0.02) / 8) * (high - low) * (1 - 1e-9 if n == 8 else 1)
        at = widget.losses(x if case["axis"] == "score" else side * math.log(x / (1 - x)))
        curve.append([x, at["ce"], at["focal"]])
    ends = [1, 99] if case["axis"] == "p" or case["target"] else [99, 1]
    return {
        "now": found, "weight": widget.weight(), "score": widget.score(),
        "place": widget.score() if case["axis"] == "score" else widget.p / 100,
        "ratios": [found["focal"] / found["ce"], found["focalSlope"] / found["slope"]],
        "there": [by_hand(widget, o) for o in AT], "curve": curve, "back": case["p"], "far": ends,
    }  # fmt: skip


def by_hand(widget: FocalLoss, o: float) -> dict:
    """By autograd; beyond its rounding of 1 - p by a second form of the losses, in Python."""
    if abs(o) < 30:
        return widget.losses(o)
    m = (2 * widget.target - 1) * o
    q = math.exp(-m) if m > 0 else 1 - math.exp(m)
    p = 1 - q if m > 0 else math.exp(m)
    ce = q if m > 0 else -m  # up to e**-80
    factor = widget.weight() * q**widget.gamma
    side = 1 if widget.target else -1
    return {"p": p, "ce": ce, "slope": -side * q, "focal": factor * ce,
            "focalSlope": -side * factor * (widget.gamma * p * ce + q)}  # fmt: skip


def test_model():
    expected = [exact(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS)


def test_words_picture_and_settings():
    assert FocalLoss(p=20, reading="both").describe() == (
        "Probability 0.2 of the true class 1: cross-entropy 1.609, focal loss 0.412 with the "
        "exponent 2 and the weight 0.4."
    )
    assert FocalLoss().png().startswith(b"\x89PNG")
    for bad in ({"p": 0}, {"p": 100}, {"gamma": 4}, {"alpha": 20}, {"target": 2}, {"axis": "o"}):
        with pytest.raises(StateError):
            FocalLoss(**bad)


def test_the_samples_of_the_exam():
    """The five samples of 2021, with the constant 0.4 and with the two other readings."""
    samples = [(20, 0), (70, 1), (40, 0), (90, 1), (50, 0)]  # one-hot 10 is class 0
    means = {
        reading: sum(FocalLoss(p=p, target=t, reading=reading).losses()["focal"]
                     for p, t in samples) / 5
        for reading in ("none", "both", "one", "zero")
    }  # fmt: skip
    assert means == pytest.approx({
        "none": 0.313269214537, "both": 0.1253076858146857,
        "one": 0.186635354718, "zero": 0.126633859819,
    })  # fmt: skip
