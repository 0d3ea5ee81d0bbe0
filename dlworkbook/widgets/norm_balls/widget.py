"""Norm balls: the Python side, with the sentence and the still picture of the first view."""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields

QUARTER = 48


def norm(v: tuple[float, float], p: float) -> float:
    """The p-norm of two numbers; below p = 1 the same formula, which is no norm."""
    sizes = [abs(a) for a in v]
    return max(sizes) if p == math.inf else sum(a**p for a in sizes) ** (1 / p)


class NormBalls(Widget):
    """The points of size at most 1 for the p-norm, a point that can be moved, and its norms.

    - ``p``: 0.25, 0.5, 0.8, 1, 1.25, 1.5, 2, 3, 4, 8 or "inf";
    - ``x``, ``y``: -15 to 15, the entries of the point in tenths.
    """

    widget_name = "norm_balls"
    p, x, y = fields("norm_balls")

    def size(self) -> float:
        """The p-norm of the point."""
        return norm((self.x / 10, self.y / 10), float(self.p))

    def describe(self) -> str:
        return (
            f"The unit ball for p = {self.p} and the point ({self.x / 10:g}, {self.y / 10:g}): "
            f"its size is {self.size():.4g}; for p = 1, 2 and infinity "
            + ", ".join(f"{norm((self.x / 10, self.y / 10), p):.4g}" for p in (1, 2, math.inf))
            + "."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(3.6, 3.6), layout="constrained")
        ax = figure.subplots()
        angles = [math.pi * k / (2 * QUARTER) for k in range(4 * QUARTER + 1)]
        rays = [(math.cos(t), math.sin(t)) for t in angles]
        edge = [(a / r, b / r) for a, b in rays for r in [norm((a, b), float(self.p))]]
        ax.fill(*zip(*edge, strict=True), color="#0072B2", alpha=0.3)
        ax.plot(self.x / 10, self.y / 10, "o", color="#D55E00")
        ax.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal")
        return figure
