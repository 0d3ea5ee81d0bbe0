"""The perceptron's widget: updates equal NumPy's, a linear program knows who separates."""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import linprog

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.perceptron import Perceptron
from tests.kit.node import difference, differential

MODEL = bundle.WIDGETS / "perceptron/model.js"
PLACES = [(-10, -10), (5, 5), (20, 20), (15, 5), (0, 10), (3, -7), (10, 5), (7, 9), (20, 0)]
PLACES += itertools.product((-9, -4, 1, 6, 12, 18), (-3, 4, 11, 16))
CASES = [{"set": s, "extra": "none", "x": 0, "y": 0} for s in ("and", "or", "xor")]
CASES += [
    {"set": s, "extra": e, "x": x, "y": y}
    for s, e, (x, y) in itertools.product(("and", "or", "xor"), ("one", "zero"), PLACES)
]
ASK = """{ ...m.train(m.points(c)), separable: m.separable(m.points(c)),
  wrong: m.train(m.points(c)).steps.map(({ w }) => m.wrong(w, m.points(c))),
  region: m.train(m.points(c)).steps.map(({ w }) => m.region(w, -12, 22)) }"""
MUTANTS = [
    ("a score of 0 is right", "t * score(w, all[at]) > 0", "t * score(w, all[at]) >= 0"),
    ("the bias stays", "w[0] + 10 * t", "w[0]"),
    ("targets forgotten", "w[1] + t * x", "w[1] + x"),
    ("both weights alike", "w[2] + t * y", "w[2] + t * x"),
    ("a round of four points", "quiet < all.length &&", "quiet < 4 &&"),
    ("a round not begun anew", "      quiet = 0;\n", ""),
    ("OR for XOR", "xor: [0, 1, 1, 0]", "xor: [0, 1, 1, 1]"),
    ("only four points", 'extra === "none" ? four', 'extra !== "one" ? four'),
    ("crossing on one side", "&& turn(c, d, a) * turn(c, d, b) < 0", ""),
    ("touching is no crossing", "if ([a, b].some", "if ([].some"),
    ("triangles left out", "sides.every((s) => s >= 0) ||", "false &&"),
    ("the other side", "if (s > 0) corners.push(p);", "if (s < 0) corners.push(p);"),
    ("half way for the crossing", "(s / (s - t))", "0.5"),
    ("wrong without zeros", "* score(w, p) <= 0", "* score(w, p) < 0"),
]


def separable(X: np.ndarray, t: np.ndarray) -> bool:
    """Whether t (w . x) >= 1 has a solution, by linear programming."""
    return linprog(np.zeros(3), A_ub=-t[:, None] * X, b_ub=-np.ones(len(t)),
                   bounds=[(None, None)] * 3).status == 0  # fmt: skip


def area(corners: list) -> float:
    """Of a polygon."""
    (x, y) = np.array(corners, dtype=float).reshape(-1, 2).T
    return 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))


def share(w: np.ndarray) -> float:
    """Area of the square where the score is positive, from 2,000 strips of exact length."""
    if not w[2]:
        x = np.linspace(-12, 22, 20_001)
        return float((10 * w[0] + w[1] * (x[1:] + x[:-1]) / 2 > 0).mean() * 34**2)
    x = -12 + 34 * (np.arange(2_000) + 0.5) / 2_000
    edge = np.clip(-(10 * w[0] + w[1] * x) / w[2], -12, 22)
    return float(((22 - edge) if w[2] > 0 else (edge + 12)).mean() * 34)


def exact(case: dict) -> dict:
    widget = Perceptron(**case)
    X, t = map(np.array, widget.points())
    weights, causes, ended = widget.train()
    weights = [np.array(w) for w in weights]
    return {
        "steps": [{"w": w.tolist(), "at": at} for w, at in zip(weights, [-1, *causes])],
        "ended": ended, "separable": separable(X, t),
        "wrong": [int((t * (X @ w) <= 0).sum()) for w in weights],
        "areas": [share(w) for w in weights],
    }  # fmt: skip


def compare(got: dict, want: dict) -> str:
    """Everything as it is; the regions by their areas."""
    areas = [area(corners) for corners in got["region"]]
    off = np.abs(np.array(areas) - want["areas"]).max() if len(areas) == len(want["areas"]) else 9
    if off > 0.1:
        return f"areas of the regions {areas}, should be {want['areas']}"
    return difference(got, {k: v for k, v in want.items() if k != "areas"})


def test_model():
    expected = [exact(case) for case in CASES]
    assert {(e["ended"], e["separable"]) for e in expected} >= {(True, True), (False, False)}
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS, compare=compare)
