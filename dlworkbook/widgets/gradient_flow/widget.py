"""Gradient by layer, Python side: the measured grid, the sentence, and a still picture.

The grid was made by ``make_runs.py``, which says how: some 200,000 small whole numbers. Each is
guessed from those before it; what is left is packed (``kit/pack.py``), one text for each
combination of activation, residual path and normalisation. ``model.js`` unpacks the same texts,
and computes the theory beside them; tests compare the two.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.pack import Reader, Writer
from dlworkbook.widgets.kit.settings import fields

FIELDS = declared("gradient_flow")["fields"]
NAMES = {
    value: name
    for key in ("activation", "init")
    for value, name in zip(FIELDS[key]["of"], FIELDS[key]["names"], strict=True)
}
ACTIVATIONS, NORMS = FIELDS["activation"]["of"], FIELDS["norm"]["of"]
DEPTHS = FIELDS["depth"]["of"][::-1]  # as packed
MAX_DEPTH = DEPTHS[0]
#: Standard deviations g / sqrt(width) that the sweep offers, as the texts that name them.
GAINS = ("0.25", "0.3536", "0.5", "0.7071", "1", "1.4142", "2", "2.8284", "4")
STEP = 0.02  # of log10, for the medians: 4.7 %
BAND = 2  # steps of STEP in which the distances from the median to 10% and 90% are kept
FLOOR = -200.0  # log10 of a gradient that is exactly zero in float64

Table = dict[tuple | str, list[list[int]]]


def stored_inits(norm: str) -> tuple[str, ...]:
    """The initialisations that are stored: normalisation divides the gain away."""
    return ("default", "orthogonal", *(GAINS if norm == "none" else ("1",)))


def _mean_step(values: list[int], at: int) -> int:
    """Rounded mean of the last steps (at most four) before position ``at``."""
    n = min(at - 1, 4)
    return (2 * (values[at - 1] - values[at - 1 - n]) + n) // (2 * n) if n > 0 else 0


def walk(coder: Writer | Reader, given: Table | None) -> Table:
    """Write one setting, or read it: every series with its median, and how far 10% and 90% lie."""
    found: dict = {}

    def series(kind: str, depth: int) -> None:
        key = kind if kind == "spread" else (kind, depth)
        rows = given[key] if given else [[0, 0, 0]] * depth
        if kind != "spread":  # a gradient comes from above
            rows = rows[::-1]
        median = [r[1] for r in rows]
        low, high = [(r[1] - r[0]) // BAND for r in rows], [(r[2] - r[1]) // BAND for r in rows]
        whole = depth == MAX_DEPTH
        long = found.get((kind, MAX_DEPTH))
        h = found.get(("h", depth))
        last = 0
        gap = MAX_DEPTH - depth
        context = ("spread", "h", "W").index(kind) * 6 + (3 if whole else 0)
        for d in range(depth):
            if not whole:
                m, top = long[0], found["h", MAX_DEPTH][0]
                guess = median[d - 1] + m[d + gap] - m[d + gap - 1] if d else (
                    m[gap] - top[gap] if kind == "W" else 0)  # fmt: skip
            elif d == 0:
                guess = 0
            else:
                guess = median[d - 1] + _mean_step(median, d)
                if kind == "W":
                    guess += h[0][d] - h[0][d - 1] - _mean_step(h[0], d)
            off = coder.number(context + last, median[d] - guess)
            median[d], last = guess + off, min(abs(off), 2)
        for side, values in enumerate((low, high), start=1):
            last = 0
            for d in range(depth):
                guess = values[d - 1] if d else 0
                if not whole:
                    m = long[side]
                    guess += m[d] - (m[d - 1] if d else 0)
                off = coder.number(18 * side + context + last, values[d] - guess)
                values[d], last = guess + off, min(abs(off), 2)
        found[kind, depth] = (median, low, high)

    series("spread", MAX_DEPTH)
    for depth in DEPTHS:
        series("h", depth)
        series("W", depth)
    table: Table = {}
    for (kind, depth), (median, low, high) in found.items():
        rows = [[m - BAND * a, m, m + BAND * b] for m, a, b in zip(median, low, high)]
        table["spread" if kind == "spread" else (kind, depth)] = (
            rows if kind == "spread" else rows[::-1]
        )
    return table


def groups() -> Iterator[tuple[str, bool, str]]:
    """Activation, residual path, normalisation, in the order of the texts."""
    for activation in ACTIVATIONS:
        for residual in (False, True):
            for norm in NORMS:
                yield activation, residual, norm


@cache
def texts() -> list[str]:
    """The packed texts, as committed."""
    return json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))


@cache
def unpack(activation: str, residual: bool, norm: str) -> dict[str, Table]:
    """Initialisation -> table, in whole steps of ``STEP``."""
    text = texts()[list(groups()).index((activation, residual, norm))]
    coder = Reader(text)
    return {init: walk(coder, None) for init in stored_inits(norm)}


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
        stored = unpack(self.activation, self.residual, self.norm)
        name = {"default": "default", "orthogonal": "orthogonal", "xavier": "1", "he": "1.4142"}
        name = name.get(self.init, GAINS[self.gain])
        shift = 0.0
        if name not in stored:  # a normalisation divides the gain away
            if self.wrt == "W":
                shift = -math.log10(math.sqrt(2) if self.init == "he" else float(name))
            name = "1"
        table = stored[name]

        def real(rows: list[list[int]], add: float) -> list[list[float]]:
            return [[v * STEP + add for v in row] for row in rows]

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
            parts.append(f"s = {float(GAINS[self.gain]) / 8:.3g}")
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
