"""How secant and tangent are read in Chromium, and what they must show (see widget_page.py)."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.tangent_secant import TangentSecant
from tests.kit.widget_page import in_axes, number

KIND = TangentSecant
OTHER = {"f": "sin(3x) + 1/2", "x": -7}
STATES = (
    "", "bad", "f:abs(x)_x:0", "f:log(x)_x:-10", "f:1e9*x^3-1/x_h:-2", "f:sqrt(x^2)_x:0",
    "f:exp(x^2)*sin(x)^2*tanh(x)*log(1%2Bx^2)*cos(x)/(3%2Bx^4)_x:30", "f:-1e-5x_x:-30",
)  # fmt: skip
BAD = ("f:y", "There is no y here; the only letter is x")
GARBAGE = (
    "f:", "f:y", "f:%253Cscript%253E", "f:constructor", "f:x_x:31", "h:0", "h:1e-9", "x:1.5",
    "f:" + "x" * 501, "f:" + "(" * 60 + "x", "f:__proto__",
)  # fmt: skip
ALT = "f(x) = x^2 at x = 1: the value is 1, and with h = 1 the slope of the secant is 3."
NEEDS: dict = {}
FIELDS = {"f(x) =": ("x^3 - 1/x", {"f": "x^3 - 1/x"}, "x^2", {
    "x^": "Something is missing at the end", "": "Nothing is written here yet",
    "alert(1)": "There is no alert here; the only letter is x", "2t": "There is no t here",
    "<b>x</b>": "The character < has no meaning here", "x,": "A comma stands only",
    "constructor": "There is no constructor here", "1/2x": "It is not clear",
    "x" * 100: "This has 199 parts",
})}  # fmt: skip
READ = """(box) => {
  const number = (t) => Number(t.replaceAll("−", "-"));
  const axis = (anchor, name, off) => [...box.querySelectorAll(`.dlw-axes text[text-anchor=${anchor}]`)]
    .map((t) => [number(t.textContent), t.getAttribute(name) - off]);
  const d = (kind) => [...box.querySelector(kind).getAttribute("d").matchAll(/[ML](-?[\\d.]+) (-?[\\d.]+)/g)].map((m) => [+m[1], +m[2]]);
  return { xs: axis("middle", "x", 0), ys: axis("end", "y", 4), curve: d(".dlw-curve"),
    secant: d(".dlw-secant"), tangent: d(".dlw-tangent"), points: d(".dlw-plot .dlw-dots"),
    field: box.querySelector(".dlw-typed").value, title: box.querySelector(".dlw-shapes").textContent,
    facts: [...box.querySelectorAll(".dlw-facts dd")].map((e) => e.textContent), words: box.querySelector(".dlw-work").textContent };
}"""  # noqa: E501


def read(page, box: int = 0) -> dict:
    """What is shown; paths as points in the units of the axes."""
    shown = page.locator(".dlw-box").nth(box).evaluate(READ)
    high = abs(shown["ys"][-1][0] - shown["ys"][0][0])
    return shown | in_axes(shown, "curve", "secant", "tangent", "points") | {"high": high}


def agrees(page, box: int = 0, **settings) -> None:
    """Curve, points and slopes, in numbers and as drawn, of a function that is smooth there."""
    want, shown = TangentSecant(**settings), read(page, box)
    x, unit = want.x / 10, 0.01 * max(1, shown["high"])
    assert shown["field"] == want.f and shown["title"] == "differentiable here"
    for a, b in shown["points"] + shown["curve"][40:-40:20]:
        assert b == pytest.approx(want.value(a), abs=unit + 0.01 * abs(want.value(a)))
    for (a, _), at in zip(shown["points"], (x, x + want.h), strict=True):
        assert a == pytest.approx(at, abs=0.01)
    slopes = {"secant": want.secant(), "tangent": want.tangent()}
    for fact, (kind, slope) in zip(shown["facts"], slopes.items()):
        assert number(fact) == pytest.approx(slope, rel=1e-3, abs=1e-3)
        (a, b), (c, d) = shown[kind][0], shown[kind][-1]
        assert (d - b) / (c - a) == pytest.approx(slope, rel=0.02, abs=0.02)
        assert b + slope * (x - a) == pytest.approx(want.value(x), abs=3 * unit)
