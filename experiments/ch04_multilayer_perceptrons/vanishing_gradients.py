"""Deep networks on 8 x 8 digits, trained long enough to tell slow from never.

Each network has 20 layers of 64 units, those of the page and of its widget, and a linear layer
with ten outputs on top. Minibatches of 32. All networks of a contestant, one a seed, are
trained side by side, as matrices (seeds, 64, 64); they share nothing but the clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

DEPTH, WIDTH, BATCH = 20, 64, 32
SEEDS = range(6)
STEPS = 4000
MARKS = [*(round(10 ** (k / 12)) for k in range(12, 43)), STEPS]  # where losses are kept
PHI = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


@dataclass(frozen=True)
class Contestant:
    """A kind of network, and how it is trained.

    ``gain`` is g in N(0, g^2/WIDTH), biases zero; None takes nn.Linear's weights and biases.
    ``backward`` multiplies the gradient at each layer on its way down and leaves the way up
    alone; ``forward`` multiplies, on the way up, a sigmoid's distance from 1/2, and leaves the
    way down alone. LARS scales the gradient of each array to the length of the array. ``eps`` is
    Adam's; below 1e-8 it needs ``dtype`` float64, because the squares of these gradients are 0
    in float32, and Adam would divide by eps alone.
    """

    activation: str
    gain: float | None = None
    norm: str = "none"
    residual: bool = False
    lr: float = 1e-3
    backward: float = 1.0
    forward: float = 1.0
    optimizer: str = "adam"
    eps: float = 1e-8
    dtype: torch.dtype = torch.float32
    steps: int = STEPS


class Scale(torch.autograd.Function):
    """The identity, whose gradient is multiplied by a factor."""

    @staticmethod
    def forward(ctx, h, factor):
        ctx.factor = factor
        return h.view_as(h)

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None


def start(who: Contestant, seed: int) -> list[torch.Tensor]:
    """Weights (DEPTH, out, in), biases (DEPTH, out), and the head's two, of one network."""
    rng = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> torch.Tensor:
        return (2 * torch.rand(*shape, generator=rng) - 1) / math.sqrt(WIDTH)

    if who.gain is None:
        W, b = uniform(DEPTH, WIDTH, WIDTH), uniform(DEPTH, WIDTH)
    else:
        W = who.gain / math.sqrt(WIDTH) * torch.randn(DEPTH, WIDTH, WIDTH, generator=rng)
        b = torch.zeros(DEPTH, WIDTH)
    return [W, b, uniform(10, WIDTH), uniform(10)]


def top(who: Contestant, h: torch.Tensor, W: list, b: list) -> torch.Tensor:
    """The last layer's outputs (seeds, BATCH, WIDTH)."""
    for w, bias in zip(W, b, strict=True):
        a = torch.baddbmm(bias, h, w.mT)
        if who.norm == "layer":
            a = F.layer_norm(a, (WIDTH,))
        elif who.norm == "batch":  # statistics of each network's own batch
            mean, var = a.mean(1, keepdim=True), a.var(1, keepdim=True, unbiased=False)
            a = (a - mean) / (var + 1e-5).sqrt()
        f = PHI[who.activation](a)
        if who.forward != 1:
            f = Scale.apply(0.5 + who.forward * (f - 0.5), 1 / who.forward)
        h = h + f if who.residual else f
        if who.backward != 1:
            h = Scale.apply(h, who.backward)
    return h


def train(who: Contestant, seeds=SEEDS) -> dict[str, list]:
    """Mean loss since the last mark at each mark, by seed: {"steps", "losses" (marks, seeds)}."""
    digits = load_digits()
    X = torch.tensor(digits.data / 8 - 1, dtype=who.dtype)
    y = torch.tensor(digits.target)
    W, b, V, c = (torch.stack(part).to(who.dtype) for part in zip(*(start(who, s) for s in seeds)))
    Ws = [w.clone().requires_grad_() for w in W.transpose(0, 1)]
    bs = [v[:, None].clone().requires_grad_() for v in b.transpose(0, 1)]
    V, c = V.requires_grad_(), c[:, None].requires_grad_()
    params = [*Ws, *bs, V, c]
    adam = torch.optim.Adam(params, lr=who.lr, eps=who.eps, foreach=True)
    draws = [torch.Generator().manual_seed(1000 + s) for s in seeds]
    kept, since, count = [], torch.zeros(len(draws)), 0
    marks = {m for m in MARKS if m <= who.steps}
    for step in range(1, who.steps + 1):
        at = torch.stack([torch.randint(len(X), (BATCH,), generator=g) for g in draws])
        scores = torch.baddbmm(c, top(who, X[at], Ws, bs), V.mT)  # (seeds, BATCH, 10)
        losses = F.cross_entropy(scores.flatten(0, 1), y[at].flatten(), reduction="none")
        losses = losses.view(len(draws), BATCH).mean(1)
        adam.zero_grad()
        losses.sum().backward()
        if who.optimizer == "adam":
            adam.step()
        else:  # LARS: each array of each network moves by lr of its own length
            with torch.no_grad():
                for p in params:
                    length = p.flatten(1).norm(dim=1)[:, None, None]
                    largest = p.grad.flatten(1).abs().amax(1)[:, None, None]
                    grad = p.grad / largest.clamp(min=1e-37)  # squares of 1e-20 underflow
                    slope = grad.flatten(1).norm(dim=1)[:, None, None].clamp(min=1e-9)
                    p -= who.lr * (length + 1e-2) / slope * grad
        since, count = since + losses.detach(), count + 1
        if step in marks:
            kept.append([round(v, 4) for v in (since / count).tolist()])
            since, count = torch.zeros(len(draws)), 0
    return {"steps": sorted(marks), "losses": kept}


