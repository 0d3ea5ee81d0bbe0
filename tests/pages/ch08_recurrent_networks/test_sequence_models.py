"""Independent checks of the page on sequence models; none of its own asserts is used."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from tests.kit.pages import definitions, judged

PAGE = "ch08_recurrent_networks/sequence_models"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, Counter=Counter, pairwise=pairwise)


@pytest.mark.parametrize(("n", "tau", "k"), [(9, 1, 1), (12, 3, 1), (15, 2, 5), (8, 7, 1)])
def test_windows_by_loops(page, n, tau, k):
    x = np.random.default_rng(0).normal(size=n)
    X, y = page["windows"](x, tau, k)
    want = [([x[t - j] for j in range(tau)], x[t + k]) for t in range(tau - 1, n - k)]
    assert X.tolist() == [row for row, _ in want]
    assert y.tolist() == [target for _, target in want]


def test_fit_solves_the_normal_equations(page):
    x = np.random.default_rng(1).normal(size=80)
    for tau, k in ((1, 1), (4, 1), (3, 6)):
        X, y = page["windows"](x, tau, k)
        w = page["fit"](x, tau, k)
        assert abs(X.T @ (X @ w - y)).max() < 1e-9


def test_iterated_forecast_by_a_loop(page):
    w = np.array([0.6, -0.2, 0.3])
    window = [1.5, -0.5, 2.0]  # newest first
    for k in range(1, 8):
        value = sum(a * b for a, b in zip(w, window, strict=True))
        window = [value, *window[:2]]
        assert page["k_step"](w, k) @ [1.5, -0.5, 2.0] == pytest.approx(value)


def test_error_counts_the_targets_from_start_on(page):
    """Forecasts of x[start:] alone, each from values k steps before it."""
    x, w = np.random.default_rng(2).normal(size=40), np.array([0.5, 0.25])
    for k in (1, 3):
        u = page["k_step"](w, k)
        wrong = [(u[0] * x[t - k] + u[1] * x[t - k - 1] - x[t]) ** 2 for t in range(20, 40)]
        assert page["rmse"](x, u, k, 20) == pytest.approx(np.sqrt(np.mean(wrong)))


def test_expected_errors_by_simulation(page):
    """Random phases in place of one long series."""
    rng = np.random.default_rng(4)
    tau, k, trials = 4, 64, 60_000
    phase = rng.uniform(0, 2 * np.pi, trials)[:, None]
    t = np.array([0, -1, -2, -3, k])
    x = np.sin(phase + 0.01 * t) + 0.2 * rng.normal(size=(trials, 5))
    u = np.linalg.lstsq(x[:, :4], x[:, 4], rcond=None)[0]
    measured = np.sqrt(np.mean((x[:, :4] @ u - x[:, 4]) ** 2))
    iterated, direct = page["expected"](tau, k)
    assert direct == pytest.approx(measured, rel=0.02)
    assert iterated >= direct
    half, full = page["expected"](4, 314), page["expected"](4, 628)
    assert half[1] < 0.23 < 3 * half[1] < half[0] and full[1] < 0.23 < full[0]
    for order, step in ((1, 1), (16, 1), (5, 40)):
        a, b = page["expected"](order, step)
        assert a >= b - 1e-12 and (step > 1 or a == pytest.approx(b))


def test_halves(page):
    """The rule forwards and backwards, and what a change by hand reaches."""
    path, changed = page["halves"](30, 3), page["halves"](30, 3, change=10)
    assert (path[:10] == changed[:10]).all() and changed[10] == 0.9
    assert (path[11:] != changed[11:]).all()
    coins = 2 * path[1:] - path[:-1]
    assert np.allclose(np.minimum(abs(coins), abs(coins - 1)), 0)


def test_uncertainty_by_definition(page):
    text = "abracadabrab"  # another letter at its end than at its beginning
    pairs = [text[i : i + 2] for i in range(11)]
    for step, place in ((1, 0), (-1, 1)):
        total = 0.0
        for pair in pairs:
            alike = [p for p in pairs if p[place] == pair[place]]
            total -= np.log2(alike.count(pair) / len(alike))
        assert page["uncertainty"](text, step) == pytest.approx(total / 11)


def test_machine_writes_ones_in_pairs(page):
    text = "".join(map(str, page["machine"](5000, 1)))
    assert all(len(run) % 2 == 0 for run in text.strip("1").split("0"))
    assert "1111" in text and "00" in text
    assert text.count("1") / 5000 == pytest.approx(2 / 3, abs=0.05)


def test_iterated_or_direct_with_little_data():
    """Sixty values: the iterated forecast is better if its rule is right, worse if it is not.

    That the noise of k steps is what costs the direct one: with that of one step in its place it
    is far better.
    """
    rng, n, k = np.random.default_rng(6), 60, 5

    def errors(observed: float) -> list[float]:
        noise, x = rng.normal(size=(3000, n + 200)), np.zeros((3000, n + 200))
        for t in range(1, n + 200):
            x[:, t] = 0.9 * x[:, t - 1] + noise[:, t]
        x = x[:, 200:] + observed * rng.normal(size=(3000, n))
        best = 0.9**k * (1 / 0.19) / (1 / 0.19 + observed**2)

        def weight(given: np.ndarray, target: np.ndarray) -> np.ndarray:
            return (given * target).sum(1) / (given**2).sum(1)

        quiet = best * x[:, :-k] + rng.normal(size=(3000, n - k))
        found = (weight(x[:, :-1], x[:, 1:]) ** k, weight(x[:, :-k], x[:, k:]),
                 weight(x[:, :-k], quiet))  # fmt: skip
        return [float(np.mean((w - best) ** 2)) for w in found]

    iterated, direct, quiet = errors(0.0)
    assert iterated < 0.8 * direct and quiet < 0.3 * direct
    iterated, direct, _ = errors(2.0)
    assert iterated > 1.3 * direct


def test_best_two_weights_by_simulation(page):
    rng = np.random.default_rng(8)
    phase = rng.uniform(0, 2 * np.pi, 200_000)[:, None]
    x = np.sin(phase + 0.3 * np.arange(3)) + 0.2 * rng.normal(size=(200_000, 3))
    w = np.linalg.lstsq(x[:, 1::-1], x[:, 2], rcond=None)[0]
    assert page["best"](0.3, 0.2) == pytest.approx(w, abs=0.01)
    assert page["best"](0.3, 0.0) == pytest.approx([2 * np.cos(0.3), -1])


def test_free_run_does_not_look_ahead(page):
    rng = np.random.default_rng(5)
    x = rng.normal(size=60)
    page["free_run"].__globals__["x"] = x.copy()
    first = page["free_run"](np.array([0.5, 0.3]), 30, 10)
    page["free_run"].__globals__["x"][30:] = 99
    assert (page["free_run"](np.array([0.5, 0.3]), 30, 10) == first).all()
    assert first[0] == pytest.approx(0.5 * x[29] + 0.3 * x[28])


test_boxes = judged([
    ("pr-seq-sine", "2", "right"), ("pr-seq-sine", "1", "slip"), ("pr-seq-sine", "4", "slip"),
    ("pr-seq-two", "1.81", "right"), ("pr-seq-two", "1+0.9^2", "right"),
    ("pr-seq-two", "181/100", "right"), ("pr-seq-two", "1.9", "slip"),
    ("pr-seq-two", "2", "slip"), ("pr-seq-back", "b", "right"), ("pr-seq-back", "a", "slip"),
    ("ex-seq-lags-floor", "0.2", "right"), ("ex-seq-lags-floor", "1/5", "right"),
    ("ex-seq-lags-floor", "0.04", "slip"), ("ex-seq-lags-floor", "0", "slip"),
    ("ex-seq-lags-means", "c", "right"), ("ex-seq-lags-network", "c", "right"),
    ("ex-seq-noiseless-weights", "1, -1", "right"),
    ("ex-seq-noiseless-weights", "(1, -1)", "right"),
    ("ex-seq-noiseless-weights", "-1, 1", "slip"), ("ex-seq-noiseless-weights", "2, -1", "slip"),
    ("ex-seq-noiseless-two", "4", "right"), ("ex-seq-noiseless-two", "2", "slip"),
    ("ex-seq-investor-number", "1000/1024", "right"), ("ex-seq-investor-number", "0.977", "right"),
    ("ex-seq-investor-number", "0.98", "right"), ("ex-seq-investor-number", "0.62", "wrong"),
    ("ex-seq-investor-number", "1/1024", "slip"), ("ex-seq-investor-number", "1", "wrong"),
    ("ex-seq-investor-next", "1/2", "right"), ("ex-seq-investor-next", "50%", "right"),
    ("ex-seq-investor-next", "1/1024", "slip"),
    ("ex-seq-text-pairs", "c", "right"), ("ex-seq-text-coins", "0.5", "right"),
    ("ex-seq-text-coins", "1/2 bit", "right"), ("ex-seq-text-coins", "1.5", "slip"),
    ("ex-seq-hidden-known", "1", "right"), ("ex-seq-hidden-known", "100%", "right"),
    ("ex-seq-hidden-known", "0.5", "slip"), ("ex-seq-hidden-window", "3/4", "right"),
    ("ex-seq-hidden-window", "75%", "right"), ("ex-seq-hidden-window", "2/3", "slip"),
    ("ex-seq-hidden-window", "3/5", "slip"), ("ex-seq-hidden-window", "5/8", "wrong"),
    ("ex-seq-two-forecast", "1.76", "right"), ("ex-seq-two-forecast", "2.05", "slip"),
    ("ex-seq-two-forecast", "2.11", "slip"), ("ex-seq-two-variance", "3.628", "right"),
    ("ex-seq-two-variance", "1+1.44+1.09^2", "right"), ("ex-seq-two-variance", "2.44", "slip"),
    ("ex-seq-two-variance", "3.63", "right"),
    ("ex-seq-two-eigen", "0.7", "right"), ("ex-seq-two-eigen", "0.35", "slip"),
])  # fmt: skip
