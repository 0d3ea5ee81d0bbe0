"""Codes of places by sines and cosines: the Python side."""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields

PLACES = 64


class PositionalEncoding(Widget):
    """Two places as hands of circles, and the score of one with all places.

    - ``i``, ``j``: places, 0 to 63;
    - ``d``: columns of the code, 2, 4, 8, 16 or 32.
    """

    widget_name = "positional_encoding"
    i, j, d = fields("positional_encoding")

    def rates(self) -> list[float]:
        """Radians from one place to the next, for each pair of columns."""
        return [10000 ** (-2 * k / self.d) for k in range(self.d // 2)]

    def code(self, place: int) -> list[float]:
        """Sine, cosine, sine, ... of one place."""
        return [f(w * place) for w in self.rates() for f in (math.sin, math.cos)]

    def score(self, a: int | None = None, b: int | None = None) -> float:
        """The dot product of two codes; of places i and j if none are given."""
        pair = (self.i if a is None else a, self.j if b is None else b)
        return math.fsum(x * y for x, y in zip(*map(self.code, pair), strict=True))

    def describe(self) -> str:
        return (
            f"Places {self.i} and {self.j}, {abs(self.i - self.j)} apart, {self.d} columns: "
            f"score {self.score():.2f} of {self.d // 2}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 2.4), layout="constrained")
        ax = figure.subplots()
        scores = [self.score(self.i, place) for place in range(PLACES)]
        ax.plot(scores, ".-", color="#0072B2", lw=1)
        ax.plot([self.j], [scores[self.j]], "o", color="#D55E00")
        ax.set(xlabel="place", ylabel=f"score with place {self.i}")
        return figure
