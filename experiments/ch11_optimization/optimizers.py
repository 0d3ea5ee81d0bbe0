"""Eight optimisers on handwritten digits: a small network, twelve rates, tuned on other pictures.

A network with one hidden layer of 32 units is trained for 300 updates. The rate of each method is
chosen by the loss on 297 pictures (three seeds); twenty other seeds at that rate are what the page
tells, on 500 others. Two interventions at the chosen rate: the loss times a thousand, and ten times
the updates. Takes a minute on two free cores.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from publish.tools.experiments import side_by_side

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
TUNE, TELL, FEW = range(3), range(10, 30), range(10, 15)
UPDATES, BATCH, WORST = 300, 50, 10.0
METHODS = {
    "SGD": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "Nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "Adagrad": (torch.optim.Adagrad, {}),
    "RMSProp": (torch.optim.RMSprop, {}),
    "Adadelta": (torch.optim.Adadelta, {}),
    "Adam": (torch.optim.Adam, {}),
    "AdamW": (torch.optim.AdamW, {}),
}


def data():
    """Pictures from 0 to 1 and labels: 1,000 to train, 297 to tune the rate, 500 to tell."""
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    return [(X[part], y[part]) for part in order.split((1000, 297, 500))]


def run(job):
    """Losses on the three sets and the accuracy on the last, at most 10 each."""
    method, lr, seed, scale, updates = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    parts = data()
    net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    kind, options = METHODS[method]
    optimizer = kind(net.parameters(), lr=lr, **options)
    X, y = parts[0]
    order = torch.stack([torch.randperm(len(X)) for _ in range(updates * BATCH // len(X))])
    for rows in order.reshape(-1, BATCH):
        optimizer.zero_grad()
        (scale * F.cross_entropy(net(X[rows]), y[rows])).backward()
        optimizer.step()
    with torch.no_grad():
        losses = [F.cross_entropy(net(X), y).item() for X, y in parts]
        right = (net(parts[2][0]).argmax(1) == parts[2][1]).float().mean().item()
    train, tune, tell = (min(v, WORST) if v == v else WORST for v in losses)
    return {"train": train, "tune": tune, "tell": tell, "right": right}


def average(found, key):
    """Mean of one number over some runs."""
    return sum(one[key] for one in found) / len(found)


def make():
    """Curves over the rate, and other runs at each method's own rate, also changed ones."""
    jobs = [(m, lr, s, 1, UPDATES) for m in METHODS for lr in RATES for s in TUNE]
    found = dict(zip(jobs, side_by_side(run, jobs), strict=True))
    curves = {
        m: {
            key: [
                round(average([found[m, lr, s, 1, UPDATES] for s in TUNE], key), 5)
                for lr in RATES
            ]
            for key in ("train", "tune")
        }
        for m in METHODS
    }
    best = {m: RATES[curves[m]["tune"].index(min(curves[m]["tune"]))] for m in METHODS}
    kinds = {"tuned": (1, UPDATES), "thousand": (1000, UPDATES), "longer": (1, 10 * UPDATES)}
    plan = [
        (kind, (m, best[m], s, *how))
        for kind, how in kinds.items()
        for m in (METHODS if kind == "tuned" else ("SGD", "momentum", "Adam"))
        for s in (TELL if kind == "tuned" else FEW)
    ]
    results = side_by_side(run, [job for _, job in plan])
    told = {}
    for (kind, (m, *_)), one in zip(plan, results, strict=True):
        one = {key: round(v, 5) for key, v in one.items()}
        told.setdefault(kind, {}).setdefault(m, []).append(one)
    return {"rates": list(RATES), "curves": curves, "best": best, **told}
