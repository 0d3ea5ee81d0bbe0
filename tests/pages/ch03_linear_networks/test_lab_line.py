"""Independent checks of what the page of lab 2 teaches; its own asserts are not used."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from dlworkbook import checks
from tests.kit.pages import definitions

PAGE = "ch03_linear_networks/lab_line"
IRIS = load_iris()
X, Y, SPECIES = IRIS.data[:, 2], IRIS.data[:, 3], IRIS.target


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, x=X, y=Y, species=SPECIES)


def other_line(x, y):
    """Slope and intercept by scikit-learn."""
    model = LinearRegression().fit(x[:, None], y)
    return model.coef_[0], model.intercept_


def epoch_map(x, y, lr, batch_size):
    """One epoch in order as (w, b, 1) -> M (w, b, 1): every step is affine."""
    M = np.eye(3)
    for i in range(0, len(x), batch_size):
        A = np.c_[x[i : i + batch_size], np.ones(len(x[i : i + batch_size]))]
        step = np.eye(3)
        step[:2, :2] -= lr * 2 / len(A) * A.T @ A
        step[:2, 2] = lr * 2 / len(A) * A.T @ y[i : i + batch_size]
        M = step @ M
    return M


def test_the_solutions_pass_the_checks(page):
    for task in ("least_squares", "mean_squared_error", "sgd"):
        assert checks.check(task, page[task]).passed, task
        assert page[f"my_{task}"](*range(page[task].__code__.co_argcount)) is None


def test_walk_in_order_is_an_affine_map(page):
    rng = random.Random(0)
    for _ in range(20):
        rows = rng.sample(range(150), rng.randint(3, 60))
        lr, size, epochs = rng.uniform(0.001, 0.02), rng.randint(1, 20), rng.randint(1, 4)
        w, b = rng.uniform(-1, 1), rng.uniform(-1, 1)
        M = np.linalg.matrix_power(epoch_map(X[rows], Y[rows], lr, size), epochs)
        found = page["sgd"](X[rows], Y[rows], w, b, lr, epochs, size)
        assert np.allclose(found, (M @ [w, b, 1])[:2], atol=1e-9)


def test_the_sorted_table_has_a_fixed_point_off_the_line(page):
    M = epoch_map(X, Y, 0.02, 10)
    assert abs(np.linalg.eigvals(M[:2, :2])).max() < 1
    w, b = np.linalg.solve(np.eye(2) - M[:2, :2], M[:2, 2])
    assert np.allclose(page["sgd"](X, Y, 0.0, 0.0, 0.02, 400, 10), (w, b), atol=1e-6)
    best = np.mean((np.polyval(np.polyfit(X, Y, 1), X) - Y) ** 2)
    assert np.mean((w * X + b - Y) ** 2) / best == pytest.approx(2.96, abs=0.01)
    shuffled = np.random.default_rng(5).permutation(150)
    M = epoch_map(X[shuffled], Y[shuffled], 0.02, 10)
    w, b = np.linalg.solve(np.eye(2) - M[:2, :2], M[:2, 2])
    assert np.mean((w * X + b - Y) ** 2) < 1.5 * best


def test_splits(page):
    seen = set()
    for seed in range(20):
        rows, test = page["split"](seed)
        assert len(rows) == 120 and sorted([*rows, *test]) == list(range(150))
        seen.add(tuple(test))
    assert len(seen) == 20


def test_walk_visits_all_and_returns_its_path(page):
    w, b, path = page["walk"](X[:47], Y[:47], seed=3, stages=((0.01, 2), (0.001, 3)))
    assert path.shape == (5, 2) and tuple(path[-1]) == (w, b)
    rng, w, b = np.random.default_rng(3), 0.0, 0.0
    for lr, epochs in ((0.01, 2), (0.001, 3)):
        for _ in range(epochs):
            order = rng.permutation(47)
            w, b = (epoch_map(X[:47][order], Y[:47][order], lr, 10) @ [w, b, 1])[:2]
    assert np.allclose(path[-1], (w, b))


def test_wrong_loops(page):
    """Where each ends, without running it: by its own matrix."""
    A, n = np.c_[X, np.ones(150)], 150
    H, g = 2 * A.T @ A / n, 2 * A.T @ Y / n
    w, b = page["loop"]("b after w", num_epochs=1)
    w1 = 0.02 * g[0]
    assert np.allclose((w, b), (w1, 0.02 * (g[1] - H[1, 0] * w1)))
    assert np.allclose(page["loop"]("half the gradient", num_epochs=7),
                       page["loop"]("nothing", lr=0.01, num_epochs=7))
    assert np.allclose(page["loop"]("sum, not mean", lr=1e-4, num_epochs=7),
                       page["loop"]("nothing", lr=150e-4, num_epochs=7))
    assert page["loop"]("b stays", num_epochs=9)[1] == 0
    swing = np.block([[np.eye(2) - 0.02 * H, -0.02 * np.eye(2)], [H, np.eye(2)]])
    assert np.allclose(abs(np.linalg.eigvals(swing)), 1)  # neither grows nor fades


def test_slopes_of_the_species(page):
    for i, j, sign in ((2, 3, 1), (0, 1, -1)):
        common, own = page["slopes"](IRIS.data[:, i], IRIS.data[:, j])
        assert np.sign(common) == sign and (own > 0).all()
        for k in range(3):
            part = k == SPECIES
            assert own[k] == pytest.approx(other_line(IRIS.data[part, i], IRIS.data[part, j])[0])


def test_ranges_over_splits_that_the_page_does_not_use(page):
    """The table of the page, for least squares: quick enough for many splits."""
    for seed in range(1000, 1200):
        rows, test = page["split"](seed)
        w, b = page["least_squares"](X[rows], Y[rows])
        assert np.allclose((w, b), other_line(X[rows], Y[rows]))
        loss = page["mean_squared_error"](w, b, X[test], Y[test])
        assert 0.38 < w < 0.45 and -0.46 < b < -0.27, seed
        assert 0.005 < loss < 0.15, seed
        assert 0.15 < np.mean((Y[rows].mean() - Y[test]) ** 2) < 1.1, seed


@pytest.mark.slow
def test_both_programs_agree_on_other_splits(page):
    for seed in range(100, 110):
        rows, test = page["split"](seed)
        line = page["least_squares"](X[rows], Y[rows])
        *found, path = page["walk"](X[rows], Y[rows], seed)
        assert np.abs(np.subtract(found, line)).max() < 0.01
        losses = [page["mean_squared_error"](*p, X[test], Y[test]) for p in (found, line)]
        assert 0.94 < losses[0] / losses[1] < 1.06
        gaps = abs(path - line).max(1)
        assert np.median(gaps[60:]) < np.median(gaps[40:60])
