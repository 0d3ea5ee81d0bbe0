"""Secant and tangent in Chromium: what only this widget has."""

from __future__ import annotations

import pytest

from tests.kit.widget_page import more, press, put, ready
from tests.widgets.tangent_secant.adapter import agrees, read
from tests.widgets.test_every_widget import HOW


def type_in(page, text: str, how: str) -> None:
    field = page.get_by_label("f(x) =", exact=True)
    if how == "mouse":
        field.fill(text)
    else:
        field.press("Control+a")
        field.press_sequentially(text)


@HOW
def test_typed_function_link_and_reset(widget, how):
    type_in(widget, "x^3 - 1/x", how)
    agrees(widget, f="x^3 - 1/x")
    assert read(widget)["facts"][2] == "3*x^2 + 1/x^2"
    put(widget, "tangent_secant", "h", -0.1, how)
    widget.wait_for_function("() => location.search.includes('_h:-0.1')")
    widget.reload()
    ready(widget)
    agrees(widget, f="x^3 - 1/x", h=-0.1)
    more(widget)
    press(widget.get_by_role("button", name="Reset"), how)
    agrees(widget)
    assert widget.evaluate("pageKeys") == []


def test_the_point_is_dragged(widget):
    """It goes to the tenth under the pointer, follows while pressed, and stops at the ends."""
    box = widget.locator("svg.dlw-plot").bounding_box()
    unit, y = (box["width"] - 52) / 7, box["y"] + 100
    middle = box["x"] + 44 + 3.5 * unit
    widget.mouse.move(middle - 1.52 * unit, y)
    widget.mouse.down()
    agrees(widget, x=-15)
    widget.mouse.move(middle + 0.7 * unit, y)
    agrees(widget, x=7)
    widget.mouse.move(middle + 3.4 * unit, y)
    agrees(widget, x=30)
    widget.mouse.up()
    widget.mouse.move(middle, y)
    agrees(widget, x=30)


@pytest.mark.parametrize("f, x, title, drawn, said", [
    ("abs(x)", 0, "not differentiable", 4, "From the left the slope at 0 is −1, from the right 1"),
    ("abs(3x - 0.9)", 3, "not differentiable", 4, "at 0.3 is −3, from the right 3"),
    ("log(x)", -10, "no value here", 0, "no finite value at x = −1"),
    ("1/x", 0, "no value here", 0, "no finite value at x = 0"),
    ("sqrt(x)", 0, "not differentiable", 0, "From the right the slope is ∞, on the other side"),
    ("x^1.5", 0, "not differentiable", 2, "From the right the slope is 0, on the other side"),
    ("sqrt(abs(x))", 0, "not differentiable", 0, "is −∞, from the right ∞"),
    ("sqrt(x^2)", 0, "do not decide", 0, "0 times infinity, and decide nothing. Steps of −0"),
    ("floor(x)", 20, "do not decide", 0, "the rules meet a jump of floor"),
    ("(-2)^x", 20, "not differentiable", 0, "Beside 2 f has no values"),
    ("abs(sin(pi*x))", 10, "not differentiable", 4, "slope at 1 is −3.142, from the right 3.142"),
    ("tan(pi*x/2)", 10, "no value here", 0, "f has no finite value at x = 1"),
    ("max(x, 1.0000000001x)", 0, "not differentiable", 4, "and they differ by 1e−10"),
    ("abs(sin(x) - sin(0.7))", 7, "64 bits do not decide", 0, "at its kink but for rounding"),
    ("1e-17*abs(x) + x", 0, "not differentiable", 4, "they differ by 2e−17"),
    ("exp(1000x)", 10, "too large for 64 bits", 0, "so nothing can be said here"),
])  # fmt: skip
def test_where_there_is_no_derivative(widget, f, x, title, drawn, said):
    """It is said why; one half of the tangent is drawn for each side with a finite slope."""
    type_in(widget, f, "mouse")
    put(widget, "tangent_secant", "x", x, "keyboard")
    shown = read(widget)
    assert title in shown["title"] and said in shown["words"]
    unknown = "64 bits" in title
    assert shown["facts"][1] == ("not known" if unknown else "none")
    assert len(shown["tangent"]) == drawn


def test_a_jump_and_a_pole_are_gaps_in_the_curve(widget):
    for f in ("floor(x)", "1/(x - 0.05)", "tan(x)", "sign(x)"):
        type_in(widget, f, "mouse")
        path = widget.locator(".dlw-curve").get_attribute("d")
        assert path.count("M") >= 2, f
    type_in(widget, "x^9", "mouse")
    assert widget.locator(".dlw-curve").get_attribute("d").count("M") == 1
