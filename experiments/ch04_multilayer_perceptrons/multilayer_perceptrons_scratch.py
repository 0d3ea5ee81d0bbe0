"""Width, depth, rate, activation and first weights of an MLP on the digits, and three searches.

A setting is trained on five splits of the 1,797 digits (1,077 to learn from, 360 to choose by,
360 kept apart), each with first weights of its own, and with all rates side by side: these nets
share nothing, and the loss is summed over them, so that each has its own gradient.

All searches look into one table, trained once: a search of 16 trials takes 16 of its cells, the
one with the most digits of the second part right wins, and its digits of the third part count.
Halving trains 24 nets for 5 epochs, the best 6 of them for 10, the best 3 of these for 20.
"""

from __future__ import annotations

import itertools
import math

import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

SEEDS, BATCH = 5, 32
RATES = [2.0**k for k in range(-9, 4)]
WIDTHS, DEPTHS, EPOCHS = [4, 8, 16, 32, 64], [1, 2, 3], [5, 10, 20]
PHI = {
    "ReLU": torch.relu, "leaky ReLU": lambda a: F.leaky_relu(a, 0.1), "GELU": F.gelu,
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "none": lambda a: a,
}
FIRST = {
    "He": lambda n: math.sqrt(2 / n), "Xavier-like": lambda n: math.sqrt(1 / n),
    "PyTorch": lambda n: None, "0.1": lambda n: 0.1, "0.01": lambda n: 0.01,
    "0.0001": lambda n: 1e-4, "1": lambda n: 1.0, "10": lambda n: 10.0,
}


def splits():
    """Pictures (S, 1797, 64) and labels (S, 1797), in another order for each seed."""
    digits = load_digits()
    X = torch.tensor(digits.data / 16, dtype=torch.float32)
    y = torch.tensor(digits.target)
    orders = [torch.randperm(len(X), generator=torch.Generator().manual_seed(s))
              for s in range(SEEDS)]
    return torch.stack([X[o] for o in orders]), torch.stack([y[o] for o in orders])


def start(sizes, first, seed):
    """Weights (S, R, out, in) and biases (S, R, 1, out); the same start at each rate."""
    g, params = torch.Generator().manual_seed(seed), []
    for n, m in itertools.pairwise(sizes):
        std, shape = FIRST[first](n), (SEEDS, 1, m, n)
        if std is None:
            W = (2 * torch.rand(shape, generator=g) - 1) / math.sqrt(n)
            b = (2 * torch.rand(SEEDS, 1, 1, m, generator=g) - 1) / math.sqrt(n)
        else:
            W, b = std * torch.randn(shape, generator=g), torch.zeros(SEEDS, 1, 1, m)
        params += [p.repeat(1, len(RATES), 1, 1).requires_grad_() for p in (W, b)]
    return params


def scores(X, params, phi):
    """Pictures (S, 1, B, 64) -> scores (S, R, B, 10)."""
    for k in range(0, len(params), 2):
        X = X @ params[k].mT + params[k + 1]
        if k < len(params) - 2:
            X = phi(X)
    return X


def train(hidden, epochs, phi="ReLU", first="He", seed=0):
    """Digits right, (epochs kept, S, R, parts: learned, chosen by, kept apart)."""
    X, y = splits()
    params, kept = start([64, *hidden, 10], first, seed), []
    lr = torch.tensor(RATES)[:, None, None]
    g = torch.Generator().manual_seed(seed)
    for epoch in range(1, max(epochs) + 1):
        for i in torch.randperm(1077, generator=g).split(BATCH):
            Z = scores(X[:, None, i], params, PHI[phi])
            target = y[:, None, i].expand(Z.shape[:-1])
            loss = F.cross_entropy(Z.flatten(0, 2), target.flatten(), reduction="sum") / len(i)
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, grad in zip(params, grads, strict=True):
                    p -= lr * grad
        if epoch in epochs:
            with torch.no_grad():
                Z = scores(X[:, None], params, PHI[phi])
                right = (Z.argmax(-1) == y[:, None]) & Z.isfinite().all(-1)
            parts = right[..., :1077], right[..., 1077:1437], right[..., 1437:]
            kept.append(torch.stack([part.sum(-1) for part in parts], -1))
    return torch.stack(kept)


def best_rate(right):
    """(S, R, 3) -> what the rate that reads most of the second part, over all seeds, reads."""
    k = int(right[..., 1].sum(0).argmax())
    return {"rate": RATES[k], "right": right[:, k].tolist()}


def levels(count, rng, of):
    """Indices of ``count`` levels, evenly spaced over ``of`` levels, shifted by chance."""
    width = of / count
    return [int(width * (k + rng)) for k in range(count)]


