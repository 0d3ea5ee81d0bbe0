"""Grad-CAM by layer and class: settings, how the maps are packed, words, and a still picture."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.pack import Reader, Writer
from dlworkbook.widgets.kit.settings import fields

DATA = Path(__file__).with_name("runs.json")
FIELDS = declared("grad_cam")["fields"]
PHOTOS, TARGETS, LAYERS = (FIELDS[key]["of"] for key in ("photo", "target", "layer"))
#: Cells along an edge of a layer's map, and the largest level in which its numbers are stored.
SIDES = {"b5": 28, "b11": 14, "b14": 7, "b16": 7, "last": 7}
MOST = {28: 31, 14: 31, 7: 8191}
COVERED = 12  # squares of 49


def walk(coder: Reader | Writer, given: dict | None = None) -> dict[tuple, list[int]]:
    """All maps in levels, (photo, class, layer) -> cells row by row; written if ``given``.

    A number is stored as its distance from the mean of its neighbours to the left and above.
    """
    found = {}
    for photo in PHOTOS:
        for target in TARGETS:
            for place, layer in enumerate(LAYERS):
                n, cells = SIDES[layer], []
                for k in range(n * n):
                    left = cells[k - 1] if k % n else 0
                    up = 0 if k < n else cells[k - n]
                    guess = left + up if k < n or not k % n else (left + up) // 2
                    off = given[photo, target, layer][k] - guess if given else 0
                    cells.append(guess + coder.number(place, off))
                found[photo, target, layer] = cells
    return found


def squares(cells: list[int]) -> list[int]:
    """Sums of levels in 7 x 7 squares of the picture."""
    n = round(len(cells) ** 0.5)
    sums = [0] * 49
    for k, value in enumerate(cells):
        sums[7 * (k // n * 7 // n) + k % n * 7 // n] += value
    return sums


def chosen(cells: list[int], cover: str) -> list[int]:
    """The squares that are covered: "hot", "cold" or "nothing"."""
    if cover == "nothing":
        return []
    sums, sign = squares(cells), -1 if cover == "hot" else 1
    return sorted(range(49), key=lambda k: (sign * sums[k], k))[:COVERED]


@cache
def stored() -> dict[str, Any]:
    """The data as committed."""
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def maps() -> dict[tuple, list[int]]:
    """All maps in levels."""
    return walk(Reader(stored()["maps"]))


def place(across: float, down: float) -> str:
    """A place of the picture in words, from hundredths across and down."""
    row = "upper" if down < 34 else "lower" if down > 66 else ""
    column = "left" if across < 34 else "right" if across > 66 else ""
    if row and column:
        return f"{row} {column}"
    return column or {"upper": "top", "lower": "bottom"}.get(row, "middle")


class GradCam(Widget):
    """Which places of a photograph speak for a class, by Grad-CAM, in a pretrained network.

    - ``photo``: "both" (cat and coffee), "coffee", "cat", "rocket", "camera" or "astronaut";
    - ``target``: "espresso", "cat", "missile", "tripod", "bobsleigh" or "shuttle";
    - ``layer``: "b5", "b11", "b14", "b16" (blocks) or "last";
    - ``cover``: "nothing", or the 12 "hot" (hottest) or "cold" ones of 49 squares;
    - ``relu``: cut the map at zero.

    The maps are those of EfficientNet-Lite0, stored; no network runs here.
    """

    widget_name = "grad_cam"
    photo, target, layer, cover, relu = fields("grad_cam")

    def levels(self) -> list[int]:
        """The map, cell by cell, in levels."""
        return maps()[self.photo, self.target, self.layer]

    def chances(self) -> dict[str, Any]:
        """Probability of the class, likeliest class and its probability, that after covering."""
        f, c = PHOTOS.index(self.photo), TARGETS.index(self.target)
        best, best_p = stored()["best"][f]
        after = None
        if self.cover != "nothing":
            after = stored()[self.cover][f][c][LAYERS.index(self.layer)]
        return {"p": stored()["p"][f][c], "best": best, "bestP": best_p, "after": after}

    def facts(self) -> dict[str, Any]:
        """Peak and shares of the positive part (see model.js)."""
        cells = self.levels()
        n = round(len(cells) ** 0.5)
        up = [max(v, 0) for v in cells]
        total, sizes = sum(up), sum(map(abs, cells))
        peak = up.index(max(up))
        left = sum(v * max(0.0, min(1.0, n / 2 - k % n)) for k, v in enumerate(up))
        return {
            "none": total == 0,
            "across": int(100 * (peak % n + 0.5) / n + 0.5),
            "down": int(100 * (peak // n + 0.5) / n + 0.5),
            "left": left / total if total else 0.0,
            "against": 1 - total / sizes if sizes else 0.0,
        }

    def describe(self) -> str:
        def name(key: str) -> str:
            return FIELDS[key]["names"][FIELDS[key]["of"].index(getattr(self, key))]

        odds, found = self.chances(), self.facts()
        words = (
            f"Photograph: {name('photo')}. The network gives {name('target')} the probability "
            f"{odds['p']:.3g}"
        )
        if found["none"]:
            return f"{words}; at this layer no place speaks for it."
        words += (
            f"; Grad-CAM ({name('layer')}) peaks at the {place(found['across'], found['down'])}, "
            f"and {100 * found['left']:.0f}% of the map lie in the left half."
        )
        if odds["after"] is not None:
            squares = {"hot": "hottest", "cold": "coldest"}[self.cover]
            words += f" With the 12 {squares} squares covered it is {odds['after']:.3g}."
        return words

    def draw(self) -> Any:
        import numpy as np
        from matplotlib.figure import Figure
        from PIL import Image

        text = stored()["photos"][PHOTOS.index(self.photo)].partition(",")[2]
        picture = Image.open(io.BytesIO(base64.b64decode(text))).convert("L")
        cells = np.array(self.levels(), float)
        n = round(len(cells) ** 0.5)
        heat = np.maximum(cells, 0).reshape(n, n)
        heat /= max(heat.max(), 1)
        figure = Figure(figsize=(3.2, 3.2), layout="constrained")
        ax = figure.subplots()
        ax.imshow(picture, cmap="gray", extent=(0, 1, 1, 0))
        ax.imshow(np.ones((n, n)), cmap="autumn", alpha=0.75 * heat, vmin=0, vmax=3,
                  extent=(0, 1, 1, 0))  # fmt: skip
        ax.axis("off")
        return figure
