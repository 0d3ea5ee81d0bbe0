"""Digits: students of a large network, and low-rank repairs of a small one, over twelve splits.

Distillation: 100 pictures for a student, 297 to choose rate and length, 500 to tell. The teacher
saw 1,000 labelled pictures, or the same 100. Interventions: the teacher's shares of the wrong
classes made alike or dealt out anew for each picture, its mean answer for each digit in place of
its answers, label smoothing; and ten times the updates at temperature 1. The splits share their
digits, and rate and length are chosen by the mean over all splits, so the standard errors are a
little too small.

Low rank: a network that reads digits is handed digits that were turned by 90 degrees, or in which
k directions of the space of pictures were multiplied by a negative factor; then a change of rank k
of its first matrix would repair it exactly. Eight directions times -1 hurt as much as two times -4.
It is trained on 200 such pictures: all weights, the last layer, or LoRA.

All splits are trained at once, as batches of matrices. Takes about three minutes of one core.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from publish.tools.experiments import side_by_side

SPLITS, STUDENT, REPAIR = 12, 100, 200
RATES, MARKS = (0.003, 0.01, 0.03, 0.1), (100, 300, 1000)
TEACHER, SMALL, SOFT = (64, 128, 96, 10), (64, 48, 10), 4
TINY, WIDTH, TEMPERATURES = 4, 16, (1, 2, 4, 10)
RANKS, TASKS = (1, 2, 4, 8), {"turned": (0, 0), "eight": (8, 1), "two": (2, 4)}


def data():
    """Pictures and labels, and the places of 1,000, 297 and 500 of them in each split."""
    X, y = load_digits(return_X_y=True)
    X, y = torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(y)
    orders = torch.stack([torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
                          for seed in range(SPLITS)])
    return X, y, orders.split((1000, 297, 500), 1)


def start(sizes, seed):
    """Weights and biases as PyTorch draws them, one network for each split."""
    g = torch.Generator().manual_seed(seed)
    made = []
    for a, b in itertools.pairwise(sizes):
        for shape in ((SPLITS, a, b), (SPLITS, 1, b)):
            made.append((torch.rand(shape, generator=g) * 2 - 1) / a**0.5)
    return made


def scores(weights, x):
    """Scores (splits, n, 10) of pictures (splits, n, 64)."""
    for k in range(0, len(weights), 2):
        x = torch.baddbmm(weights[k + 1], x, weights[k])
        x = x.relu() if k + 2 < len(weights) else x
    return x


def right(weights, x, y):
    """Share read correctly, for each split."""
    with torch.no_grad():
        return (scores(weights, x).argmax(-1) == y).float().mean(1)


def train(free, network, x, target, lr, marks, T=1.0):
    """Minimise T^2 times the cross-entropy at temperature T; the networks at the marks."""
    free = [p.clone().requires_grad_() for p in free]
    optimizer, kept = torch.optim.Adam(free, lr), {}
    for step in range(1, max(marks) + 1):
        log_q = (scores(network(free), x) / T).log_softmax(-1)
        loss = -T * T * (target * log_q).sum(-1).mean(1).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in marks:
            kept[step] = [p.detach().clone() for p in network(free)]
    return kept


def tuned(free, network, x, target, marks, T, tune, tell, rates=RATES):
    """Rate and length by the mean over splits of what is read on the tuning pictures."""
    best = None
    for lr in rates:
        for step, weights in train(free, network, x, target, lr, marks, T).items():
            found = right(weights, *tune).mean().item()
            if best is None or found > best[0]:
                best = found, lr, step, weights
    _, lr, step, weights = best
    return {"lr": lr, "steps": step,
            "right": [round(v, 4) for v in right(weights, *tell).tolist()]}, weights


def shuffled(p):
    """The same shares; those of the classes that are not the first are dealt out anew."""
    g = torch.Generator().manual_seed(5)
    top = p.argmax(-1, keepdim=True)
    places = torch.rand(p.shape, generator=g).scatter_(-1, top, -1).argsort(-1)
    others = torch.arange(10.0).expand_as(p).clone().scatter_(-1, top, -1).argsort(-1)
    return torch.zeros_like(p).scatter_(-1, places, p.gather(-1, others))


def flat(p):
    """The same first share; the rest in equal parts."""
    top = p.argmax(-1, keepdim=True)
    most = p.gather(-1, top)
    return ((1 - most) / 9).expand_as(p).clone().scatter_(-1, top, most)


def by_class(p, hard):
    """In place of each answer the mean of all answers to pictures of that digit."""
    table = hard.transpose(1, 2) @ p / hard.sum(1).clamp(min=1)[..., None]
    return hard @ table


def teachers():
    """Two teachers, of 1,000 and of 100 labels: their scores of the student's pictures."""
    X, y, (many, _, rest) = data()
    told = {}
    for name, n in (("1000", 1000), ("100", STUDENT)):
        x, target = X[many[:, :n]], F.one_hot(y[many[:, :n]], 10).float()
        weights = train(start(TEACHER, 1), list, x, target, 0.003, (200,))[200]
        told[name] = (scores(weights, X[many[:, :STUDENT]]),
                      right(weights, X[rest], y[rest]).tolist())
    return told


