"""The optimiser race in Chromium: what only this widget has."""

from __future__ import annotations

from dlworkbook.widgets.optimizer_race import OptimizerRace
from tests.kit.widget_page import facts, put
from tests.widgets.optimizer_race.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_beyond_the_edge_descent_leaves(widget, how):
    """At a rate of 3 plain descent goes away, momentum stays, the sign-like ones jump about."""
    put(widget, "optimizer_race", "rate", 3, how)
    put(widget, "optimizer_race", "step", 60, how)
    agrees(widget, rate=3, step=60)
    said = facts(widget)
    assert "gone at step" in said[0] and "loss" in said[1] and "loss" in said[4]


@HOW
def test_noise_only_where_there_is_noise(widget, how):
    """The draw can be chosen on the noisy bowl alone; another one gives other paths."""
    put(widget, "optimizer_race", "surface", "noisy", how)
    before = facts(widget)
    put(widget, "optimizer_race", "seed", 9, how)
    agrees(widget, surface="noisy", seed=9)
    assert facts(widget) != before
    assert OptimizerRace(seed=9).race() == OptimizerRace().race()
