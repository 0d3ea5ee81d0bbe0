"""The widget of two events: its numbers are those of exact fractions, its circles true to them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.venn_bounds import VennBounds
from tests.kit.node import difference, differential
from tests.widgets.venn_bounds.adapter import shared

MODEL = bundle.WIDGETS / "venn_bounds/model.js"
CASES = [
    {"a": a, "b": b, "share": share}
    for a, b, share in itertools.product(range(1, 20), range(1, 20), (0, 8, 20))
]
ASK = """{ areas: m.areas(c), circles: m.circles(c),
  given: m.given(c) }"""
MUTANTS = [
    ("overlap below zero", "Math.max(0, a + b - 20)", "a + b - 20"),
    ("union above one", "Math.min(PARTS, 20 * (a + b))", "20 * (a + b)"),
    ("largest for smallest", "high = Math.min(a, b)", "high = Math.max(a, b)"),
    ("overlap counted twice", "either = 20 * (a + b) - both", "either = 20 * (a + b)"),
    ("sum for product", "product: a * b", "product: a + b"),
    ("B with the overlap", "onlyB: 20 * b - both", "onlyB: 20 * b"),
    ("diameters", "Math.sqrt(s.a / 20 / Math.PI)", "Math.sqrt(s.a / 5 / Math.PI)"),
    ("sector of the other circle", "r * r * Math.atan2(h, x)", "q * q * Math.atan2(h, x)"),
    ("triangles left in", "- d * h", "+ d * h"),
    ("bisection the wrong way", "lens(r, q, d) > both", "lens(r, q, d) < both"),
    ("few halvings", "n < 60", "n < 9"),
    ("given B", "both, 20 * s.a", "both, 20 * s.b"),
]


def exact(case: dict) -> dict:
    """Everything in 400ths, from the definitions, in fractions."""
    p = VennBounds(**case).probabilities()
    a, b = Fraction(case["a"], 20), Fraction(case["b"], 20)
    p |= {"onlyA": a - p["both"], "onlyB": b - p["both"], "neither": 1 - p["either"],
          "product": a * b}  # fmt: skip
    parts = {name: 400 * value for name, value in p.items()}
    assert all(value.denominator == 1 and value >= 0 for value in parts.values())
    given = Fraction(int(parts["both"]), 20 * case["a"])
    return {
        "areas": {name: int(value) for name, value in parts.items()},
        "given": [given.numerator, given.denominator],
        "circles": {"r": math.sqrt(a / math.pi), "q": math.sqrt(b / math.pi)},
        "both": float(p["both"]),
    }


def compare(got: dict, want: dict) -> str:
    """Numbers as they are; the circles by the area that they share, summed in strips."""
    both = shared(*(got["circles"][k] for k in "rqd"))
    if abs(both - want["both"]) > 1e-4:
        return f"the circles share {both}, should be {want['both']}"
    return difference(got, {k: v for k, v in want.items() if k != "both"})


def test_model():
    expected = [exact(case) for case in CASES]
    some = slice(5, None, 8)  # all three shares
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS, compare=compare, sample=some)


def test_independence_is_always_one_of_the_places():
    """With P(A) and P(B) in twentieths the product is reached in twentieths of the way."""
    for a, b in itertools.product(range(1, 20), range(1, 20)):
        found = {VennBounds(a=a, b=b, share=s).probabilities()["both"] for s in range(21)}
        assert Fraction(a * b, 400) in found, (a, b)
