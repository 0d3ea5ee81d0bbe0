"""Variants of LeNet, from six seeds each: on digits, and on grey pictures of six kinds of things.

Network and training are those of the page, taken from its cells; ``first`` says so, and a test of
the page compares it with the page as it is now. Takes some fifteen minutes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from dlworkbook.data import emoji
from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/shapes_and_parameters"
SEEDS = range(6)


class Centred(nn.Module):
    """A sigmoid moved down by one half."""

    def forward(self, x):
        return torch.sigmoid(x) - 0.5


class Steep(nn.Module):
    """A sigmoid that is four times as steep."""

    def forward(self, x):
        return torch.sigmoid(4 * x)


class Sloped(torch.autograd.Function):
    """sigma(steepness x), with the slope on the way back multiplied by a factor."""

    @staticmethod
    def forward(ctx, x, steepness, factor):
        s = torch.sigmoid(steepness * x)
        ctx.save_for_backward(s)
        ctx.factor = steepness * factor
        return s

    @staticmethod
    def backward(ctx, grad):
        (s,) = ctx.saved_tensors
        return grad * s * (1 - s) * ctx.factor, None, None


class SteepSmall(nn.Module):
    """Forward as ``Steep``; the gradients are made four times smaller at each activation."""

    def forward(self, x):
        return Sloped.apply(x, 4.0, 0.25)


class FlatLarge(nn.Module):
    """Forward a plain sigmoid; the gradients are made four times larger at each activation."""

    def forward(self, x):
        return Sloped.apply(x, 1.0, 4.0)


MAX, MEAN = nn.MaxPool2d, nn.AvgPool2d
PARTS = {
    "ReLU, max": {}, "ReLU, average": {"pool": MEAN},
    "tanh, max": {"act": nn.Tanh}, "tanh, average": {"act": nn.Tanh, "pool": MEAN},
    "sigmoid, max": {"act": nn.Sigmoid}, "sigmoid, average": {"act": nn.Sigmoid, "pool": MEAN},
    "sigmoid moved down, average": {"act": Centred, "pool": MEAN},
    "steep sigmoid, average": {"act": Steep, "pool": MEAN},
    "steep sigmoid, small gradients": {"act": SteepSmall, "pool": MEAN},
    "sigmoid, large gradients": {"act": FlatLarge, "pool": MEAN},
    "kernels of 3": {"kernel": 3}, "kernels of 7": {"kernel": 7},
    "half the channels": {"channels": (3, 8)}, "twice the channels": {"channels": (12, 32)},
    "one convolution": {"channels": (6,)}, "three convolutions": {"channels": (6, 16, 32)},
    "one dense layer": {"hidden": ()}, "four dense layers": {"hidden": (120, 84, 84)},
}  # fmt: skip


def pictures():
    """(X, y, number for training) of the digits and of the grey emoji."""
    digits = load_digits()
    X = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    things = emoji.load()
    grey = torch.tensor(things.images, dtype=torch.float32).mean(1, keepdim=True) / 255
    found = []
    for images, labels, share in (
        (X, digits.target, 1200 / 1797), (1 - grey, things.labels, 2 / 3)
    ):  # fmt: skip
        images = F.interpolate(images, size=28, mode="bilinear")
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
        found.append((images[order], torch.tensor(labels)[order], round(share * len(images))))
    return found


def make() -> dict:
    torch.set_num_threads(1)
    page = definitions(PAGE)
    digits, things = pictures()

    def run(data, seeds=SEEDS, num_epochs=10, lr=0.002, num_outputs=10, **parts):
        X, y, num_train = data
        curves = []
        for seed in seeds:
            torch.manual_seed(seed)
            net = page["lenet"](**parts, num_outputs=num_outputs)
            curves.append(page["train"](net, X, y, num_train, num_epochs, lr))
        return curves

    def last(curves):
        print([round(c[-1], 3) for c in curves], flush=True)
        return [round(c[-1], 4) for c in curves]

    result = {"first": run(digits, range(1), 2)[0], "digits": {}, "rates": {}, "things": {}}
    for name, parts in PARTS.items():
        print(name, end=" ", flush=True)
        result["digits"][name] = last(run(digits, **parts))
    for lr in (0.0005, 0.008):
        result["rates"][f"ReLU, max, {lr}"] = last(run(digits, lr=lr))
        result["rates"][f"sigmoid, average, {lr}"] = last(
            run(digits, lr=lr, act=nn.Sigmoid, pool=MEAN))
    long = run(digits, num_epochs=40, act=nn.Sigmoid, pool=MEAN)
    result["sigmoid, 40 epochs"] = [[round(a, 3) for a in curve] for curve in long]
    result["sizes"] = [len(things[0]), things[2], len(digits[0]), digits[2]]
    for name in (
        "ReLU, max", "ReLU, average", "tanh, average", "twice the channels", "one convolution",
    ):  # fmt: skip
        print(name, end=" ", flush=True)
        result["things"][name] = last(run(things, num_epochs=15, num_outputs=6, **PARTS[name]))
    return result
