"""Pruning on handwritten digits: is training after it needed, and does a small start do as well?

A network 64-256-128-10 is trained for 600 updates of Adam; then most of its weights are taken
away by magnitude, in each layer the same share, and what is left is trained again. The rivals:
the large network itself, trained on for as many updates; nothing after the cut; five cuts with
training in between (as many updates in all); the mask with the weights that the large network
started from, or with fresh ones; whole units taken away; and a network that is as small from the
start. Each rival's rate is chosen on 297 pictures over all seeds, and 500 others tell. The
smallest from scratch is tried with ten times the updates, too, and one cut against five also with
98% removed. A minute or two on two free cores.
"""

from __future__ import annotations

import copy
from functools import cache

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from publish.tools.experiments import side_by_side

SEEDS, RATES = range(4), (1e-3, 3e-3, 1e-2)
SHARES = (0.9,)
WIDTHS = ((64, 32), (16, 8))
UPDATES, BATCH, ROUNDS, LONG = 600, 64, 5, 10
MOST = 0.98  # a share for one cut against five only
LAST = (16,)  # widths that are tried with LONG times the updates, too


@cache
def data():
    """Pictures and labels: 1,000 to train, 297 to choose the rate, 500 to tell."""
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    return [(X[part], y[part]) for part in order.split((1000, 297, 500))]


def network(first=256, second=128):
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(64, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, 10)
    )


def linears(net):
    return [m for m in net if isinstance(m, nn.Linear)]


def train(net, rate, updates, masks=None):
    """Adam; where there are masks, what is 0 stays 0."""
    X, y = data()[0]
    adam = torch.optim.Adam(net.parameters(), rate)
    for _ in range(updates):
        rows = torch.randint(len(X), (BATCH,))
        loss = F.cross_entropy(net(X[rows]), y[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            for layer, mask in zip(linears(net), masks or [], strict=False):
                layer.weight *= mask
    return net


def right(net):
    """Shares of the 297 and of the 500."""
    with torch.no_grad():
        return [(net(X).argmax(1) == y).float().mean().item() for X, y in data()[1:]]


def cut(net, share):
    """Set this share of each layer's weights to 0, the smallest first; the masks."""
    masks = []
    with torch.no_grad():
        for layer in linears(net):
            size = layer.weight.abs().flatten()
            mask = torch.ones_like(size)
            mask[size.argsort()[: round(share * len(size))]] = 0
            masks.append(mask.view_as(layer.weight))
            layer.weight *= masks[-1]
    return masks


def fewer_units(net, widths):
    """A network of the hidden units whose rows are longest."""
    small, (a, b, c) = network(*widths), linears(net)
    with torch.no_grad():
        i = a.weight.norm(dim=1).topk(widths[0]).indices.sort().values
        j = b.weight.norm(dim=1).topk(widths[1]).indices.sort().values
        for new, W, bias in zip(
            linears(small), (a.weight[i], b.weight[j][:, i], c.weight[:, j]),
            (a.bias[i], b.bias[j], c.bias), strict=True,
        ):  # fmt: skip
            new.weight.copy_(W)
            new.bias.copy_(bias)
    return small


def in_rounds(whole, share, rate):
    """ROUNDS cuts, each to the same part of what is left, with training after each."""
    net = copy.deepcopy(whole)
    for k in range(1, ROUNDS + 1):
        these = cut(net, 1 - (1 - share) ** (k / ROUNDS))
        train(net, rate, UPDATES // ROUNDS, these)
    return net


def one(seed):
    """All results of a seed: (rival, share or widths, rate) -> shares that are right."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    start = network()
    whole = train(copy.deepcopy(start), 2e-3, UPDATES)
    found = [["whole", 0, 0, *right(whole)]]
    for share in SHARES:
        pruned = copy.deepcopy(whole)
        masks = cut(pruned, share)
        found.append(["cut", share, 0, *right(pruned)])
        for rate in RATES:
            net = train(copy.deepcopy(pruned), rate, UPDATES, masks)
            found.append(["tuned", share, rate, *right(net)])
            found.append(["rounds", share, rate, *right(in_rounds(whole, share, rate))])
            for rival, origin in (("ticket", start), ("fresh", network())):
                net = copy.deepcopy(origin)
                with torch.no_grad():
                    for layer, mask in zip(linears(net), masks, strict=True):
                        layer.weight *= mask
                train(net, rate, 2 * UPDATES, masks)
                found.append([rival, share, rate, *right(net)])
    for widths in WIDTHS:
        small = fewer_units(whole, widths)
        found.append(["units cut", widths[0], 0, *right(small)])
        for rate in RATES:
            net = train(copy.deepcopy(small), rate, UPDATES)
            found.append(["units tuned", widths[0], rate, *right(net)])
            for times in (1, LONG) if widths[0] in LAST else (1,):
                net = train(network(*widths), rate, 2 * UPDATES * times)
                name = "small" + (" long" if times > 1 else "")
                found.append([name, widths[0], rate, *right(net)])
    for rate in RATES:
        found.append(["whole on", 0, rate, *right(train(copy.deepcopy(whole), rate, UPDATES))])
        pruned = copy.deepcopy(whole)
        masks = cut(pruned, MOST)
        found.append(["tuned", MOST, rate, *right(train(pruned, rate, UPDATES, masks))])
        found.append(["rounds", MOST, rate, *right(in_rounds(whole, MOST, rate))])
    return found


def make():
    """For each rival and size: the rate that was chosen, and the shares of the 500, by seed."""
    rows = [row for part in side_by_side(one, list(SEEDS)) for row in part]
    runs: dict = {}
    for rival, size, rate, tune, tell in rows:
        runs.setdefault((rival, size), {}).setdefault(rate, []).append((tune, tell))
    result: dict = {}
    for (rival, size), by_rate in runs.items():
        rate = max(by_rate, key=lambda r: sum(t for t, _ in by_rate[r]))
        told = [round(tell, 4) for _, tell in by_rate[rate]]
        result.setdefault(rival, {})[str(size)] = {"rate": rate, "right": told}
    return result
