"""A decoder with attention in NumPy, in exchangeable parts, and how a learner's class is tried.

Sizes: B samples, S encoder steps, T tokens, E numbers of an embedding, H of a state, V tokens in
the vocabulary. Torch is imported where it is used.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from types import SimpleNamespace

import numpy as np

from ..faults import Finding, theirs
from ..values import equal, pattern, torch_module
from .classes import are, build, gradients, put


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


RECURRENT = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@lru_cache(maxsize=64)
def weights(layers: Layers) -> dict[str, np.ndarray]:
    """Weights by name, as torch lays them out: (outputs, inputs); gates reset, update, new."""
    V, E, H, seed = layers.V, layers.E, layers.H, layers.seed
    shapes = {
        "emb": (V, E), "mlp1_w": (H, H), "mlp1_b": (H,),
        "weight_ih": (3 * H, H + E), "weight_hh": (3 * H, H), "bias_ih": (3 * H,),
        "bias_hh": (3 * H,), "mlp2_w": (V, H), "mlp2_b": (V,),
    }
    w = {name: pattern(shape, seed + k, 1.0 if name in ("emb", "mlp2_w") else 0.5)
         for k, (name, shape) in enumerate(shapes.items(), 1)}
    if layers.mlp1 == "other":
        w["mlp1_w"], w["mlp1_b"] = pattern((H, H), seed + 13, 0.5), pattern((H,), seed + 12, 0.5)
    if layers.mlp1 == "bias only":
        w["mlp1_w"], w["mlp1_b"] = np.zeros((H, H)), np.arange(H) / 2
    if layers.blind or layers.glass:
        w["weight_ih"] = np.zeros((3 * H, H + E))
    if layers.glass:
        w["weight_hh"], w["bias_hh"] = np.zeros((3 * H, H)), np.zeros(3 * H)
        w["weight_ih"][2 * H :, :H] = 0.1 * np.eye(H)
        w["bias_ih"] = np.repeat([0.0, -40.0, 0.0], H)  # the update gate is shut: only the new
        w["mlp2_w"], w["mlp2_b"] = np.eye(V, H), np.zeros(V)
    return w


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


def right(dec_y, enc_hidden, state, is_first_step, layers, **parts):
    """The decoder as it should be, with ``parts`` in place of those of the same name."""
    one = partial(decode, layers=layers, parts=parts)
    return in_calls(one, dec_y, enc_hidden, state, is_first_step, layers.calls, np.concatenate)


# ---- a learner's decoder -----------------------------------------------------------------------

NEEDED = ("emb_layer", "mlp1", "decoder", "mlp2", "decode")
NO_GRADIENT = (
    "the scores are right, but the gradient that flows back from them is not: it is cut somewhere "
    "between the layers and the scores"
)


def run(answer: type, inputs: tuple):
    """Scores and state of a learner's class on the inputs of a probe."""
    torch = torch_module(load=True)
    dec_y, enc_hidden, state, first, layers = inputs
    # Before the learner's code can write into the inputs.
    wanted, ours = _gradients_of_ours(enc_hidden, dec_y, layers) if layers.gradient else (None, {})
    module, like = set_up(answer, layers)
    dec_y, state = dec_y.to(like.device), None if state is None else state.to(like)
    enc_hidden = enc_hidden.to(like).requires_grad_(layers.gradient)
    keys = enc_hidden.clone() if layers.gradient else enc_hidden
    decode, join = partial(theirs, module.decode), partial(theirs, torch.cat)
    result = in_calls(decode, dec_y, keys, state, first, layers.calls, join)
    # Other numbers are compared elsewhere.
    two = isinstance(result, (tuple, list)) and len(result) == 2
    if layers.gradient and two and are(result[:1], (wanted,)):
        found = gradients(result[0], {"h": enc_hidden, "emb": module.emb_layer.weight})
        if not all(equal(found.get(name), want, 1e-4) for name, want in ours.items()):
            raise Finding(NO_GRADIENT)
    return result


