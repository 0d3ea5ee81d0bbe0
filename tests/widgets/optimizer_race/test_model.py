"""The optimiser race: every path is torch.optim's, step by step, in double precision."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.optimizer_race import OptimizerRace
from dlworkbook.widgets.optimizer_race.widget import METHODS, RATES, STARTS
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "optimizer_race/model.js"
OPTIM = {
    "SGD": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "Nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "RMSProp": (torch.optim.RMSprop, {}),
    "Adam": (torch.optim.Adam, {}),
    "AdamW": (torch.optim.AdamW, {}),
}
SURFACES = ("quadratic", "noisy", "rosenbrock", "saddle")
KAPPAS = (1, 10, 100, 1000)
FOLDED = itertools.product(SURFACES, KAPPAS, METHODS, RATES)
CASES = [
    {"surface": f, "kappa": k, "method": m, "rate": r, "step": 30, "seed": 1 + n % 50}
    for n, (f, k, m, r) in enumerate(FOLDED)
    if n % 3 == 0 and not (f == "rosenbrock" and r > 0.2)
]
ASK = """((path) => ({ path, losses: m.losses(c, path), score: m.score(c, path),
  noise: m.noise(c).slice(0, 3) }))(m.walk({ ...c }, c.method, c.rate))"""
MUTANTS = [
    ("steeper", "slope: ([x, y], kappa) => [x, y / kappa]",
     "slope: ([x, y], kappa) => [x, y]"),
    ("bowl's height", "(x * x + (y * y) / kappa) / 2", "(x * x + (y * y) / kappa)"),
    ("valley without the bend", "-2 * x * (y - x * x) - (1 - x) / kappa",
     "-x * (y - x * x) - (1 - x) / kappa"),
    ("valley's floor", "((y - x * x) ** 2 + (1 - x) ** 2 / kappa) / 2",
     "((y - x * x) ** 2 + (1 - x) ** 2) / 2"),
    ("saddle turned", "(y * (y * y - 1)) / kappa", "(y * (y * y + 1)) / kappa"),
    ("saddle's height", "(y * y - 1) ** 2 / (4 * kappa)", "(y * y - 1) ** 2 / (2 * kappa)"),
    ("another start", "start: [-1.6, 0.01]", "start: [-1.6, 0.02]"),
    ("momentum averaged", "own.v = BETA * own.v + g; return p - lr * own.v",
     "own.v = BETA * own.v + (1 - BETA) * g; return p - lr * own.v"),
    ("Nesterov without its look ahead", "(g + BETA * own.v)", "own.v"),
    ("RMSProp as Adagrad", "SLOW * own.s + (1 - SLOW) * g * g", "own.s + g * g"),
    ("RMSProp without root", "(lr * g) / (Math.sqrt(own.s) + EPS)", "(lr * g) / (own.s + EPS)"),
    ("mean not corrected", "lr / (1 - BETA ** t)", "lr"),
    ("squares not corrected", "/ Math.sqrt(1 - SLOWEST ** t) + EPS", "+ EPS"),
    ("one step late", "(1 - BETA ** t)", "(1 - BETA ** (t + 1))"),
    ("decay inside the gradient", "adam(p * (1 - lr * DECAY), g, own, lr, t)",
     "adam(p, g + DECAY * p, own, lr, t)"),
    ("no decay", "p * (1 - lr * DECAY)", "p"),
    ("eps too large", "EPS = 1e-8", "EPS = 1e-6"),
    ("another momentum", "BETA = 0.9,", "BETA = 0.8,"),
    ("another memory", "SLOW = 0.99,", "SLOW = 0.9,"),
    ("a shorter memory", "SLOWEST = 0.999", "SLOWEST = 0.99"),
    ("less noise", "NOISE = 0.3", "NOISE = 0.2"),
    ("eleven numbers", "length: 12", "length: 11"),
    ("noise everywhere", 'surface === "noisy" ?', 'surface !== "x" ?'),
    ("noise for one coordinate", "draws[t - 1][k]", "draws[t - 1][0]"),
    ("far is near", "FAR = 1000", "FAR = 100"),
    ("a leap is free", "LEAP = 4", "LEAP = 40"),
    ("the last ten", "LAST = 20", "LAST = 10"),
]  # fmt: skip


def surface(case: dict, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Height above the lowest point, for autograd."""
    kappa = case["kappa"]
    if case["surface"] == "rosenbrock":
        return ((y - x**2) ** 2 + (1 - x) ** 2 / kappa) / 2
    if case["surface"] == "saddle":
        return x**2 / 2 + (y**2 - 1) ** 2 / kappa / 4
    return (x**2 + y**2 / kappa) / 2


