"""Make ``runs.json``: snapshots of a small sequence reverser while it is trained.

    python -m dlworkbook.widgets.attention_maps.make_runs

The model is the one of the page on sequence reversal, smaller: GRU encoder, GRU decoder with
dot-product attention, an embedding for each. It is trained once, with fixed seed and one
thread; its weights are kept after each number of steps in SNAPSHOTS. To fit into a page, a
weight is one of 63 levels (one character of base64), in the last snapshot one of 4095 (two
characters), times a scale for each tensor. The share of sequences that a snapshot reverses
without a mistake is measured on the weights as stored. Takes about a minute.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

E, H, V = 4, 20, 27  # embedding, hidden units, 26 letters and the start token 0
SHORTEST, LONGEST = 3, 8
SEED, STEPS, BATCH, RATE = 0, 4000, 128, 0.03
SNAPSHOTS = [0, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1200,
             1500, 2000, 2500, 3000, 4000]  # fmt: skip
LENGTHS = range(1, 13)  # lengths on which each snapshot is measured
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
TARGET = Path(__file__).with_name("runs.json")
# Name in model.js -> name in the state dict, in the order of the text.
TENSORS = {
    "emb": "emb_layer.weight",
    "enc_w_ih": "encoder.weight_ih_l0",
    "enc_w_hh": "encoder.weight_hh_l0",
    "enc_b_ih": "encoder.bias_ih_l0",
    "enc_b_hh": "encoder.bias_hh_l0",
    "dec_emb": "dec_emb_layer.weight",
    "mlp1_w": "mlp1.weight",
    "mlp1_b": "mlp1.bias",
    "dec_w_ih": "decoder.weight_ih_l0",
    "dec_w_hh": "decoder.weight_hh_l0",
    "dec_b_ih": "decoder.bias_ih_l0",
    "dec_b_hh": "decoder.bias_hh_l0",
    "mlp2_w": "mlp2.weight",
    "mlp2_b": "mlp2.bias",
}


class Reverser(nn.Module):
    """Encoder and decoder; the decoder has the layers of the lab."""

    def __init__(self) -> None:
        super().__init__()
        self.emb_layer = nn.Embedding(V, E)
        self.encoder = nn.GRU(E, H, batch_first=True)
        self.dec_emb_layer = nn.Embedding(V, E)
        self.mlp1 = nn.Linear(H, H)
        self.decoder = nn.GRU(H + E, H, batch_first=True)
        self.mlp2 = nn.Linear(H, V)

    def forward(
        self, X: torch.Tensor, dec_y: torch.Tensor | None = None, temperature: float = 1.0
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """X (B, S) -> scores (B, S, V) and attention weights (B, S, S).

        ``dec_y`` (B, S) is what the decoder is fed; without it, its own predictions.
        """
        enc_hidden, _ = self.encoder(self.emb_layer(X))  # (B, S, H)
        state = self.mlp1(enc_hidden).mean(dim=1)[None]  # (1, B, H)
        token = torch.zeros_like(X[:, :1])
        scores, weights = [], []
        for t in range(X.shape[1]):
            if dec_y is not None:
                token = dec_y[:, t : t + 1]
            products = state.transpose(0, 1) @ enc_hidden.transpose(1, 2)  # (B, 1, S)
            alpha = torch.softmax(products / temperature, dim=2)
            output, state = self.decoder(
                torch.cat([alpha @ enc_hidden, self.dec_emb_layer(token)], dim=2), state
            )
            scores.append(self.mlp2(output))
            weights.append(alpha)
            token = scores[-1].argmax(dim=2)
        return torch.cat(scores, dim=1), torch.cat(weights, dim=1)


def examples(number: int, length: int, generator: torch.Generator) -> torch.Tensor:
    """Random sequences of letters, (number, length)."""
    return torch.randint(1, V, (number, length), generator=generator)


def shifted(Y: torch.Tensor) -> torch.Tensor:
    """What the decoder is fed: the start token, then the targets but the last."""
    return torch.cat([torch.zeros_like(Y[:, :1]), Y[:, :-1]], dim=1)


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


def pack(weights: dict[str, torch.Tensor], digits: int) -> dict:
    """Weights -> {"text", "scales"}: levels of equal distance, zero in the middle."""
    middle = 31 if digits == 1 else 2047
    text, scales = [], []
    for name in TENSORS.values():
        scale = float(f"{weights[name].abs().max().item() / middle:.5g}")
        scales.append(scale)
        levels = (weights[name].double() / scale).round().clamp(-middle, middle) + middle
        for level in levels.flatten().int().tolist():
            high, low = divmod(level, 64)
            text.append(BASE64[low] if digits == 1 else BASE64[high] + BASE64[low])
    return {"text": "".join(text), "scales": scales}


def unpack(snapshot: dict) -> Reverser:
    """The model of a snapshot, in float64, with the weights as stored."""
    net = Reverser().double()
    codes = [BASE64.index(c) for c in snapshot["text"]]
    digits = len(codes) // sum(p.numel() for p in net.parameters())
    if digits == 2:
        codes = [64 * high + low for high, low in zip(codes[::2], codes[1::2], strict=True)]
    middle, state, at = 31 if digits == 1 else 2047, net.state_dict(), 0
    for name, scale in zip(TENSORS.values(), snapshot["scales"], strict=True):
        size = state[name].numel()
        levels = torch.tensor(codes[at : at + size], dtype=torch.float64)
        state[name].copy_(((levels - middle) * scale).reshape(state[name].shape))
        at += size
    return net


@torch.no_grad()
def share_right(net: Reverser, length: int, number: int = 500) -> float:
    """Share of random sequences of one length that are reversed without a mistake."""
    X = examples(number, length, torch.Generator().manual_seed(length))
    scores, _ = net(X)
    return (scores.argmax(dim=2) == X.flip(1)).all(dim=1).double().mean().item()


def read() -> dict:
    """The data as committed."""
    return json.loads(TARGET.read_text(encoding="utf-8"))


def main() -> None:
    snapshots = []
    for step, weights in train():
        packed = pack(weights, 2 if step == STEPS else 1)
        net = unpack(packed)
        right = [round(share_right(net, n), 3) for n in LENGTHS]
        snapshots.append({"step": step, "right": right, **packed})
        print(step, right, flush=True)
    head = {"E": E, "H": H, "V": V, "seen": [SHORTEST, LONGEST], "lengths": list(LENGTHS)}
    parts = [json.dumps(s, separators=(",", ":")) for s in snapshots]
    start = json.dumps(head, separators=(",", ":"))[:-1]
    text = f'{start},"snapshots":[\n' + ",\n".join(parts) + "\n]}\n"
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {len(text)} bytes")


if __name__ == "__main__":
    main()
