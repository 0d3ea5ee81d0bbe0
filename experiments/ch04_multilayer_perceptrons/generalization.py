"""Five remedies for overfitting, three of them together, and a wider network; ten splits each.

100 labelled digits, and a test on 1,197 others. The table (1,797 pictures of 8 x 8) is cut anew for
each seed: 100 pictures to learn from, 100 more that only "twice the labels" may use, 400 to choose
a strength by, the rest for the test. Once with the true labels, once with a fifth of them wrong (of
those to learn from and to choose by; the test keeps the true ones). One network, 64-128-10 with
ReLU, plain minibatch descent; the ten networks of a setting are trained side by side and share
nothing.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from publish.tools.experiments import side_by_side

SEEDS, LABELS, CHOOSE, BATCH = 10, 100, 400, 20
WIDTH, RATE, EPOCHS, EVERY = 128, 0.2, 300, 5
WRONG = (0.0, 0.2)
STRENGTHS: dict[str, list[float]] = {
    "nothing": [0],
    "augmentation": [0.25, 0.5, 1.0, 1.5],  # largest shift, in pixels
    "dropout": [0.2, 0.5, 0.7, 0.9, 0.95],  # share of the hidden units
    "weight decay": [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
    "smaller": [4, 8, 16, 32, 64],  # hidden units
    "early stopping": [5, 20, 80],  # patience in epochs; 20 of the 100 labels to stop by
    "stopped again": [20],  # on all 100, for as many epochs as those 80 wanted; patience
    "twice the labels": [0],
    "all three": [0.001, 0.003, 0.01, 0.03],  # weight decay, with shifts of 0.5 and dropout 0.5
    "wider": [1024],
    "rate": [0.05, 0.8],
    "ten times the epochs": [0],
}


def splits(wrong):
    """Pictures (S, 1797, 64), labels to learn from and true labels, both (S, 1797)."""
    digits = load_digits()
    X = torch.tensor(digits.data / 16, dtype=torch.float32)
    y = torch.tensor(digits.target)
    orders, given = [], []
    for seed in range(SEEDS):
        g = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(X), generator=g)
        other = (y[order] + torch.randint(1, 10, y.shape, generator=g)) % 10
        flip = torch.rand(y.shape, generator=g) < wrong
        orders.append(order)
        given.append(torch.where(flip, other, y[order]))
    orders = torch.stack(orders)
    return X[orders], torch.stack(given), y[orders]


def start(width):
    """He's weights (S, out, in) and zeros (S, 1, out)."""
    params = []
    for n, m in ((64, width), (width, 10)):
        seeded = [torch.Generator().manual_seed(100 + s) for s in range(SEEDS)]
        W = torch.stack([torch.randn(m, n, generator=g) for g in seeded])
        params += [W * math.sqrt(2 / n), torch.zeros(SEEDS, 1, m)]
    return [p.requires_grad_() for p in params]


def scores(X, params, drop=0.0):
    """Pictures (S, B, 64) -> scores (S, B, 10)."""
    W, b, V, c = params
    H = F.dropout(torch.relu(X @ W.mT + b), drop, training=drop > 0)
    return H @ V.mT + c


def shifted(X, largest):
    """Each picture moved by up to ``largest`` pixels down and right, between pixels bilinearly."""
    S, B, _ = X.shape
    move = (2 * torch.rand(S * B, 2) - 1) * largest / 4  # the picture is 2 wide
    theta = torch.eye(2, 3).repeat(S * B, 1, 1)
    theta[:, :, 2] = move
    grid = F.affine_grid(theta, (S * B, 1, 8, 8), align_corners=False)
    return F.grid_sample(X.reshape(-1, 1, 8, 8), grid, align_corners=False).reshape(S, B, 64)