def by_torch(case: dict) -> dict:
    """A hundred steps of torch's own optimiser, gradients by autograd, the same noise added."""
    p = torch.tensor(STARTS[case["surface"]], dtype=torch.float64, requires_grad=True)
    kind, options = OPTIM[case["method"]]
    optimizer = kind([p], lr=case["rate"], **options)
    settings = {k: case[k] for k in ("surface", "kappa", "rate", "step", "seed")}
    draws = OptimizerRace(**settings).noise()
    path, losses = [p.tolist()], [surface(case, *p).item()]
    for draw in draws:
        optimizer.zero_grad()
        surface(case, *p).backward()
        p.grad += torch.tensor(draw, dtype=torch.float64)
        optimizer.step()
        if not p.abs().max() < 1000:
            break
        path.append(p.tolist())
        losses.append(surface(case, *p).item())
    counts = len(path) == 101 and max(losses) <= 4 * losses[0]
    last = losses[-20:] if counts else [math.inf]
    return {"path": path, "losses": losses, "score": sum(last) / len(last),
            "noise": [list(map(float, d)) for d in draws[:3]]}  # fmt: skip


@pytest.fixture(scope="module")
def expected() -> list[dict]:
    torch.set_num_threads(1)
    return [by_torch(case) for case in CASES]


def test_model(expected):
    assert len(CASES) >= 200 and {len(e["path"]) == 101 for e in expected} == {True, False}
    differential(MODEL, ASK, CASES, expected, MUTANTS, sample=slice(0, None, 2))


def test_python_says_the_same(expected):
    """The widget's Python side, too, on every fourth case."""
    for case, want in list(zip(CASES, expected, strict=True))[::4]:
        settings = {k: case[k] for k in ("surface", "kappa", "rate", "step", "seed")}
        widget = OptimizerRace(**settings)
        path = widget.walk(case["method"], case["rate"])
        assert np.array(path) == pytest.approx(np.array(want["path"]), rel=1e-9, abs=1e-9)
        assert [widget.loss(p) for p in path] == pytest.approx(want["losses"], abs=1e-9)
        assert widget.score(path) == pytest.approx(want["score"], abs=1e-9)


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("kappa", KAPPAS)
def test_own_best_rate(name, kappa):
    """Of the list, the one with the least mean loss over the last steps, in both languages."""
    widget = OptimizerRace(surface=name, kappa=kappa)
    case = {"surface": name, "kappa": kappa, "rate": "best", "step": 30, "seed": 1}
    found = evaluate(MODEL, "m.race(data).map((r) => [r.method, r.lr, r.score])", case)
    for method, lr, score in found:
        scores = {r: widget.score(widget.walk(method, r)) for r in RATES}
        assert scores[lr] == pytest.approx(min(scores.values()), abs=1e-12)
        assert score == pytest.approx(scores[lr], abs=1e-12)
        assert widget.race()[method]["lr"] == lr or scores[widget.race()[method]["lr"]] < 1e-12


@pytest.mark.parametrize("name", SURFACES)
def test_contours_lie_on_their_level(name):
    """Every end of a piece has nearly the height that was asked for."""
    case = {"surface": name, "kappa": 10}
    pieces = evaluate(MODEL, "m.contours(data, 0.1, [-2, 2], [-1.5, 1.5])", case)
    widget = OptimizerRace(surface=name, kappa=10)
    heights = [widget.loss(p) for piece in pieces for p in piece]
    assert len(pieces) > 30 and np.abs(np.array(heights) - 0.1).max() < 0.02


def test_a_path_that_left_is_no_winner():
    """However low it was: a path with fewer points than steps has no finite score."""
    case = {"surface": "rosenbrock", "kappa": 1}
    assert evaluate(MODEL, "[m.score(data, [[1, 1.1], [1, 1]])]", case) == [None]
    assert OptimizerRace(**case).score([(1, 1.1), (1, 1)]) == math.inf
