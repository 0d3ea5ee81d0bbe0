"""How the task ``attention_decoder`` builds a learner's class, sets its weights and calls it.

torch is imported when it is needed.
"""

from __future__ import annotations

import inspect

import numpy as np

from ._attention_numbers import Layers, in_calls, weights

NEEDED = ("emb_layer", "mlp1", "decoder", "mlp2", "decode")
NO_GRADIENT = (
    "the scores are right, but the gradient that flows back from them is not: it is cut somewhere "
    "between the layers and the scores"
)


def run(answer: type, inputs: tuple):
    """Scores and state of a learner's class on the inputs of a probe."""
    import torch

    dec_y, enc_hidden, state, first, layers = inputs
    with torch.random.fork_rng(devices=[]):  # new layers draw random numbers: not the learner's
        module = build(answer, layers)
    dtype = _recurrent_weight(module).dtype
    enc_hidden = enc_hidden.to(dtype).requires_grad_(layers.gradient)
    keys = enc_hidden.clone() if layers.gradient else enc_hidden
    state = None if state is None else state.to(dtype)
    result = in_calls(module.decode, dec_y, keys, state, first, layers.calls, torch.cat)
    if layers.gradient:
        _check_gradient(result, module, enc_hidden, dec_y, layers)
    return result


def build(answer: type, layers: Layers):
    """An object of the learner's class with the weights of ``layers``.

    Raises TypeError if the class is not built from three sizes, AttributeError for a missing
    attribute, ValueError for a recurrent layer of another kind or size.
    """
    _check_signature(answer)
    module = answer(layers.V, layers.E, layers.H)
    missing = [name for name in NEEDED if not hasattr(module, name)]
    if missing:
        raise AttributeError(_missing(module, missing))
    dtype = _recurrent_weight(module).dtype
    _set_recurrent(module, layers)
    module.emb_layer, module.mlp1, module.mlp2 = _plain_layers(layers, dtype)
    if hasattr(module, "eval"):
        module.eval()
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
        raise TypeError(f"{text}num_hiddens), and your class takes {signature}") from None


def _missing(module, missing: list[str]) -> str:
    """What is missing, and what is there instead."""
    names = " and ".join(missing)
    text = f"your object has no {names}. It needs emb_layer, mlp1, decoder, mlp2 and softmax, "
    text += "and the method decode, by these names"
    theirs = list(getattr(module, "_modules", {}))
    return text + (f"; its layers are called {', '.join(theirs)}" if theirs else "")


def _suffix(module) -> str:
    """Of the names of the recurrent weights: nn.GRU has _l0, nn.GRUCell nothing."""
    return "_l0" if hasattr(module.decoder, "weight_ih_l0") else ""


def _recurrent_weight(module):
    weight = getattr(module.decoder, "weight_ih" + _suffix(module), None)
    if weight is None:
        kind = type(module.decoder).__name__
        raise ValueError(f"the attribute decoder has to be a GRU of torch; yours is of type {kind}")
    return weight


def _set_recurrent(module, layers: Layers) -> None:
    import torch

    w, end = weights(layers), _suffix(module)
    ours = {"weight_ih": "W_ih", "weight_hh": "W_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}
    theirs = {name: tuple(p.shape) for name, p in module.decoder.named_parameters()}
    wanted = {theirs_name + end: w[name].shape for theirs_name, name in ours.items()}
    if theirs != wanted:
        H, E = layers.H, layers.E
        names = sorted(n for n in {*theirs, *wanted} if theirs.get(n) != wanted.get(n))
        text = f"with embedding_size {E} and num_hiddens {H} the attribute decoder has to be a "
        text += f"GRU of one layer with {H} + {E} inputs and {H} hidden units, and it is another; "
        raise ValueError(text + f"its weights differ in {', '.join(names)}")
    with torch.no_grad():
        for name, parameter in module.decoder.named_parameters():
            parameter.copy_(torch.as_tensor(w[ours[name.removesuffix("_l0")]]))


def _plain_layers(layers: Layers, dtype):
    """The layers emb_layer, mlp1 and mlp2 with our weights."""
    import torch
    from torch import nn

    w = {name: torch.as_tensor(value).to(dtype) for name, value in weights(layers).items()}

    def linear(weight, bias):
        # Not initialised: that would draw random numbers.
        layer = nn.utils.skip_init(nn.Linear, *weight.shape[::-1], dtype=dtype)
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


def _check_gradient(result, module, enc_hidden, dec_y, layers: Layers) -> None:
    """Compare the gradient for enc_hidden and the embeddings with ours, if the scores are right.

    Raises ValueError if it is another, or none at all.
    """
    import torch

    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return
    scores, wanted = result[0], _scores(enc_hidden, dec_y, layers)
    close = {"rtol": 1e-4, "atol": 1e-4}
    if tuple(np.shape(scores)) != tuple(wanted[0].shape):
        return
    if not torch.is_tensor(scores):
        raise ValueError(NO_GRADIENT)
    if not torch.allclose(scores.detach().double(), wanted[0].detach(), **close):
        return  # other numbers: they are compared elsewhere
    direction = torch.as_tensor(np.arange(scores.numel()) % 5 - 2.0).reshape(scores.shape)
    if not scores.requires_grad:
        raise ValueError(NO_GRADIENT)
    theirs = torch.autograd.grad(
        (scores.double() * direction).sum(),
        (enc_hidden, module.emb_layer.weight),
        allow_unused=True,
    )
    ours = torch.autograd.grad((wanted[0] * direction).sum(), wanted[1:])
    for got, want in zip(theirs, ours, strict=True):
        if got is None or not torch.allclose(got.double(), want, **close):
            raise ValueError(NO_GRADIENT)


def _scores(enc_hidden, dec_y, layers: Layers):
    """Scores of a first call with torch in float64, and the leaves enc_hidden and embeddings."""
    import torch

    emb, mlp1, mlp2 = _plain_layers(layers, torch.float64)
    w = {name: torch.as_tensor(value) for name, value in weights(layers).items()}
    h = enc_hidden.detach().double().requires_grad_()
    state, scores = mlp1(h).mean(1), []
    for t in range(dec_y.shape[1]):
        a = torch.softmax((h @ state[:, :, None])[:, :, 0], 1)
        x = torch.cat([(a[:, :, None] * h).sum(1), emb(dec_y[:, t])], 1)
        state = torch.gru_cell(x, state, w["W_ih"], w["W_hh"], w["b_ih"], w["b_hh"])
        scores.append(mlp2(state))
    return torch.stack(scores, 1), h, emb.weight
