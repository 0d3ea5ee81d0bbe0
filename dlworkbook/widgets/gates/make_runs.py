"""Make ``runs.json``: a GRU and an LSTM that name the last digit they have read.

    python -m dlworkbook.widgets.gates.make_runs

Each reads random texts of letters, spaces and digits, and says after every sign which digit came
last, or that none has come. The weights are stored as whole multiples of 1/UNIT, as ``widget.py``
says; the share of right answers is measured on the weights as stored. Takes a minute or two.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook.widgets.gates.widget import CLASSES, SIGNS, TENSORS, UNIT, H
from dlworkbook.widgets.kit.pack import Writer

SEED, STEPS, BATCH, LENGTH, RATE = 0, 2500, 64, 32, 0.02
DIGITS, NONE = 0.06, CLASSES - 1  # share of digits; the class "none yet"
KINDS = {"gru": nn.GRU, "lstm": nn.LSTM}
TARGET = Path(__file__).with_name("runs.json")


class Reader(nn.Module):
    """One recurrent layer over one-hot signs, and a linear layer."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.cell = KINDS[kind](len(SIGNS), H, batch_first=True)
        self.out = nn.Linear(H, CLASSES)

    def forward(self, signs: torch.Tensor) -> torch.Tensor:
        """Signs (B, S) -> scores (B, S, CLASSES)."""
        X = F.one_hot(signs, len(SIGNS)).to(self.out.weight.dtype)
        return self.out(self.cell(X)[0])

    def tensors(self) -> list[torch.Tensor]:
        """The weights in the order of ``TENSORS``."""
        state = self.state_dict()
        return [state[name] for name in TENSORS.values()]


def examples(number: int, length: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Signs and the last digit at each of them, both (number, length)."""
    letters = torch.randint(len(SIGNS) - 10, (number, length), generator=rng)
    digits = torch.randint(10, (number, length), generator=rng)
    isdigit = torch.rand(number, length, generator=rng) < DIGITS
    signs = torch.where(isdigit, len(SIGNS) - 10 + digits, letters)
    last = torch.full((number,), NONE)
    found = []
    for t in range(length):
        last = torch.where(isdigit[:, t], digits[:, t], last)
        found.append(last)
    return signs, torch.stack(found, dim=1)


def train(kind: str) -> Reader:
    """A trained network."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    net, rng = Reader(kind), torch.Generator().manual_seed(SEED)
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        X, y = examples(BATCH, LENGTH, rng)
        loss = F.cross_entropy(net(X).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()
        schedule.step()
    return net


def write(net: Reader) -> str:
    """The weights as text; afterwards the network holds what was stored."""
    coder = Writer()
    for context, tensor in enumerate(net.tensors()):
        levels = (tensor.double() * UNIT).round()
        for level in levels.flatten().int().tolist():
            coder.number(context, level)
        tensor.copy_(levels / UNIT)
    return coder.text()


@torch.no_grad()
def share_right(net: Reader) -> float:
    """Share of signs of new texts at which the last digit is named."""
    X, y = examples(2000, LENGTH, torch.Generator().manual_seed(SEED + 1))
    return (net(X).argmax(dim=2) == y).double().mean().item()


def main() -> None:
    found = {}
    for kind in KINDS:
        net = train(kind)
        before = share_right(net)
        with torch.no_grad():
            text = write(net)
        found[kind] = {"right": round(share_right(net), 4), "text": text}
        print(kind, round(before, 4), found[kind]["right"], len(text), flush=True)
    TARGET.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
