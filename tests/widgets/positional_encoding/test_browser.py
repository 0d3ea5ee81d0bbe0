"""The positional encoding widget in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.positional_encoding.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """Both moved by as much, the score stays; one circle comes round again; left is as right."""
    before = facts(widget)[0]
    put(widget, "positional_encoding", "i", 30, how)
    put(widget, "positional_encoding", "j", 36, how)
    assert facts(widget)[0] == before
    agrees(widget, i=30, j=36)
    put(widget, "positional_encoding", "j", 24, how)
    assert facts(widget)[0] == before
    put(widget, "positional_encoding", "i", 0, how)
    put(widget, "positional_encoding", "j", 44, how)
    put(widget, "positional_encoding", "d", 2, how)
    assert facts(widget)[0] == "1.00 of 1, or 1.00"
    put(widget, "positional_encoding", "d", 32, how)
    assert float(facts(widget)[0].split(" or ")[1]) < 0.8
    agrees(widget, i=0, j=44, d=32)
