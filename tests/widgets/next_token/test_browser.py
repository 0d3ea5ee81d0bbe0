"""The next letter in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.next_token.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """The kept set breathes with the text, and the order of temperature and cuts matters."""
    for text, stay in ((1, "1 of 61"), (2, "16 of 61"), (0, "4 of 61")):
        put(widget, "next_token", "text", text, how)
        assert facts(widget)[0].startswith(stay)
    put(widget, "next_token", "heat", 2, how)
    assert facts(widget)[0].startswith("30 of 61")
    put(widget, "next_token", "order", "last", how)
    assert facts(widget)[0].startswith("4 of 61")
    agrees(widget, heat=2, order="last")


@HOW
def test_top_k_keeps_as_many_everywhere(widget, how):
    put(widget, "next_token", "share", 1, how)
    put(widget, "next_token", "most", 5, how)
    for text in (1, 2, 7):
        put(widget, "next_token", "text", text, how)
        assert facts(widget)[0].startswith("5 of 61")


def test_at_temperature_one_the_distance_is_that_of_the_kept_mass(widget):
    assert facts(widget)[3].endswith("nats = −log of the kept mass")
    put(widget, "next_token", "heat", 2, "keyboard")
    assert facts(widget)[3].endswith("nats")
