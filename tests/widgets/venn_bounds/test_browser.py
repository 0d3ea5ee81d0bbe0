"""The widget of two events in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import control, facts, put
from tests.widgets.test_every_widget import HOW
from tests.widgets.venn_bounds.adapter import agrees


@HOW
def test_what_the_page_asks_for(widget, how):
    """The ends of the overlap for (0.7, 0.6), and disjoint events, which are not independent."""
    for share, words in ((0, "0.3 ≤ 0.3 ≤ 0.6"), (20, "0.3 ≤ 0.6 ≤ 0.6")):
        put(widget, "venn_bounds", "share", share, how)
        assert facts(widget)[0].startswith(words)
    for key, value in (("a", 6), ("b", 10), ("share", 0)):
        put(widget, "venn_bounds", key, value, how)
    agrees(widget, a=6, b=10, share=0)
    assert widget.locator(".dlw-shapes").inner_text() == "they avoid each other"
    assert facts(widget)[2] == "0, beside P(B) = 0.5"
    overlap = control(widget, "venn_bounds", "share")
    assert overlap.get_attribute("aria-valuetext") == "0, from 0 to 0.3"
