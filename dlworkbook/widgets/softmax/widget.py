"""Softmax and cross-entropy: the Python side, with the sentence and the still picture."""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields


class Softmax(Widget):
    """Three scores become probabilities, and one target gives a loss and a gradient.

    - ``a``, ``b``, ``c``: the scores of classes 0, 1 and 2 in halves, -8 to 8;
    - ``target``: 0, 1 or 2;
    - ``heat``: the temperature, by which scores are divided, 0.1 to 10;
    - ``shift``: what is added to every score, -1000 to 1000.
    """

    widget_name = "softmax"
    a, b, c, target, heat, shift = fields("softmax")

    def scores(self) -> list[float]:
        return [v / 2 + self.shift for v in (self.a, self.b, self.c)]

    def shares(self) -> list[float]:
        """The probabilities, with the largest score subtracted."""
        z = self.scores()
        powers = [math.exp((v - max(z)) / self.heat) for v in z]
        return [v / sum(powers) for v in powers]

    def loss(self) -> float:
        """Of the target, in nats."""
        z = self.scores()
        total = math.fsum(math.exp((v - max(z)) / self.heat) for v in z)
        return math.log(total) - (z[self.target] - max(z)) / self.heat

    def gradient(self) -> list[float]:
        """Of the loss by the three scores."""
        return [(p - (k == self.target)) / self.heat for k, p in enumerate(self.shares())]

    def describe(self) -> str:
        shares = ", ".join(f"{p:.3f}" for p in self.shares())
        return (
            f"Scores {', '.join(f'{v:g}' for v in self.scores())} at temperature {self.heat:g}: "
            f"probabilities {shares}; loss of class {self.target} {self.loss():.4g} nats."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 2), layout="constrained")
        left, right = figure.subplots(1, 2)
        names = [f"class {k}" for k in range(3)]
        for ax, values, title in (
            (left, self.shares(), "probability"),
            (right, self.gradient(), "gradient"),
        ):
            ax.barh(names, values, color=["#0072B2" if v >= 0 else "#D55E00" for v in values])
            ax.invert_yaxis()
            ax.set_title(title)
        return figure
