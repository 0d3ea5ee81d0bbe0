"""Gradient by layer, Python side: settings, the sentence, and a still picture.

The numbers were made by ``make_runs.py``, which says how, and are unpacked by
``codec.py``; the theory in the page is computed in ``model.js``.
"""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.gradient_flow import codec
from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.settings import fields

FIELDS = declared("gradient_flow")["fields"]
NAMES = {
    value: name
    for key in ("activation", "init")
    for value, name in zip(FIELDS[key]["of"], FIELDS[key]["names"], strict=True)
}


class GradientByLayer(Widget):
    """Watch gradients vanish and explode.

    Networks of 64 units a layer see a batch of 32 examples; measured over 40 of them:

    - ``depth``: 2, 3, 5, 7, 10, 15, 20, 30, 40 or 50 layers;
    - ``activation``: "sigmoid", "tanh", "relu", "gelu" or "linear";
    - ``init``: "default" (that of ``nn.Linear``), "xavier", "he", "orthogonal", or "normal", then
      ``gain`` (0 to 8) chooses the standard deviation, 1/4 to 4 times 1/sqrt(64);
    - ``residual``: h + f(h) in place of f(h); ``norm``: "none", "batch" or "layer";
    - ``wrt``: the gradient of the weights ("W") or of the layer's outputs ("h").
    """

    widget_name = "gradient_flow"
    depth, activation, init, gain, residual, norm, wrt = fields("gradient_flow")

    def measured(self) -> dict[str, list[list[float]]]:
        """log10 quantiles [p10, p50, p90] by layer: "spread" and "gradient"."""
        stored = codec.unpack(self.activation, self.residual, self.norm)
        name = {"default": "default", "orthogonal": "orthogonal", "xavier": "1", "he": "1.4142"}
        name = name.get(self.init, codec.GAINS[self.gain])
        shift = 0.0
        if name not in stored:  # a normalisation divides the gain away
            if self.wrt == "W":
                shift = -math.log10(math.sqrt(2) if self.init == "he" else float(name))
            name = "1"
        table = stored[name]

        def real(rows: list[list[int]], add: float) -> list[list[float]]:
            return [[v * codec.STEP + add for v in row] for row in rows]

        return {
            "spread": real(table["spread"][: self.depth], 0.0),
            "gradient": real(table[self.wrt, self.depth], shift),
        }

    def factor(self) -> float:
        """By how much the median gradient changes from a layer to the one below, on average."""
        rows = self.measured()["gradient"]
        return 10 ** ((rows[0][1] - rows[-1][1]) / (self.depth - 1))

    def describe(self) -> str:
        rows = self.measured()["gradient"]
        parts = [f"{self.depth} layers", NAMES[self.activation], NAMES[self.init]]
        if self.init == "normal":
            parts.append(f"s = {float(codec.GAINS[self.gain]) / 8:.3g}")
        if self.residual:
            parts.append("residual path")
        if self.norm != "none":
            parts.append(f"{self.norm} normalisation")
        of = "weights" if self.wrt == "W" else "outputs"
        return (
            f"{', '.join(parts)}: the gradient of the {of} changes by a factor of "
            f"{self.factor():.3g} from each layer to the one below; the first layer has "
            f"{10 ** (rows[0][1] - rows[-1][1]):.1e} of the last."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 3.2))
        ax = figure.subplots()
        layers = range(1, self.depth + 1)
        low, mid, high = zip(*self.measured()["gradient"])
        ax.fill_between(layers, low, high, color="#56B4E9", alpha=0.4, lw=0)
        ax.plot(layers, mid, "o-", color="#0072B2", ms=3)
        if min(low) < -30:
            ax.axhline(math.log10(2.0**-126), color="#CC3311", lw=1)
        ax.set(xlabel="layer", ylabel="log10 of the gradient's norm")
        figure.tight_layout()
        return figure
