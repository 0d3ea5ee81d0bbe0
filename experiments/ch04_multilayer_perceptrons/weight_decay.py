"""Digits with wrong labels: one MLP, weight decay swept, other remedies, and Adam beside AdamW.

200 pictures to learn from, three labels in ten replaced by a wrong one, five splits. Takes one
minute on two free cores.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from publish.tools.experiments import side_by_side

SEEDS = range(5)
DECAYS = (0.0, 0.003, 0.01, 0.03, 0.1)
COUPLED = (0.0, 0.001, 0.003, 0.01, 0.03)
DECOUPLED = (0.0, 0.3, 1.0, 3.0, 10.0)
RATES = (0.003,)


def data(seed, num=200):
    """Rows to learn from, 100 to stop by, 497 to judge by; given labels of the first, all true."""
    digits = load_digits()
    X = torch.tensor(digits.images.reshape(-1, 64) / 16, dtype=torch.float32)
    y = torch.tensor(digits.target)
    g = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(X), generator=g)
    test, stop, rows = order[:497], order[497:597], order[597 : 597 + num]
    given = y[rows].clone()
    wrong = torch.randperm(num, generator=g)[: 3 * num // 10]
    given[wrong] = (given[wrong] + torch.randint(1, 10, (len(wrong),), generator=g)) % 10
    return (X[rows], given), (X[stop], y[stop]), (X[test], y[test])


def mlp(num_hiddens=64, drop=0.0):
    return nn.Sequential(nn.Linear(64, num_hiddens), nn.ReLU(), nn.Dropout(drop),
                         nn.Linear(num_hiddens, 10))  # fmt: skip


def share(Z, y):
    """Share of rows whose largest score is the label's."""
    return (Z.argmax(1) == y).float().mean().item()


def groups(net, decay):
    """Weights decay, biases do not."""
    return [{"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": decay},
            {"params": [p for p in net.parameters() if p.dim() < 2], "weight_decay": 0.0}]


def fit(seed, num=200, num_hiddens=64, drop=0.0, decay=0.0, noise=0.0, start=0, num_steps=2000):
    """Full batches, rate 0.5: the net in the end, and at its lowest loss on the stopping rows."""
    (X, y), (X_stop, y_stop), _ = data(seed, num)
    torch.manual_seed(100 * start + seed)
    net = mlp(num_hiddens, drop)
    optimizer = torch.optim.SGD(groups(net, decay), 0.5)
    best = (float("inf"), None)
    for step in range(num_steps):
        net.train()
        X_now = X + noise * torch.randn_like(X) if noise else X
        F.cross_entropy(net(X_now), y).backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % 10 == 0:
            net.eval()
            with torch.no_grad():
                loss = F.cross_entropy(net(X_stop), y_stop).item()
            if loss < best[0]:
                best = (loss, copy.deepcopy(net))
    return net.eval(), best[1].eval()


def judged(nets, seed, num=200):
    """Shares read as given (training) and read rightly (test), by the mean of probabilities."""
    (X, y), _, (X_test, y_test) = data(seed, num)
    with torch.no_grad():
        old, new = (sum(net(part).softmax(1) for net in nets) for part in (X, X_test))
    norm = sum(float((p**2).sum()) for net in nets for p in net.parameters() if p.dim() > 1)
    return {"train": round(share(old, y), 4), "test": round(share(new, y_test), 4),
            "norm": round(norm / len(nets), 2)}  # fmt: skip


def adam(kind, decay, lr, seed, batch_size=20, num_steps=600):
    """Batches of 20 with Adam or AdamW."""
    (X, y), _, _ = data(seed)
    torch.manual_seed(seed)
    net = mlp()
    optimizer = getattr(torch.optim, kind)(groups(net, decay), lr)
    for _ in range(num_steps):
        rows = torch.randperm(len(X))[:batch_size]
        F.cross_entropy(net(X[rows]), y[rows]).backward()
        optimizer.step()
        optimizer.zero_grad()
    return judged([net.eval()], seed)


def run(job):
    """One job: what it is called, and a split."""
    torch.set_num_threads(1)
    kind, options, seed = job
    if kind == "adam":
        found = adam(seed=seed, **options)
    elif kind == "stopped":
        found = judged([fit(seed)[1]], seed)
    elif kind == "five nets":
        found = judged([fit(seed, start=k)[0] for k in range(5)], seed)
    else:
        found = judged([fit(seed, **options)[0]], seed, options.get("num", 200))
    print(*job, found, flush=True)
    return found


def jobs():
    """Name -> what is run on each split."""
    found = {f"decay {decay}": ("plain", {"decay": decay}) for decay in DECAYS}
    found |= {
        "early stopping": ("stopped", {}),
        "4 hidden units": ("plain", {"num_hiddens": 4}),
        "1,000 examples": ("plain", {"num": 1000}),
        "dropout 0.5": ("plain", {"drop": 0.5}),
        "noise on the inputs": ("plain", {"noise": 0.3}),
        "mean of five nets": ("five nets", {}),
    }
    for lr in RATES:
        for kind, decays in (("Adam", COUPLED), ("AdamW", DECOUPLED)):
            for decay in decays:
                found[f"{kind} {lr} {decay}"] = (
                    "adam", {"kind": kind, "decay": decay, "lr": lr})  # fmt: skip
    return found


def make() -> dict:
    parts = [(name, (*job, seed)) for name, job in jobs().items() for seed in SEEDS]
    found = side_by_side(run, [job for _, job in parts])
    result: dict = {}
    for (name, _), made in zip(parts, found, strict=True):
        result.setdefault(name, []).append(made)
    return result
