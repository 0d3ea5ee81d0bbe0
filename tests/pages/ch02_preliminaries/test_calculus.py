"""Independent checks of the page on calculus; none of its own asserts is used."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy as sp
import torch

from dlworkbook.widgets import TangentSecant
from tests.kit.pages import definitions, judged, verdict

PAGE = "ch02_preliminaries/calculus"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    x, h = sp.symbols("x", positive=True), sp.symbols("h", real=True)
    return definitions(PAGE, math=math, sp=sp, torch=torch, x=x, h=h)


def test_differences_in_exact_fractions(page):
    """Of x^3 the forward slope is off by 3xh + h^2, the central one by h^2: no rounding here."""
    for x, h in ((Fraction(2), Fraction(1, 7)), (Fraction(-5, 3), Fraction(3, 4))):
        off = [page[name](lambda t: t**3, x, h) - 3 * x**2 for name in ("forward", "central")]
        assert off == [3 * x * h + h**2, h**2]


def test_steps_of_the_text_are_the_best_of_the_two_errors(page):
    """Golden numbers of the text, from a search over steps and not from the formula."""
    eps = 2.0**-52
    bounds = [lambda h: h / 2 + 2 * eps / h, lambda h: h * h / 6 + eps / h]
    steps = [10 ** (-k / 1000) for k in range(2000, 12000)]
    best = [min(steps, key=bound) for bound in bounds]
    assert best == [pytest.approx(3.0e-8, rel=0.01), pytest.approx(8.7e-6, rel=0.01)]
    digits = [-math.log10(bound(h)) / 16 for bound, h in zip(bounds, best, strict=True)]
    assert digits == [pytest.approx(1 / 2, abs=0.06), pytest.approx(2 / 3, abs=0.06)]
    for name, h in zip(("forward", "central"), best, strict=True):
        off = abs(page[name](math.sin, 1, h) - math.cos(1))
        assert off < 10 ** -(15 * (1 / 2 if name == "forward" else 2 / 3))


def test_limits_are_taken_from_both_sides(page):
    """Where the slope is one; at a kink, a jump and a vertical tangent, where it is not."""
    x, limits = page["x"], page["limits_of_secants"]
    for limit in limits(sp.tan(x)):
        assert sp.simplify(limit - 1 - sp.tan(x) ** 2) == 0
    assert limits(abs(x - 3), at=3) == [1, -1]
    assert limits(sp.Max(2 * x, 3 * x - 1), at=1) == [3, 2]
    assert limits(sp.cbrt((x - 1) ** 2), at=1)[0] == sp.oo


def test_slope_of_a_norm_at_the_origin(page):
    for v, want in (([0.6, 0.8], 1), ([-1.0, 0.0], 1), ([3.0, 4.0], 5)):
        assert page["slope"](torch.linalg.vector_norm, [0.0, 0.0], v) == pytest.approx(want)


def test_what_the_page_says_of_its_widget():
    """Slopes of secant and tangent of x^2 differ by h at every x."""
    for x in (-30, -7, 0, 10, 30):
        for h in (-2, -0.01, 0.5):
            widget = TangentSecant(x=x, h=h)
            assert widget.secant() - widget.tangent() == pytest.approx(h)


# The figures that were checked by hand, each at its own exercise, in usual spellings.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-calc-tangent-slope", "4"), ("ex-calc-tangent-line", "4x-4"),
        ("ex-calc-tangent-line", "4(x - 1)"), ("ex-calc-tangent-meet", "-1-√2, -1+√2"),
        ("ex-calc-tangent-meet", "-2.41, 0.414"), ("ex-calc-gradient-at", "6, 5"),
        ("ex-calc-gradient-steep", "7.81"), ("ex-calc-norm-at", "0.6, 0.8"),
        ("ex-calc-norm-at", "3/5, 4/5"), ("ex-calc-norm-sum", "2"),
        ("ex-calc-chain-a", "9.0806046"), ("ex-calc-chain-a", "9.08"), ("ex-calc-chain-b", "5"),
        ("ex-calc-power-derivative", "x^x*(1 + ln(x))"), ("ex-calc-power-least", "0.368"),
        ("ex-calc-power-derivative", "x^x + x^x*ln(x)"), ("ex-calc-quadratic-gradient", "4, 8"),
        ("ex-calc-quadratic-symmetric", "1 1; 1 3"), ("ex-calc-quadratic-shape", "(3, 4)"),
        ("pr-calc-secant", "2.1"), ("pr-calc-step", "b"), ("pr-calc-norm", "c"),
    ], "right")  # fmt: skip


test_usual_mistakes_are_named = judged([
        ("ex-calc-tangent-slope", "2"), ("ex-calc-tangent-line", "4x"),
        ("ex-calc-gradient-at", "6, 0"), ("ex-calc-norm-at", "6, 8"), ("ex-calc-chain-a", "8"),
        ("ex-calc-chain-a", "9.683"), ("ex-calc-power-derivative", "x^x*log(x)"),
        ("ex-calc-quadratic-gradient", "6, 6"), ("ex-calc-quadratic-shape", "4, 3"),
    ], "slip")  # fmt: skip


def test_each_missing_path_is_named():
    """u = x y + sin z at (1, 2): three paths give 6, 2 and 2 cos 1; without x or y a slip."""
    x, y, z = 6, 2, 2 * math.cos(1)
    assert verdict("ex-calc-chain-a", str(x + y + z)) == "right"
    assert {verdict("ex-calc-chain-a", str(left)) for left in (x + y, x + z, y + z)} == {"slip"}


def test_the_rules_and_the_way_back():
    """The keys by central differences of functions with the values that the task names."""

    def f(x):
        return 2 + 3 * x + math.sin(x) ** 2

    def g(x):
        return 4 + 5 * x - x**3

    def slope(form, at, h=1e-5):
        return (form(at + h) - form(at - h)) / (2 * h)

    assert verdict("ex-calc-rules-product", str(slope(lambda x: f(x) * g(x), 0))) == "right"
    assert verdict("ex-calc-rules-quotient", str(slope(lambda x: f(x) / g(x), 0))) == "right"
    assert verdict("ex-calc-rules-secant", "((x + h)^3 - x^3) / h") == "right"

    def back(y):  # Newton's way to x^3 + x = y
        x = 1.0
        for _ in range(50):
            x -= (x**3 + x - y) / (3 * x**2 + 1)
        return x

    assert verdict("ex-calc-inverse-slope", str(slope(back, 2))) == "right"
