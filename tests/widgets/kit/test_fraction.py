"""Fractions of the widgets against Python's."""

from __future__ import annotations

from fractions import Fraction

from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

CASES = [[n, d] for n in range(0, 61, 3) for d in range(1, 41, 3)] + [[3**20, 3**18 * 7], [5, 0]]
MUTANTS = [
    ("not reduced", "[n / g, d / g]", "[n, d]"),
    ("one remainder too few", "[rest, g % rest]", "[rest, 0]"),
]


def lowest(n: int, d: int) -> list[int]:
    return [Fraction(n, d).numerator, Fraction(n, d).denominator] if d else [1, 0]


def test_lowest_terms():
    expected = [lowest(*case) for case in CASES]
    differential(bundle.KIT / "fraction.js", "(m.lowest(c[0], c[1]))", CASES, expected, MUTANTS)
