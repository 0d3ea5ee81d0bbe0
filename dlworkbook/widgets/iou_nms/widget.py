"""IoU and NMS: the Python side, with the boxes that are kept and the still picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields, rows

NAMES = "ABCDEFGH"


def boxes(value: Any) -> list:
    """A check: one to eight rows x1, y1, x2, y2, score."""
    found = rows((1, 8), (5, 5), 1200)(value)
    for x1, y1, x2, y2, score in found:
        if not (0 <= x1 < x2 and 0 <= y1 < y2 and 0 <= score <= 1):
            raise ValueError("not x1 < x2, y1 < y2, all at least 0, and a score from 0 to 1")
        if min(x2 - x1, y2 - y1) < 0.0009:  # a box without area has no IoU
            raise ValueError("sides must be at least 0.001")
    return found


def iou(a: list, b: list) -> float:
    """Area of the intersection of two boxes over that of their union."""
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    both = width * height
    one, other = ((q[2] - q[0]) * (q[3] - q[1]) for q in (a, b))
    return both / (one + other - both)


class IouNms(Widget):
    """Boxes with scores, the IoU of each pair, and what non-maximum suppression keeps.

    - ``boxes``: one to eight rows x1, y1, x2, y2, score, y downwards;
    - ``threshold``: 0 to 20, in twentieths: a box goes if it overlaps a kept one by more;
    - ``equal``: whether it also goes if it overlaps it by just as much;
    - ``marked``: 0 to 7, the box that keys move.
    """

    widget_name = "iou_nms"
    threshold, equal, marked, boxes = fields("iou_nms", boxes=boxes)

    def removed_by(self) -> list[int]:
        """For each box the one that removes it, or -1 if it is kept."""
        by: dict[int, int] = {}
        for i in sorted(range(len(self.boxes)), key=lambda k: -self.boxes[k][4]):
            for j in (k for k in by if by[k] < 0):
                value, bound = iou(self.boxes[i], self.boxes[j]), self.threshold / 20
                if value > bound or (self.equal and value == bound):
                    by[i] = j
                    break
            by.setdefault(i, -1)
        return [by[i] for i in range(len(self.boxes))]

    def describe(self) -> str:
        by = self.removed_by()
        kept = ", ".join(NAMES[i] for i, j in enumerate(by) if j < 0)
        gone = "".join(f" {NAMES[i]} is removed by {NAMES[j]}." for i, j in enumerate(by) if j >= 0)
        return f"Boxes kept at a threshold of {self.threshold / 20:g}: {kept}.{gone}"

    def draw(self) -> Any:
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle

        figure = Figure(figsize=(5.4, 3.6), layout="constrained")
        ax = figure.subplots()
        for (x1, y1, x2, y2, _), name, by in zip(
            self.boxes, NAMES, self.removed_by(), strict=False
        ):
            ax.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, lw=1.8,
                                   ec="#0072B2" if by < 0 else "#D55E00",
                                   ls="-" if by < 0 else "--"))  # fmt: skip
            ax.text(x1 + 0.4, y1 + 0.4, name, va="top", fontsize=9)
        right = max(row[2] for row in self.boxes)
        ax.set(xlim=(0, max(60, right)), ylim=(max(40, right * 2 / 3), 0), aspect="equal")
        return figure
