"""Depth, norms and residual paths: encoders of 2 and 10 blocks that learn to turn 8 digits round.

Blocks are those of the page, taken from its cells. Adam at several rates, without warm-up, and for
the plain block also with it; what has not learned gets ten times the steps. Some five minutes.
"""

from __future__ import annotations

import time

import torch
import torch.nn.functional as F
from torch import nn

from publish.tools.experiments import side_by_side
from tests.kit.pages import definitions

PAGE = "ch10_attention/transformer_and_bert"
DEPTHS, RATES, SEEDS = (2, 10), (1e-3, 3e-3, 1e-2), range(3)
STEPS, WARM = 300, 150
D, HEADS, WIDE, DIGITS, LENGTH = 32, 4, 64, 10, 8


class Net(nn.Module):
    """Digits (B, 8) -> scores (B, 8, 10)."""

    def __init__(self, page: dict, kind: str, depth: int) -> None:
        super().__init__()
        Block = page["NoResidual" if kind == "none" else "EncoderBlock"]
        pre = kind == "pre"
        self.tokens, self.places = nn.Embedding(DIGITS, D), nn.Embedding(LENGTH, D)
        self.blocks = nn.Sequential(*(Block(D, HEADS, WIDE, pre) for _ in range(depth)))
        self.norm = nn.LayerNorm(D) if pre else nn.Identity()  # pre-norm's last one
        self.out = nn.Linear(D, DIGITS)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        X = self.tokens(X) + self.places.weight
        return self.out(self.norm(self.blocks(X)))


def share_right(net: nn.Module) -> float:
    """Share of digits of 500 new texts that are right."""
    X = torch.randint(DIGITS, (500, LENGTH), generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        return (net(X).argmax(2) == X.flip(1)).float().mean().item()


def train(job: tuple) -> dict:
    """Share of digits right after training, and seconds a step."""
    kind, depth, lr, seed, steps = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = Net(definitions(PAGE), kind, depth)
    optimizer = torch.optim.Adam(net.parameters(), lr)
    begin = time.perf_counter()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = lr * (min(1, (step + 1) / WARM) if kind == "warm" else 1)
        X = torch.randint(DIGITS, (32, LENGTH))
        loss = F.cross_entropy(net(X).flatten(0, 1), X.flip(1).flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    took = (time.perf_counter() - begin) / steps
    right = share_right(net)
    print(job, round(right, 3), flush=True)
    return {"right": right, "seconds": took}


def make() -> dict:
    """For each kind, depth and rate the shares of all seeds; steps beside them."""
    jobs = [(kind, depth, lr, seed, STEPS)
            for depth in reversed(DEPTHS) for kind in ("post", "pre", "none") for lr in RATES
            for seed in SEEDS]  # fmt: skip
    jobs += [("warm", DEPTHS[-1], RATES[-1], seed, STEPS) for seed in SEEDS]
    longer = [("none", DEPTHS[-1], RATES[0], 0, 10 * STEPS)]
    runs = side_by_side(train, jobs + longer)
    rows: dict[tuple, list] = {}
    for job, run in zip(jobs, runs, strict=False):
        rows.setdefault(job[:3], []).append(round(run["right"], 4))
    seconds = {
        depth: sorted(r["seconds"] for j, r in zip(jobs, runs, strict=False)
                      if j[1] == depth and j[0] == "post")
        for depth in DEPTHS
    }  # fmt: skip
    return {
        "steps": STEPS,
        "rates": list(RATES),
        "depths": list(DEPTHS),
        "rows": [{"kind": k, "depth": d, "lr": lr, "right": v} for (k, d, lr), v in rows.items()],
        "longer": round(runs[-1]["right"], 4),
        "seconds": [seconds[depth][len(seconds[depth]) // 2] for depth in DEPTHS],
    }
