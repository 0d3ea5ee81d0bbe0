"""The widget of groups of rolls in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put, ready
from tests.widgets.sampling.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """Four times the rolls, every face alone, and a loaded die."""
    for n, error, off in ((10, "0.5401", "0.0371"), (40, "0.2700", "0.0185"),
                          (500, "0.0764", "0.0052")):  # fmt: skip
        put(widget, "sampling", "n", n, how)
        _, spread, _, gap = facts(widget)
        assert spread.endswith(f"σ/√n is {error}") and gap == f"at most {off}, for any m"
    put(widget, "sampling", "what", "face", how)
    for n in (500, 3):
        put(widget, "sampling", "n", n, how)
        assert facts(widget)[3] == "at most 0.1434, for any n and m"
    put(widget, "sampling", "what", "mean", how)
    put(widget, "sampling", "die", "loaded", how)
    assert facts(widget)[3] == "at most 0.0964, for any m"
    put(widget, "sampling", "n", 160, how)
    assert facts(widget)[3] == "at most 0.0128, for any m"
    put(widget, "sampling", "z", True, how)
    agrees(widget, die="loaded", n=160, z=True)


def test_the_same_draws_from_a_link(widget, tab, widget_site):
    """The address holds the seed: another browser sees the same rolls; another seed does not."""
    put(widget, "sampling", "seed", 7, "keyboard")
    first = facts(widget)
    tab.goto(f"{widget_site}/sampling.html?sampling=s:7")
    ready(tab)
    assert facts(tab) == first
    put(tab, "sampling", "seed", 8, "keyboard")
    assert facts(tab)[:2] != first[:2]
