"""The batch norm widget in Chromium: what only this widget has."""

from __future__ import annotations

import pytest

from dlworkbook.widgets.batch_norm import BatchNorm
from tests.kit.widget_page import facts, put
from tests.widgets.batch_norm.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """Eval before any training changes nothing; two become one and minus one; one is refused."""
    put(widget, "batch_norm", "mode", "eval", how)
    put(widget, "batch_norm", "step", 0, how)
    x = BatchNorm().batch(0)
    said = facts(widget)
    assert said[1].startswith("mean 0.00, variance 1.00") and said[3] == "as before"
    assert said[4].startswith(f"mean {sum(x) / 32:.2f}, standard deviation ")
    put(widget, "batch_norm", "mode", "train", how)
    put(widget, "batch_norm", "n", 2, how)
    agrees(widget, n=2, step=0)
    assert [abs(v) for v in BatchNorm(n=2, step=0).outputs()] == pytest.approx([1, 1], abs=1e-3)
    put(widget, "batch_norm", "n", 1, how)
    assert facts(widget)[4] == "refused: one value less its own mean is 0"


@HOW
def test_after_a_jump_eval_is_late(widget, how):
    """The running mean has not yet followed: the outputs stand far to the right."""
    put(widget, "batch_norm", "data", "jump", how)
    put(widget, "batch_norm", "step", 31, how)
    put(widget, "batch_norm", "mode", "eval", how)
    agrees(widget, data="jump", step=31, mode="eval")
    mean = float(facts(widget)[4].split(",")[0].removeprefix("mean "))
    assert mean > 1.5
