"""Independent checks of the page on probability; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import numpy as np
import pytest

from tests.kit.pages import definitions, verdict

PAGE = "ch02_preliminaries/probability"


@pytest.fixture(scope="module")
def page():
    from scipy import optimize, stats

    return definitions(
        PAGE, Fraction=Fraction, math=math, np=np, itertools=itertools, optimize=optimize,
        stats=stats,
    )  # fmt: skip


def counted(base, *tests):
    """Carriers among those positive in all tests, by counting a population without a rest."""
    size = math.lcm(base.denominator, *(p.denominator for t in tests for p in t)) ** (
        len(tests) + 1
    )
    groups = [size * base, size * (1 - base)]
    for test in tests:
        groups = [n * p for n, p in zip(groups, test)]
    assert all(n.denominator == 1 for n in groups)
    return Fraction(groups[0], sum(groups))


def test_posterior_is_what_counting_gives(page):
    rng = random.Random(0)
    for _ in range(50):
        base, hit, alarm = (Fraction(rng.randint(1, 19), 20) for _ in range(3))
        prior = {"carrier": base, "healthy": 1 - base}
        found, evidence = page["posterior"](prior, {"carrier": hit, "healthy": alarm})
        assert found["carrier"] == counted(base, (hit, alarm))
        assert sum(found.values()) == 1 and evidence == base * hit + (1 - base) * alarm


# What an item of d2l asks, and the value that was checked beforehand; each bound to its box.
BOXES = {
    "ex-prob-groups-all": 0.00527046276694730,
    "ex-prob-twice-independent": 0.9375878989,
    "ex-prob-twice-same": 0.13060513713539398,
    "ex-prob-chain-numbers": 5,
    "ex-prob-coupled-one": 0.001485 / (0.001485 + 0.1 * 0.9985),
    "ex-prob-coupled-two": 0.00147015 / (0.00147015 + 0.02 * 0.9985),
    "ex-prob-bounds-many": 0.2,
    "ex-prob-more-floor": 0.3,
    "ex-prob-tosses-chebyshev": 2000,
    "ex-prob-averages-correlation": 0.5,
}


@pytest.mark.parametrize("box", BOXES)
def test_keys(box):
    assert verdict(box, str(BOXES[box])) == "right"


def test_both_tests(page):
    test_1, test_2 = (Fraction(1), Fraction(1, 100)), (Fraction(98, 100), Fraction(3, 100))
    base = Fraction(15, 10000)
    assert counted(base, test_1) == Fraction(300, 2297)
    assert counted(base, test_1, test_2) == Fraction(9800, 11797)
    # the repetition of test 1 is as good as test 2 where 3 of 98 false alarms come back
    assert counted(base, test_1, (Fraction(1), Fraction(3, 98))) == Fraction(9800, 11797)


def test_bounds_over_all_pairs_of_subsets(page):
    """Every pair of subsets of six outcomes lies within the bounds, and some reach them."""
    subsets = [set(s) for k in range(7) for s in itertools.combinations(range(6), k)]
    seen = {}
    for a, b in itertools.product(subsets, subsets):
        seen.setdefault((len(a), len(b)), []).append((len(a & b), len(a | b)))
    for (a, b), pairs in seen.items():
        both, either = zip(*pairs)
        low_high, union = page["bounds"](Fraction(a, 6), Fraction(b, 6))
        assert (Fraction(min(both), 6), Fraction(max(both), 6)) == tuple(low_high)
        assert (Fraction(min(either), 6), Fraction(max(either), 6)) == tuple(union)


def test_miss_is_the_binomial_tail(page):
    from scipy.stats import binom

    for n in (20, 100, 385, 1000):
        k = np.arange(n + 1)
        far = np.abs(20 * k - 10 * n) >= n  # |k/n - 1/2| >= 1/20, in whole numbers
        assert page["miss"](n) == pytest.approx(binom.pmf(k[far], n, 0.5).sum(), rel=1e-9)


def test_distance_to_normal_is_that_of_simulated_means(page):
    from scipy.stats import kstest

    rng = np.random.default_rng(1)
    means = rng.integers(1, 7, (40_000, 10)).mean(axis=1)
    seen = kstest((means - 3.5) / (35 / 12 / 10) ** 0.5, "norm").statistic
    assert seen == pytest.approx(page["distance_to_normal"](10), abs=0.012)


def test_two_digits_are_neither_refused_nor_taken_for_a_slip():
    """0.069 is the answer after two positives in two digits; a slip lies close beside it."""
    assert verdict("ex-prob-groups-one", "0.12") == "right"
    assert verdict("ex-prob-groups-all", "0.0053") == "right"
    assert verdict("ex-prob-coupled-two", "0.069") == "wrong"  # the box says how close counts
    assert verdict("ex-prob-coupled-two", "0.0692") == "slip"
    assert verdict("ex-prob-coupled-two", "0.0686") == "right"
