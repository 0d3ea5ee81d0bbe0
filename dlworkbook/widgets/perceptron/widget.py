"""A perceptron that learns: the Python side, with the sentence and the still picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields

TABLES = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "xor": (0, 1, 1, 0)}
MOST = 30


class Perceptron(Widget):
    """The updates of a perceptron on four points, and a fifth that can be moved.

    - ``set``: the targets of (0,0), (0,1), (1,0), (1,1): "and", "or" or "xor";
    - ``extra``: "none", or the target of the fifth point, "one" or "zero";
    - ``x``, ``y``: its place in tenths, -10 to 20;
    - ``step``: updates made, 0 to 30.
    """

    widget_name = "perceptron"
    set, extra, x, y, step = fields("perceptron")

    def points(self) -> tuple[list[list[int]], list[int]]:
        """Rows (10, x, y) in tenths, the 10 for the bias; targets, -1 or 1."""
        X = [[10, 0, 0], [10, 0, 10], [10, 10, 0], [10, 10, 10]]
        t = list(TABLES[self.set])
        if self.extra != "none":
            X, t = [*X, [10, self.x, self.y]], [*t, int(self.extra == "one")]
        return X, [2 * one - 1 for one in t]

    def train(self) -> tuple[list[list[int]], list[int], bool]:
        """(b, w) in tenths before and after each update, who caused each, and whether it ended."""
        X, t = self.points()
        w, causes, quiet, n = [[0, 0, 0]], [], 0, 0
        while quiet < len(X) and len(w) <= MOST:
            k = n % len(X)
            if t[k] * sum(a * b for a, b in zip(w[-1], X[k], strict=True)) <= 0:
                w.append([a + t[k] * b for a, b in zip(w[-1], X[k], strict=True)])
                causes.append(k)
                quiet = 0
            else:
                quiet += 1
            n += 1
        return w, causes, quiet == len(X)

    def describe(self) -> str:
        weights, _, ended = self.train()
        total = len(weights) - 1
        at = min(self.step, total)
        b, w1, w2 = (v / 10 for v in weights[at])
        fate = "all points right in the end" if ended else f"not ended after {total}"
        return (
            f"A perceptron on {self.set.upper()}, after {at} of {total} updates: b = {b:g}, "
            f"w = ({w1:g}, {w2:g}); {fate}."
        )

    def draw(self) -> Any:
        import numpy as np
        from matplotlib.figure import Figure

        X, t = map(np.array, self.points())
        figure = Figure(figsize=(3.6, 3.6), layout="constrained")
        ax = figure.subplots()
        weights = self.train()[0]
        b, w1, w2 = (v / 10 for v in weights[min(self.step, len(weights) - 1)])
        grid = np.linspace(-1.2, 2.2, 120)
        score = b + w1 * grid[None] + w2 * grid[:, None]
        ax.contourf(grid, grid, score > 0, levels=[0.5, 1.5], colors=["#0072B2"], alpha=0.16)
        for target, color in ((1, "#0072B2"), (-1, "#D55E00")):
            ax.plot(*X[t == target, 1:].T / 10, "o", color=color)
        ax.set(xlim=(-1.2, 2.2), ylim=(-1.2, 2.2), aspect="equal")
        return figure
