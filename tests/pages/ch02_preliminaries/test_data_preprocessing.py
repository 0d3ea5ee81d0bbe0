"""Independent checks of the page on data preprocessing; none of its own asserts is used."""

from __future__ import annotations

import io
import itertools
import random
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor, NearestCentroid

from dlworkbook import answers
from tests.kit.pages import definitions, judged, named

PAGE = "ch02_preliminaries/data_preprocessing"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, pd=pd)


def variance(values):
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / len(values)


def slope(x, y):
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    return above / sum((a - mean_x) ** 2 for a in x)


def test_laws_of_the_filled_column_in_fractions():
    """The formulas of the text, exactly, on random tables of whole numbers."""
    rng = random.Random(0)
    for _ in range(200):
        n = rng.randint(3, 9)
        kept = rng.randint(2, n)
        x = [Fraction(rng.randint(-5, 5)) for _ in range(kept)]
        y = [Fraction(rng.randint(-5, 5)) for _ in range(n)]
        if len(set(x)) == 1 or len(set(y)) == 1:
            continue
        filled = x + [sum(x) / kept] * (n - kept)
        r = Fraction(kept, n)
        assert variance(filled) == r * variance(x)
        assert slope(filled, y) == slope(x, y[:kept])
        # the square of the correlation: slope^2 times the ratio of variances
        rho = slope(x, y[:kept]) ** 2 * variance(x)
        assert slope(filled, y) ** 2 * variance(filled) == r * rho


def test_moments_and_explained_agree_with_scikit_learn(page):
    rng = np.random.default_rng(1)
    for n in (5, 40):
        x, z = rng.standard_normal((2, n))
        y = x - 2 * z + rng.standard_normal(n)
        mean, deviation, rho, b = page["moments"](x, y)
        line = LinearRegression().fit(x[:, None], y)
        assert np.allclose([mean, deviation, b], [x.mean(), x.std(), line.coef_[0]])
        assert np.isclose(rho, np.corrcoef(x, y)[0, 1])
        both = np.c_[x, z]
        assert np.isclose(page["explained"](y, x, z),
                          LinearRegression().fit(both, y).score(both, y))  # fmt: skip


def test_upper_takes_what_lies_above_the_median(page):
    driver = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    assert page["upper"](driver).tolist() == [0.7, 0.1, 0.7, 0.1, 0.1]


def test_test_error_is_that_of_scikit_learn(page):
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((60, 3)) * [1, 10, 100], rng.standard_normal(60)
    X[rng.random(X.shape) < 0.2] = np.nan
    train, test = np.arange(40), np.arange(40, 60)
    space = definitions(PAGE, y=y)
    for known in (train, np.arange(60)):
        mean = pd.DataFrame(X[known]).mean().to_numpy()
        Z = pd.DataFrame(X).fillna(dict(enumerate(mean))).to_numpy()
        Z = (Z - mean) / Z[known].std(axis=0)
        model = KNeighborsRegressor(5).fit(Z[train], y[train])
        wanted = np.mean((model.predict(Z[test]) - y[test]) ** 2) ** 0.5
        assert np.isclose(space["test_error"](X, train, test, known), wanted)


def test_accuracy_is_that_of_scikit_learn_and_a_leak_sees_the_test_labels(page):
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((50, 300)), rng.integers(0, 2, 50)
    fold = np.arange(50) % 5
    for leak in (True, False):
        right = 0
        for f in range(5):
            train, test = fold != f, fold == f
            rows = slice(None) if leak else train
            gap = abs(X[rows][y[rows] == 1].mean(0) - X[rows][y[rows] == 0].mean(0))
            columns = [j for j in range(300) if (gap > gap[j]).sum() < 20]
            model = NearestCentroid().fit(X[train][:, columns], y[train])
            right += (model.predict(X[test][:, columns]) == y[test]).sum()
        assert page["accuracy"](X, y, leak) == right / 50


def test_drop_emptiest_drops_one_column_of_most_gaps(page):
    for pattern in itertools.product((False, True), repeat=6):
        gaps = np.reshape(pattern, (2, 3))
        data = pd.DataFrame(np.where(gaps, np.nan, 1.0), columns=list("abc"))
        counts = dict(zip("abc", gaps.sum(axis=0)))
        (gone,) = set("abc") - set(page["drop_emptiest"](data))
        assert counts[gone] == max(counts.values())
        assert gone == min(c for c in "abc" if counts[c] == counts[gone])


# What an item of d2l asks, and the value that was checked beforehand; each bound to its box.
# The figures that were checked by hand, each at its own exercise.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-pre-drop-gaps", "2, 3, 0"),
        ("ex-pre-tensor-matrix", "3 127500; 2 106000; 4 178100; 3 140000; 3 122000"),
        ("ex-pre-tensor-shape", "(5, 3)"),
    ], "right")  # fmt: skip


@pytest.mark.parametrize(
    ("box", "spellings"),
    [
        ("pr-pre-variance", ["0.6", "3/5", ".6", "1-0.4"]),
        ("ex-pre-fill-rho", ["sqrt(r)", "r^(1/2)", "r/sqrt(r)"]),
        ("ex-pre-fill-share", ["0.19", "1-0.81", "19/100"]),
        ("ex-pre-order-twins", ["0.902", "359/398", "0.9"]),
        ("ex-pre-group-filled", ["25", "25.0", "250/10"]),
    ],
)
def test_right_answers_pass_in_other_spellings(box, spellings):
    spec = answers.load(box)
    assert [answers.judge(spec, text).state for text in spellings] == ["right"] * len(spellings)


def test_zeros_in_place_of_gaps_are_named():
    table = "0 127500; 2 106000; 4 178100; 0 140000; 3 122000"
    assert "zero rooms" in named("ex-pre-tensor-matrix", table)


test_likely_mistakes_are_named = judged([
        ("pr-pre-variance", "0.77", "standard deviation"),
        ("pr-pre-variance", "1.67", "divided by more rows"),
        ("ex-pre-categories-columns", "46", "no gaps"),
        ("ex-pre-fill-share", "0.0513", "root of 0.9"),
        ("ex-pre-order-twins", "0.804", "chance that the twin"),
        ("ex-pre-tensor-shape", "(5, 2)", "How many categories"),
    ])  # fmt: skip


def test_a_space_behind_the_comma_hides_a_gap():
    text = "NumRooms, Alley, Price\nNA, Pave, 127500\n2, NA, 106000\n"
    read = pd.read_csv(io.StringIO(text))
    assert list(read) == ["NumRooms", " Alley", " Price"]
    assert read.isna().sum().tolist() == [1, 0, 0]
    read = pd.read_csv(io.StringIO(text), skipinitialspace=True)
    assert list(read) == ["NumRooms", "Alley", "Price"]
    assert read.isna().sum().tolist() == [1, 1, 0]
