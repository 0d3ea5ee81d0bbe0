"""How the task ``attention_decoder`` builds a learner's class, sets its weights and calls it.

torch is imported when it is needed.
"""

from __future__ import annotations

import inspect
from functools import partial

import numpy as np

from ..faults import Finding, theirs
from ..tasks.ch10_attention._attention_numbers import Layers, in_calls, weights

NEEDED = ("emb_layer", "mlp1", "decoder", "mlp2", "decode")
NO_GRADIENT = (
    "the scores are right, but the gradient that flows back from them is not: it is cut somewhere "
    "between the layers and the scores"
)


def run(answer: type, inputs: tuple):
    """Scores and state of a learner's class on the inputs of a probe."""
    import torch

    dec_y, enc_hidden, state, first, layers = inputs
    # Before the learner's code can write into the inputs.
    wanted = _gradients_of_ours(enc_hidden, dec_y, layers) if layers.gradient else None
    with torch.random.fork_rng(devices=[]):  # new layers draw random numbers: not the learner's
        module = build(answer, layers)
    like = _recurrent_weight(module)  # dtype and device
    dec_y, state = dec_y.to(like.device), None if state is None else state.to(like)
    enc_hidden = enc_hidden.to(like).requires_grad_(layers.gradient)
    keys = enc_hidden.clone() if layers.gradient else enc_hidden
    decode, join = partial(theirs, module.decode), partial(theirs, torch.cat)
    result = in_calls(decode, dec_y, keys, state, first, layers.calls, join)
    if layers.gradient:
        _compare_gradients(result, (enc_hidden, module.emb_layer.weight), *wanted)
    return result


def build(answer: type, layers: Layers):
    """An object of the learner's class with the weights of ``layers``.

    Raises Finding for a class that is not built from three sizes, for a missing attribute, and for
    a recurrent layer of another kind or size.
    """
    _check_signature(answer)
    module = theirs(answer, layers.V, layers.E, layers.H)
    missing = [name for name in NEEDED if not hasattr(module, name)]
    if missing:
        raise Finding(_missing(module, missing))
    like = _recurrent_weight(module)
    _set_recurrent(module, layers)
    module.emb_layer, module.mlp1, module.mlp2 = _plain_layers(layers, like)
    if hasattr(module, "eval"):
        theirs(module.eval)
    return module


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


def _missing(module, missing: list[str]) -> str:
    """What is missing, and what is there instead."""
    names = " and ".join(missing)
    text = f"your object has no {names}. It needs emb_layer, mlp1, decoder, mlp2 and softmax, "
    text += "and the method decode, by these names"
    found = list(getattr(module, "_modules", {}))
    return text + (f"; its layers are called {', '.join(found)}" if found else "")


def _suffix(module) -> str:
    """Of the names of the recurrent weights: nn.GRU has _l0, nn.GRUCell nothing."""
    return "_l0" if hasattr(module.decoder, "weight_ih_l0") else ""


def _recurrent_weight(module):
    """The first weight of the recurrent layer. Raises Finding if that is no GRU of torch."""
    from torch import nn

    if not isinstance(module.decoder, (nn.GRU, nn.GRUCell)):
        kind = type(module.decoder).__name__
        known = getattr(nn, kind, None) is type(module.decoder)
        yours = f"an nn.{kind}" if known else f"of type {kind}"
        raise Finding(f"the attribute decoder has to be an nn.GRU; yours is {yours}")
    return getattr(module.decoder, "weight_ih" + _suffix(module))


def _set_recurrent(module, layers: Layers) -> None:
    import torch

    w, end = weights(layers), _suffix(module)
    ours = {"weight_ih": "W_ih", "weight_hh": "W_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}
    found = {name: tuple(p.shape) for name, p in module.decoder.named_parameters()}
    wanted = {name + end: w[our_name].shape for name, our_name in ours.items()}
    if found != wanted:
        H, E = layers.H, layers.E
        names = sorted(n for n in {*found, *wanted} if found.get(n) != wanted.get(n))
        text = f"with embedding_size {E} and num_hiddens {H} the attribute decoder has to be a "
        text += f"GRU of one layer with {H} + {E} inputs and {H} hidden units, and it is another; "
        raise Finding(text + f"its weights differ in {', '.join(names)}")
    with torch.no_grad():
        for name, parameter in module.decoder.named_parameters():
            parameter.copy_(torch.as_tensor(w[ours[name.removesuffix("_l0")]]))


def _plain_layers(layers: Layers, like):
    """The layers emb_layer, mlp1 and mlp2 with copies of our weights, as the tensor ``like``."""
    import torch
    from torch import nn

    w = {n: torch.as_tensor(value).to(like, copy=True) for n, value in weights(layers).items()}

    def linear(weight, bias):
        # Not initialised: that would draw random numbers.
        layer = nn.utils.skip_init(nn.Linear, *weight.shape[::-1])
        layer.weight.data, layer.bias.data = weight, bias
        return layer

    mlp1 = linear(w["mlp1_w"], w["mlp1_b"])
    if layers.mlp1 == "linear, tanh":
        mlp1 = nn.Sequential(mlp1, nn.Tanh())
    return (
        nn.Embedding.from_pretrained(w["emb"], freeze=False),
        mlp1,
        linear(w["mlp2_w"], w["mlp2_b"]),
    )


def _compare_gradients(result, leaves: tuple, wanted, ours: tuple) -> None:
    """Compare the gradients of a learner's scores for ``leaves`` with ours, if they are right.

    Raises Finding if one is another, or none at all.
    """
    import torch

    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return
    scores, close = result[0], {"rtol": 1e-4, "atol": 1e-4}
    if tuple(np.shape(scores)) != tuple(wanted.shape):
        return
    if not torch.is_tensor(scores):
        raise Finding(NO_GRADIENT)
    if not torch.allclose(scores.detach().cpu().double(), wanted, **close):
        return  # other numbers: they are compared elsewhere
    if not scores.requires_grad:
        raise Finding(NO_GRADIENT)
    for got, want in zip(theirs(_gradients, scores, leaves), ours, strict=True):
        if got is None or not torch.allclose(got.cpu().double(), want, **close):
            raise Finding(NO_GRADIENT)


def _gradients(scores, leaves: tuple) -> tuple:
    """Gradients of a weighted sum of the scores; None where there is none."""
    import torch

    direction = torch.as_tensor(np.arange(scores.numel()) % 5 - 2.0).reshape(scores.shape)
    loss = (scores.double() * direction.to(scores.device)).sum()
    return torch.autograd.grad(loss, leaves, allow_unused=True)


def _gradients_of_ours(enc_hidden, dec_y, layers: Layers):
    """The scores of a first call with torch in float64, and their gradients as ``_gradients``."""
    import torch

    h = enc_hidden.detach().double().requires_grad_()  # a copy
    emb, mlp1, mlp2 = _plain_layers(layers, h)
    w = {name: torch.as_tensor(value) for name, value in weights(layers).items()}
    state, scores = mlp1(h).mean(1), []
    for t in range(dec_y.shape[1]):
        a = torch.softmax((h @ state[:, :, None])[:, :, 0], 1)
        x = torch.cat([(a[:, :, None] * h).sum(1), emb(dec_y[:, t])], 1)
        state = torch.gru_cell(x, state, w["W_ih"], w["W_hh"], w["b_ih"], w["b_hh"])
        scores.append(mlp2(state))
    scores = torch.stack(scores, 1)
    return scores.detach(), _gradients(scores, (h, emb.weight))