def set_up(answer: type, layers: Layers) -> tuple:
    """An object of the learner's class with the weights of ``layers``, and one of its weights.

    Raises Finding for a class that is not built from three sizes, for a missing attribute, and for
    a recurrent layer of another kind or size.
    """
    _check_signature(answer)
    module = build(answer, layers.V, layers.E, layers.H, derived=False)
    if missing := [name for name in NEEDED if not hasattr(module, name)]:
        text = f"your object has no {' and '.join(missing)}. It needs emb_layer, mlp1, decoder, "
        text += "mlp2 and softmax, and the method decode, by these names"
        found = list(getattr(module, "_modules", {}))
        raise Finding(text + (f"; its layers are called {', '.join(found)}" if found else ""))
    like = _set_recurrent(module.decoder, layers)
    module.emb_layer, module.mlp1, module.mlp2 = _plain_layers(layers, like)
    if hasattr(module, "eval"):
        theirs(module.eval)
    return module, like


def _check_signature(answer: type) -> None:
    try:
        signature = inspect.signature(answer)
    except Exception:
        return
    try:
        signature.bind(1, 2, 3)
    except TypeError:
        text = "the check builds an object as AttentionDecoder(vocab_size, embedding_size, "
        raise Finding(f"{text}num_hiddens), and your class takes {signature}") from None


def _set_recurrent(decoder, layers: Layers):
    """Write the weights of the recurrent layer; its first. Raises Finding if it is another one."""
    nn, w, kind = torch_module(load=True).nn, weights(layers), type(decoder)
    if not isinstance(decoder, (nn.GRU, nn.GRUCell)):
        known = getattr(nn, kind.__name__, None) is kind
        yours = f"an nn.{kind.__name__}" if known else f"of type {kind.__name__}"
        raise Finding(f"the attribute decoder has to be an nn.GRU; yours is {yours}")
    end = "_l0" if isinstance(decoder, nn.GRU) else ""
    found = dict(decoder.named_parameters())
    got = {name: tuple(parameter.shape) for name, parameter in found.items()}
    wanted = {name + end: w[name].shape for name in RECURRENT}
    if got != wanted:
        H, E = layers.H, layers.E
        names = sorted(n for n in {*got, *wanted} if got.get(n) != wanted.get(n))
        text = f"with embedding_size {E} and num_hiddens {H} the attribute decoder has to be a "
        text += f"GRU of one layer with {H} + {E} inputs and {H} hidden units, and it is another; "
        raise Finding(text + f"its weights differ in {', '.join(names)}")
    for name in RECURRENT:
        put(found[name + end], w[name], name)
    return found["weight_ih" + end]


def _plain_layers(layers: Layers, like):
    """The layers emb_layer, mlp1 and mlp2 with copies of our weights, as the tensor ``like``."""
    torch = torch_module(load=True)
    nn = torch.nn
    w = {n: torch.as_tensor(value).to(like, copy=True) for n, value in weights(layers).items()}

    def linear(weight, bias):
        # Not initialised: that would draw random numbers.
        layer = nn.utils.skip_init(nn.Linear, *weight.shape[::-1])
        layer.weight.data, layer.bias.data = weight, bias
        return layer

    mlp1 = linear(w["mlp1_w"], w["mlp1_b"])
    if layers.mlp1 == "linear, tanh":
        mlp1 = nn.Sequential(mlp1, nn.Tanh())
    emb = nn.Embedding.from_pretrained(w["emb"], freeze=False)
    return emb, mlp1, linear(w["mlp2_w"], w["mlp2_b"])


def _gradients_of_ours(enc_hidden, dec_y, layers: Layers):
    """The scores of a first call with torch in float64, and their gradients by name."""
    torch = torch_module(load=True)
    h = enc_hidden.detach().double().requires_grad_()  # a copy
    emb, mlp1, mlp2 = _plain_layers(layers, h)
    recurrent = [torch.as_tensor(weights(layers)[name]) for name in RECURRENT]
    state, scores = mlp1(h).mean(1), []
    for tokens in dec_y.T:
        a = torch.softmax((h @ state[:, :, None])[:, :, 0], 1)
        x = torch.cat([(a[:, :, None] * h).sum(1), emb(tokens)], 1)
        state = torch.gru_cell(x, state, *recurrent)
        scores.append(mlp2(state))
    scores = torch.stack(scores, 1)
    return scores.detach().numpy(), gradients(scores, {"h": h, "emb": emb.weight})