HE = math.sqrt(2)
TINY = {"eps": 1e-30, "dtype": torch.float64}
FACTOR = math.sqrt(1 / 3) / 4  # of the gradient at each layer: sigmoid, default weights
CONTESTANTS = {
    "sigmoid": Contestant("sigmoid"),
    "sigmoid, rate 0.0001": Contestant("sigmoid", lr=1e-4),
    "sigmoid, rate 0.01": Contestant("sigmoid", lr=1e-2),
    "ReLU": Contestant("relu"),
    "ReLU, He": Contestant("relu", HE, steps=1000),
    "tanh, Xavier": Contestant("tanh", 1.0, steps=1000),
    "sigmoid, gain 10": Contestant("sigmoid", 10.0),
    "sigmoid, gain 10, rate 0.0001": Contestant("sigmoid", 10.0, lr=1e-4),
    # only the way down is changed
    "sigmoid, backward mended": Contestant("sigmoid", backward=1 / FACTOR),
    "ReLU, He, backward spoiled": Contestant("relu", HE, backward=FACTOR, steps=1000),
    # the same with an eps below all gradients; first, float64 alone
    "sigmoid, float64": Contestant("sigmoid", dtype=torch.float64),
    "sigmoid, eps 1e-30": Contestant("sigmoid", **TINY),
    "sigmoid, eps 1e-30, rate 0.0001": Contestant("sigmoid", lr=1e-4, **TINY),
    "sigmoid, eps 1e-30, rate 0.01": Contestant("sigmoid", lr=1e-2, **TINY),
    "ReLU, He, backward spoiled, eps 1e-30": Contestant(
        "relu", HE, backward=FACTOR, steps=1000, **TINY
    ),
    # only the way up is changed
    "sigmoid, forward mended": Contestant("sigmoid", forward=1 / FACTOR),
    "sigmoid, forward mended, eps 1e-30": Contestant("sigmoid", forward=1 / FACTOR, **TINY),
    # each array's step in proportion to its length
    "sigmoid, LARS 0.01": Contestant("sigmoid", optimizer="lars", lr=1e-2),
    "sigmoid, LARS 0.001": Contestant("sigmoid", optimizer="lars", lr=1e-3),
    # remedies that need chapter 7
    "sigmoid, LayerNorm": Contestant("sigmoid", norm="layer"),
    "sigmoid, LayerNorm, rate 0.0001": Contestant("sigmoid", norm="layer", lr=1e-4),
    "sigmoid, LayerNorm, rate 0.01": Contestant("sigmoid", norm="layer", lr=1e-2),
    "sigmoid, LayerNorm, eps 1e-30": Contestant("sigmoid", norm="layer", **TINY),
    "sigmoid, BatchNorm": Contestant("sigmoid", norm="batch", steps=1000),
    "sigmoid, residual": Contestant("sigmoid", residual=True, steps=1000),
    "sigmoid, BatchNorm, residual": Contestant(
        "sigmoid", norm="batch", residual=True, steps=1000
    ),
    "ReLU, LayerNorm": Contestant("relu", norm="layer", steps=1000),
    "ReLU, LayerNorm, rate 0.0003": Contestant("relu", norm="layer", lr=3e-4),
    "ReLU, BatchNorm": Contestant("relu", norm="batch", steps=1000),
    "ReLU, He, residual": Contestant("relu", HE, residual=True, steps=1000),
    "ReLU, LayerNorm, residual": Contestant("relu", norm="layer", residual=True, steps=1000),
}


def make() -> dict[str, dict]:
    """Every contestant's losses, by name."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # gradients below 1e-38 only cost time
    return {name: train(who) for name, who in CONTESTANTS.items()}