def train(remedy, strength, wrong):
    """Looks at the networks: epochs, and for each loss and error of learnt, chosen by, new."""
    X, given, true = splits(wrong)
    width = int(strength) if remedy in ("smaller", "wider") else WIDTH
    shift = {"augmentation": strength, "all three": 0.5}.get(remedy, 0)
    drop = {"dropout": strength, "all three": 0.5}.get(remedy, 0.0)
    decay = strength if remedy in ("weight decay", "all three") else 0
    lr = strength if remedy == "rate" else RATE
    epochs = 10 * EPOCHS if remedy == "ten times the epochs" else EPOCHS
    every = {"early stopping": 1, "stopped again": 1, "ten times the epochs": 50}.get(remedy, EVERY)
    n = {"early stopping": LABELS * 4 // 5, "twice the labels": 2 * LABELS}.get(remedy, LABELS)
    choose = slice(n, LABELS) if remedy == "early stopping" else slice(200, 200 + CHOOSE)
    params, looks = start(width), []
    torch.manual_seed(0)
    for epoch in range(1, epochs + 1):
        for i in torch.randperm(n).split(BATCH):
            rows = X[:, i]
            if shift:
                rows = shifted(rows, shift)
            Z = scores(rows, params, drop)
            loss = F.cross_entropy(Z.flatten(0, 1), given[:, i].flatten(), reduction="sum") / len(i)
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, grad in zip(params, grads, strict=True):
                    if decay and p.shape[1] > 1:  # weights, no biases
                        grad = grad + decay * p
                    p -= lr * grad
        if epoch % every == 0:
            with torch.no_grad():
                parts = []
                for rows, y in ((slice(0, n), given), (choose, given), (slice(600, None), true)):
                    Z, t = scores(X[:, rows], params), y[:, rows]
                    l = F.cross_entropy(Z.flatten(0, 1), t.flatten(), reduction="none")
                    parts.append(torch.stack([l.view_as(t).mean(1),
                                              (Z.argmax(-1) != t).float().mean(1)]))
                looks.append(torch.stack(parts))  # (parts, loss and error, S)
    return every, torch.stack(looks)


def stopped(losses, patience):
    """The look with the best loss before ``patience`` looks without a better one."""
    best, bad = 0, 0
    for k in range(1, len(losses)):
        best, bad = (k, 0) if losses[k] < losses[best] else (best, bad + 1)
        if bad >= patience:
            break
    return best, k


def run(job):
    """Errors of the ten networks at the end, the path of the means, and the best look."""
    remedy = job[0]
    torch.set_num_threads(1)
    every, looks = train(*job)
    last = looks[-1]
    if remedy == "stopped again":
        losses = train("early stopping", *job[1:])[1][:, 1, 0]
        ends = [stopped(losses[:, s].tolist(), job[1])[0] for s in range(SEEDS)]
        last = torch.stack([looks[k, :, :, s] for s, k in enumerate(ends)], -1)
    found = {
        "train": last[0, 1], "choose": last[1, 1], "new": last[2, 1], "train loss": last[0, 0],
        "new loss": last[2, 0],
        "best epoch": every * (1 + looks[:, 1, 0].argmin(0)).float(),
    }
    found = {name: [round(v, 4) for v in values.tolist()] for name, values in found.items()}
    if remedy in ("nothing", "weight decay"):
        found["path"] = {
            "every": every,
            **{name: [round(v, 4) for v in looks[:, part, kind].mean(-1).tolist()]
               for name, part, kind in (("train", 0, 0), ("new", 2, 0), ("train error", 0, 1),
                                        ("new error", 2, 1))},
        }
    if remedy == "nothing":  # stopped by 400 pictures that cost nothing
        ends = [stopped(looks[:, 1, 0, s].tolist(), 16)[0] for s in range(SEEDS)]
        found["stopped for free"] = [round(looks[k, 2, 1, s].item(), 4) for s, k in enumerate(ends)]
    if remedy == "early stopping":
        for patience in STRENGTHS[remedy]:
            ends = [stopped(looks[:, 1, 0, s].tolist(), patience) for s in range(SEEDS)]
            pick = {name: [round(looks[k, part, kind, s].item(), 4)
                           for s, (k, _) in enumerate(ends)]
                    for name, part, kind in (("train", 0, 1), ("new", 2, 1), ("train loss", 0, 0),
                                             ("new loss", 2, 0))}
            found[str(patience)] = pick | {
                "best epoch": [k + 1 for k, _ in ends], "last epoch": [k + 1 for _, k in ends]}
    print(*job, round(last[2, 1].mean().item(), 4), flush=True)
    return found


def make() -> dict:
    jobs = [(remedy, strength, wrong) for wrong in WRONG for remedy, some in STRENGTHS.items()
            for strength in (some[:1] if remedy == "early stopping" else some)]
    jobs.sort(key=lambda job: job[0] != "ten times the epochs")  # the long ones first
    found = side_by_side(run, jobs)
    result: dict = {}
    for (remedy, strength, wrong), made in zip(jobs, found, strict=True):
        result.setdefault(str(wrong), {}).setdefault(remedy, {})[str(strength)] = made
    return result
