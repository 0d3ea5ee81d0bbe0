"""Pooling, forward and backward: the Python side, with torch's answer and a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields, rows

PAGE = [
    [2, 7, 1, 3, 5, 0], [4, 0, 5, 3, 1, 2], [6, 1, 2, 2, 0, 4],
    [6, 3, 0, 8, 2, 1], [1, 5, 4, 0, 7, 3], [3, 2, 9, 1, 6, 4],
]  # fmt: skip
FILLS: dict[str, Callable[[int, int], int]] = {
    "page": lambda i, j: PAGE[i][j],
    "ones": lambda i, j: 1,
    "dot": lambda i, j: 9 if i == j == 1 else 0,
    "negative": lambda i, j: PAGE[i][j] - 10,
}


def _table(low: int, high: int) -> Callable[[Any], list]:
    return rows((low, high), (low, high), 1000, empty=True)


class Pooling(Widget):
    """One channel pooled, and the gradient that flows back.

    - ``kind``: "max" or "average"; ``window``, ``stride``, ``padding``; ``ceil`` and ``include``
      are PyTorch's ceil_mode and count_include_pad;
    - ``input``: rows of numbers, 3 to 6 each way; without it ``fill`` ("page", "ones", "dot",
      "negative") with ``rows`` and ``columns``;
    - ``grad``: gradient of the output (1 where it has no entry); without it ``sent``;
    - ``step``: the window that is marked first.

    Padding of more than half the window, which PyTorch refuses, is cut down to the half.
    """

    widget_name = "pooling"
    (
        kind, window, stride, padding, rows, columns, fill, sent, ceil, include,
        input, grad, step,
    ) = fields("pooling", input=_table(3, 6), grad=_table(1, 7))  # fmt: skip

    def x(self) -> list[list[float]]:
        """The numbers that are pooled."""
        made = FILLS[self.fill]
        return self.input or [[made(i, j) for j in range(self.columns)] for i in range(self.rows)]

    def reserve(self) -> dict[str, int]:
        """Room for the first view: two tables below each other, beside them two of the output."""
        k, s, p = self.window, self.stride, min(self.padding, self.window // 2)
        rows, columns = len(self.x()), len(self.x()[0])
        out = -(-(columns + 2 * p - k) // s) + 1 if self.ceil else (columns + 2 * p - k) // s + 1
        tall, wide = 2 * (rows + 2 * p), columns + 2 * p + out
        return {
            "rest": 440, "rows": tall, "cols": wide,
            "nrest": 674, "nrows": tall, "ncols": 1, "share": wide,
        }  # fmt: skip

    def torch(self) -> tuple[Any, Any, Any]:
        """torch's output, the gradient that it is sent, and the gradient of the input."""
        import torch
        from torch.nn import functional as F

        x = torch.tensor(self.x(), dtype=torch.float64)[None, None].requires_grad_()
        p = min(self.padding, self.window // 2)
        if self.kind == "max":
            y = F.max_pool2d(x, self.window, self.stride, p, ceil_mode=self.ceil)
        else:
            y = F.avg_pool2d(x, self.window, self.stride, p, self.ceil, self.include)
        sent = torch.ones_like(y[0, 0])
        for i, row in enumerate(self.grad):
            for j, v in enumerate(row):
                if i < sent.shape[0] and j < sent.shape[1]:
                    sent[i, j] = v
        if not self.grad and self.sent == "counted":
            sent = torch.arange(1.0, sent.numel() + 1, dtype=x.dtype).reshape(sent.shape)
        (dx,) = torch.autograd.grad((y[0, 0] * sent).sum(), x)
        return y[0, 0].detach(), sent, dx[0, 0]

    def describe(self) -> str:
        size = f"{self.kind} pooling of {len(self.x())} × {len(self.x()[0])}"
        try:
            y, _, dx = self.torch()
        except ImportError:
            return f"{size}, window {self.window}, stride {self.stride}."

        def said(m: Any) -> str:
            return "; ".join(" ".join(f"{v:.4g}" for v in row) for row in m.tolist())

        return (f"{size}, window {self.window}, stride {self.stride}: output {said(y)}. "
                f"Gradient of the input: {said(dx)}.")  # fmt: skip

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        try:
            y, _, dx = self.torch()
        except ImportError:
            return None
        parts = [("input", self.x()), ("output", y.tolist()), ("its gradient", dx.tolist())]
        tall = max(len(m) for _, m in parts)
        widths = [len(m[0]) for _, m in parts]
        figure = Figure(figsize=(0.4 * (sum(widths) + 4), 0.4 * (tall + 1.6)))
        axes = figure.subplots(1, 3, gridspec_kw={"width_ratios": widths, "wspace": 0.3})
        for ax, (name, m) in zip(axes, parts, strict=True):
            ax.set(xlim=(0, len(m[0])), ylim=(tall, 0), aspect="equal", title=name)
            ax.axis("off")
            for i, row in enumerate(m):
                for j, v in enumerate(row):
                    ax.plot([j, j + 1, j + 1, j, j], [i, i, i + 1, i + 1, i], "#888", lw=0.6)
                    ax.text(j + 0.5, i + 0.5, f"{v:.3g}", ha="center", va="center", fontsize=8)
        return figure
