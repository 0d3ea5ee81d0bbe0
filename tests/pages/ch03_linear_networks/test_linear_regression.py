"""Independent checks of the page on linear regression; none of its own asserts is used."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from tests.kit.pages import definitions, judged, verdict

PAGE = "ch03_linear_networks/linear_regression"
pytestmark = pytest.mark.usefixtures("double_precision")
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(
        PAGE, torch=torch, np=np, linprog=linprog, QQ=QQ, DomainMatrix=DomainMatrix,
        combinations_with_replacement=itertools.combinations_with_replacement,
    )  # fmt: skip


def tensor(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def cost(x, y, w, b) -> Fraction:
    return sum(abs(w * u + b - v) for u, v in zip(x, y))


def line_by_fractions(x: list[int], y: list[int]) -> tuple[Fraction, Fraction]:
    """Least squares of a line from its two conditions, by Cramer's rule."""
    n, sx, sy = len(x), sum(x), sum(y)
    sxx, sxy = sum(u * u for u in x), sum(u * v for u, v in zip(x, y))
    det = n * sxx - sx * sx
    return Fraction(n * sxy - sx * sy, det), Fraction(sxx * sy - sx * sxy, det)


def tables(seed: int = 0, count: int = 30):
    """Random small points of integers, with two different x."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        x, y = rng.integers(0, 9, (2, rng.integers(2, 9))).tolist()
        if len(set(x)) > 1:
            yield x, y


def test_least_squares_is_the_line_of_exact_fractions(page):
    for x, y in tables():
        X = page["with_ones"](tensor(x)[:, None])
        assert X.shape == (len(x), 2) and (X[:, 1] == 1).all()
        exact = [float(v) for v in line_by_fractions(x, y)]
        assert np.allclose(page["least_squares"](X, tensor(y)), exact, rtol=1e-9, atol=1e-9)
        assert np.allclose(page["exact"](X, tensor(y)), exact, rtol=1e-14, atol=1e-14)


def test_least_absolute_is_the_best_line_of_all(page):
    """Against a fine search of slopes, with the median residual as the bias of each."""
    for x, y in tables(seed=1):
        w, b = page["least_absolute"](tensor(x), tensor(y)).tolist()
        slopes = np.linspace(-9, 9, 4 * 9 * 5 * 7 + 1)
        left = np.array(y) - slopes[:, None] * np.array(x)
        searched = np.abs(left - np.median(left, axis=1)[:, None]).sum(1).min()
        ours = float(cost(x, y, w, b))
        assert ours <= searched + 1e-9 and searched <= ours + .2
        assert sum(abs(w * u + b - v) < 1e-9 for u, v in zip(x, y)) >= 2  # through two points


def test_the_inverse_works_where_the_table_is_harmless(page):
    torch.manual_seed(0)
    X, y = torch.randn(12, 3, dtype=torch.float64), torch.randn(12, dtype=torch.float64)
    assert torch.allclose(page["by_inverse"](X, y), page["least_squares"](X, y))


def test_quadratic_has_each_product_once(page):
    rows = page["quadratic"](tensor([[2, 3, 5]]))[0].tolist()
    assert sorted(rows) == sorted([1, 2, 3, 5, 4, 6, 10, 9, 15, 25])


# The figures that were checked by hand, each at its own exercise.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-ols-constant", "4"),
        ("ex-ols-constant-sum", "38"),
        ("ex-ols-constant-variance", "9.5"),
        ("ex-ols-constant-absolute", "[2, 4]"),
        ("ex-ols-matrix-gradient", "-188, -66"),
        ("ex-ols-matrix-solution", "2.3, 2.5"),
        ("ex-ols-laplace", "30.1588830834"),
        ("ex-ols-laplace", "30.16"),
        ("ex-ols-laplace", "26 + 6*log(2)"),
        ("ex-ols-laplace-slope", "11/6"),
        ("ex-ols-laplace-slope", "1.83"),
        ("ex-ols-laplace-step", "1.7"),
        ("ex-ols-pull-mse", "0.075"),
        ("ex-ols-pull-variance", "0.15"),
        ("ex-ols-scales", "10.08 kg"),
    ], "right")  # fmt: skip


# Errors that go round, to the digits that someone would type.
test_known_mistakes_of_the_sources_are_named = judged([
        ("ex-ols-laplace", "6.630401", "exponential"),
        ("ex-ols-laplace", "26", "half"),
        ("ex-ols-laplace", "21.84", "sign"),
        ("ex-ols-laplace-slope", "2.791", "squares"),
        ("ex-ols-laplace-slope", "1.8167", "equal weights"),
        ("ex-ols-matrix-solution", "3.133, 0", "ones"),
        ("ex-ols-matrix-solution", "2.326, 2.435", "x to y"),
        ("ex-ols-constant-variance", "12.67", "n − 1"),
        ("ex-ols-scales", "10.13", "standard deviation"),
        ("ex-ols-scales", "10", "other scale"),
        ("ex-ols-constant-variance", "38", "divided"),
        ("ex-ols-features", "6", "products"),
        ("ex-ols-laplace-slope", "2", "first point"),
        ("ex-ols-rank-shortest", "0, 3", "lengths"),
        ("ex-ols-rank-start", "1, 2", "equal columns"),
        ("ex-ols-pull-second", "0", "as a whole"),
        ("ex-ols-pull-second", "-0.2", "first"),
    ])  # fmt: skip


def test_where_the_slips_come_from():
    x, y = [1, 2, 3, 4], [5, 7, 9, 12]
    w, b = line_by_fractions(y, x)  # x on y, turned round
    assert verdict("ex-ols-matrix-solution", f"{float(1 / w)}, {float(-b / w)}") == "slip"
    origin = Fraction(sum(u * v for u, v in zip(x, y)), sum(u * u for u in x))
    assert verdict("ex-ols-matrix-solution", f"{float(origin)}, 0") == "slip"
    x, y = range(1, 7), [2, 3, 5, 30, 9, 11]
    squares = Fraction(sum(u * v for u, v in zip(x, y)), sum(u * u for u in x))
    assert verdict("ex-ols-laplace-slope", f"{squares}") == "slip"
    ratios = sorted(Fraction(v, u) for u, v in zip(x, y))
    assert verdict("ex-ols-laplace-slope", f"{float((ratios[2] + ratios[3]) / 2)}") == "slip"
