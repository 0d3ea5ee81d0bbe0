"""LeNet with sigmoids and average pooling, six seeds each: another start, another rate, or both.

A sigmoid four times as steep is a plain one behind weights four times as large; and since Adam
divides by the size of a gradient, behind a rate four times as large, too. Here the two are taken
apart. Network, pictures and training are those of ``shapes_and_parameters``; ``first`` says so,
and a test of the page runs it again. Takes some five minutes.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.kit.pages import definitions, maker

PAGE = "ch06_convolutional_networks/shapes_and_parameters"
SEEDS = range(6)
STARTS = {
    "Xavier": {"xavier": True}, "weights times 4": {"weights": 4}, "rate times 4": {"rate": 4},
    "both times 4": {"weights": 4, "rate": 4},
}  # fmt: skip


def network(page, seed, weights=1, rate=1, lr=0.002, xavier=False):
    """A fresh LeNet; weights and biases before the last layer, and their rate, times a factor."""
    torch.manual_seed(seed)
    net = page["lenet"](nn.Sigmoid, nn.AvgPool2d)
    hidden = [p for layer in net[:-1] for p in layer.parameters()]
    with torch.no_grad():
        for p in hidden:
            p *= weights
    if xavier:
        for layer in net:
            if hasattr(layer, "weight"):
                nn.init.xavier_uniform_(layer.weight)
    last = list(net[-1].parameters())
    net.parameters = lambda: [{"params": hidden, "lr": rate * lr}, {"params": last}]
    return net


def make() -> dict:
    torch.set_num_threads(1)
    page = definitions(PAGE)
    (X, y, num_train), _ = maker(PAGE).pictures()

    def run(seed, num_epochs, **parts):
        return page["train"](network(page, seed, **parts), X, y, num_train, num_epochs)

    result = {"first": run(0, 2, weights=4)}
    for name, parts in STARTS.items():
        result[name] = [round(run(seed, 10, **parts)[-1], 4) for seed in SEEDS]
        print(name, result[name], flush=True)
    return result
