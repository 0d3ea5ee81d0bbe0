"""Quantise and prune a trained network: the Python side, without torch.

The network reads digits of 8 x 8 pixels: 64 inputs, 32 hidden units with ReLU, 10 scores. Its
weights are whole multiples of 1/UNIT; they and 200 digits that it was not trained on are stored
in ``runs.json`` (``make_runs.py``).
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.pack import Reader
from dlworkbook.widgets.kit.settings import fields

UNIT, INPUTS, HIDDEN, CLASSES, DIGITS, GROUP = 256, 64, 32, 10, 200, 16
#: Shapes in the order in which they are stored; a bias is one row.
SHAPES = [(HIDDEN, INPUTS), (1, HIDDEN), (CLASSES, HIDDEN), (1, CLASSES)]
FLOAT, INDEX, COUNT, SCALE, ZERO = 32, 8, 8, 32, 8  # bits of what is stored beside the codes
Matrix = list[list[float]]


def walk(coder: Any, tensors: list, pixels: list, labels: list) -> tuple[list, list, list]:
    """All numbers through a Writer, or out of a Reader, which ignores the ones it is given."""
    out = []
    for n, (rows, columns) in enumerate(SHAPES):
        out.append([[coder.number(n, tensors[n][i][j] if tensors else 0)
                     for j in range(columns)] for i in range(rows)])  # fmt: skip
    images = [[coder.number(4 + k // 2, pixels[n][k] if pixels else 0) for k in range(INPUTS)]
              for n in range(DIGITS)]  # fmt: skip
    told = [coder.number(40, labels[n] if labels else 0) for n in range(DIGITS)]
    return out, images, told


@cache
def stored() -> tuple[list[Matrix], Matrix, list[int]]:
    """Weights and biases, the digits (from 0 to 1) and their labels."""
    text = json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))
    tensors, images, labels = walk(Reader(text), [], [], [])
    return (
        [[[v / UNIT for v in row] for row in tensor] for tensor in tensors],
        [[v / 16 for v in image] for image in images],
        labels,
    )


def mask(W: Matrix, percent: int) -> list[list[int]]:
    """0 for that share of the weights, the smallest first, earlier ones first among equals."""
    wide = len(W[0])
    flat = [abs(v) for row in W for v in row]
    gone = set(sorted(range(len(flat)), key=lambda k: (flat[k], k))
               [: round(percent * len(flat) / 100)])  # fmt: skip
    return [[int(i * wide + j not in gone) for j in range(wide)] for i in range(len(W))]


def levels(values: list[float], bits: int, form: str) -> tuple[list[float], float]:
    """What the values become, and the scale that they share."""
    if form == "affine":
        low, high = min(0.0, *values), max(0.0, *values)
        s = (high - low) / (2**bits - 1) or 1.0
        z = -round(low / s)
        return [s * (min(max(round(v / s) + z, 0), 2**bits - 1) - z) for v in values], s
    s = max(map(abs, values)) / (2 ** (bits - 1) - 1) or 1.0
    return [s * round(v / s) for v in values], s


class CompressionSweep(Widget):
    """A trained network of 2,368 weights, pruned and quantised, and how many digits it reads.

    - ``bits``: 2 to 8 for each weight, or 32, which leaves it as it is;
    - ``form``: "symmetric" or "affine" levels;
    - ``scales``: one for each "tensor", "row", or "group" of 16 weights;
    - ``pruned``: percent of each matrix that is set to zero, the smallest first.
    """

    widget_name = "compression_sweep"
    bits, form, scales, pruned = fields("compression_sweep")

    def small(self, W: Matrix) -> tuple[Matrix, list[float], int]:
        """A matrix as it is used, its scales, and how many weights were kept."""
        wide, kept = len(W[0]), mask(W, self.pruned)
        cut = [[v if k else 0.0 for v, k in zip(row, keep, strict=True)]
               for row, keep in zip(W, kept, strict=True)]  # fmt: skip
        left = sum(map(sum, kept))
        if self.bits == FLOAT:
            return cut, [], left
        flat = [v for row in cut for v in row]
        size = {"tensor": len(flat), "row": wide, "group": GROUP}[self.scales]
        made: list[float] = []
        found = []
        for at in range(0, len(flat), size):
            values, s = levels(flat[at : at + size], self.bits, self.form)
            made += values
            found.append(s)
        return [made[at : at + wide] for at in range(0, len(made), wide)], found, left

    def result(self) -> dict[str, Any]:
        """Right answers, bytes as matrix and as list, the largest error, and half its scale."""
        (W1, b1, W2, b2), images, labels = stored()
        (A, s1, n1), (C, s2, n2) = self.small(W1), self.small(W2)
        right = 0
        for image, label in zip(images, labels, strict=True):
            h = [max(0.0, math.fsum(map(float.__mul__, row, image)) + b)
                 for row, b in zip(A, b1[0], strict=True)]  # fmt: skip
            scores = [math.fsum(map(float.__mul__, row, h)) + b
                      for row, b in zip(C, b2[0], strict=True)]  # fmt: skip
            right += scores.index(max(scores)) == label
        size = len(s1) + len(s2)
        shared = size * (SCALE + (ZERO if self.form == "affine" else 0))
        shared += (HIDDEN + CLASSES) * FLOAT  # the biases
        whole = (HIDDEN * INPUTS + CLASSES * HIDDEN) * self.bits + shared
        listed = (n1 + n2) * (self.bits + INDEX) + (HIDDEN + CLASSES) * COUNT + shared
        kept = mask(W1, self.pruned)
        off = [abs(a - w) for ra, rw, rk in zip(A, W1, kept, strict=True)
               for a, w, k in zip(ra, rw, rk, strict=True) if k]  # fmt: skip
        return {
            "right": right, "dense": whole // 8, "sparse": -(-listed // 8),
            "error": max(off), "half": max(s1) / 2 if s1 else 0.0, "scales": size,
        }  # fmt: skip

    def describe(self) -> str:
        r = self.result()
        how = "as it is" if self.bits == FLOAT else f"{self.bits} bits, {self.form}"
        return (
            f"A trained network of 2,368 weights, {how}, a scale for each {self.scales}, "
            f"{self.pruned}% pruned: it reads {r['right']} of {DIGITS} digits right. "
            f"{r['dense']:,} bytes as matrices, {r['sparse']:,} without zeros; the largest error "
            f"of a weight in the first layer is {r['error']:.4f}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        (W1, *_), _, _ = stored()
        figure = Figure(figsize=(4, 2.2), layout="constrained")
        ax = figure.subplots()
        for rows, kind in ((W1, "stepfilled"), (self.small(W1)[0], "step")):
            ax.hist([v for row in rows for v in row], bins=61, histtype=kind)
        ax.set(xlabel="weight", ylabel="number")
        return figure
