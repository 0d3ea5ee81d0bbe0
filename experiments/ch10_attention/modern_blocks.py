"""One part exchanged at a time: the page's small language model on the letters of the sonnets.

Each variant differs from the page's model in one thing, has as many weights (but for the heads of
keys and values, which are the thing), and is trained in the same way on windows of T letters from
the first 138 sonnets. The loss is that of the last 16: over windows of T letters, and over windows
three times as long, by place in the window.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import verse
from publish.tools.experiments import side_by_side
from tests.kit.pages import definitions

SIZES = {"L": 2, "d": 48, "h": 6, "g": 2, "f": 128}
T, LONG, BATCH, STEPS = 48, 144, 12, 400
RATES, SEEDS = (3e-3, 8e-3, 2e-2), range(3)
SIZE = 0.3  # of the sines: better here than 0.1 and than 1, for seed 0 and the two larger rates


def letters() -> tuple[list[str], torch.Tensor, torch.Tensor]:
    """All letters, and the numbers of those for training and for testing."""
    sonnets = verse.sonnets()
    known = sorted(set("\n\n".join(sonnets)))
    code = {c: k for k, c in enumerate(known)}
    parts = (sonnets[:138], sonnets[138:])
    return known, *(torch.tensor([code[c] for c in "\n\n".join(p) + "\n\n"]) for p in parts)


def sines(n: int, d: int) -> torch.Tensor:
    """Sine, cosine, ... of n places (n, d): the code that is added."""
    omega = 10000 ** (-torch.arange(0, d, 2) / d)
    angle = torch.arange(n)[:, None] * omega
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


class Sines(nn.Embedding):
    """A table whose rows get the code of their place, made smaller."""

    def forward(self, ids):
        return super().forward(ids) + SIZE * sines(ids.shape[1], self.embedding_dim)


class TwoMatrices(nn.Module):
    """ReLU between two matrices, as many weights as SwiGLU's three."""

    def __init__(self, d, f):
        super().__init__()
        self.up, self.down = (
            nn.Linear(d, 3 * f // 2, bias=False), nn.Linear(3 * f // 2, d, bias=False))

    def forward(self, x):
        return self.down(F.relu(self.up(x)))


def layer_norm(x, w, eps=1e-5):
    """LayerNorm without bias."""
    return F.layer_norm(x, (x.shape[-1],), w, None, eps)


def unturned(x, place, base=10000):
    """In place of the rotation: nothing."""
    return x


VARIANTS = {
    "as built": {},
    "no places": {"rotate": unturned},
    "sines added": {"rotate": unturned, "table": Sines},
    "LayerNorm": {"rms_norm": layer_norm},
    "ReLU, two matrices": {"SwiGLU": TwoMatrices},
    "g = h (MHA)": {"g": 6},
    "g = 1 (MQA)": {"g": 1},
}


def built(name: str, V: int) -> nn.Module:
    """The page's model with one part exchanged."""
    space, change = definitions("ch10_attention/modern_blocks"), dict(VARIANTS[name])
    sizes = SIZES | {"g": change.pop("g", SIZES["g"])}
    table = change.pop("table", None)
    space.update(change)
    net = space["Decoder"](V, **sizes)
    if table:
        kind = table(V, sizes["d"])
        kind.weight = net.table.weight
        net.table = kind
    return net


def by_place(net: nn.Module, data: torch.Tensor, length: int) -> torch.Tensor:
    """Mean loss at each place of windows that cover the text."""
    step = length // 2
    at = torch.arange(0, len(data) - length - 1, step)[:, None] + torch.arange(length + 1)
    with torch.no_grad():
        z = torch.cat([net(data[part[:, :-1]])[0] for part in at.split(32)])
    loss = F.cross_entropy(z.flatten(0, 1), data[at[:, 1:]].flatten(), reduction="none")
    return loss.view(len(at), length).mean(0)


def study(job: tuple[str, float, int]) -> dict:
    """One network: its loss on the test text, and by place beyond what it was trained on."""
    name, rate, seed = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    known, train, test = letters()
    net = built(name, len(known))
    adam = torch.optim.Adam(net.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, rate, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        at = torch.randint(len(train) - T, (BATCH, 1)) + torch.arange(T + 1)
        z, _ = net(train[at[:, :-1]])
        loss = F.cross_entropy(z.flatten(0, 1), train[at[:, 1:]].flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        adam.step()
        schedule.step()
    far = by_place(net, test, LONG)
    return {"name": name, "rate": rate, "seed": seed, "loss": by_place(net, test, T).mean().item(),
            "weights": sum(p.numel() for p in net.parameters()),
            "far": far[LONG - T :].mean().item()}


def make() -> dict:
    jobs = [(name, rate, seed) for name in VARIANTS for rate in RATES for seed in SEEDS]
    return {"runs": side_by_side(study, jobs), "steps": STEPS, "T": T}
