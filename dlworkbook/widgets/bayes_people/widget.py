"""Ten thousand people and a test: the Python side, in exact fractions, and a still picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields

PEOPLE = 10_000


class BayesPeople(Widget):
    """What positive results are worth, for a base rate and two error rates.

    - ``carriers``: of 10,000 people, from a list;
    - ``found``: of 100 carriers, how many test positive, from a list;
    - ``alarms``: of 100 healthy people, how many test positive, from a list;
    - ``runs``: positive results in a row, 1 to 3, independent given who was tested.
    """

    widget_name = "bayes_people"
    carriers, found, alarms, runs = fields("bayes_people")

    def positives(self) -> tuple[Fraction, Fraction]:
        """Expected numbers of carriers and of healthy people who test positive each time."""
        return (
            self.carriers * Fraction(self.found, 100) ** self.runs,
            (PEOPLE - self.carriers) * Fraction(self.alarms, 100) ** self.runs,
        )

    def posterior(self) -> Fraction | None:
        """Share of carriers among them; None if nobody tests positive."""
        ill, healthy = self.positives()
        return ill / (ill + healthy) if ill + healthy else None

    def describe(self) -> str:
        ill, healthy = (f"{float(n):.4g}" for n in self.positives())
        share = self.posterior()
        worth = "nobody" if share is None else f"{float(share):.1%} carriers"
        often = ("", "twice ", "three times ")[self.runs - 1]
        return (
            f"Of 10,000 people {self.carriers} are carriers. {ill} of them and {healthy} of the "
            f"others test positive {often}on average: {worth} among the positives."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        prior = self.carriers / PEOPLE
        up, across = ((rate / 100) ** self.runs for rate in (self.found, self.alarms))
        figure = Figure(figsize=(3.2, 4), layout="constrained")
        square, bar = figure.subplots(2, 1, height_ratios=[8, 1])
        square.bar([0], [up], prior, align="edge", color="#0072B2", ec="#0072B2")
        square.bar([prior], [across], 1 - prior, align="edge", color="#D55E00", ec="#D55E00")
        square.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[], yticks=[])
        share = float(self.posterior() or 0)
        bar.barh(0, share, color="#0072B2")
        bar.barh(0, 1 - share, left=share, color="#D55E00")
        bar.set(xlim=(0, 1), xticks=[], yticks=[])
        bar.set_title(f"of those who test positive, {share:.1%} are carriers", fontsize=9)
        return figure
