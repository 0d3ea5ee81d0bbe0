"""Train every run that the learning-rate widget shows, and write them to runs.json.

    python -m dlworkbook.widgets.learning_rate.make_runs

Takes minutes; run it again only after a change here. ``tests/widgets/learning_rate/test_model.py``
trains a sample of the runs again and compares it with what the file gives.

What is written is one line of JSON. A run is a path of (w, b) over selected updates, as offsets
from the least-squares solution in the eigenvectors of the Hessian: there the loss is a sum of
two squares, so that a small relative error stays one in the loss. Each offset c is stored as the
whole number round(K asinh(c / S)), minus a guess from its neighbours (the same update at the
next smaller rate, the update before), which leaves small numbers for ``kit/pack.py``.

Each run goes on to ten times as many updates. Of these only the loss is kept, the median of the
last hundred: it tells a run that is not there yet from one that its rate holds up.
"""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

import torch

from dlworkbook.widgets.kit.pack import Writer

NUM_EXAMPLES, NUM_STEPS, SHIFT, NOISE = 100, 100, 3.0, 0.1
LONG = 10 * NUM_STEPS
TRUE_W, TRUE_B = 2.0, 3.0
MOMENTUM = 0.9
FEATURES = ("well", "badly", "standardised")
METHODS = ("sgd", "momentum", "adam")
BATCHES = (1, 10, 100)
#: Rates are 10 ** (k / 10).
EXPONENTS = range(-30, 11)
#: Updates that are kept: all of the first, then in odd distances, so that a path which jumps
#: from side to side is seen to jump.
STEPS = [*range(1, 16), *range(20, NUM_STEPS + 1, 5)]
#: K and S of the stored offsets, and the offset at which a run counts as diverged.
K, S, TOP = 25, 0.03, 1e4
#: Final losses are stored as round(FINE * log10(loss / LEAST)); OUT says that the run diverged.
#: Those after LONG updates need not be as fine: COARSE.
FINE, LEAST, OUT = 40_000, 1e-3, 1_000_000
COARSE = 100
TARGET = Path(__file__).with_name("runs.json")


