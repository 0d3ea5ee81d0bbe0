"""Stacks of blocks on 8 x 8 digits: what the path changes, and what depth costs without one.

Every network has a 3 x 3 convolution of stride 2 to CHANNELS channels, a stack of blocks that keep
the shape (8, 4, 4), BatchNorm, ReLU, the mean over all places, and a linear layer. A branch is
BatchNorm-ReLU-conv-BatchNorm-ReLU-conv with He's weights; a block gives
``alpha * path(x) + branch(x)``. Trained by SGD with momentum 0.9 at three rates.

The networks of a kind, one for each rate and seed, run side by side as groups of channels: a
grouped convolution and BatchNorm keep them apart, and they share nothing but the clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

CHANNELS, BATCH, STEPS, TRAIN = 8, 32, 250, 1200
BLOCKS = 24
RATES = (0.01, 0.03, 0.1)
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Kind:
    """How the blocks of a stack are made.

    ``path``: "identity", "conv" (a 1 x 1 convolution that keeps the variance) or "cut" (the path
    is missing in the middle block alone). ``start`` multiplies the first weights of the last
    convolution of each branch. ``norm``: whether there is a BatchNorm anywhere.
    """

    alpha: float = 1.0
    path: str = "identity"
    start: float = 1.0
    norm: bool = True
    blocks: int = BLOCKS


class Stack(nn.Module):
    """Networks side by side, one for each seed of ``seeds``; equal seeds start alike."""

    def __init__(self, kind: Kind, seeds: list[int]):
        super().__init__()
        self.kind, self.groups = kind, len(seeds)
        rngs = [torch.Generator().manual_seed(seed) for seed in seeds]
        c, self.norms = CHANNELS, nn.ModuleList()

        def weights(std: float, *shape: int) -> nn.Parameter:
            """(groups * out, in, k, k), each group from its own generator."""
            return nn.Parameter(torch.cat([
                std * torch.randn(*shape, generator=rng) for rng in rngs]))

        self.stem = weights(1 / 3, c, 1, 3, 3)
        self.first, self.last, self.paths = (nn.ParameterList() for _ in range(3))
        self.offsets = nn.ParameterList()  # biases, where there is no BatchNorm
        he = math.sqrt(2 / (9 * c))
        for _ in range(kind.blocks):
            self.first.append(weights(he, c, c, 3, 3))
            self.last.append(weights(kind.start * he, c, c, 3, 3))
            self.paths.append(weights(math.sqrt(1 / c), c, c, 1, 1))
        for _ in range(2 * kind.blocks + 1 if kind.norm else 0):
            self.norms.append(nn.BatchNorm2d(self.groups * c))
        for _ in range(0 if kind.norm else 2 * kind.blocks):
            self.offsets.append(nn.Parameter(torch.zeros(self.groups * c)))
        self.head = weights(math.sqrt(1 / (3 * c)), 10, c, 1, 1)
        self.head_bias = nn.Parameter(torch.zeros(10 * self.groups))

    def conv(self, x: torch.Tensor, w: torch.Tensor, bias: torch.Tensor | None = None, **how):
        return F.conv2d(x, w, bias, groups=self.groups, **how)

    def block(self, x: torch.Tensor, at: int) -> torch.Tensor:
        kind, f = self.kind, x
        for half, w in enumerate((self.first[at], self.last[at])):
            if kind.norm:
                f = self.norms[2 * at + half](f)
            bias = None if kind.norm else self.offsets[2 * at + half]
            f = self.conv(F.relu(f), w, bias, padding=1)
        alpha = 0 if kind.path == "cut" and at == kind.blocks // 2 else kind.alpha
        if not alpha:
            return f
        return alpha * (self.conv(x, self.paths[at]) if kind.path == "conv" else x) + f

    def maps(self, X: torch.Tensor, without: int | None = None) -> list[torch.Tensor]:
        """Input of the first block, and the output of each; X (B, groups, 8, 8)."""
        xs = [self.conv(X, self.stem, padding=1, stride=2)]
        for at in range(self.kind.blocks):
            xs.append(xs[-1] if at == without else self.block(xs[-1], at))
        return xs

    def top(self, x: torch.Tensor) -> torch.Tensor:
        """Scores (B, groups, 10) from the last map."""
        x = self.norms[-1](x) if self.kind.norm else x
        x = F.relu(x).mean((2, 3), keepdim=True)
        return self.conv(x, self.head, self.head_bias).view(len(x), self.groups, 10)

    def forward(self, X: torch.Tensor, without: int | None = None) -> torch.Tensor:
        return self.top(self.maps(X, without)[-1])


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (1797, 8, 8), standardised as a whole, and labels, in a shuffled order."""
    digits = load_digits()
    order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(0))
    X = torch.tensor(digits.images, dtype=torch.float32)
    return ((X - X.mean()) / X.std())[order], torch.tensor(digits.target)[order]


