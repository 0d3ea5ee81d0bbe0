"""One small layer under dropout: the Python side."""

from __future__ import annotations

import itertools
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.kit.settings import fields

X, W = (2, 1, 3, 1, 2, 4), (1, -1, 0.5, 2, -0.5, 0.25)
PARTS = [x * w for x, w in zip(X, W, strict=True)]


class DropoutMasks(Widget):
    """Six inputs, one output: what dropout does to it, over many masks.

    - ``mode``: "train" or "eval";
    - ``p``: 0, 0.1 to 0.9, the probability of an input to be dropped;
    - ``scale``: whether inputs that stay are divided by 1 - p in training;
    - ``n``: masks drawn, from a list;
    - ``seed``: 1 to 50, other draws.
    """

    widget_name = "dropout"
    mode, p, scale, n, seed = fields("dropout")

    @property
    def factor(self) -> float:
        """What an input that stays is multiplied by."""
        return 1 / (1 - self.p) if self.mode == "train" and self.scale else 1.0

    def masks(self) -> list[list[int]]:
        """Zeros and ones, one row for each mask."""
        draws = generator(self.seed)
        if self.mode == "eval":
            return [[1] * 6 for _ in range(self.n)]
        limit = self.p * 2**32
        return [[int(u >= limit) for u in itertools.islice(draws, 6)] for _ in range(self.n)]

    def outputs(self) -> list[float]:
        """The output of the layer under each mask."""
        return [
            self.factor * sum(m * part for m, part in zip(mask, PARTS, strict=True))
            for mask in self.masks()
        ]

    def measured(self) -> tuple[float, float]:
        """Mean and variance (by n) of the outputs."""
        z = self.outputs()
        mean = sum(z) / self.n
        return mean, sum((v - mean) ** 2 for v in z) / self.n

    def formula(self) -> tuple[float, float]:
        """Expectation and variance of the output of a fresh mask."""
        p = self.p if self.mode == "train" else 0
        squares = sum(part**2 for part in PARTS)
        return self.factor * (1 - p) * sum(PARTS), self.factor**2 * p * (1 - p) * squares

    def describe(self) -> str:
        (mean, variance), (want, spread) = self.measured(), self.formula()
        return (
            f"Six inputs under dropout, {self.mode}, p = {self.p:g}, {self.n} masks: the output "
            f"has the mean {mean:.2f} (formula {want:.2f}) and the variance {variance:.2f} "
            f"(formula {spread:.2f})."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4, 1.9), layout="constrained")
        ax = figure.subplots()
        z = self.outputs()
        values = sorted(set(z))
        ax.bar(values, [z.count(v) for v in values], width=0.4 * self.factor, color="#0072B2")
        ax.axvline(self.measured()[0], color="#D55E00", lw=2)
        ax.set(xlabel="output", ylabel="masks")
        return figure
