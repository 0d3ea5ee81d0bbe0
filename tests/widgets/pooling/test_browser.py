"""pooling in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import ready


def test_readout(tab, widget_site):
    """The picture says the numbers of the update under the mouse, or chosen with arrow keys."""
    tab.goto(f"{widget_site}/pooling.html")
    ready(tab)
    said = tab.locator(".dlw-said")
    plot = tab.locator("svg.dlw-plot")
    plot.focus()
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowLeft", "Home", "ArrowRight"):
        plot.press(key)
    assert said.inner_text() == "after 1 updates: x = 0.7, loss 0.245"
    box = plot.bounding_box()
    tab.mouse.move(box["x"] + box["width"] - 12, box["y"] + 60)
    assert said.inner_text().startswith("after 20 updates: x = 0.0007")
    tab.mouse.move(2, 2)
    assert said.inner_text() == ""
