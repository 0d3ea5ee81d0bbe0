"""The softmax widget in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.softmax.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """The shift changes nothing but the plain exponentials; the temperature does."""
    before = facts(widget)
    assert before[0] == "1.349 nats = 1.946 bits"
    assert before[1] == "raises class 1, lowers class 0 and class 2, the first most"
    put(widget, "softmax", "shift", 1000, how)
    after = facts(widget)
    assert after[:2] == before[:2] and after[3] == before[3]
    assert after[2] == "infinite, infinite, infinite"
    put(widget, "softmax", "shift", -1000, how)
    assert facts(widget)[2] == "0, 0, 0"
    put(widget, "softmax", "shift", 0, how)
    put(widget, "softmax", "heat", 0.1, how)
    agrees(widget, heat=0.1)
    assert facts(widget)[0].startswith("10 nats")
