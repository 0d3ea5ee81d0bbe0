"""Backpropagation through a small net: the Python side, with torch's numbers."""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.kit.base import StateError, Widget, declared
from dlworkbook.widgets.kit.settings import fields, rows

MOST = declared("backprop_net")["most"]


class BackpropNet(Widget):
    """Two inputs, two hidden units, two outputs: forward, errors, gradients, one update.

    - ``kind``: "sigmoid" (with half the squared error) or "softmax" (with cross-entropy);
    - ``hidden``: "sigmoid", "tanh" or "relu";
    - ``data``: the inputs and the targets, ``[[1, 2], [1, 0]]``;
    - ``weights``: a row of two weights and a bias for each unit, hidden ones first;
    - ``rate``: 0.01, 0.1, 0.5, 1, 2 or 10;
    - ``step``: how much of it is shown, 0 to 14.
    """

    widget_name = "backprop_net"
    kind, hidden, rate, step, data, weights = fields(
        "backprop_net", data=rows((2, 2), (2, 2), MOST), weights=rows((4, 4), (3, 3), MOST)
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        y = self.data[1]
        if self.kind == "softmax" and not (min(y) >= 0 and math.isclose(sum(y), 1)):
            raise StateError("BackpropNet: with softmax the targets are shares that add up to 1")

    def run(self) -> dict[str, Any] | None:
        """By torch: inputs and outputs of the units, the derivatives by the inputs, a row of
        gradients for each unit, and the rows and the loss after one update; None without it."""
        try:
            import torch
        except ImportError:
            return None
        x, y = torch.tensor(self.data, dtype=torch.float64)
        W = torch.tensor(self.weights, dtype=torch.float64, requires_grad=True)

        def net(W: Any) -> list:
            """Inputs and outputs of both layers, and the loss."""
            a = W[:2, :2] @ x + W[:2, 2]
            h = getattr(torch, self.hidden)(a)
            z = W[2:, :2] @ h + W[2:, 2]
            if self.kind == "sigmoid":
                out = torch.sigmoid(z)
                return [a, h, z, out, ((out - y) ** 2).sum() / 2]
            return [a, h, z, z.softmax(0), -(y * z.log_softmax(0)).sum()]

        a, h, z, out, loss = net(W)
        for t in (a, h, z):
            t.retain_grad()
        loss.backward()
        after = (W - self.rate * W.grad).detach()
        return {
            "a1": a.tolist(), "h": h.tolist(), "a2": z.tolist(), "o": out.tolist(),
            "loss": loss.item(), "d1": a.grad.tolist(), "back": h.grad.tolist(),
            "d2": z.grad.tolist(), "grads": W.grad.tolist(), "after": after.tolist(),
            "lossAfter": net(after)[-1].item(),
        }  # fmt: skip

    def describe(self) -> str:
        words = "Backpropagation through a net of two inputs, two hidden units and two outputs"
        found = self.run()
        if found is None:
            return f"{words}, in steps."
        pairs = [", ".join(f"{v:.4g}" for v in found[key]) for key in ("o", "d2", "d1")]
        return (
            f"{words}: outputs {pairs[0]}, loss {found['loss']:.4g}, errors {pairs[1]} of the "
            f"outputs and {pairs[2]} of the hidden units; the loss after one update with rate "
            f"{self.rate:g} is {found['lossAfter']:.4g}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        found = self.run()
        if found is None:
            return None
        figure = Figure(figsize=(6.4, 2.8), layout="constrained")
        ax = figure.subplots()
        texts = [f"x{k + 1}\n{v:g}" for k, v in enumerate(self.data[0])]
        for name, values, deltas in (("h", "h", "d1"), ("ŷ", "o", "d2")):
            texts += [f"{name}{k + 1}\n{v:.4f}\nδ {d:.4f}" for k, (v, d)
                      in enumerate(zip(found[values], found[deltas], strict=True))]  # fmt: skip
        places = [(layer, -k) for layer in range(3) for k in range(2)]
        for n, row in enumerate(self.weights):
            to = places[n + 2]
            for k in range(2):
                at = places[n - n % 2 + k]
                t = 0.5 if k == n % 2 else 0.27
                ax.plot([at[0], to[0]], [at[1], to[1]], color="0.6", zorder=1)
                words = f"{row[k]:g}\ngrad {found['grads'][n][k]:.4f}"
                ax.text(at[0] + t * (to[0] - at[0]), at[1] + t * (to[1] - at[1]), words, size=7,
                        ha="center", va="center", bbox={"facecolor": "white", "lw": 0})  # fmt: skip
        for place, words in zip(places, texts, strict=True):
            ax.text(*place, words, ha="center", va="center", size=9,
                    bbox={"boxstyle": "round", "facecolor": "white"})  # fmt: skip
        ax.set(xlim=(-0.3, 2.3), ylim=(-1.4, 0.4))
        ax.axis("off")
        return figure
