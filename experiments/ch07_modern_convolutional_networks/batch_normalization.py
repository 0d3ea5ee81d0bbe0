"""A small LeNet on pictures of six kinds, with and without batch normalisation, four seeds each.

Rates, interventions (what of the layer is needed), places, and dropout. Takes two minutes on two
free cores.
"""

from __future__ import annotations

import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import emoji
from publish.tools.experiments import side_by_side

SEEDS = range(4)
RATES = (0.03, 0.1, 0.3, 1, 3, 10)
NUM_TRAIN = 448


def pictures():
    """X (668, 3, 12, 12) from 0 (white) to 1, and y."""
    things = emoji.load()
    X, y = F.avg_pool2d(1 - torch.tensor(things.images) / 255, 2), torch.tensor(things.labels)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    return X[order], y[order]


class Norm(nn.Module):
    """Batch statistics over all axes but the second, with one part changed."""

    def __init__(self, kind, num):
        super().__init__()
        self.kind, self.first = kind, None
        shape = (1, num) if num > 16 else (1, num, 1, 1)
        self.gamma, self.beta = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))
        self.seen, self.moved = None, []

    def forward(self, x):
        axes = [0, *range(2, x.dim())]
        mean = x.mean(axes, keepdim=True)
        var = x.var(axes, unbiased=False, keepdim=True)
        if self.kind == "first batch":  # constants for ever
            self.first = self.first or (mean.detach(), var.detach())
            mean, var = self.first
        if self.kind == "no gradient through statistics":
            mean, var = mean.detach(), var.detach()
        if self.kind == "mean only":
            var = torch.ones_like(var)
        if self.kind == "variance only":
            mean = torch.zeros_like(mean)
        x = x if self.kind == "measured only" else (x - mean) / (var + 1e-5).sqrt()
        if self.kind == "noise behind":  # one draw for a channel and step, shared by the batch
            x = x * torch.exp(0.5 * torch.randn_like(mean)) + torch.randn_like(mean)
        y = x if self.kind == "measured only" else self.gamma * x + self.beta
        with torch.no_grad():  # how far the mean of a channel moves from step to step
            now, width = y.mean(axes), y.std(axes) + 1e-8
            if self.seen is not None and self.training:
                self.moved.append(((now - self.seen).abs() / width).mean().item())
            self.seen = now
        return y


def lenet(kind, act, where="all", drop=0.0):
    """LeNet for 12 x 12 in colour; ``kind``: "none", "batch", "fixed", or one of Norm's."""

    def norm(num, place):
        if kind == "none" or where not in ("all", "behind", place):
            return []
        if kind in ("batch", "fixed"):
            layer = nn.BatchNorm1d if num > 16 else nn.BatchNorm2d
            return [layer(num, affine=kind == "batch")]
        return [Norm(kind, num)]

    def unit(num, place):
        parts = [*norm(num, place), act()]
        return parts[::-1] if where == "behind" else parts

    return nn.Sequential(
        nn.Conv2d(3, 6, 5, padding=2), *unit(6, "convolutions"), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 3, padding=1), *unit(16, "convolutions"), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(144, 120), *unit(120, "dense"), nn.Dropout(drop),
        nn.Linear(120, 84), *unit(84, "dense"), nn.Dropout(drop), nn.Linear(84, 6),
    )  # fmt: skip


def run(job):
    """Last and least loss of the epochs, accuracies in the end, and how far means moved a step."""
    kind, act, lr, num_epochs, options, standard, seed = job
    torch.set_num_threads(1)
    X, y = pictures()
    if standard:
        X = (X - X[:NUM_TRAIN].mean((0, 2, 3), keepdim=True)) / X[:NUM_TRAIN].std(
            (0, 2, 3), keepdim=True)
    torch.manual_seed(seed)
    net = lenet(kind, {"sigmoid": nn.Sigmoid, "ReLU": nn.ReLU}[act], **options)
    optimizer = torch.optim.SGD(net.parameters(), lr)
    losses = []
    for _ in range(num_epochs):
        net.train()
        total = 0
        for rows in torch.randperm(NUM_TRAIN).split(32):
            loss = F.cross_entropy(net(X[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows) / NUM_TRAIN
        losses.append(round(total, 4) if math.isfinite(total) else 99.0)
    net.eval()
    with torch.no_grad():
        right = (net(X).argmax(1) == y).float()
    new, old = (round(part.mean().item(), 4) for part in (right[NUM_TRAIN:], right[:NUM_TRAIN]))
    moved = [v for m in net if isinstance(m, Norm) for v in m.moved]
    moved = round(sum(moved) / len(moved), 4) if moved else None
    found = {"loss": losses[-1], "least": min(losses), "new": new, "old": old, "moved": moved}
    print(*job, found, flush=True)
    return found


def jobs():
    """Name -> jobs, one for each seed."""
    found = {}

    def add(name, kind, act, lr, num_epochs=15, standard=False, **options):
        found[name] = [(kind, act, lr, num_epochs, options, standard, seed) for seed in SEEDS]

    for act, kind, lr in itertools.product(("sigmoid", "ReLU"), ("none", "batch"), RATES):
        add(f"{act}, {kind}, {lr}", kind, act, lr)
    for kind in ("measured only", "noise behind", "first batch", "no gradient through statistics",
                 "mean only", "variance only", "fixed"):  # fmt: skip
        for lr in (0.1, 0.3, 1):
            add(f"sigmoid, {kind}, {lr}", kind, "sigmoid", lr)
    for lr in (0.1, 0.3, 1):
        add(f"sigmoid, inputs standardised, {lr}", "none", "sigmoid", lr, standard=True)
    for where in ("convolutions", "dense", "behind"):
        add(f"sigmoid, {where}", "batch", "sigmoid", 0.3, where=where)
    for kind, drop in itertools.product(("none", "batch"), (0.0, 0.5)):
        add(f"ReLU, {kind}, dropout {drop}", kind, "ReLU", 0.1, 40, drop=drop)
    for lr in (0.1, 0.3, 1):
        add(f"sigmoid, none, {lr}, 150 epochs", "none", "sigmoid", lr, 150)
    return found


def make() -> dict:
    parts = [(name, job) for name, some in jobs().items() for job in some]
    found = side_by_side(run, [job for _, job in parts])
    result: dict = {}
    for (name, _), made in zip(parts, found, strict=True):
        result.setdefault(name, []).append(made)
    return result
