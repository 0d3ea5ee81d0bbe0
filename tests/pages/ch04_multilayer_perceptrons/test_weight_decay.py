"""Independent checks of the page on weight decay; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import experiment
from tests.kit import pages
from tests.kit.pages import definitions, judged, verdict

NAME = "ch04_multilayer_perceptrons/weight_decay"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(NAME, constants=("alphas",), math=math)


@pytest.mark.parametrize("decay", [0.0, 0.4, 3.0])
def test_sgd_is_torchs(page, decay):
    """Shrinking first is adding the penalty's gradient."""
    torch.manual_seed(0)
    start = [torch.randn(4, 3, dtype=torch.float64), torch.randn(4, dtype=torch.float64)]
    ours, theirs = ([p.clone().requires_grad_() for p in start] for _ in range(2))
    optimizer = torch.optim.SGD(theirs, 0.07, weight_decay=decay)
    for _ in range(200):
        optimizer.zero_grad()
        for W, b in (ours, theirs):
            ((W.sum(1) - b) ** 2 + W.cos().sum(1)).sum().backward()
        page["sgd"](ours, 0.07, decay)
        optimizer.step()
        for p, q in zip(ours, theirs, strict=True):
            assert torch.allclose(p, q, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 8), (8, 3), (5, 5)])
def test_ridge_is_least(page, n, d):
    """No neighbour has a smaller sum of squares and penalty, and numpy's solution is the same."""
    rng = np.random.default_rng(n * 10 + d)
    X, y, alpha = rng.normal(size=(n, d)), rng.normal(size=n), 0.7

    def objective(w):
        return ((y - X @ w) ** 2).sum() + alpha * (w**2).sum()

    w = page["ridge"](torch.tensor(X), torch.tensor(y), alpha).numpy()
    stacked = np.vstack([X, math.sqrt(alpha) * np.eye(d)])  # rows that ask for 0
    assert w == pytest.approx(np.linalg.lstsq(stacked, np.append(y, np.zeros(d)), rcond=None)[0])
    for _ in range(20):
        assert objective(w + 1e-3 * rng.normal(size=d)) > objective(w)


@pytest.mark.parametrize("decoupled", [False, True])
def test_adam_by_its_definition(page, decoupled):
    """Running means as sums over all steps, weight by weight, and torch's optimiser."""
    rng, lr, decay = np.random.default_rng(1), 0.03, 0.2
    slopes = rng.normal(size=(30, 3)) * (0.1, 1, 10)
    w, state, used = torch.ones(3, dtype=torch.float64), (0, 0.0, 0.0), []
    slow = [1.0, 1.0, 1.0]
    theirs = torch.ones(3, dtype=torch.float64, requires_grad=True)
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    optimizer = kind([theirs], lr, weight_decay=decay)
    for t, g in enumerate(slopes, start=1):
        used.append([a + (0 if decoupled else decay * b) for a, b in zip(g, slow, strict=True)])
        for i in range(3):
            m = sum(0.1 * 0.9 ** (t - 1 - k) * row[i] for k, row in enumerate(used))
            v = sum(0.001 * 0.999 ** (t - 1 - k) * row[i] ** 2 for k, row in enumerate(used))
            quotient = m / (1 - 0.9**t) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
            slow[i] = slow[i] * (1 - lr * decay * decoupled) - lr * quotient
        w, state = page["adam"](w, torch.tensor(g), state, lr, decay, decoupled)
        theirs.grad = torch.tensor(g)
        optimizer.step()
        assert w.tolist() == pytest.approx(slow, abs=1e-12)
        assert w.tolist() == pytest.approx(theirs.tolist(), abs=1e-12)


def test_iq7(page):
    """One step from 1 with slope 0, rate and decay 0.01."""
    one, zero = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for decoupled, want in ((True, 0.9999), (False, 0.99000001)):
        w, _ = page["adam"](one, zero, (0, 0.0, 0.0), 0.01, 0.01, decoupled)
        assert w.item() == pytest.approx(want, abs=1e-9)


def test_adamw_ignores_the_scale_of_the_loss(page):
    scaled = [page["shrink"]([c * 0.5, c * 4.0], True, num_steps=200)[-1] for c in (1, 30)]
    assert torch.allclose(*scaled, atol=0.01)
    weak, strong = page["shrink"]([8.0, 0.25], False, num_steps=500)[-1]
    assert weak > 0.9 and strong < 0.2


def test_groups_spare_the_biases(page):
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    kept, spared = page["groups"](net, 0.3)
    assert [p.shape for p in kept["params"]] == [(4, 3), (2, 4)]
    assert kept["weight_decay"] == 0.3 and spared["weight_decay"] == 0
    assert len(spared["params"]) == 4


def test_a_direction_without_data_is_moved_by_decay_alone(page):
    data = page["make_data"](6, 0.01, 0, d=20)
    torch.manual_seed(0)
    start = torch.randn(20)
    away = torch.eye(20) - torch.linalg.pinv(data[0]) @ data[0]
    for decay, share in ((0, 1), (0.1, (1 - 0.02 * 0.1) ** 50)):
        _, w = page["train"](start, decay, data, data, lr=0.02, num_steps=50)
        assert torch.allclose(away @ w, share * (away @ start), atol=1e-4)


