"""A learner's gated recurrent unit: built, given its nine parameters, and called.

Shapes: inputs X (B, S, I), state H0 (1, B, H), weights W_x* (I, H) and W_h* (H, H), biases b_*
(H,).
Torch is imported where it is used.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..faults import Finding, theirs
from ..values import torch_module
from . import Facts
from .classes import Gap, build, gradients_seen, is_starter, put, start

PARTS = "zrh"  # update gate, reset gate, candidate
NAMES = tuple(n for part in PARTS for n in (f"W_x{part}", f"W_h{part}", f"b_{part}"))
# What a probe may ask for besides the numbers.
PARAMETERS, GRADIENTS, SECOND_CALL = "parameters", "gradients", "second call"


def run(answer: type, inputs: tuple):
    """Outputs and state of a learner's GRU on the inputs of a probe, and what learns in it."""
    X, H0, p, question = inputs
    module = build(answer, *p["W_xz"].shape)
    own = names(module)
    if lost := missing(module):
        if is_starter(module, X, H0):
            return Ellipsis
        raise Finding(_without(module, lost))
    try:
        for name, its in own.items():
            put(getattr(module, its), p[name], its)
    except Gap:
        return Ellipsis
    nine = {its: getattr(module, its) for its in own.values()}
    like = nine[own["W_xz"]]  # dtype and device
    X, H0 = X.to(like), H0.to(like)
    if question == SECOND_CALL:
        theirs(module, X.flip(0, 1), 0 * H0)
    result = theirs(module, X, H0)
    learning = {its: tensor for its, tensor in nine.items() if tensor.requires_grad}
    if question == GRADIENTS:
        facts = gradients_seen(lambda: result[0][:, -1], learning)
        return Facts(result, facts | {"own": list(own.values()), "names": list(own)})
    if question == PARAMETERS:
        known = {id(tensor) for tensor in theirs(lambda: list(module.parameters()))}
        return Facts(result, {
            "other": [its for its in nine if its not in learning or id(nine[its]) not in known]
        })
    return result


def _without(module: Any, lost: list[str]) -> str:
    nn = torch_module().nn
    layers = [m for m in module.modules() if isinstance(m, (nn.RNNBase, nn.RNNCellBase))]
    holds = f"; it holds an nn.{type(layers[0]).__name__} instead" if layers else ""
    return (
        f"the object has no {', '.join(lost)}: the task names the parameters, so that the check "
        f"(and whoever loads weights) finds them{holds}"
    )


def names(module: Any) -> dict[str, str]:
    """What a module calls each of the nine that it has.

    That is the name itself, or the only one that is alike without underscores and capitals.
    """
    torch = torch_module(load=True)
    own = vars(module)
    held = own | own.get("_parameters", {}) | own.get("_buffers", {}) | own.get("_modules", {})
    alike: dict[str, list[str]] = {}
    for name, value in held.items():
        if isinstance(value, (torch.Tensor, torch.nn.Module, type(Ellipsis))):
            alike.setdefault(_bare(name), []).append(name)
    found = {n: [n] if hasattr(module, n) else alike.get(_bare(n), []) for n in NAMES}
    return {name: which[0] for name, which in found.items() if len(which) == 1}


def _bare(name: str) -> str:
    return name.replace("_", "").lower()


def missing(module: Any) -> list[str]:
    """The names among the nine that a module does not have."""
    return [name for name in NAMES if name not in names(module)]


def start_of(answer: type) -> str:
    """What is wrong with the weights with which a learner's GRU starts; "" for nothing."""
    module = build(answer, 20, 30)  # large enough that a size can be told
    own = names(module)
    return start({its: getattr(module, its) for n, its in own.items() if n.startswith("W")})


def misnamed(answer: type) -> str:
    """Parameters whose names differ from those of the task in underscores and capitals."""
    module = build(answer, 2, 3)
    other = {name: own for name, own in names(module).items() if name != own}
    if not other or missing(module):
        return ""
    return (
        f"The task asks for {', '.join(other)}; found were {', '.join(other.values())}, and the "
        "check went on with these."
    )


def put_into_torch(layer: Any, p: dict) -> None:
    """Set ``nn.GRU`` or ``nn.GRUCell`` so that it computes ours wherever the reset gate is 1."""
    end = "" if type(layer).__name__.endswith("Cell") else "_l0"
    if end and (layer.num_layers != 1 or layer.bidirectional):
        raise Finding("the nn.GRU has more than one layer or direction; the task asks for one")
    own = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b_"}
    # In the order in which torch stacks them.
    stacked = {name: np.concatenate([p[kind + part].T for part in "rzh"])
               for name, kind in own.items()}
    for name, value in (stacked | {"bias_hh": 0 * stacked["bias_ih"]}).items():
        if not hasattr(layer, name + end):
            raise Finding("the nn.GRU has no bias; the task asks for one with biases")
        put(getattr(layer, name + end), value, name + end)
