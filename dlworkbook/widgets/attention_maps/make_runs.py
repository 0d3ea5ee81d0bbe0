"""Make ``runs.json``: snapshots of a small sequence reverser while it is trained.

    python -m dlworkbook.widgets.attention_maps.make_runs

The model is the one of the page on sequence reversal, smaller: GRU encoder, GRU decoder with
dot-product attention, an embedding for each. It is trained once, with fixed seed and one
thread; its weights are kept after each number of steps in SNAPSHOTS, as ``reverser.py`` says.
The share of sequences that a snapshot reverses without a mistake is measured on the weights as
stored. Takes about a minute.
"""

from __future__ import annotations

import json

import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook.widgets.attention_maps.reverser import (
    BASE64,
    DATA,
    TENSORS,
    E,
    H,
    Reverser,
    V,
    decode,
    nearest,
    shifted,
    unpack,
)
from dlworkbook.widgets.kit.base import declared

SHORTEST, LONGEST = 3, 8
SEED, STEPS, BATCH, RATE = 0, 4000, 128, 0.03
SNAPSHOTS = declared("attention_maps")["fields"]["trained"]["of"]
LENGTHS = range(1, 13)  # lengths on which each snapshot is measured


def examples(number: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """Random sequences of letters, (number, length)."""
    return torch.randint(1, V, (number, length), generator=generator)


def train() -> list[tuple[int, dict[str, torch.Tensor]]]:
    """(step, weights) for each of SNAPSHOTS."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    net = Reverser()
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    generator = torch.Generator().manual_seed(SEED)
    kept = []
    for step in range(STEPS + 1):
        if step in SNAPSHOTS:
            kept.append((step, {k: v.clone() for k, v in net.state_dict().items()}))
        if step == STEPS:
            return kept
        length = int(torch.randint(SHORTEST, LONGEST + 1, (1,), generator=generator))
        X = examples(BATCH, length, generator)
        Y = X.flip(1)
        scores, _ = net(X, shifted(Y))
        loss = F.cross_entropy(scores.flatten(0, 1), Y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()
        schedule.step()
    raise AssertionError("not reached")


def pack(weights: dict[str, torch.Tensor], later: list[float] | None) -> dict:
    """Weights -> {"text", "scales"}, given those of the next snapshot (see reverser.py)."""
    most, text, scales, at = 2047 if later is None else 31, [], [], 0
    for name in TENSORS.values():
        scale = float(f"{weights[name].abs().max().item() / most:.5g}")
        scales.append(scale)
        levels = (weights[name].double() / scale).round().clamp(-most, most)
        for level in levels.flatten().int().tolist():
            if later is None:
                high, low = divmod(level + most, 64)
                text.append(BASE64[high] + BASE64[low])
            else:
                off = (level - nearest(later[at], scale)) % 63
                text.append(BASE64[2 * off if off < 32 else 2 * (63 - off) - 1])
            at += 1
    return {"text": "".join(text), "scales": scales}


@torch.no_grad()
def share_right(net: Reverser, length: int, number: int = 500) -> float:
    """Share of random sequences of one length that are reversed without a mistake."""
    X = examples(number, length, torch.Generator().manual_seed(length))
    scores, _ = net(X)
    return (scores.argmax(dim=2) == X.flip(1)).all(dim=1).double().mean().item()


def main() -> None:
    snapshots, later = [], None
    for step, weights in reversed(train()):
        packed = pack(weights, later)
        later = decode(packed, later)
        right = [round(share_right(unpack(later), n), 3) for n in LENGTHS]
        snapshots.insert(0, {"step": step, "right": right, **packed})
        print(step, right, flush=True)
    head = {"E": E, "H": H, "V": V, "seen": [SHORTEST, LONGEST], "lengths": list(LENGTHS)}
    parts = [json.dumps(s, separators=(",", ":")) for s in snapshots]
    start = json.dumps(head, separators=(",", ":"))[:-1]
    text = f'{start},"snapshots":[\n' + ",\n".join(parts) + "\n]}\n"
    DATA.write_text(text, encoding="utf-8")
    print(f"{DATA.name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
