"""A learner's decoder with attention: built, given its weights, and called.

Sizes: B samples, S encoder steps, T tokens, E numbers of an embedding, H of a state, V tokens in
the vocabulary. Torch is imported where it is used.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from ..faults import Finding, theirs
from ..values import scattered, torch_module
from . import Facts
from .classes import build, gradients_seen, put


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
    w = {name: scattered(shape, seed + k, 1.0 if name in ("emb", "mlp2_w") else 0.5)
         for k, (name, shape) in enumerate(shapes.items(), 1)}
    if layers.mlp1 == "other":
        w["mlp1_w"] = scattered((H, H), seed + 13, 0.5)
        w["mlp1_b"] = scattered((H,), seed + 12, 0.5)
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


NEEDED = ("emb_layer", "mlp1", "decoder", "mlp2", "decode")


def run(answer: type, inputs: tuple):
    """Scores and state of a learner's class on the inputs of a probe."""
    torch = torch_module(load=True)
    dec_y, enc_hidden, state, first, layers = inputs
    module, like = set_up(answer, layers)
    dec_y, state = dec_y.to(like.device), None if state is None else state.to(like)
    enc_hidden = enc_hidden.to(like).requires_grad_(layers.gradient)
    keys = enc_hidden.clone() if layers.gradient else enc_hidden
    decode, join = partial(theirs, module.decode), partial(theirs, torch.cat)
    result = in_calls(decode, dec_y, keys, state, first, layers.calls, join)
    if layers.gradient:
        tensors = {"h": enc_hidden, "emb": module.emb_layer.weight}
        return Facts(result, gradients_seen(lambda: result[0], tensors))
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
    module.emb_layer, module.mlp1, module.mlp2 = plain_layers(layers, like)
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


def plain_layers(layers: Layers, like):
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
