"""Cross-entropy and focal loss: the Python side, with torch's derivatives, and a still picture."""

from __future__ import annotations

import math
from typing import Any

from dlworkbook.widgets.kit.base import Widget
from dlworkbook.widgets.kit.settings import fields


class FocalLoss(Widget):
    """The losses of one example with two classes, and their derivatives by the score of class 1.

    - ``p``: 1 to 99, the probability of the true class in hundredths;
    - ``gamma``: 0, 0.5, 1, 2, 3 or 5;
    - ``target``: the true class, 1 or 0;
    - ``reading``: "none", or who gets the weight alpha: "both" classes, "one" (class 1, the other
      gets 1 - alpha) or "zero";
    - ``alpha``: 1 to 19, in twentieths;
    - ``axis``: "p" or "score".
    """

    widget_name = "focal_loss"
    p, gamma, target, reading, alpha, axis = fields("focal_loss")

    def weight(self) -> float:
        """What focal loss is multiplied by."""
        if self.reading in ("none", "both"):
            return 1.0 if self.reading == "none" else self.alpha / 20
        own = (self.reading == "one") == (self.target == 1)
        return self.alpha / 20 if own else 1 - self.alpha / 20

    def score(self) -> float:
        """The score of class 1."""
        return (2 * self.target - 1) * math.log(self.p / (100 - self.p))

    def losses(self, score: float | None = None) -> dict[str, float]:
        """Both losses, and their derivatives by autograd, at a score (the widget's own)."""
        import torch
        import torch.nn.functional as F

        o = torch.tensor(self.score() if score is None else score, dtype=torch.float64)
        o.requires_grad_()
        target = torch.tensor(float(self.target), dtype=torch.float64)
        ce = F.binary_cross_entropy_with_logits(o, target)
        p = torch.sigmoid(o) * target + torch.sigmoid(-o) * (1 - target)
        focal = self.weight() * (1 - p) ** self.gamma * ce
        slopes = [torch.autograd.grad(v, o, retain_graph=True)[0].item() for v in (ce, focal)]
        return {"p": p.item(), "ce": ce.item(), "slope": slopes[0],
                "focal": focal.item(), "focalSlope": slopes[1]}  # fmt: skip

    def describe(self) -> str:
        p, w = self.p / 100, self.weight()
        focal = -w * (1 - p) ** self.gamma * math.log(p)
        return (
            f"Probability {p:g} of the true class {self.target}: cross-entropy {-math.log(p):.4g}, "
            f"focal loss {focal:.4g} with the exponent {self.gamma:g} and the weight {w:g}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 2.8), layout="constrained")
        ax = figure.subplots()
        ps = [k / 200 for k in range(2, 200)]
        ce = [-math.log(p) for p in ps]
        focal = [self.weight() * (1 - p) ** self.gamma * v for p, v in zip(ps, ce, strict=True)]
        ax.plot(ps, ce, "--", color="#0072B2")
        ax.plot(ps, focal, color="#D55E00")
        k = 2 * self.p - 2
        ax.plot([ps[k]] * 2, [ce[k], focal[k]], "o", color="black")
        ax.set(xlabel="probability of the true class", ylabel="loss", ylim=(0, 5))
        return figure
