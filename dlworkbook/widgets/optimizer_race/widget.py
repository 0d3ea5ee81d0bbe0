"""Six optimisers from one start on one surface: the Python side."""

from __future__ import annotations

import itertools
import math
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.kit.settings import fields

METHODS = ("SGD", "momentum", "Nesterov", "RMSProp", "Adam", "AdamW")
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3)
STEPS, LAST, FAR, LEAP, NOISE = 100, 20, 1000, 4, 0.3
STARTS = {"quadratic": (-1.6, 1.2), "noisy": (-1.6, 1.2), "rosenbrock": (-1.2, 1.1),
          "saddle": (-1.6, 0.01)}  # fmt: skip
Point = tuple[float, float]


def _step(method: str, p: float, g: float, own: dict, lr: float, t: int) -> float:
    """One coordinate after step t, the first being 1; ``own`` is what the method remembers."""
    if method in ("SGD", "momentum", "Nesterov"):
        v = own["v"] = (0 if method == "SGD" else 0.9 * own.get("v", 0)) + g
        return p - lr * (g + 0.9 * v if method == "Nesterov" else v)
    if method == "RMSProp":
        s = own["s"] = 0.99 * own.get("s", 0) + (1 - 0.99) * g * g
        return p - lr * g / (math.sqrt(s) + 1e-8)
    if method == "AdamW":
        p *= 1 - lr * 0.01
    m = own["m"] = 0.9 * own.get("m", 0) + (1 - 0.9) * g
    s = own["s"] = 0.999 * own.get("s", 0) + (1 - 0.999) * g * g
    return p - lr * m / (1 - 0.9**t) / (math.sqrt(s / (1 - 0.999**t)) + 1e-8)


class OptimizerRace(Widget):
    """Six optimisers of torch on a surface of two coordinates, a hundred steps.

    - ``surface``: "quadratic", "noisy" (its gradient with noise), "rosenbrock" or "saddle";
    - ``kappa``: by how much the second coordinate is flatter, 1, 10, 100 or 1000;
    - ``rate``: one of a list for all, or "best": each its own best one;
    - ``step``: steps in view, one of a list from 0 to 100;
    - ``seed``: 1 to 50, other draws of the noise.
    """

    widget_name = "optimizer_race"
    surface, kappa, rate, step, seed = fields("optimizer_race")

    def loss(self, p: Point) -> float:
        """Height above the lowest point."""
        x, y = p
        if self.surface == "rosenbrock":
            return ((y - x * x) ** 2 + (1 - x) ** 2 / self.kappa) / 2
        if self.surface == "saddle":
            return x * x / 2 + (y * y - 1) ** 2 / (4 * self.kappa)
        return (x * x + y * y / self.kappa) / 2

    def slope(self, p: Point) -> Point:
        """The gradient, without noise."""
        x, y = p
        if self.surface == "rosenbrock":
            return -2 * x * (y - x * x) - (1 - x) / self.kappa, y - x * x
        if self.surface == "saddle":
            return x, y * (y * y - 1) / self.kappa
        return x, y / self.kappa

    def noise(self) -> list[Point]:
        """What is added to the gradient of each step, for all methods alike."""
        if self.surface != "noisy":
            return [(0.0, 0.0)] * STEPS
        draws = generator(self.seed)
        z = [sum(itertools.islice(draws, 12)) / 2**32 - 6 for _ in range(2 * STEPS)]
        return [(NOISE * z[2 * t], NOISE * z[2 * t + 1]) for t in range(STEPS)]

    def walk(self, method: str, lr: float) -> list[Point]:
        """Path of a method; shorter than 101 points if it goes far away."""
        path, own = [STARTS[self.surface]], ({}, {})
        for t, draw in enumerate(self.noise(), 1):
            g, at = self.slope(path[-1]), path[-1]
            p = tuple(_step(method, at[k], g[k] + draw[k], own[k], lr, t) for k in (0, 1))
            if not max(map(abs, p)) < FAR:
                break
            path.append(p)
        return path

    def score(self, path: list[Point]) -> float:
        """Mean loss of the last 20 steps; infinite for a path that went away or leapt far up."""
        losses = list(map(self.loss, path))
        if len(path) <= STEPS or max(losses) > LEAP * losses[0]:
            return math.inf
        return sum(losses[-LAST:]) / LAST

    def race(self) -> dict[str, dict[str, Any]]:
        """Rate, path and losses of each method."""
        found = {}
        for method in METHODS:
            rates = RATES if self.rate == "best" else (self.rate,)
            runs = [(self.walk(method, lr), lr) for lr in rates]
            path, lr = min(runs, key=lambda run: self.score(run[0]))
            found[method] = {"lr": lr, "path": path, "losses": [self.loss(p) for p in path]}
        return found

    def describe(self) -> str:
        told = []
        for method, run in self.race().items():
            here = f"{run['losses'][self.step]:.1e}" if self.step < len(run["losses"]) else "gone"
            told.append(f"{method} {here}")
        how = "each at its best rate" if self.rate == "best" else f"rate {self.rate}"
        return (
            f"Six optimisers on the surface {self.surface}, flatter by {self.kappa}, {how}: "
            f"losses after {self.step} steps: {', '.join(told)}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4, 2.2), layout="constrained")
        ax = figure.subplots()
        for method, run in self.race().items():
            ax.semilogy(run["losses"], label=method)
        ax.set(xlabel="steps", ylabel="loss")
        ax.legend(fontsize=7)
        return figure
