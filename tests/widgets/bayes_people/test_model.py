"""The widget of ten thousand people: every count is that of exact fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction

from dlworkbook.widgets.bayes_people import BayesPeople
from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "bayes_people/model.js"
CASES = [
    {"carriers": c, "found": f, "alarms": a, "runs": r}
    for c, f, a, r in itertools.product(
        (1, 15, 300, 5000, 9000), (0, 10, 70, 98, 100), (0, 1, 3, 50, 70), (1, 2, 3))
]  # fmt: skip
ASK = "{ positives: m.positives(c), posterior: m.posterior(c), odds: m.odds(c) }"
MUTANTS = [
    ("one run", "carriers * found ** runs", "carriers * found"),
    ("alarms of all people", "(PEOPLE - carriers) * alarms", "PEOPLE * alarms"),
    ("runs added", "alarms ** runs", "alarms * runs"),
    ("share of the healthy", "lowest(ill, ill + healthy)", "lowest(healthy, ill + healthy)"),
    ("odds for a share", "lowest(ill, ill + healthy)", "lowest(ill, healthy)"),
    ("nobody worth nothing", "ill + healthy ?", "true ?"),
    ("base rate for odds", "s.carriers, PEOPLE - s.carriers", "s.carriers, PEOPLE"),
    ("factor of one run", "lowest(s.found ** s.runs", "lowest(s.found"),
    ("factor upside down", "after: lowest(ill, healthy)", "after: lowest(healthy, ill)"),
]


def pair(n: Fraction, d: Fraction) -> list[int]:
    """n : d in lowest terms, as whole numbers; a side is 0 and the other 1, or both are 0."""
    if not n or not d:
        return [int(n > 0), int(d > 0)]
    return [(n / d).numerator, (n / d).denominator]


def exact(case: dict) -> dict:
    """From the definitions; the posterior by adding up the joint probabilities."""
    prior, runs = Fraction(case["carriers"], 10_000), case["runs"]
    hit, alarm = (Fraction(case[k], 100) ** runs for k in ("found", "alarms"))
    both, false = prior * hit, (1 - prior) * alarm
    share = both / (both + false) if both + false else None
    assert BayesPeople(**case).posterior() == share
    assert BayesPeople(**case).positives() == (10_000 * both, 10_000 * false)
    return {
        "positives": {"ill": int(both * 10_000 * 100**runs), "parts": 100**runs,
                      "healthy": int(false * 10_000 * 100**runs)},
        "posterior": None if share is None else [share.numerator, share.denominator],
        "odds": {"before": pair(prior, 1 - prior), "factor": pair(hit, alarm),
                 "after": pair(both, false)},
    }  # fmt: skip


def test_model():
    expected = [exact(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS, sample=slice(2, None, 7))


def test_the_numbers_of_the_page():
    assert BayesPeople().posterior() == Fraction(300, 2297)
    assert BayesPeople(runs=2).posterior() == Fraction(30000, 31997)
    assert BayesPeople(found=0, alarms=0).posterior() is None
