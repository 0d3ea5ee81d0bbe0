"""The sequence reverser of the attention maps, in torch, and its weights as they are stored.

A weight is a level times a scale for each tensor. Of the last snapshot it is one of 4095 levels,
two characters of base64. Of an earlier one it is one of 63, and one character says how far it is
from the level that is nearest to the same weight of the next snapshot: 0, -1, 1, -2, ...
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import torch
from torch import nn

DATA = Path(__file__).with_name("runs.json")
E, H, V = 4, 20, 27  # embedding, hidden units, 26 letters and the start token 0
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#: Tensors in the order in which they are stored: the names of model.js, and of the state dict.
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


def shifted(Y: torch.Tensor) -> torch.Tensor:
    """What the decoder is fed: the start token, then the targets but the last."""
    return torch.cat([torch.zeros_like(Y[:, :1]), Y[:, :-1]], dim=1)


def new() -> Reverser:
    """A model in float64; the random numbers of the page stay where they are."""
    with torch.random.fork_rng(devices=[]):
        return Reverser().double()


def scale_of_each(scales: list[float]) -> list[float]:
    """The scale of each weight, tensor after tensor."""
    state = new().state_dict()
    parts = zip(TENSORS.values(), scales, strict=True)
    return [scale for name, scale in parts for _ in range(state[name].numel())]


def nearest(value: float, scale: float) -> int:
    """The level, from -31 to 31, that is nearest to a value."""
    return min(31, max(-31, math.floor(value / scale + 0.5)))


def decode(snapshot: dict, later: list[float] | None) -> list[float]:
    """All weights of a snapshot, given those of the next; None for the last."""
    codes, scales = map(BASE64.index, snapshot["text"]), scale_of_each(snapshot["scales"])
    if later is None:
        return [(64 * high + low - 2047) * s for s, high, low in zip(scales, codes, codes)]
    found = []
    for scale, code, value in zip(scales, codes, later, strict=True):
        off = -(code + 1) // 2 if code % 2 else code // 2
        found.append(((nearest(value, scale) + off + 31) % 63 - 31) * scale)
    return found


def unpack(weights: list[float]) -> Reverser:
    """The model with these weights."""
    net, at = new(), 0
    for name in TENSORS.values():
        tensor = net.state_dict()[name]
        part = torch.tensor(weights[at : at + tensor.numel()], dtype=torch.float64)
        tensor.copy_(part.reshape(tensor.shape))
        at += tensor.numel()
    return net


@cache
def stored() -> dict:
    """The data as committed."""
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def weights(n: int) -> list[float]:
    """All weights of snapshot n."""
    snapshots = stored()["snapshots"]
    return decode(snapshots[n], weights(n + 1) if n + 1 < len(snapshots) else None)


@cache
def trained(steps: int) -> Reverser:
    """The model after so many training steps."""
    return unpack(weights([s["step"] for s in stored()["snapshots"]].index(steps)))


@torch.no_grad()
def reverse(
    sequence: str, steps: int, temperature: float = 1, given: bool = False
) -> tuple[str, list[list[float]]]:
    """(what the network writes, "·" for no letter; a row of attention weights for each letter)."""
    X = torch.tensor([[ord(c) - 64 for c in sequence]])
    fed = shifted(X.flip(1)) if given else None
    scores, maps = trained(steps)(X, fed, temperature)
    written = scores.argmax(dim=2)[0].tolist()
    return "".join(chr(64 + p) if p else "·" for p in written), maps[0].tolist()
