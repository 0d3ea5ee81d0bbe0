"""The attention decoder in NumPy, in exchangeable parts, with the weights that the check gives it.

Sizes: B samples, S encoder steps, T tokens, E numbers of an embedding, H of a state, V tokens in
the vocabulary. Right and wrong decoders of the task ``attention_decoder`` are made here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from ...task import Variant
from ...values import pattern


@dataclass(frozen=True)
class Layers:
    """Sizes of a decoder, which weights it is given, and how it is called.

    ``glass``: the recurrent layer's output is tanh(context / 10) and mlp2 the identity, so that
    attention weights can be read off the scores. ``blind``: the recurrent layer ignores its input.
    ``mlp1`` is "linear", "other" (linear, other weights), "bias only" or "linear, tanh".
    ``calls`` says how many tokens each call gets (all in one if empty). ``gradient`` asks for the
    gradient as well.
    """

    V: int
    E: int
    H: int
    seed: int = 0
    glass: bool = False
    blind: bool = False
    mlp1: str = "linear"
    calls: tuple[int, ...] = ()
    gradient: bool = False


@lru_cache(maxsize=64)
def weights(layers: Layers) -> dict[str, np.ndarray]:
    """Weights by name, as torch lays them out: (outputs, inputs); gates reset, update, new."""
    V, E, H, seed = layers.V, layers.E, layers.H, layers.seed
    w = {
        "emb": pattern((V, E), seed + 1),
        "mlp1_w": pattern((H, H), seed + 2, 0.5),
        "mlp1_b": pattern((H,), seed + 3, 0.5),
        "W_ih": pattern((3 * H, H + E), seed + 4, 0.5),
        "W_hh": pattern((3 * H, H), seed + 5, 0.5),
        "b_ih": pattern((3 * H,), seed + 6, 0.5),
        "b_hh": pattern((3 * H,), seed + 7, 0.5),
        "mlp2_w": pattern((V, H), seed + 8),
        "mlp2_b": pattern((V,), seed + 9, 0.5),
    }
    if layers.mlp1 == "other":
        w["mlp1_w"], w["mlp1_b"] = pattern((H, H), seed + 13, 0.5), pattern((H,), seed + 12, 0.5)
    if layers.mlp1 == "bias only":
        w["mlp1_w"], w["mlp1_b"] = np.zeros((H, H)), np.arange(H) / 2
    if layers.blind:
        w["W_ih"] = np.zeros((3 * H, H + E))
    if layers.glass:
        w["W_hh"], w["b_hh"] = np.zeros((3 * H, H)), np.zeros(3 * H)
        w["W_ih"] = np.zeros((3 * H, H + E))
        w["W_ih"][2 * H :, :H] = 0.1 * np.eye(H)
        w["b_ih"] = np.repeat([0.0, -40.0, 0.0], H)  # the update gate is shut: the new state only
        w["mlp2_w"], w["mlp2_b"] = np.eye(V, H), np.zeros(V)
    return w


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def gru_step(w, x, s):
    """x (B, H+E), s (B, H) -> (B, H), as nn.GRU computes it: reset after the product."""
    H = s.shape[1]
    from_x, from_s = x @ w["W_ih"].T + w["b_ih"], s @ w["W_hh"].T + w["b_hh"]
    gates = sigmoid(from_x[:, : 2 * H] + from_s[:, : 2 * H])
    r, z = gates[:, :H], gates[:, H:]
    return (1 - z) * np.tanh(from_x[:, 2 * H :] + r * from_s[:, 2 * H :]) + z * s


def linear1(d, x):
    """mlp1 of the decoder ``d``."""
    y = x @ d.w["mlp1_w"].T + d.w["mlp1_b"]
    return np.tanh(y) if d.layers.mlp1 == "linear, tanh" else y


def linear2(d, x):
    """mlp2 of the decoder ``d``."""
    return x @ d.w["mlp2_w"].T + d.w["mlp2_b"]


def take(state, shape):
    """A state of just this shape; a layer raises for any other."""
    if state is None or state.shape != shape:
        raise ValueError(f"expected a state of shape {shape}")
    return state


# Every part of one call, as a function of what is known then: d.w weights, d.h (B, S, H), d.e
# (B, T, E), d.s the state (B, H), d.first, d.t, d.given the state handed over.
RIGHT: dict[str, Callable] = {
    "begins": lambda d: d.first,
    "start": lambda d: linear1(d, d.h).mean(1),
    "takes": lambda d: take(d.given, (1, *d.h[:, 0].shape))[0],
    "steps": lambda d: range(d.e.shape[1]),
    "token": lambda d: d.e[:, d.t],
    "query": lambda d: d.s,
    "keys": lambda d: d.h,
    "values": lambda d: d.h,
    "compare": lambda d, q, k: np.einsum("bh,bsh->bs", q, k),
    "weigh": lambda d, z: softmax(z),
    "join": lambda d, c, e: np.concatenate([c, e], 1),
    "old": lambda d: d.s,
    "carry": lambda d: d.new,
    "read": lambda d: d.new,
    "score": linear2,
    "finish": lambda d, Y: Y,
    "leave": lambda d: d.s[None],
    "hand_over": lambda d, Y, s: (Y, s),
}


def decode(dec_y, h, state, first, layers, parts):
    """One call: dec_y (B, T), h (B, S, H), state (1, B, H) -> scores (B, T, V), state (1, B, H)."""
    p = SimpleNamespace(**(RIGHT | parts))
    w = weights(layers)
    d = SimpleNamespace(w=w, layers=layers, h=h, e=w["emb"][dec_y], first=first, given=state)
    d.s = d.begin = p.start(d) if p.begins(d) else p.takes(d)
    if d.s.shape != h[:, 0].shape:
        raise ValueError("a state of the wrong shape")
    d.read, d.contexts, d.states = [], [], []
    for t in p.steps(d):
        d.t = t
        a = p.weigh(d, p.compare(d, p.query(d), p.keys(d)))
        d.c = np.einsum("bs,bsh->bh", a, p.values(d))
        d.contexts.append(d.c)
        d.new = gru_step(w, p.join(d, d.c, p.token(d)), p.old(d))
        d.read.append(p.read(d))
        d.before, d.s = d.s, p.carry(d)
        d.states.append(d.new)
    Y = p.finish(d, p.score(d, np.stack(d.read, 1)))
    return p.hand_over(d, Y, p.leave(d))


def in_calls(decode, dec_y, enc_hidden, state, first, calls, concatenate):
    """``decode(dec_y, enc_hidden, state, first)`` in as many calls as the probe asks for.

    Scores are put together along the tokens. A call that gives something else than two results
    ends it: what it gave is the result.
    """
    scores, start = [], 0
    for length in calls or (dec_y.shape[1],):
        result = decode(dec_y[:, start : start + length], enc_hidden, state, first)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            return result
        scores.append(result[0])
        state, first, start = result[1], False, start + length
    if len(scores) == 1:
        return scores[0], state
    shapes = [tuple(getattr(part, "shape", ())) for part in scores]
    if any(len(s) != 3 or s[::2] != shapes[0][::2] for s in shapes):
        return scores[-1], state
    return concatenate(scores, 1), state


def _called(one, dec_y, h, state, first, layers):
    """``one(dec_y, h, state, first)`` on arrays, in the calls that the probe asks for."""
    dec_y, h, state = (
        x.numpy().astype("float64" if x.is_floating_point() else "int64")
        if hasattr(x, "numpy")
        else x
        for x in (dec_y, h, state)
    )
    return in_calls(one, dec_y, h, state, first, layers.calls, np.concatenate)


def right(dec_y, h, state, first, layers, **parts):
    """The decoder as it should be, with ``parts`` in place of those of the same name."""
    return _called(lambda *now: decode(*now, layers, parts), dec_y, h, state, first, layers)


def recipe(**parts) -> Variant:
    """A decoder with these parts exchanged (none: the right one)."""
    return Variant(right, pieces=parts)


def no_parts(whole) -> Variant:
    """A decoder written as one function, ``whole(dec_y, h, state, first, layers)`` for a call."""
    return Variant(right, core=lambda *x: _called(lambda *now: whole(*now, x[-1]), *x))
