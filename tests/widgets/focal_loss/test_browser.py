"""The widget of focal loss in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, number, put, ready
from tests.widgets.focal_loss.adapter import agrees, read


def test_the_point_is_dragged_and_keeps_its_probability(tab, widget_site):
    """On either axis, for either class; the slope is drawn on the axis of scores alone."""
    tab.goto(f"{widget_site}/focal_loss.html")
    ready(tab)
    box = tab.locator("svg.dlw-plot").bounding_box()
    wide, y = box["width"] - 50, box["y"] + 60
    tab.mouse.move(box["x"] + 40 + 0.2 * wide, y)
    tab.mouse.down()
    agrees(tab, p=20)
    tab.mouse.move(box["x"] + 40 + 0.4 * wide, y)
    tab.mouse.up()
    agrees(tab, p=40)
    assert read(tab)["tangent"] == []
    put(tab, "focal_loss", "axis", "score", "keyboard")
    put(tab, "focal_loss", "target", 0, "keyboard")
    agrees(tab, p=40, axis="score", target=0)
    tab.mouse.move(box["x"] + 40 + wide * 4.5 / 11, y)  # score -1, where class 0 has 0.73
    tab.mouse.down()
    tab.mouse.up()
    agrees(tab, p=73, axis="score", target=0)


def test_what_the_page_asks_for(tab, widget_site):
    """The exam's first sample; an exponent of 0; a derivative above that of cross-entropy."""
    tab.goto(f"{widget_site}/focal_loss.html?focal_loss=p:20_w:both")
    ready(tab)
    assert facts(tab)[2].startswith("0.412,")
    put(tab, "focal_loss", "reading", "none", "mouse")
    loss, slope = (number(t.split()[-1]) for t in facts(tab)[3].split(","))
    assert loss < 1 < slope
    put(tab, "focal_loss", "gamma", 0, "keyboard")
    assert facts(tab)[3] == "loss 1, derivative 1"
