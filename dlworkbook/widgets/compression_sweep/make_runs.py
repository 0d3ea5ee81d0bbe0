"""Make ``runs.json``: a small network that reads digits, and 200 digits it has not seen.

    python -m dlworkbook.widgets.compression_sweep.make_runs

Trained on 1,000 pictures for 1,500 updates; its weights are stored as whole multiples of 1/UNIT,
as ``widget.py`` says. Takes a few seconds.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

from dlworkbook.widgets.compression_sweep.widget import (
    CLASSES,
    DIGITS,
    HIDDEN,
    INPUTS,
    UNIT,
    walk,
)
from dlworkbook.widgets.kit.pack import Writer

SEED, TRAIN, UPDATES, BATCH, RATE = 0, 1000, 1500, 64, 2e-3
TARGET = Path(__file__).with_name("runs.json")


def main() -> None:
    """Train and write."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    pixels, labels = load_digits(return_X_y=True)
    pixels, labels = torch.tensor(pixels).int(), torch.tensor(labels)
    order = torch.randperm(len(pixels))
    X, y = pixels[order] / 16, labels[order]
    net = nn.Sequential(nn.Linear(INPUTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    adam = torch.optim.Adam(net.parameters(), RATE)
    for _ in range(UPDATES):
        rows = torch.randint(TRAIN, (BATCH,))
        loss = F.cross_entropy(net(X[rows]), y[rows])
        adam.zero_grad()
        loss.backward()
        adam.step()
    tensors = [(p.detach() * UNIT).round().int().view(-1, p.shape[-1]) for p in net.parameters()]
    at = order[TRAIN : TRAIN + DIGITS]
    coder = Writer()
    walk(coder, [t.tolist() for t in tensors], pixels[at].tolist(), labels[at].tolist())
    TARGET.write_text(f"{json.dumps(coder.text())}\n", encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