def searches(table, trials=16, repeats=2000):
    """Grid, random with a log-uniform rate and with a uniform one, on the same table.

    table: (D, W, E, S, R, 3). Regret: digits of the second part that the best cell of the
    table reads and the one found does not.
    """
    g = torch.Generator().manual_seed(0)
    D, W, E, S, R, _ = table.shape
    top = table[..., 1].amax((0, 1, 2, 4))
    found = {name: [] for name in ("grid of 4", "grid of rates", "random", "uniform rate")}
    for repeat in range(repeats):
        s = repeat % S
        u = torch.rand(5, generator=g).tolist()
        d, w, e, r = (levels(2, u[k], of) for k, of in enumerate((D, W, E, R)))
        four = [(a, b, c, f) for a in d for b in w for c in e for f in r]
        pair = [(int(u[0] * D), b, int(u[2] * E), f) for b in w for f in levels(8, u[4], R)]
        draw = torch.rand(trials, 4, generator=g)
        at = (draw * torch.tensor([D, W, E, R])).long().tolist()
        edges = torch.tensor(RATES).log2().round()
        flat = (draw[:, 3] * RATES[-1]).clamp(min=RATES[0]).log2().round()
        uniform = [(*c[:3], int((edges - v).abs().argmin())) for c, v in
                   zip(at, flat, strict=True)]
        for name, cells in zip(found, (four, pair, at, uniform), strict=True):
            assert len(cells) == trials
            got = [table[a, b, c, s, f] for a, b, c, f in cells]
            best = max(got, key=lambda part: part[1])
            found[name].append([int(top[s] - best[1]), int(best[1]), int(best[2])])
    for name in ("random, 9 of 20 epochs", "halving of 24"):    # 180 epochs each
        rows = found[name] = []
        for repeat in range(repeats):
            s = repeat % S
            draw = (torch.rand(24, 3, generator=g) * torch.tensor([D, W, R])).long().tolist()
            if name == "halving of 24":
                for e, keep in ((0, 6), (1, 3)):
                    draw.sort(key=lambda c: -table[c[0], c[1], e, s, c[2], 1])
                    draw = draw[:keep]
            best = max((table[d, w, 2, s, r] for d, w, r in draw[:9]), key=lambda part: part[1])
            rows.append([int(top[s] - best[1]), int(best[1]), int(best[2])])
    return {name: torch.tensor(rows).double() for name, rows in found.items()}


def make() -> dict:
    """Curves over width, depth, rate, activation and first weights, and what searches find."""
    torch.set_num_threads(1)
    table = {(depth, m): train([m] * depth, EPOCHS) for depth in DEPTHS for m in WIDTHS}
    table |= {(1, m): train([m], EPOCHS) for m in (1, 2, 128)}
    table[0, 0] = train([], EPOCHS)
    at20 = EPOCHS.index(20)
    cells = torch.stack([torch.stack([table[d, m] for m in WIDTHS]) for d in DEPTHS])
    found = searches(cells)
    means = cells[..., 1].double().mean(3)
    flat = means.flatten()
    k = int(flat.argmax())
    d, w, e, r = (int(v) for v in torch.unravel_index(torch.tensor(k), (
        len(DEPTHS), len(WIDTHS), len(EPOCHS), len(RATES))))
    return {
        "rates": RATES, "epochs": EPOCHS, "sizes": [1077, 360, 360],
        "width": {str(m): best_rate(table[min(m, 1), m][at20]) for m in
                  (0, 1, 2, *WIDTHS, 128)},
        "depth": {str(n): best_rate(table[n, 64][at20]) for n in DEPTHS},
        "depth at each rate": {str(n): table[n, 64][at20][..., 2].sum(0).tolist()
                               for n in DEPTHS},
        "rate": {str(m): table[1, m][at20].sum(0).tolist() for m in (8, 64)},
        "epochs at each rate": {str(n): table[1, 64][i][..., 2].sum(0).tolist()
                                for i, n in enumerate(EPOCHS)},
        "phi": {name: best_rate(train([64], [20], phi=name)[0]) for name in PHI},
        "first": {name: best_rate(train([64], [20], first=name)[0]) for name in FIRST},
        "first of 3": {name: best_rate(train([64] * 3, [20], first=name)[0])
                       for name in ("He", "PyTorch", "0.01")},
        "best": {"depth": DEPTHS[d], "width": WIDTHS[w], "epochs": EPOCHS[e],
                 "rate": RATES[r], "right": cells[d, w, e, :, r].tolist()},
        "stuck": {name: [means.select(axis, k).max().item() for k in range(means.shape[axis])]
                  for axis, name in enumerate(("depth", "width", "epochs", "rate"))},
        "share near the best": (means > means.max() - 5).double().mean().item(),
        "searches": {name: {"regret": rows[:, 0].mean().item(),
                            "missed by 5 or more": (rows[:, 0] >= 5).double().mean().item(),
                            "chosen by": rows[:, 1].mean().item(),
                            "kept apart": rows[:, 2].mean().item(),
                            "spread of regret": rows[:, 0].std().item()}
                     for name, rows in found.items()},
    }
