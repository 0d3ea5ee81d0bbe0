"""Shapes, parameters and receptive fields: the Python side, with torch's layers and a picture."""

from __future__ import annotations

import math
import re
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.settings import fields

EXAMPLES = declared("receptive_field")["fields"]["example"]
STEPS = ("pool", "up")  # their stride is their window if none is written
WORD = re.compile(
    r"(?:input (\d+)(?: c(\d+))?|(conv|up|pool|fc) (\d+)((?: [cspdg]\d+)*))", re.ASCII
)


def text(value: Any) -> str:
    """A check: nothing, or a stack that fits together."""
    if not isinstance(value, str) or len(value) > 500:
        raise ValueError("not a text of at most 500 characters")
    if value:
        shapes(value)
    return value


def parse(value: str) -> list[tuple[str, int, dict[str, int]]]:
    """(kind, its number, its letters) of the input and of each layer."""
    parts = [" ".join(p.lower().split()) for p in re.split("[;；\n]", value)]
    found = []
    for n, part in enumerate(p for p in parts if p):
        match = WORD.fullmatch(part)
        if not match or (match[3] is None) != (n == 0):
            raise ValueError(f"{part!r} is not understood; write input 28 c1; conv 5 c6; pool 2")
        if n == 0:
            found.append(("input", int(match[1]), {"c": int(match[2] or 1)}))
        else:
            letters = {w[0]: int(w[1:]) for w in match[5].split()}
            if len(letters) < len(match[5].split()):
                raise ValueError(f"{part!r} says something twice")
            found.append((match[3], int(match[4]), letters))
    if len(found) < 2:
        raise ValueError("no layer is written")
    return found


def shapes(value: str) -> list[tuple[str, int, int, int]]:
    """(name, channels, side, field) of the input and of each layer, by the formulas."""
    (_, n, own), *rest = parse(value)
    rows, c, windows = [("input", own["c"], n, 1)], own["c"], []
    for kind, k, own in rest:
        s, p, d = own.get("s", k if kind in STEPS else 1), own.get("p", 0), own.get("d", 1)
        g, above = own.get("g", 1), own.get("c", c)
        if set(own) - set({"conv": "cspdg", "up": "csp", "pool": "sp", "fc": ""}[kind]):
            raise ValueError(f"{kind} has no such setting")
        if (kind == "pool" and 2 * p > k) or (kind == "up" and s > k) or (
            kind != "fc" and rows[-1][0].startswith("fc")):
            raise ValueError(f"{kind} {k} cannot stand there")
        if not all((k, s, d, g, above)) or c % g or above % g or max(k * (kind != "fc"), s, d) > 31:
            raise ValueError(f"{kind} {k} cannot have these numbers")
        windows.append((kind, k, s, p, d, n))
        if kind == "fc":
            n, c = 1, k
        elif kind == "up":
            n, c = (n - 1) * s - 2 * p + k, above
        else:
            n, c = (n + 2 * p - d * (k - 1) - 1) // s + 1, above
        if not 1 <= n <= 999:
            raise ValueError(f"{kind} {k} does not fit, or its side is longer than 999")
        rows.append((f"{kind} {k}", c, n, widest(windows, n)))
    return rows


def widest(windows: list[tuple[str, int, int, int, int, int]], n: int) -> int:
    """The width of the widest field of n units above these layers, borders left aside."""
    period = math.prod(s for kind, _, s, *_ in windows if kind == "up")
    most = 0
    for unit in range(min(period, n)):
        low = high = unit
        for kind, k, s, p, d, below in reversed(windows):
            if kind == "fc":
                low, high = 0, below - 1
            elif kind == "up":
                low, high = -((k - 1 - low - p) // s), (high + p) // s
            else:
                low, high = low * s - p, high * s - p + d * (k - 1)
        most = max(most, high - low + 1)
    return most


class ReceptiveField(Widget):
    """A stack of layers: size, parameters, multiply-adds and receptive field of each.

    - ``example``: exam, lenet, vgg, resnet, dilated, small or unet;
    - ``layers``: a text in its place, such as ``"input 28 c1; conv 5 c6 p2; pool 2; fc 10"``
      (after conv: c channels, s stride, p padding, d dilation, g groups; after pool: s, p;
      after up, a transposed convolution whose stride is its kernel if none is given: c, s, p);
    - ``layer``, ``unit``: whose field is marked; layer 0 is the last before an fc, -1 the middle;
    - ``bias``: whether parameters count biases.
    """

    widget_name = "receptive_field"
    example, bias, layers, layer, unit = fields("receptive_field", layers=text)

    def text(self) -> str:
        """The stack that is shown."""
        return self.layers or EXAMPLES["texts"][EXAMPLES["of"].index(self.example)]

    def marked(self) -> int:
        """The layer whose field is marked."""
        layers = shapes(self.text())[1:]
        pictures = sum(not name.startswith("fc") for name, *_ in layers)
        return min(self.layer, len(layers)) or pictures or 1

    def network(self) -> tuple[Any, tuple[int, int, int]]:
        """torch's layers (average pooling, a flattening fc), and the shape of an input."""
        from torch import nn

        (_, side, own), *rest = parse(self.text())
        made, known = [], shapes(self.text())
        for (kind, k, own_of), (_, c, n, _) in zip(rest, known, strict=False):
            s, p = own_of.get("s", k if kind in STEPS else 1), own_of.get("p", 0)
            if kind == "pool":
                made.append(nn.AvgPool2d(k, s, p))
            elif kind == "up":
                made.append(nn.ConvTranspose2d(c, own_of.get("c", c), k, s, p, bias=self.bias))
            elif kind == "fc":
                made.append(nn.Sequential(nn.Flatten(), nn.Linear(c * n * n, k, self.bias)))
            else:
                rest_of = {"dilation": own_of.get("d", 1), "groups": own_of.get("g", 1)}
                made.append(nn.Conv2d(c, own_of.get("c", c), k, s, p, bias=self.bias, **rest_of))
        return nn.Sequential(*made), (own["c"], side, side)

    def describe(self) -> str:
        rows = shapes(self.text())
        sizes = ", ".join(f"{name}: {c} × {n} × {n}" for name, c, n, _ in rows)
        at = self.marked()
        return f"{sizes}. A unit of layer {at} has a receptive field of {rows[at][3]}."

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        rows = shapes(self.text())
        figure = Figure(figsize=(6.4, 0.4 + 0.32 * len(rows)), layout="constrained")
        ax = figure.subplots()
        middle = rows[0][2] / 2
        for y, (name, c, n, field) in enumerate(rows):
            ax.plot([0, rows[0][2]], [y, y], color="0.85", lw=9, solid_capstyle="butt")
            ends = max(0, middle - field / 2), min(rows[0][2], middle + field / 2)
            ax.plot(ends, [y, y], color="#0072B2", lw=9, solid_capstyle="butt")
            ax.text(rows[0][2] * 1.02, y, f"{name}: {c} × {n} × {n}, field {field}", va="center")
        ax.set_xlim(0, rows[0][2] * 1.9)
        ax.axis("off")
        return figure
