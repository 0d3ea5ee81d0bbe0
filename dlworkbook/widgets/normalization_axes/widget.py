"""Which cells share a mean: the Python side, with torch's layers and a picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields, rows

CHANNELS = 4
EPS = {"tiny": 1e-5, "small": 0.01, "large": 1.0}
PAGE = [
    [[0, 2, 4, 1], [0, 2, 1, 5], [0, 6, 3, 3], [6, 8, 2, 4]],
    [[0, 2, 6, 3], [2, 8, 5, 1], [8, 14, 9, 7], [8, 14, 10, 12]],
    [[5, 1, 2, 0], [3, 3, 7, 1], [4, 10, 6, 8], [1, 9, 0, 2]],
]
_typed = rows((CHANNELS, 3 * CHANNELS), (1, 4), 1000, empty=True)


def table(value: Any) -> list:
    """A check: rows of numbers, four for each sample; an array (N, 4, 1, P) becomes rows."""
    if hasattr(value, "reshape") and getattr(value, "ndim", 0) > 2:
        value = value.reshape(-1, value.shape[-1])
    found = _typed(value)
    if len(found) % CHANNELS:
        raise ValueError(f"not {CHANNELS} rows for each sample")
    return found


class NormalizationAxes(Widget):
    """An array of samples, channels and places, and the cells that share a mean with one cell.

    - ``norm``: "batch", "layer" (over channels and places), "token" (over channels at each
      place), "instance" or "group", with ``groups`` 1, 2 or 4;
    - ``samples`` 1 to 3, ``places`` 1 to 4; there are always four channels;
    - ``fill``: "page", "brighter", "contrast" or "flat"; ``eps``: "tiny", "small", "large";
    - ``input``: rows of numbers, four for each sample, in place of these;
    - ``cell``: the cell that is marked first, counted as in ``X.flatten()``.
    """

    widget_name = "normalization_axes"
    norm, groups, samples, places, fill, eps, input, cell = fields(
        "normalization_axes", input=table
    )  # fmt: skip

    def x(self) -> list[list[float]]:
        """One row for each channel of each sample."""
        made = {
            "page": lambda n, c, p: PAGE[n][c][p],
            "brighter": lambda n, c, p: (n + 1) * PAGE[0][c][p] + 3 * n,
            "contrast": lambda n, c, p: (1 + n * (c + 1)) * PAGE[0][c][p] - n * c,
            "flat": lambda n, c, p: PAGE[n][c][1],
        }[self.fill]
        return self.input or [[made(n, c, p) for p in range(self.places)]
                              for n in range(self.samples) for c in range(CHANNELS)]  # fmt: skip

    def reserve(self) -> dict[str, int]:
        """Room for the first view: one table for each sample, beside it its output."""
        samples, places = len(self.x()) // CHANNELS, len(self.x()[0])
        tall, wide = samples * CHANNELS, 2 * places + 1
        return {"rest": 420, "rows": tall, "cols": wide, "nrest": 700, "nrows": tall,
                "ncols": wide, "share": wide}  # fmt: skip

    def array(self) -> Any:
        """The input as torch's array (N, 4, 1, P)."""
        import torch

        x = torch.tensor(self.x(), dtype=torch.float64)
        return x.reshape(-1, CHANNELS, 1, x.shape[1])

    def layer(self) -> Any:
        """torch's layer in training, as a function of the array."""
        from torch import nn

        eps, places = EPS[self.eps], len(self.x()[0])
        token = nn.LayerNorm(CHANNELS, eps=eps, dtype=float)
        return {
            "batch": nn.BatchNorm2d(CHANNELS, eps=eps, dtype=float),
            "layer": nn.LayerNorm((CHANNELS, 1, places), eps=eps, dtype=float),
            "token": lambda x: token(x.movedim(1, -1)).movedim(-1, 1),
            "instance": nn.InstanceNorm2d(CHANNELS, eps=eps, dtype=float),
            "group": nn.GroupNorm(self.groups, CHANNELS, eps=eps, dtype=float),
        }[self.norm]

    def members(self) -> Any:
        """Which cells share their mean with the marked one: by the gradient of torch's output.

        Random numbers stand in for the input, so that no derivative is zero by chance. None where
        torch refuses.
        """
        import torch

        shape, at = self.array().shape, min(self.cell, self.array().numel() - 1)
        g = torch.Generator().manual_seed(0)
        x = torch.randn(shape, generator=g, dtype=torch.float64).requires_grad_()
        try:
            y = self.layer()(x)
        except ValueError:
            return None
        (grad,) = torch.autograd.grad(y.flatten()[at], x)
        return (grad != 0).reshape(-1, shape[-1])

    def output(self) -> Any:
        """What torch gives, (N·4, P); zeros where it refuses."""
        import torch

        x = self.array()
        try:
            y = self.layer()(x)
        except ValueError:
            y = torch.zeros_like(x)
        return y.detach().reshape(-1, x.shape[-1])

    def describe(self) -> str:
        size = f"{len(self.x()) // CHANNELS} samples of {CHANNELS} channels"
        try:
            y, at = self.output(), self.cell
        except ImportError:
            return f"{size}, {self.norm} norm."
        at = min(at, y.numel() - 1)
        r, p = divmod(at, y.shape[1])
        return (f"{size} and {y.shape[1]} places, {self.norm} norm: cell "
                f"[{r // CHANNELS}, {r % CHANNELS}, {p}] goes from {self.x()[r][p]:g} "
                f"to {y[r, p]:.3g}.")  # fmt: skip

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        try:
            y, shared = self.output(), self.members()
        except ImportError:
            return None
        parts, shared = (self.x(), y.tolist()), None if shared is None else shared.tolist()
        tall, wide = len(parts[0]), len(parts[0][0])
        figure = Figure(figsize=(0.5 * (2 * wide + 2), 0.4 * (tall + 2)))
        for ax, name, m in zip(figure.subplots(1, 2), ("input", "output"), parts, strict=True):
            ax.set(xlim=(-0.1, wide + 0.1), ylim=(tall + 0.6, -0.1), title=name)
            ax.axis("off")
            for i, row in enumerate(m):
                low = i + 0.3 * (i // CHANNELS)  # a gap between samples
                for j, v in enumerate(row):
                    if shared and shared[i][j]:
                        ax.fill_between([j, j + 1], low, low + 1, color="#f5c9a8")
                    around = [low, low, low + 1, low + 1, low]
                    ax.plot([j, j + 1, j + 1, j, j], around, "#888", lw=0.6)
                    ax.text(j + 0.5, low + 0.5, f"{v:.2g}", ha="center", va="center", fontsize=8)
        return figure
