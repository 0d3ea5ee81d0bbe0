"""Backpropagation through a small net in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import choose, control, press, ready
from tests.widgets.backprop_net.adapter import LAST, agrees
from tests.widgets.test_every_widget import HOW


def words(page) -> str:
    return page.locator(".dlw-work").inner_text()


@HOW
def test_forward_and_back_step_by_step(widget, how):
    """All steps there and back, and the sums that are said of some."""
    slider = control(widget, "backprop_net", "step")
    slider.press("Home")
    said = []
    for step in range(LAST + 1):
        agrees(widget, step=step)
        said.append(words(widget))
        if step < LAST:
            press(widget.get_by_role("button", name="Next"), how)
    assert said[2] == (
        "Forward: a₂ = 1 · 1 + (−0.25) · 2 + 0 = 0.5, and h₂ = sigmoid(0.5) = 0.6225."
    )
    assert "δ of ŷ₁ = (0.4694 − 1) · 0.4694 · (1 − 0.4694) = −0.1321" in said[6]
    assert "(1 · (−0.1321) + 2 · 0.1479) · 0.5 · (1 − 0.5) = 0.1637 · 0.25 = 0.0409" in said[10]
    assert "0.0409 · 1 = 0.0409, and 0.0409 · 2 = 0.0818" in said[12]
    for step in reversed(range(LAST)):
        press(widget.get_by_role("button", name="Back"), how)
        assert words(widget) == said[step]


def test_softmax_needs_shares(widget):
    """A target that is no distribution gives way when softmax is chosen, and is refused after."""
    widget.get_by_label("x; targets", exact=True).fill("1, 2; 0.5, 0.75")
    agrees(widget, data=[[1, 2], [0.5, 0.75]])
    control(widget, "backprop_net", "kind").focus()
    choose(control(widget, "backprop_net", "kind"), "softmax", "mouse")
    agrees(widget, kind="softmax")
    widget.get_by_label("x; targets", exact=True).fill("1, 2; 1, 1")
    assert "shares that add up to 1" in widget.locator(".dlw-alert").inner_text()
    widget.get_by_label("x; targets", exact=True).fill("2, 1; 0.5, 0.5")
    ready(widget)
    agrees(widget, kind="softmax", data=[[2, 1], [0.5, 0.5]])
