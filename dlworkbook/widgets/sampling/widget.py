"""Groups of rolls of a die: the Python side, with the sentence and the still picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.kit.settings import fields

FACES = {"fair": (1, 2, 3, 4, 5, 6), "loaded": (1, 2, 3, 4, 5, 6, 6, 6, 6, 6)}


class Sampling(Widget):
    """m groups of n rolls: the groups' means, and what theory says of them.

    - ``what``: "mean" of the faces, share of "six", or every "face" alone;
    - ``die``: "fair", or "loaded", which shows a six in half of the rolls;
    - ``n``, ``m``: rolls in a group, groups, from lists;
    - ``seed``: 1 to 99, other rolls;
    - ``z``: whether the histogram is in standard errors.
    """

    widget_name = "sampling"
    what, die, n, m, seed, z = fields("sampling")

    def parts(self) -> list[int]:
        """What counts of each equally likely part: its face, or 1 for a six."""
        return [int(f == 6) if self.what == "six" else f for f in FACES[self.die]]

    def rolls(self) -> int:
        """How many rolls are behind one value."""
        return 1 if self.what == "face" else self.n

    def values(self) -> list[float]:
        """The mean of each group, or every roll."""
        parts, numbers, k = self.parts(), generator(self.seed), self.rolls()
        rolls = [parts[next(numbers) * len(parts) >> 32] for _ in range(self.n * self.m)]
        return [sum(rolls[i : i + k]) / k for i in range(0, len(rolls), k)]

    def theory(self) -> tuple[float, float]:
        """Expectation and standard error of a value."""
        parts = self.parts()
        mean = sum(parts) / len(parts)
        variance = sum((v - mean) ** 2 for v in parts) / len(parts)
        return mean, (variance / self.rolls()) ** 0.5

    def measured(self) -> tuple[float, float]:
        """Mean and standard deviation of the values."""
        found = self.values()
        mean = sum(found) / len(found)
        return mean, (sum((v - mean) ** 2 for v in found) / len(found)) ** 0.5

    def describe(self) -> str:
        (mean, sd), (expected, error) = self.measured(), self.theory()
        what = {"mean": "their means", "six": "their shares of sixes", "face": "the faces"}
        return (
            f"{self.m:,} groups of {self.n} rolls: {what[self.what]} have the mean {mean:.3f}, "
            f"expected {expected:.3f}, and the spread {sd:.4f}; theory says {error:.4f}."
        )

    def draw(self) -> Any:
        import numpy as np
        from matplotlib.figure import Figure

        found, k = np.array(self.values()), self.rolls()
        mean, error = self.theory()
        figure = Figure(figsize=(4, 2.8), layout="constrained")
        ax = figure.subplots()
        low, high = min(self.parts()), max(self.parts())
        wide = max(1, -(-(high - low) * k // 60)) / k
        edges = np.arange(low - 0.5 / k, high + wide, wide)
        ax.hist(found, edges, color="#0072B2", alpha=0.4)
        x = np.linspace(low, high, 300)
        curve = np.exp(-(((x - mean) / error) ** 2) / 2) / (error * (2 * np.pi) ** 0.5)
        ax.plot(x, len(found) * wide * curve, color="#D55E00")
        ax.set(xlabel="mean of a group" if self.what == "mean" else self.what)
        return figure
