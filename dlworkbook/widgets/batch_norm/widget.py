"""Batches before and after batch normalisation: the Python side."""

from __future__ import annotations

import itertools
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.kit.settings import fields

STEPS, EPS, SPREAD = 60, 1e-5, 1.5


class BatchNorm(Widget):
    """One unit under BatchNorm: batch after batch, in training and in use.

    - ``mode``: "train" or "eval";
    - ``data``: "steady", "drift" (0.05 a batch) or "jump" (from 2 to 6 at batch 31);
    - ``momentum``: 0.01, 0.1, 0.5 or 1, as PyTorch counts it;
    - ``n``: examples in a batch, from a list;
    - ``step``: batches that were trained on before the one in view, 0 to 60;
    - ``seed``: 1 to 50, other draws.
    """

    widget_name = "batch_norm"
    mode, data, momentum, n, step, seed = fields("batch_norm")

    def centre(self, t: int) -> float:
        """Expectation of batch t, the first being 0."""
        jumped = self.data == "jump" and t >= 30
        return 2 + 0.05 * t if self.data == "drift" else 6 if jumped else 2

    def batch(self, t: int) -> list[float]:
        """The values of batch t."""
        draws = generator(64 * self.seed + t)
        noise = [sum(itertools.islice(draws, 12)) / 2**32 - 6 for _ in range(self.n)]
        return [self.centre(t) + SPREAD * z for z in noise]

    def running(self) -> list[tuple[float, float]]:
        """Running mean and variance before each batch, and after the last."""
        found = [(0.0, 1.0)]
        for t in range(STEPS + 1):
            x, (old, var) = self.batch(t), found[-1]
            if self.n > 1:  # a batch of one is refused
                mean = sum(x) / self.n
                unbiased = sum((v - mean) ** 2 for v in x) / (self.n - 1)
                a = self.momentum
                found.append(((1 - a) * old + a * mean, (1 - a) * var + a * unbiased))
            else:
                found.append((old, var))
        return found

    def outputs(self) -> list[float] | None:
        """The batch in view, normalised; None where training refuses."""
        x = self.batch(self.step)
        mean, var = self.running()[self.step]
        if self.mode == "train":
            if self.n == 1:
                return None
            mean = sum(x) / self.n
            var = sum((v - mean) ** 2 for v in x) / self.n
        return [(v - mean) / (var + EPS) ** 0.5 for v in x]

    def describe(self) -> str:
        y = self.outputs()
        if y is None:
            return "One unit under BatchNorm: a batch of one is refused in training."
        mean = sum(y) / self.n
        sd = (sum((v - mean) ** 2 for v in y) / self.n) ** 0.5
        return (
            f"One unit under BatchNorm, {self.mode}, a batch of {self.n} after {self.step} "
            f"batches: the outputs have the mean {mean + 0.0:.2f} and the standard deviation "
            f"{sd:.2f}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        x, y = self.batch(self.step), self.outputs()
        figure = Figure(figsize=(4, 1.9), layout="constrained")
        ax = figure.subplots()
        ax.plot(x, [1] * self.n, "o", color="#0072B2")
        if y is not None:
            ax.plot(y, [0] * self.n, "o", color="#D55E00")
            for a, b in zip(x, y, strict=True):
                ax.plot([a, b], [1, 0], color="0.6", lw=0.5)
        ax.set(yticks=[0, 1], yticklabels=["after", "before"], ylim=(-0.4, 1.4))
        return figure
