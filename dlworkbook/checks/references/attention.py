"""A decoder with attention in NumPy, in exchangeable parts, and what is right beside its numbers.

Sizes: B samples, S encoder steps, T tokens, E numbers of an embedding, H of a state, V tokens in
the vocabulary. Torch is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..adapters.attention import RECURRENT, Layers, in_calls, plain_layers, weights
from ..adapters.classes import gradients
from ..faults import Fault
from ..task import Probe
from ..values import copies, equal, torch_module

__all__ = ["RIGHT", "Layers", "beyond", "decode", "dot", "right", "softmax", "take", "weights"]

# ---- the decoder, in NumPy ---------------------------------------------------------------------


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def dot(d, q, k):
    """A score (B, S) for each key."""
    return np.einsum("bh,bsh->bs", q, k)


def gru_step(w, x, s):
    """x (B, H+E), s (B, H) -> (B, H), as nn.GRU computes it: reset after the product."""
    H = s.shape[1]
    from_x, from_s = x @ w["weight_ih"].T + w["bias_ih"], s @ w["weight_hh"].T + w["bias_hh"]
    gates = 1 / (1 + np.exp(-(from_x[:, : 2 * H] + from_s[:, : 2 * H])))
    r, z = gates[:, :H], gates[:, H:]
    return (1 - z) * np.tanh(from_x[:, 2 * H :] + r * from_s[:, 2 * H :]) + z * s


def take(state, shape):
    """A state of just this shape; a layer raises for any other."""
    if state is None or state.shape != shape:
        raise ValueError(f"expected a state of shape {shape}")
    return state


# Every part of one call, as a function of what is known then: d.w weights, d.mlp1 and d.mlp2
# layers, d.h (B, S, H), d.e (B, T, E), d.s the state (B, H), d.first, d.t, d.given the state
# handed over, and the sizes d.S, d.T, d.E, d.H.
RIGHT: dict[str, Callable] = {
    "begins": lambda d: d.first,
    "start": lambda d: d.mlp1(d.h).mean(1),
    "takes": lambda d: take(d.given, (1, *d.h[:, 0].shape))[0],
    "steps": lambda d: range(d.T),
    "token": lambda d: d.e[:, d.t],
    "query": lambda d: d.s,
    "keys": lambda d: d.h,
    "values": lambda d: d.h,
    "compare": dot,
    "weigh": softmax,
    "join": lambda d, c, e: np.concatenate([c, e], 1),
    "old": lambda d: d.s,
    "carry": lambda d: d.new,
    "read": lambda d: d.new,
    "score": lambda d, x: d.mlp2(x),
    "finish": lambda Y: Y,
    "leave": lambda d: d.s[None],
    "hand_over": lambda Y, s: (Y, s),
}


def decode(dec_y, h, state, first, layers, parts):
    """One call: dec_y (B, T), h (B, S, H), state (1, B, H) -> scores (B, T, V), state (1, B, H)."""
    p = SimpleNamespace(**(RIGHT | parts))
    w = weights(layers)
    d = SimpleNamespace(w=w, h=h, e=w["emb"][dec_y], first=first, given=state)
    (_, d.S, d.H), (_, d.T, d.E) = h.shape, d.e.shape
    bend = np.tanh if layers.mlp1 == "linear, tanh" else np.asarray
    d.mlp1 = lambda x: bend(x @ w["mlp1_w"].T + w["mlp1_b"])
    d.mlp2 = lambda x: x @ w["mlp2_w"].T + w["mlp2_b"]
    d.s = d.begin = p.start(d) if p.begins(d) else p.takes(d)
    if d.s.shape != h[:, 0].shape:
        raise ValueError("a state of the wrong shape")
    d.read, d.contexts, d.states = [], [], []
    for t in p.steps(d):
        d.t = t
        a = p.weigh(p.compare(d, p.query(d), p.keys(d)))
        d.c = np.einsum("bs,bsh->bh", a, p.values(d))
        d.contexts.append(d.c)
        d.new = gru_step(w, p.join(d, d.c, p.token(d)), p.old(d))
        d.read.append(p.read(d))
        d.before, d.s = d.s, p.carry(d)
        d.states.append(d.new)
    Y = p.finish(p.score(d, np.stack(d.read, 1)))
    return p.hand_over(Y, p.leave(d))


def right(dec_y, enc_hidden, state, is_first_step, layers, **parts):
    """The decoder as it should be, with ``parts`` in place of those of the same name."""
    one = partial(decode, layers=layers, parts=parts)
    return in_calls(one, dec_y, enc_hidden, state, is_first_step, layers.calls, np.concatenate)


# ---- beside the numbers ------------------------------------------------------------------------

NO_GRADIENT = (
    "the scores are right, but the gradient that flows back from them is not: it is cut somewhere "
    "between the layers and the scores"
)


def beyond(probe: Probe, facts: dict[str, Any]) -> str | Fault:
    """What is wrong with the gradients of a decoder whose numbers are right."""
    if "fault" in facts:
        return facts["fault"]
    dec_y, enc_hidden, _, _, layers = copies(probe.inputs, "torch")
    ours, found = _gradients_of_ours(enc_hidden, dec_y, layers), facts["gradients"]
    return "" if all(equal(found.get(n), want, 1e-4) for n, want in ours.items()) else NO_GRADIENT


def _gradients_of_ours(enc_hidden, dec_y, layers: Layers):
    """Gradients by name of a first call's scores, with torch in float64."""
    torch = torch_module(load=True)
    h = enc_hidden.detach().double().requires_grad_()  # a copy
    emb, mlp1, mlp2 = plain_layers(layers, h)
    recurrent = [torch.as_tensor(weights(layers)[name]) for name in RECURRENT]
    state, scores = mlp1(h).mean(1), []
    for tokens in dec_y.T:
        a = torch.softmax((h @ state[:, :, None])[:, :, 0], 1)
        x = torch.cat([(a[:, :, None] * h).sum(1), emb(tokens)], 1)
        state = torch.gru_cell(x, state, *recurrent)
        scores.append(mlp2(state))
    return gradients(torch.stack(scores, 1), {"h": h, "emb": emb.weight})