def test_best_alpha_is_noise_over_prior():
    """The error of one direction on a fine grid, for weak and strong directions.

    The last pair is that of the exercise.
    """
    grid = np.exp(np.linspace(-6, 6, 12001))
    for s2 in (0.01, 1, 300):
        for noise, tau in ((1, 1), (0.3, 0.7), (0.5, 0.1)):
            error = (grid**2 * tau**2 + s2 * noise**2) / (s2 + grid) ** 2
            best = grid[error.argmin()]
            assert math.log(best / (noise / tau) ** 2) == pytest.approx(0, abs=0.01)
        assert verdict("ex-wd-bayes-alpha", f"{best:.2g}") == "right"


def test_study_has_its_parts():
    study = experiment(NAME)
    maker = pages.maker(NAME)
    assert set(study) == set(maker.jobs())
    assert {len(runs) for runs in study.values()} == {len(maker.SEEDS)}
    norms = [np.mean([run["norm"] for run in study[f"decay {d}"]]) for d in maker.DECAYS]
    assert all(a > b for a, b in itertools.pairwise(norms))
    (X, _given), (_, y_stop), (_, y) = maker.data(3)
    assert (len(X), len(y_stop), len(y)) == (200, 100, 497)
    clean = maker.data(3, 1000)
    assert torch.equal(clean[2][1], y)


test_boxes = judged([
    ("pr-wd-ten", "1.1975", "right"), ("pr-wd-ten", "2*0.95^10", "right"),
    ("pr-wd-ten", "1.2", "right"), ("pr-wd-ten", "1.213", "wrong"),
    ("pr-wd-ten", "1", "same amount"), ("pr-wd-ten", "2", "optimiser"),
    ("pr-wd-ten", "1.9", "one step"), ("pr-wd-start", "c", "right"),
    ("pr-wd-start", "b", "slip"), ("pr-wd-adam", "0.99", "right"),
    ("pr-wd-adam", "0.99000001", "right"), ("pr-wd-adam", "0.9999", "AdamW"),
    ("pr-wd-adam", "99%", "right"), ("pr-wd-adam", "0.999", "slip"),
    ("ex-wd-sweep-factor", "0.9", "right"), ("ex-wd-sweep-factor", "180/200", "right"),
    ("ex-wd-sweep-factor", "90%", "right"), ("ex-wd-sweep-factor", "0.9945", "slip"),
    ("ex-wd-sweep-factor", "0.947", "whole squares"), ("ex-wd-sweep-training", "c", "right"),
    ("ex-wd-sweep-test", "a", "right"), ("ex-wd-validate-fair", "a", "right"),
    ("ex-wd-validate-factor", "10/9", "right"), ("ex-wd-validate-factor", "1.111", "right"),
    ("ex-wd-validate-factor", "0.5556", "slip"), ("ex-wd-validate-factor", "0.1111", "slip"),
    ("ex-wd-l1-sign", "0.1, 0.05, -0.01", "right"),
    ("ex-wd-l1-sign", "(0.1; 0.05; -0.01)", "right"),
    ("ex-wd-l1-sign", "0.17, -0.045, -0.01", "L2"), ("ex-wd-l1-soft", "0.1, 0, 0", "right"),
    ("ex-wd-l1-soft", "0.1, 0.05, -0.01", "across 0"), ("ex-wd-frobenius-trace", "30", "right"),
    ("ex-wd-frobenius-trace", "29", "transposed"), ("ex-wd-frobenius-balance", "1/2", "right"),
    ("ex-wd-frobenius-balance", "0.5", "right"), ("ex-wd-frobenius-balance", "2", "slip"),
    ("ex-wd-bayes-alpha", "25", "right"), ("ex-wd-bayes-alpha", "0.25/0.01", "right"),
    ("ex-wd-bayes-alpha", "5", "slip"), ("ex-wd-bayes-torch", "1", "right"),
    ("ex-wd-bayes-torch", "0.5", "half squares"), ("ex-wd-bayes-laplace", "5/2", "right"),
    ("ex-wd-bayes-laplace", "25", "slip"), ("ex-wd-budget-weights", "1, 0.8", "right"),
    ("ex-wd-budget-weights", "1, 4/5", "right"), ("ex-wd-budget-weights", "1.145, 0.573", "slip"),
    ("ex-wd-budget-lambda", "1", "right"), ("ex-wd-budget-lambda", "-1", "slip"),
    ("ex-wd-budget-large", "0", "right"), ("ex-wd-adamw-coupled", "1.818", "right"),
    ("ex-wd-adamw-coupled", "2/1.1", "right"), ("ex-wd-adamw-coupled", "2", "slip"),
    ("ex-wd-adamw-small", "2", "right"), ("ex-wd-adamw-small", "1.818", "slip"),
    ("ex-wd-others-share", "0.7", "right"), ("ex-wd-others-share", "70%", "right"),
    ("ex-wd-others-share", "7/10", "right"), ("ex-wd-others-share", "70", "percent"),
    ("ex-wd-others-worse", "c", "right"), ("ex-wd-others-worse", "d", "slip"),
    ("ex-wd-adamw-large", "1/2", "right"), ("ex-wd-adamw-large", "2", "slip"),
    ("ex-wd-adamw-large", "0.667", "slip"), ("ex-wd-adamw-large", "0.6666667", "slip"),
    ("ex-wd-budget-large", "-0.2857", "slip"), ("ex-wd-budget-weights", "1.145, 0.573", "slip"),
     ("ex-wd-adamw-coupled", "1.9", "slip"),
    ("ex-wd-adamw-coupled", "1.8", "slip"),
])  # fmt: skip
