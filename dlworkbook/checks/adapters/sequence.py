"""Find the layers of a learner's ``SequenceModel``, write numbers into them, and call it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..faults import Finding, theirs
from ..values import torch_module
from . import Facts
from . import recurrent as rnn
from .classes import Gap, build, gradients_seen, is_starter, put

# Sizes of the object in which layers are looked for: no two alike, so that a shape says which
# layer it belongs to. V tokens, embedding size E, O outputs, H hidden units.
V, E, O, H = 11, 3, 7, 5


def run(answer: type, inputs: tuple):
    """Scores and state of a learner's model on the inputs of a probe."""
    tokens, H0, p, question = inputs
    (num_tokens, embedding_size), num_hiddens = p["embedding"].shape, H0.shape[2]
    module = build(answer, num_tokens, embedding_size, len(p["bias"]), num_hiddens)
    try:
        like = set_up(module, *layers(answer), p)
    except Exception as error:
        if isinstance(error, Gap) or is_starter(module, tokens, H0):
            return Ellipsis
        raise
    theirs(module.eval)
    tokens, H0 = tokens.to(like.device), H0.to(like)
    if question == rnn.SECOND_CALL:
        theirs(module, tokens.flip(0, 1), 0 * H0)
    result = theirs(module, tokens, H0)
    if question == rnn.GRADIENTS:
        seen = gradients_seen(lambda: result[0], dict(module.named_parameters()))
        return Facts(result, {key: value for key, value in seen.items() if key != "gradients"})
    return result


def layers(answer: type) -> tuple[dict[str, str], bool]:
    """Paths of the GRU and of the parameters embedding, weight and bias inside of a model.

    The second result says whether the weight of the last layer is (H, O), not (O, H) as nn.Linear
    has it. Raises Finding where one cannot be found.
    """
    nn = torch_module(load=True).nn
    module = build(answer, V, E, O, H)
    if any(value is Ellipsis for value in vars(module).values()):
        raise Gap
    paths = {"gru": _gru(module)}
    kinds, tensors = dict(module.named_modules()), dict(module.named_parameters())
    owner = {name: kinds[name.rpartition(".")[0]] for name in tensors}
    rest = [name for name in tensors if not name.startswith(paths["gru"] + ".")]
    # By its shape, or else by the layer that it belongs to.
    for role, kind, *shapes in (
        ("embedding", nn.Embedding, (V, E)),
        ("weight", nn.Linear, (O, H), (H, O)),
        ("bias", nn.Linear, (O,), (1, O)),
    ):
        found = [n for n in rest if tuple(tensors[n].shape) in shapes]
        found += [n for n in rest
                  if isinstance(owner[n], kind) and tensors[n].ndim == len(shapes[0])]
        if found:
            paths[role] = found[0]
            rest.remove(found[0])
    for role, words in (("embedding", "nn.Embedding"), ("weight", "nn.Linear")):
        if role not in paths:
            raise Finding(
                f"no {words} was found in the object: it should hold an embedding, a GRU and a "
                "linear layer, each as an attribute"
            )
    if rest:
        raise Finding(
            f"the object holds a parameter that the task does not ask for: {rest[0]} of shape "
            f"{tuple(tensors[rest[0]].shape)}"
        )
    weight = paths["weight"]
    own = not isinstance(owner[weight], nn.Linear)
    return paths, own and tuple(tensors[weight].shape) == (H, O)


def _gru(module: Any) -> str:
    """Path of the one GRU: nn.GRU, nn.GRUCell, or a module with the nine parameters."""
    nn = torch_module(load=True).nn
    found, others = [], []
    for path, child in module.named_modules():
        if path and (isinstance(child, (nn.GRU, nn.GRUCell)) or not rnn.missing(child)):
            found.append(path)
        elif isinstance(child, (nn.RNNBase, nn.RNNCellBase)):
            others.append(type(child).__name__)
    if len(found) == 1:
        return found[0]
    if found:
        raise Finding(f"the object holds {len(found)} GRUs; the task asks for one")
    if others:
        raise Finding(f"the object holds an nn.{others[0]}; the task asks for a GRU")
    raise Finding(
        "no GRU was found in the object: it should hold one as an attribute, an nn.GRU or a module "
        f"with the parameters {', '.join(rnn.NAMES)}"
    )


def set_up(module: Any, paths: dict[str, str], turned: bool, p: dict) -> Any:
    """Write the numbers into the layers; an own GRU class is replaced by one of torch's, whose
    numbers are those of the task where the reset gate is 1, as in all probes.

    Returns the weight of the embedding, whose dtype and device the inputs should have.
    """
    nn = torch_module(load=True).nn
    tensors = dict(module.named_parameters())
    for role in [role for role in ("embedding", "weight", "bias") if role in paths]:
        value = np.ascontiguousarray(p[role].T) if turned and role == "weight" else p[role]
        put(tensors[paths[role]], value, paths[role])
    like = tensors[paths["embedding"]]
    gru = module.get_submodule(paths["gru"])
    numbers = {name: p[name] for name in rnn.NAMES}
    if isinstance(gru, (nn.GRU, nn.GRUCell)):
        rnn.put_into_torch(gru, numbers)
        return like
    for name, its in rnn.names(gru).items():
        got, shape = tuple(getattr(gru, its).shape), p[name].shape
        if got not in (shape, (1, *shape)):
            raise Finding(
                f"{its} of the GRU has shape {got}; with these sizes it should have {shape}"
            )
    parent, _, leaf = paths["gru"].rpartition(".")
    setattr(module.get_submodule(parent), leaf, _stand_in(numbers, like))
    return like


def _stand_in(p: dict, like: Any):
    """A GRU of torch's with these numbers, batch first, with dtype and device of ``like``."""
    nn = torch_module(load=True).nn
    num_inputs, num_hiddens = p["W_xz"].shape

    class StandIn(nn.Module):
        def __init__(self):
            super().__init__()
            # Not initialised: that would draw random numbers.
            kind = {"batch_first": True, "dtype": like.dtype, "device": "meta"}
            self.unit = nn.GRU(num_inputs, num_hiddens, **kind).to_empty(device=like.device)

        def forward(self, inputs, state):
            if inputs.ndim != 3 or state.ndim != 3 or state.shape[:2] != (1, len(inputs)):
                raise ValueError(
                    "the GRU was given inputs of shape "
                    f"{tuple(inputs.shape)} and a state of shape {tuple(state.shape)}; "
                    "it takes (B, S, I) and (1, B, H)"
                )
            return self.unit(inputs, state)

    made = StandIn()
    rnn.put_into_torch(made.unit, p)
    return made
