"""Make ``runs.json``: scores of the next letter after some beginnings.

    python -m dlworkbook.widgets.next_token.make_runs

The model is that of the page on modern blocks, a little larger, trained on the first 138 sonnets
letter by letter. Stored are the scores in hundredths, and the loss on the last 16 sonnets, which
says how good the model is. Takes three minutes.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch.nn import functional as F

from dlworkbook.data import verse
from tests.kit.pages import definitions

SIZES = {"L": 2, "d": 96, "h": 6, "g": 2, "f": 256}
SEED, STEPS, BATCH, T, RATE, DECAY = 0, 1200, 16, 64, 0.004, 0.3
SUMMER = "Shall I compare thee to a summer's "
TEXTS = [  # the widget shows them shortened
    SUMMER + "lo", SUMMER + "q", SUMMER, "From fairest creatures w", "And all my love is th",
    "When forty winters s", "My mistress' eyes are ", "I love thee, thou",
]  # fmt: skip
TARGET = Path(__file__).with_name("runs.json")


def letters() -> tuple[str, torch.Tensor, torch.Tensor]:
    """All letters, and the numbers of those for training and for testing."""
    sonnets = verse.sonnets()
    known = "".join(sorted(set("\n\n".join(sonnets))))
    parts = (sonnets[:138], sonnets[138:])
    return known, *(torch.tensor([known.index(c) for c in "\n\n".join(p) + "\n\n"]) for p in parts)


def loss_of(net: torch.nn.Module, data: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """Mean loss on windows that begin at these places (N, 1)."""
    windows = data[at + torch.arange(T + 1)]
    z, _ = net(windows[:, :-1])
    return F.cross_entropy(z.flatten(0, 1), windows[:, 1:].flatten())


def train() -> tuple[torch.nn.Module, str, float]:
    """The trained model, its letters, and its loss on the sonnets kept for testing."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    known, data, test = letters()
    net = definitions("ch10_attention/modern_blocks")["Decoder"](len(known), **SIZES)
    adam = torch.optim.AdamW(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        loss = loss_of(net, data, torch.randint(len(data) - T, (BATCH, 1)))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1)
        adam.step()
        schedule.step()
    with torch.no_grad():
        judged = loss_of(net, test, torch.arange(0, len(test) - T - 1, T)[:, None]).item()
    return net, known, judged


@torch.no_grad()
def scores(net: torch.nn.Module, known: str, text: str) -> list[int]:
    """Scores of the next letter in hundredths, the largest being 0."""
    z, _ = net(torch.tensor([[known.index(c) for c in text]]))
    z = z[0, -1].double()
    return ((z - z.max()) * 100).round().int().tolist()


def main() -> None:
    net, known, judged = train()
    found = {"letters": known, "loss": round(judged, 4),
             "texts": TEXTS,
             "scores": [scores(net, known, text) for text in TEXTS]}  # fmt: skip
    print(found["loss"])
    for text, z in zip(TEXTS, found["scores"], strict=True):
        p = (torch.tensor(z) / 100).softmax(0)
        top = p.argsort(descending=True)[:12].tolist()
        print(repr(text), [f"{known[k]} {p[k]:.2f}" for k in top], -(p * p.log()).sum().item())
    TARGET.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
