"""The perceptron's widget in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put, ready
from tests.widgets.perceptron.adapter import agrees


def test_what_the_page_asks_for(tab, widget_site):
    """AND ends, XOR never does, and a fifth point dragged among the others can spoil AND."""
    tab.goto(f"{widget_site}/perceptron.html")
    ready(tab)
    assert facts(tab)[3].startswith("all right after ")
    put(tab, "perceptron", "set", "xor", "keyboard")
    assert facts(tab)[3] == "never: no line separates them"
    put(tab, "perceptron", "set", "and", "keyboard")
    plot = tab.locator("svg.dlw-plot")
    box = plot.bounding_box()
    unit = (box["width"] - 42) / 3.4
    zero = (box["x"] + 34 + 1.2 * unit, box["y"] + 8 + 2.2 * unit)
    tab.mouse.move(zero[0] + 0.2 * unit, zero[1] - 0.3 * unit)
    tab.mouse.down()
    agrees(tab, extra="one", x=2, y=3)
    assert facts(tab)[3] == "never: no line separates them"
    tab.mouse.move(zero[0] + 9 * unit, zero[1] - 9 * unit)
    tab.mouse.up()
    agrees(tab, extra="one", x=20, y=20)
    assert facts(tab)[3].startswith("all right after ")