def losses(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean loss of each network (groups,); scores (B, groups, 10), y (B, groups)."""
    return F.cross_entropy(scores.flatten(0, 1), y.flatten(), reduction="none").view(
        y.shape).mean(0)


def ratios(net: Stack, X: torch.Tensor, y: torch.Tensor) -> list[float | None]:
    """log10 of the gradient's length at the first block's input over that at the last output."""
    xs = net.maps(X[:, None].expand(-1, net.groups, -1, -1))
    loss = losses(net.top(xs[-1]), y[:, None].expand(-1, net.groups)).sum()
    first, last = (g.view(len(X), net.groups, -1).pow(2).sum((0, 2)).sqrt()
                   for g in torch.autograd.grad(loss, [xs[0], xs[-1]]))
    return [round(v, 3) if math.isfinite(v) else None for v in (first / last).log10().tolist()]


def train(kind: Kind, rates=RATES, seeds=SEEDS, steps: int = STEPS) -> tuple[Stack, dict]:
    """{rate: runs by seed}: ratio at the start, mean loss of each 50 steps (9 if it overflowed)."""
    X, y = data()
    which = [(lr, seed) for lr in rates for seed in seeds]
    net = Stack(kind, [seed for _, seed in which])
    start = ratios(net, X[:256], y[:256])
    params = list(net.parameters())
    velocity = [torch.zeros_like(p) for p in params]
    lr = [torch.tensor([r for r, _ in which]).repeat_interleave(len(p) // len(which)).view(
        -1, *[1] * (p.dim() - 1)) for p in params]
    draws = [torch.Generator().manual_seed(1000 + seed) for _, seed in which]
    told, since = [], torch.zeros(len(which))
    for t in range(1, steps + 1):
        at = torch.stack([torch.randint(TRAIN, (BATCH,), generator=g) for g in draws], 1)
        loss = losses(net(X[at]), y[at])
        since += loss.detach()
        grads = torch.autograd.grad(loss.sum(), params, allow_unused=True)
        with torch.no_grad():
            for p, v, g, rate in zip(params, velocity, grads, lr, strict=True):
                if g is not None:
                    p -= rate * v.mul_(0.9).add_(g)
        if t % 50 == 0:
            told.append([min(v, 9.0) if math.isfinite(v) else 9.0 for v in (since / 50).tolist()])
            since = torch.zeros(len(which))
    runs: dict = {str(r): [] for r in rates}
    for k, (r, _) in enumerate(which):
        runs[str(r)].append({"ratio": start[k], "losses": [round(row[k], 4) for row in told]})
    return net, runs


def lesions(kind: Kind, lr: float, steps: int = 2 * STEPS) -> dict:
    """Accuracy on the other 597 pictures: whole, and with each block left out in turn.

    "kept": with the means and variances that BatchNorm saved; "fresh": with those of the test
    pictures themselves, taken anew for each network. One row for each seed.
    """
    net, runs = train(kind, (lr,), SEEDS, steps)
    X, y = data()
    X, y = X[TRAIN:, None].expand(-1, net.groups, -1, -1), y[TRAIN:, None]
    found: dict = {"loss": [r["losses"][-1] for r in runs[str(lr)]]}
    for name, mode in (("kept", False), ("fresh", True)):
        net.train(mode)
        for norm in net.norms:
            norm.track_running_stats = not mode
        with torch.no_grad():
            rows = [(net(X, at).argmax(2) == y).float().mean(0).tolist()
                    for at in (None, *range(kind.blocks))]
        found[name] = [[round(v, 4) for v in row] for row in zip(*rows, strict=True)]
    return found


KINDS = {
    "plain": Kind(alpha=0.0),
    "residual": Kind(),
    "conv": Kind(path="conv"),
    "cut": Kind(path="cut"),
    "alpha 0.5": Kind(alpha=0.5),
    "alpha 0.9": Kind(alpha=0.9),
    "alpha 1.1": Kind(alpha=1.1),
    "zero": Kind(start=0.0),
    "zero, alpha 0.5": Kind(alpha=0.5, start=0.0),
    "zero, alpha 0.9": Kind(alpha=0.9, start=0.0),
    "zero, alpha 1.1": Kind(alpha=1.1, start=0.0),
    "plain, 3": Kind(alpha=0.0, blocks=3),
    "plain, 12": Kind(alpha=0.0, blocks=12),
    "residual, 3": Kind(blocks=3),
    "residual, 12": Kind(blocks=12),
}


def make() -> dict:
    """{"runs": kind: rate: runs, "long": the plain stack, ten times the steps, "lesions": kind}."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    runs = {name: train(kind)[1] for name, kind in KINDS.items()}
    cut = {name: lesions(KINDS[name], 0.03) for name in ("plain, 12", "residual, 12")}
    long = train(KINDS["plain"], rates=(0.03,), steps=10 * STEPS)[1]
    return {"runs": runs, "lesions": cut, "long": long}