def examples() -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The same 100 examples with three versions of their feature: ({name: x (n,)}, y (n,))."""
    generator = torch.Generator().manual_seed(32)
    x = torch.randn(NUM_EXAMPLES, generator=generator, dtype=torch.float64)
    noise = torch.randn(NUM_EXAMPLES, generator=generator, dtype=torch.float64)
    y = TRUE_W * x + TRUE_B + NOISE * noise
    moved = x + SHIFT
    standardised = (moved - moved.mean()) / moved.std(correction=0)
    return {"well": x, "badly": moved, "standardised": standardised}, y


def design(x: torch.Tensor) -> torch.Tensor:
    """Feature and a column of ones, (n, 2)."""
    return torch.stack([x, torch.ones_like(x)], dim=1)


def surface(x: torch.Tensor, y: torch.Tensor) -> dict:
    """Where the loss is least, how small it is there, and how it curves."""
    X = design(x)
    optimum = torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
    curvatures, vectors = torch.linalg.eigh(X.T @ X / len(y))
    if curvatures[1] - curvatures[0] < 1e-9:  # a circle: every basis will do, so take this one
        vectors = torch.eye(2, dtype=x.dtype)
    return {
        "optimum": optimum.tolist(),
        "least": (((X @ optimum - y) ** 2).mean() / 2).item(),
        "curvatures": curvatures.tolist(),
        "vectors": vectors.tolist(),
    }


def order(batch_size: int) -> list[torch.Tensor]:
    """The examples of LONG updates; every epoch in a new order, the same for all runs."""
    generator = torch.Generator().manual_seed(1)
    batches: list[torch.Tensor] = []
    while len(batches) < LONG:
        batches += torch.randperm(NUM_EXAMPLES, generator=generator).split(batch_size)
    return batches[:LONG]


def train(
    x: torch.Tensor, y: torch.Tensor, method: str, batches: list[torch.Tensor], lr: float
) -> tuple[list[list[float]], list[float]]:
    """(w, b) after each update and the loss of all examples there, from (0, 0), by torch.optim."""
    X = design(x)
    theta = torch.zeros(2, dtype=x.dtype, requires_grad=True)
    optimizer = {
        "sgd": lambda: torch.optim.SGD([theta], lr),
        "momentum": lambda: torch.optim.SGD([theta], lr, momentum=MOMENTUM),
        "adam": lambda: torch.optim.Adam([theta], lr),
    }[method]()
    path, losses = [], []
    for batch in batches:
        optimizer.zero_grad()
        loss = ((X[batch] @ theta - y[batch]) ** 2).mean() / 2
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            path.append(theta.tolist())
            losses.append((((X @ theta - y) ** 2).mean() / 2).item())
        if not torch.isfinite(theta).all() or theta.abs().max() > 10 * TOP:
            break  # it will not come back
    return path, losses


def offsets(path: list[list[float]], about: dict) -> list[list[int]]:
    """Stored numbers of the kept updates, (steps, 2); a run that left stays at the limit."""
    limit = round(K * math.asinh(TOP / S))
    vectors, optimum = about["vectors"], about["optimum"]
    kept, gone = [], False
    for n in range(NUM_STEPS):
        if not gone:
            e = [value - best for value, best in zip(path[n], optimum, strict=True)]
            c = [sum(vectors[i][j] * e[i] for i in (0, 1)) for j in (0, 1)]
            gone = max(abs(v) for v in c) >= TOP
        if gone:
            kept.append([limit, limit])
        else:
            kept.append([round(K * math.asinh(v / S)) for v in c])
    return [kept[step - 1] for step in STEPS]


def guess(row: list[int], above: list[int] | None, k: int) -> int:
    """The median of left, above, and their sum minus the corner (as JPEG-LS does)."""
    if above is None:
        return row[k - 1] if k else 0
    if k == 0:
        return above[0]
    a, b, corner = row[k - 1], above[k], above[k - 1]
    return sorted([a, b, a + b - corner])[1]


def write(coder: Writer, rows: list[list[int]], context: int) -> None:
    """Rows of equal length, each guessed from the one above it."""
    above = None
    for row in rows:
        last = 0
        for k, value in enumerate(row):
            off = value - guess(row, above, k)
            coder.number(context + last, off)
            last = min(abs(off), 2)
        above = row


def make() -> dict:
    """All runs."""
    versions, y = examples()
    about = {name: surface(x, y) for name, x in versions.items()}
    batches = {b: order(b) for b in BATCHES}
    runs, finals, later, keys = Writer(), Writer(), Writer(), []
    for name, x in versions.items():
        for method in METHODS:
            for b in BATCHES:
                q, last, long = [], [], []
                for exponent in EXPONENTS:
                    path, losses = train(x, y, method, batches[b], 10 ** (exponent / 10))
                    q.append(offsets(path, about[name]))
                    gone = max(map(abs, q[-1][-1])) >= round(K * math.asinh(TOP / S))
                    final, end = losses[NUM_STEPS - 1 :][:1], losses[LONG - NUM_STEPS :]
                    last.append(OUT if gone else round(FINE * math.log10(final[0] / LEAST)))
                    long.append(
                        round(COARSE * math.log10(statistics.median(end) / LEAST))
                        if len(losses) == LONG
                        else OUT
                    )
                keys.append(f"{name} {method} {b}")
                for axis in (0, 1):  # update by update, rate by rate
                    write(runs, [[p[i][axis] for p in q] for i in range(len(STEPS))], 3 * axis)
                write(finals, [last], 0)
                write(later, [long], 0)
                print(keys[-1])
    return {
        "steps": [0, *STEPS], "scale": [K, S, TOP], "fine": [FINE, LEAST, OUT],
        "momentum": MOMENTUM, "surfaces": about, "keys": keys,
        "runs": runs.text(), "finals": finals.text(), "coarse": COARSE, "later": later.text(),
    }  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    packed = json.dumps(make(), separators=(",", ":"))
    TARGET.write_text(f"{packed}\n", encoding="utf-8")
