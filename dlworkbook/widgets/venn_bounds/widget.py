"""Two events and their overlap: the Python side, in exact fractions, and a still picture."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields


class VennBounds(Widget):
    """Move two probabilities, and their overlap between its Fréchet bounds.

    - ``a``, ``b``: P(A) and P(B) in twentieths, 1 to 19;
    - ``share``: how far the overlap is on its way from the least to the most, in twentieths.
    """

    widget_name = "venn_bounds"
    a, b, share = fields("venn_bounds")

    def probabilities(self) -> dict[str, Fraction]:
        """"both", its bounds "low" and "high", "either", its bounds "least" and "most"."""
        a, b = Fraction(self.a, 20), Fraction(self.b, 20)
        low, high = max(Fraction(0), a + b - 1), min(a, b)
        both = low + (high - low) * Fraction(self.share, 20)
        return {
            "both": both, "low": low, "high": high,
            "either": a + b - both, "least": max(a, b), "most": min(Fraction(1), a + b),
        }  # fmt: skip

    def describe(self) -> str:
        p = {name: f"{float(value):g}" for name, value in self.probabilities().items()}
        return (
            f"P(A) = {self.a / 20:g} and P(B) = {self.b / 20:g}: both have the probability "
            f"{p['both']}, between {p['low']} and {p['high']}; at least one has {p['either']}, "
            f"between {p['least']} and {p['most']}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        p = {name: float(value) for name, value in self.probabilities().items()}
        a, b = self.a / 20, self.b / 20
        figure = Figure(figsize=(6.4, 1.6), layout="constrained")
        ax = figure.subplots()
        ax.barh(1, a, color="#0072B2", alpha=0.6)
        ax.barh(0, b, left=a - p["both"], color="#D55E00", alpha=0.6)
        ax.set(xlim=(0, 1), yticks=[0, 1], yticklabels=["B", "A"])
        return figure
