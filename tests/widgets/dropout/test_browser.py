"""The dropout widget in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.dropout.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """Without the division the mean is half of what comes in use; with it, it is the same."""
    assert facts(widget)[1].endswith("formula 4.50") and facts(widget)[2].endswith("formula 13.25")
    put(widget, "dropout", "scale", False, how)
    assert facts(widget)[1].endswith("formula 2.25")
    assert facts(widget)[3] == "4.50, but training has the mean 2.25"
    agrees(widget, scale=False)
    put(widget, "dropout", "scale", True, how)
    put(widget, "dropout", "p", 0.8, how)
    assert facts(widget)[2].endswith("formula 53.00")
    put(widget, "dropout", "mode", "eval", how)
    assert facts(widget)[1:3] == ["4.50; formula 4.50", "0.00; formula 0.00"]
    agrees(widget, p=0.8, mode="eval")


@HOW
def test_one_mask(widget, how):
    """The drawing, the words and the only bar show the same mask."""
    put(widget, "dropout", "n", 1, how)
    for seed in (13, 26, 50):
        put(widget, "dropout", "seed", seed, how)
        agrees(widget, n=1, seed=seed)
