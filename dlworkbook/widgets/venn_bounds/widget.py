"""venn bounds: the Python side, with the sentence and the still picture of the first view."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields

UPDATES = 20


class VennBounds(Widget):
    """TODO: what is moved, and what is seen. Gradient descent on ``curvature * x**2 / 2`` from 1.

    - ``curvature``: 0.5, 1 or 2;
    - ``step``: 0 to 79, for step sizes from 0.05 to 4.
    """

    widget_name = "venn_bounds"
    curvature, step = fields("venn_bounds")

    def path(self) -> list[float]:
        """x before and after each update."""
        factor = 1 - self.rate() * self.curvature
        return [factor**n for n in range(UPDATES + 1)]

    def rate(self) -> float:
        return (self.step + 1) / 20

    def describe(self) -> str:
        return (
            f"Gradient descent on {self.curvature:g} x²/2 from x = 1 with step size "
            f"{self.rate():g}: after {UPDATES} updates x is {self.path()[-1]:.3g}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 3), layout="constrained")
        ax = figure.subplots()
        ax.plot(self.path(), "o-", ms=3.5)
        ax.set(xlabel="update", ylabel="x", ylim=(-2, 2))
        return figure
