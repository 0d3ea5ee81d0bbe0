"""Independent checks of the page on generalisation; none of its own asserts is used."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch04_multilayer_perceptrons/generalization"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math, np=np, copy=copy)


@pytest.mark.parametrize(("n", "p"), [(9, 4), (4, 9), (6, 6), (5, 1), (1, 5)])
def test_fit_is_the_shortest_solution(page, n, p):
    rng = np.random.default_rng(n * p)
    A, Y = rng.normal(size=(n, p)), rng.normal(size=(n, 3))
    w = page["fit"](A, Y)
    assert np.allclose(w, np.linalg.pinv(A) @ Y)
    assert np.allclose(A.T @ (A @ w - Y), 0, atol=1e-9)
    if p > n:  # any other solution is longer
        away = np.linalg.svd(A)[2][-1][:, None]
        assert np.allclose(A @ away, 0) and np.linalg.norm(w + away) > np.linalg.norm(w)


def test_fit_with_ridge_and_with_a_cut(page):
    rng = np.random.default_rng(0)
    A, Y = rng.normal(size=(7, 5)), rng.normal(size=(7, 2))
    ridge = np.linalg.solve(A.T @ A + 0.7 * np.eye(5), A.T @ Y)
    assert np.allclose(page["fit"](A, Y, alpha=0.7), ridge)
    s = np.linalg.svd(A)[1]
    cut = (s[2] + s[3]) / 2 / s[0]
    assert np.linalg.matrix_rank(page["fit"](A, np.eye(7), cut=cut)) == 3
    assert np.allclose(page["fit"](A, Y, cut=cut), np.linalg.pinv(A, rcond=cut) @ Y)


def test_powers_span_the_polynomials(page):
    x = np.linspace(-2, 1, 11)
    for p in (1, 2, 5):
        A, plain = page["powers"](x, p), x[:, None] ** np.arange(p)
        assert A.shape == (11, p)
        assert np.linalg.matrix_rank(np.hstack([A, plain])) == p


@pytest.mark.parametrize(("n", "K"), [(10, 5), (11, 4), (7, 7), (3, 2)])
def test_folds_and_their_error_by_loops(page, n, K):
    parts = page["folds"](n, K)
    assert len(parts) == K and sorted(i for part in parts for i in part) == list(range(n))
    assert {len(part) for part in parts} <= {n // K, n // K + 1}
    rng = np.random.default_rng(n)
    x, y = rng.uniform(-1, 1, n), rng.normal(size=n)
    total = 0.0
    for part in parts:
        seen = [i for i in range(n) if i not in set(part)]
        line = np.polynomial.Polynomial.fit(x[seen], y[seen], 1)
        total += sum((line(x[i]) - y[i]) ** 2 for i in part)
    if n - len(parts[0]) >= 2:
        assert page["cv_error"](x, y, 2, K) == pytest.approx(total / n)


def test_plateau_is_torchs(page):
    """All short lists of a few losses, where ties and tiny steps matter."""
    for patience, losses in itertools.product(
        (0, 1, 2), itertools.product((1.0, 0.9, 0.99995, math.nan), repeat=5)
    ):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=patience)
        ours = page["Plateau"](1.0, patience)
        optimizer.step()
        for loss in losses:
            theirs.step(loss)
            assert ours.step(loss) == pytest.approx(optimizer.param_groups[0]["lr"])


def test_early_stop_keeps_a_copy_of_the_best(page):
    net = nn.Linear(1, 1)
    stop = page["EarlyStop"](2)
    found = []
    for k, loss in enumerate([math.nan, 3, 2, 2, 2.5]):
        nn.init.constant_(net.weight, k)
        found.append(stop.step(loss, net))
    assert found == [False] * 4 + [True]
    assert stop.kept["weight"].item() == 2 and net.weight.item() == 4


def test_train_gives_back_the_best_weights(page):
    torch.manual_seed(0)
    X, y = torch.randn(60, 5), torch.randint(0, 3, (60,))
    held = torch.randn(40, 5), torch.randint(0, 3, (40,))
    net = nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Dropout(0.3), nn.Linear(40, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    losses = page["train"](net, optimizer, X, y, held, patience=(1, 4), max_epochs=60)
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 4  # random labels: it stops
    with torch.no_grad():
        again = nn.functional.cross_entropy(net.eval()(held[0]), held[1]).item()
    assert again == pytest.approx(min(losses), rel=1e-6)
    assert optimizer.param_groups[0]["lr"] < 0.5


def test_maker_stops_as_the_page_does(page):
    maker = pages.maker(PAGE)
    rng = np.random.default_rng(0)
    for patience in (1, 3, 7):
        for _ in range(40):
            losses = (np.cumsum(rng.normal(size=30)) + 9).tolist()
            stop, net = page["EarlyStop"](patience), nn.Linear(1, 1)
            best, last = 0, len(losses) - 1
            for k, loss in enumerate(losses):
                if stop.step(loss, net):
                    last = k
                    break
            best = losses.index(stop.best)
            assert maker.stopped(losses, patience) == (best, last)


def test_maker_shifts_by_pixels():
    """By one whole pixel the shift is a roll with zeros; by nothing it is nothing."""
    maker = pages.maker(PAGE)
    X = torch.rand(2, 3, 64)
    assert torch.allclose(maker.shifted(X, 0.0), X, atol=1e-6)
    torch.manual_seed(0)
    moved = maker.shifted(X.new_ones(1, 500, 64), 1.0).reshape(500, 8, 8)
    assert torch.allclose(moved[:, 1:7, 1:7], torch.ones(500, 6, 6), atol=1e-5)
    edge = moved[:, 0, 3]  # ink at the upper edge: 1 where the picture moved up
    assert edge.min() < 0.1 and edge.max() == pytest.approx(1)


def test_maker_s_networks_share_nothing():
    """Side by side they get the gradients that each would get alone."""
    maker = pages.maker(PAGE)
    X, given, true = maker.splits(0.2)
    assert X.shape == (10, 1797, 64) and 0.15 < (given != true).float().mean() < 0.25
    params = maker.start(7)
    rows = slice(0, 20)
    Z = maker.scores(X[:, rows], params)
    loss = nn.functional.cross_entropy(
        Z.flatten(0, 1), given[:, rows].flatten(), reduction="sum") / 20
    grads = torch.autograd.grad(loss, params)
    for s in (0, 9):
        W, b, V, c = (p[s].detach().clone().requires_grad_() for p in params)
        alone = torch.relu(X[s, rows] @ W.T + b) @ V.T + c
        nn.functional.cross_entropy(alone, given[s, rows]).backward()
        for p, grad in zip((W, b, V, c), grads, strict=True):
            assert torch.allclose(p.grad, grad[s], atol=1e-6)


test_boxes = judged([
    ("pr-gen-degree", "9", "right"), ("pr-gen-degree", "10", "slip"),
    ("pr-gen-width", "b", "right"), ("pr-gen-width", "c", "slip"),
    ("pr-gen-plateau", "5", "right"), ("pr-gen-plateau", "4", "slip"),
    ("ex-gen-exact-parabola", "-1, 0.6, 2", "right"),
    ("ex-gen-exact-parabola", "-1, 3/5, 2", "right"),
    ("ex-gen-exact-parabola", "3, 0.6, 0", "slip"),
    ("ex-gen-exact-parabola", "3, 0.6, 1.706", "slip"),
    ("ex-gen-exact-twice", "2", "right"), ("ex-gen-exact-twice", "0", "slip"),
    ("ex-gen-degree-zero", "11", "right"), ("ex-gen-degree-zero", "12", "slip"),
    ("ex-gen-degree-losses", "0.225, 0.275", "right"),
    ("ex-gen-degree-losses", "9/40, 11/40", "right"),
    ("ex-gen-degree-losses", "0.275, 0.225", "slip"),
    ("ex-gen-degree-points", "60", "right"), ("ex-gen-degree-points", "30", "slip"),
    ("ex-gen-scale-entry", "0.289", "right"), ("ex-gen-scale-entry", "4^10/3628800", "right"),
    ("ex-gen-scale-entry", "1048576", "slip"),
    ("ex-gen-scale-exact", "b", "right"), ("ex-gen-scale-best", "b", "slip"),
    ("ex-gen-zero-when", "c", "right"), ("ex-gen-zero-coin", "20%", "right"),
    ("ex-gen-zero-coin", "1/5", "right"), ("ex-gen-zero-coin", "0.32", "slip"),
    ("ex-gen-zero-normal", "0.29", "right"), ("ex-gen-zero-normal", "0.2833", "slip"),
    ("ex-gen-zero-normal", "29/100", "right"), ("ex-gen-zero-normal", "0.2885", "slip"),
    ("ex-gen-folds-count", "121", "right"), ("ex-gen-folds-count", "120", "slip"),
    ("ex-gen-folds-five", "1.125", "right"), ("ex-gen-folds-five", "9/8", "right"),
    ("ex-gen-folds-five", "1.1", "slip"), ("ex-gen-folds-five", "1.2", "slip"),
    ("ex-gen-folds-all", "1.111", "right"), ("ex-gen-folds-all", "10/9", "right"),
    ("ex-gen-folds-all", "0.9", "slip"), ("ex-gen-folds-all", "1.1", "slip"),
    ("ex-gen-more-error", "0.095", "right"), ("ex-gen-more-error", "9.5%", "right"),
    ("ex-gen-more-error", "0.0686", "slip"), ("ex-gen-more-error", "0.035", "slip"),
    ("ex-gen-more-error", "-0.22", "slip"), ("ex-gen-more-count", "600", "right"),
    ("ex-gen-more-count", "67", "slip"),
    ("ex-gen-loop-order", "d, b, c, a, e", "right"), ("ex-gen-loop-order", "d b c e a", "slip"),
    ("ex-gen-loop-count", "1201", "right"), ("ex-gen-loop-count", "1200", "slip"),
    ("ex-gen-loop-trace", "10, 11, 6", "right"), ("ex-gen-loop-trace", "9, 11, 6", "slip"),
    ("ex-gen-early-share", "1-(1-a)^t", "right"), ("ex-gen-early-share", "(1-a)^t", "slip"),
    ("ex-gen-early-large", "0.651", "right"), ("ex-gen-early-large", "1-0.9^10", "right"),
    ("ex-gen-early-large", "0.349", "slip"),
    ("ex-gen-early-small", "0.00996", "right"), ("ex-gen-early-small", "1%", "right"),
    ("ex-gen-early-small", "0.99", "slip"),
])  # fmt: skip