def student(job):
    """One kind of target at one width."""
    torch.set_num_threads(1)
    width, kind, said, T, marks, *rates = job
    X, y, (many, tune, rest) = data()
    few = many if kind == "all" else many[:, :STUDENT]
    hard = F.one_hot(y[few], 10).float()
    target = {
        "hard": lambda: hard, "all": lambda: hard,
        "smooth": lambda: 0.9 * hard + 0.01,
        "soft": lambda: (said / T).softmax(-1),
        "shuffled": lambda: shuffled((said / T).softmax(-1)),
        "flat": lambda: flat((said / T).softmax(-1)),
        "by class": lambda: by_class((said / T).softmax(-1), hard),
    }[kind]()
    return tuned(start((64, width, 10), 2), list, X[few], target, marks, T,
                 (X[tune], y[tune]), (X[rest], y[rest]), *rates)[0]


def bent(X, k, factor):
    """Pictures times -factor in k random directions among their twenty main ones."""
    main = torch.linalg.svd(X - X.mean(0), full_matrices=False)[2][:20]
    g = torch.Generator().manual_seed(0)
    directions = main.T @ torch.linalg.qr(torch.randn(20, 20, generator=g))[0][:, :k]
    return X - (1 + factor) * X @ directions @ directions.T


def repair(job):
    """One shifted task: the network before, and repaired in several ways."""
    torch.set_num_threads(1)
    k, factor = job
    X, y, (many, tune, rest) = data()
    base = train(start(SMALL, 1), list, X[many], F.one_hot(y[many], 10).float(),
                 0.003, (200,))[200]
    Z = bent(X, k, factor) if k else X.view(-1, 8, 8).rot90(1, (1, 2)).reshape(-1, 64)
    few = many[:, :REPAIR]
    x, target = Z[few], F.one_hot(y[few], 10).float()
    ways = {
        "all": (base, list), "last": (base[2:], lambda f: base[:2] + f),
        "scratch": (start(SMALL, 9), list),
    }
    g = torch.Generator().manual_seed(3)
    for r in RANKS:
        free = []
        for at in (0, 2):
            a, b = base[at].shape[1:]
            free += [torch.randn(SPLITS, a, r, generator=g) / a**0.5, torch.zeros(SPLITS, r, b)]
        ways[f"rank {r}"] = free, lambda f: [
            base[0] + f[0] @ f[1], base[1], base[2] + f[2] @ f[3], base[3]]
    told = {"before": right(base, Z[rest], y[rest]).tolist(),
            "original": right(base, X[rest], y[rest]).tolist()}
    for name, (free, network) in ways.items():
        told[name], weights = tuned(free, network, x, target, (100, 400), 1.0,
                                    (Z[tune], y[tune]), (Z[rest], y[rest]))
        told[name]["numbers"] = sum(p[0].numel() for p in free)
        if name == "all":
            s = torch.linalg.svdvals(weights[0] - base[0])
            told["update"] = (s / s[:, :1]).mean(0).tolist()
            told["share"] = (s[:, :4].square().sum(1) / s.square().sum(1)).tolist()
    return told


def make():
    """Accuracies of twelve splits for every student and every repair."""
    torch.set_num_threads(1)
    said = teachers()
    v, v_few = said["1000"][0], said["100"][0]
    _, y, (many, _, _) = data()
    wrong = {name: int((s.argmax(-1) != y[many[:, :STUDENT]]).sum())
             for name, (s, _) in said.items()}
    long = (*MARKS, 3 * MARKS[-1])
    jobs = {f"hard {TINY}": (TINY, "hard", None, 1, MARKS),
            f"soft {TINY}": (TINY, "soft", v, SOFT, MARKS),
            "all": (WIDTH, "all", None, 1, MARKS),
            "hard": (WIDTH, "hard", None, 1, long), "smooth": (WIDTH, "smooth", None, 1, long),
            "same labels": (WIDTH, "soft", v_few, SOFT, long),
            "T 1 long": (WIDTH, "soft", v, 1, (10 * MARKS[-1],), (0.01,))}
    jobs |= {f"T {T}": (WIDTH, "soft", v, T, MARKS) for T in TEMPERATURES}
    jobs |= {kind: (WIDTH, kind, v, SOFT, long) for kind in ("shuffled", "flat", "by class")}
    students = side_by_side(student, list(jobs.values()))
    repairs = side_by_side(repair, list(TASKS.values()))
    return {"teacher": {name: s[1] for name, s in said.items()}, "wrong": wrong,
            "students": dict(zip(jobs, students)),
            "repairs": dict(zip(TASKS, repairs))}
