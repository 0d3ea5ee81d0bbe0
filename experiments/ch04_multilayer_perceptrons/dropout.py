"""MLPs on 100 digits: rates and places of dropout, other noise, weight decay, long training, and
batch normalisation behind dropout.

All networks of a setting are trained at once, one for each seed, as batched matrix products. A seed
is a split of the digits, first weights and an order of the examples, shared by all settings. Takes
five minutes on one core. Kept is what the page shows: accuracies of each seed, means of the losses.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from publish.tools.experiments import side_by_side

SEEDS = range(12)
SIZES = (64, 128, 128, 10)
NUM_TRAIN, NUM_TEST, BATCH = 100, 1000, 20
RATES = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def digits(seed, num_train=NUM_TRAIN):
    """X, y to learn from and X, y kept apart; features (n, 64) from 0 to 1."""
    data = load_digits()
    X = torch.tensor(data.images / 16, dtype=torch.float32).flatten(1)
    y = torch.tensor(data.target)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    rows, apart = order[:num_train], order[-NUM_TEST:]
    return X[rows], y[rows], X[apart], y[apart]


def first(seed):
    """Weights and biases as nn.Linear draws them: W_1, b_1, W_2, ..."""
    torch.manual_seed(seed)
    layers = [nn.Linear(a, b) for a, b in zip(SIZES, SIZES[1:], strict=False)]  # noqa: RUF007
    return [p.detach() for layer in layers for p in layer.parameters()]


def noisy(H, p, kind):
    """H (R, B, d) times noise with the mean 1 and the variance p / (1 - p)."""
    if p == 0 or kind == "weights":
        return H
    if kind == "normal":
        return H * (1 + (p / (1 - p)) ** 0.5 * torch.randn_like(H))
    like = H[:, :1] if kind == "one mask" else H
    return H * (torch.rand_like(like) >= p) / (1 - p)


def forward(params, X, rates, kind):
    """Scores (R, B, 10) of R networks; X (R, B, 64). Rates: of the inputs and both hidden layers."""  # noqa: E501
    for k, p in enumerate(rates):
        W, b = params[2 * k : 2 * k + 2]
        X = noisy(X.relu() if k else X, p, kind)
        if kind == "weights" and p:
            W = W * (torch.rand_like(W) >= p) / (1 - p)
        X = X @ W.mT + b[:, None]
    return X


def run(job):
    """Accuracy and loss, old and new digits, after some epochs, for each seed."""
    name, rates, options = job
    torch.set_num_threads(1)
    kind, lr, decay, num_epochs = (
        options.get(key, default)
        for key, default in (("kind", "dropout"), ("lr", 0.1), ("decay", 0), ("num_epochs", 200))
    )
    tables = [torch.stack(part) for part in zip(*(digits(seed) for seed in SEEDS), strict=True)]
    X, y, X_new, y_new = tables
    params = [torch.stack(p).requires_grad_() for p in zip(*map(first, SEEDS), strict=True)]
    torch.manual_seed(1)
    found = []
    for epoch in range(1, num_epochs + 1):
        for rows in torch.randperm(NUM_TRAIN).split(BATCH):
            Z = forward(params, X[:, rows], rates, kind)
            loss = F.cross_entropy(Z.flatten(0, 1), y[:, rows].flatten()) * len(X)
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for k, (p, g) in enumerate(zip(params, grads, strict=True)):
                    p -= lr * (g + decay * p if k % 2 == 0 else g)  # weights alone decay
        if epoch in (20, 50, 100, 200, 500, 1000, 2000):
            with torch.no_grad():
                row = {"epoch": epoch}
                for part, (A, t) in {"old": (X, y), "new": (X_new, y_new)}.items():
                    Z = forward(params, A, (0, 0, 0), "dropout")
                    each = F.cross_entropy(Z.movedim(2, 1), t, reduction="none").mean(1)
                    row[part] = [round(v, 4) for v in (Z.argmax(2) == t).float().mean(1).tolist()]
                    row[f"{part} loss"] = [round(v, 4) for v in each.tolist()]
                found.append(row)
    print(name, sum(found[-1]["new"]) / len(SEEDS), flush=True)
    return found


def jobs():
    """Name, rates of inputs and hidden layers, options."""
    found = [(f"hidden {p}", (0, p, p), {}) for p in RATES]
    found += [(f"input {p}", (p, 0, 0), {}) for p in (0.1, 0.2, 0.3, 0.5)]
    found.append(("input and hidden 0.2", (0.2, 0.2, 0.2), {}))
    found += [(f"layers {a}, {b}", (0, a, b), {})
              for a, b in ((0.2, 0.5), (0.5, 0.2), (0.5, 0), (0, 0.5))]  # fmt: skip
    for decay in (0.001, 0.003, 0.01, 0.03):
        found += [(f"decay {decay}, hidden {p}", (0, p, p), {"decay": decay}) for p in (0, 0.5)]
    for kind in ("normal", "weights", "one mask"):
        found.append((f"{kind} 0.5", (0, 0.5, 0.5), {"kind": kind}))
    for name, options in (("rate 0.03", {}), ("rate 0.03, long", {"num_epochs": 2000})):
        found += [(f"{name}, hidden {p}", (0, p, p), {"lr": 0.03} | options) for p in (0, 0.5)]
    found += [(f"long, hidden {p}", (0, p, p), {"num_epochs": 2000}) for p in (0, 0.5, 0.8, 0.9)]
    return found


def mean(values):
    """Mean over the seeds."""
    return round(sum(values) / len(values), 5)


def ends(rows):
    """What is kept of a run: its end."""
    return {"new": rows[-1]["new"], **{k: mean(rows[-1][k]) for k in ("old loss", "new loss")}}


def course(rows):
    """What is kept of a run whose curve is shown: means over the seeds, for each epoch measured."""
    return [{k: v if k == "epoch" else mean(v) for k, v in row.items()} for row in rows]


ORDERS = {
    "dropout in front": lambda d, p: [nn.ReLU(), nn.Dropout(p), nn.BatchNorm1d(d)],
    "dropout behind": lambda d, p: [nn.BatchNorm1d(d), nn.ReLU(), nn.Dropout(p)],
    "only at the end": lambda d, p: [nn.BatchNorm1d(d), nn.ReLU()],
}


def shift(job):
    """Eval variance of what batch normalisation gets over its running variance, and accuracies.

    Beside the ratio of the first block stands that of the page's formula, from its values in use.
    """
    order, p, seed = job
    torch.set_num_threads(1)
    X, y, X_new, y_new = digits(seed, 400)
    torch.manual_seed(seed)
    d = SIZES[1]
    ends = [nn.Dropout(p)] if order == "only at the end" else []
    net = nn.Sequential(nn.Linear(64, d), *ORDERS[order](d, p), nn.Linear(d, d),
                        *ORDERS[order](d, p), *ends, nn.Linear(d, 10))  # fmt: skip
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for _ in range(40):
        for rows in torch.randperm(len(X)).split(40):
            optimizer.zero_grad()
            F.cross_entropy(net(X[rows]), y[rows]).backward()
            optimizer.step()
    norms = [m for m in net if isinstance(m, nn.BatchNorm1d)]

    def state():
        """Ratio of variances in both layers, formula for the first, accuracy on new digits."""
        seen = []
        hooks = [m.register_forward_pre_hook(lambda m, args: seen.append(args[0])) for m in norms]
        net.eval()
        with torch.no_grad():
            net(X)
            ratios = [
                (H.var(0).mean() / m.running_var.mean()).item()
                for H, m in zip(seen, norms, strict=True)
            ]
            for hook in hooks:
                hook.remove()
            Z, H = net(X_new), seen[0]
        noise = p / (1 - p) * (H**2).mean() if order == "dropout in front" else 0
        return {"ratios": [round(r, 4) for r in ratios],
                "formula": round((H.var(0).mean() / (H.var(0).mean() + noise)).item(), 4),
                "new": round((Z.argmax(1) == y_new).float().mean().item(), 4)}  # fmt: skip

    before = state()
    for m in norms:  # the statistics once more, with dropout off: layer by layer, as inputs change
        m.reset_running_stats()
        m.momentum = None
        m.train()
        with torch.no_grad():
            net(X)
        m.eval()
    return {"before": before, "after": state()}


def make() -> dict:
    work = jobs()
    runs = dict(zip([name for name, *_ in work], side_by_side(run, work), strict=True))
    orders = [(order, 0.5, seed) for order in ORDERS for seed in SEEDS]
    orders += [("dropout in front", 0, seed) for seed in SEEDS]
    moved: dict = {}
    for (order, p, _), row in zip(orders, side_by_side(shift, orders), strict=True):
        moved.setdefault(order if p else "no dropout", []).append(row)
    shown = {order: {
        "ratios": [mean([row["before"]["ratios"][k] for row in rows]) for k in (0, 1)],
        "formula": mean([row["before"]["formula"] for row in rows]),
        **{when: [row[when]["new"] for row in rows] for when in ("before", "after")},
    } for order, rows in moved.items()}  # fmt: skip
    return {
        "digits": {name: ends(rows) for name, rows in runs.items()},
        "courses": {f"hidden {p}": course(runs[f"long, hidden {p}"]) for p in (0, 0.5)},
        "batch normalisation": shown,
    }
