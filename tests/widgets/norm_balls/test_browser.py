"""Norm balls in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import put, ready
from tests.widgets.norm_balls.adapter import agrees


def test_the_point_is_dragged(tab, widget_site):
    """The point goes to the pointer, follows it while pressed, and stops at the last tenth."""
    tab.goto(f"{widget_site}/norm_balls.html")
    ready(tab)
    plot = tab.locator("svg.dlw-plot")
    box = plot.bounding_box()
    middle = (box["x"] + (34 + box["width"] - 8) / 2, box["y"] + (8 + box["height"] - 24) / 2)
    unit = (box["width"] - 42) / 3.2
    tab.mouse.move(middle[0] + unit, middle[1])
    tab.mouse.down()
    agrees(tab, x=10, y=0)
    tab.mouse.move(middle[0] - unit / 2, middle[1] + unit)
    agrees(tab, x=-5, y=-10)
    tab.mouse.move(middle[0] + 9 * unit, middle[1] - 9 * unit)
    agrees(tab, x=15, y=15)
    tab.mouse.up()
    tab.mouse.move(middle[0], middle[1])
    agrees(tab, x=15, y=15)
    put(tab, "norm_balls", "p", "inf", "keyboard")
    agrees(tab, p="inf", x=15, y=15)
    tab.wait_for_function("() => location.search.endsWith('p:inf_x:15_y:15')")
