"""The widget of 10,000 people in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.bayes_people.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """A second positive, and a base rate of one half."""
    assert facts(widget)[3] == "3 : 1,997 times 100 : 1 is 300 : 1,997"
    put(widget, "bayes_people", "runs", 2, how)
    assert facts(widget)[2] == "30,000/31,997 = 93.8%"
    put(widget, "bayes_people", "runs", 1, how)
    put(widget, "bayes_people", "carriers", 5000, how)
    assert facts(widget)[2] == "100/101 = 99.0%"
    agrees(widget, carriers=5000)
