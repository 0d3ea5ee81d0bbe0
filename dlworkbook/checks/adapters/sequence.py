"""Find the layers of a learner's ``SequenceModel``, write numbers into them, and call it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..faults import Finding, theirs
from ..values import torch_module
from . import recurrent as rnn

# Sizes of the object in which layers are looked for: no two alike, so that a shape says which
# layer it belongs to. V tokens, embedding size E, O outputs, H hidden units.
V, E, O, H = 11, 3, 7, 5


def use(answer, inputs):
    """Build the object, set its parameters, call it; our own answers are functions."""
    tokens, H0, p, asked = inputs
    if not rnn.is_class(answer):
        return answer(*rnn.as_arrays(tokens, H0), p, asked)
    # Before the learner's code can write into the inputs.
    wanted = right(*inputs) if asked == "gradients" else None
    (num_tokens, embedding_size), hiddens = p["embedding"].shape, H0.shape[2]
    module = rnn.build(answer, num_tokens, embedding_size, len(p["bias"]), hiddens)
    try:
        tensors = set_up(module, *layers(answer), p)
    except rnn.Gap:
        return Ellipsis
    except Exception:
        if _is_starter(module, tokens, H0):
            return Ellipsis
        raise
    theirs(module.eval)
    state, tokens = H0.to(tensors["embedding"]), tokens.to(tensors["embedding"].device)
    if asked == "second call":
        theirs(module, tokens.flip(0, 1), 0 * state)
    result = theirs(module, tokens, state)
    if wanted is not None and rnn.are(result, wanted):
        rnn.gradients(result[0], dict(module.named_parameters()), "the scores")
    return result


def linear(outputs, p):
    """Scores of the GRU's outputs."""
    return outputs @ p["weight"].T + p["bias"]


def right(tokens, H0, p, asked, gru=rnn.scan, head=linear):
    """What the model should give, as arrays (a test compares this with the definition).

    Pieces to exchange: ``gru(X, H0, p) -> (outputs, state)`` and ``head(outputs, p) -> scores``.
    """
    tokens, H0 = rnn.as_arrays(tokens, H0)
    outputs, state = gru(p["embedding"][tokens], H0, p)
    return head(outputs, p), state


def _is_starter(module, tokens, state) -> bool:
    try:
        result = theirs(module, tokens, state)
    except NotImplementedError:
        return True
    except Exception:
        return False
    return result is None or result is Ellipsis


def layers(answer: type) -> tuple[dict[str, str], bool]:
    """Paths of the GRU and of the parameters embedding, weight and bias inside of a model.

    The second result says whether the weight of the last layer is (H, O), not (O, H) as nn.Linear
    has it. Raises Finding where one cannot be found.
    """
    torch = torch_module(load=True)
    module = rnn.build(answer, V, E, O, H)
    if any(value is Ellipsis for value in vars(module).values()):
        raise rnn.Gap
    paths = {"gru": _gru(module)}
    inside = paths["gru"] + "."
    rest = {n: t for n, t in module.named_parameters() if not n.startswith(inside)}
    kinds = dict(module.named_modules())

    def owner(name: str) -> Any:
        return kinds[name.rpartition(".")[0]]

    shapes = {"embedding": [(V, E)], "weight": [(O, H), (H, O)], "bias": [(O,), (1, O)]}
    layer = {"embedding": torch.nn.Embedding, "weight": torch.nn.Linear, "bias": torch.nn.Linear}
    dims = {"embedding": (2,), "weight": (2,), "bias": (1,)}
    for role in shapes:
        tests = (
            lambda n, t: tuple(t.shape) in shapes[role],  # noqa: B023
            lambda n, t: isinstance(owner(n), layer[role]) and t.ndim in dims[role],  # noqa: B023
        )
        for test in tests:
            name = next((n for n, t in rest.items() if test(n, t)), None)
            if name is not None:
                paths[role] = name
                del rest[name]
                break
    for role, words in (("embedding", "nn.Embedding"), ("weight", "nn.Linear")):
        if role not in paths:
            raise Finding(
                f"no {words} was found in the object: it should hold an embedding, a GRU and a "
                "linear layer, each as an attribute"
            )
    if rest:
        name, tensor = next(iter(rest.items()))
        raise Finding(
            f"the object holds a parameter that the task does not ask for: {name} of shape "
            f"{tuple(tensor.shape)}"
        )
    weight = dict(module.named_parameters())[paths["weight"]]
    own = not isinstance(owner(paths["weight"]), torch.nn.Linear)
    return paths, own and tuple(weight.shape) == (H, O)


def _gru(module: Any) -> str:
    """Path of the one GRU: nn.GRU, nn.GRUCell, or a module with the nine parameters."""
    torch = torch_module(load=True)
    given = (torch.nn.GRU, torch.nn.GRUCell)
    found, others = [], []
    for path, child in module.named_modules():
        if path and (isinstance(child, given) or not rnn.missing(child)):
            found.append(path)
        elif isinstance(child, (torch.nn.RNNBase, torch.nn.RNNCellBase)):
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


def set_up(module: Any, paths: dict[str, str], turned: bool, p: dict) -> dict[str, Any]:
    """Write the numbers into the layers; an own GRU class is replaced by a right one."""
    torch = torch_module(load=True)
    tensors = dict(module.named_parameters())
    found = {role: tensors[path] for role, path in paths.items() if role != "gru"}
    rnn.put(found["embedding"], p["embedding"], paths["embedding"])
    weight = np.ascontiguousarray(p["weight"].T) if turned else p["weight"]
    rnn.put(found["weight"], weight, paths["weight"])
    if "bias" in found:
        rnn.put(found["bias"], p["bias"], paths["bias"])
    gru = module.get_submodule(paths["gru"])
    numbers = {name: p[name] for name in rnn.NAMES}
    if isinstance(gru, (torch.nn.GRU, torch.nn.GRUCell)):
        rnn.put_into_torch(gru, numbers)
        return found
    own = rnn.names(gru)
    for name, shape in rnn.shapes(p["embedding"].shape[1], p["W_hh"].shape[0]).items():
        got = tuple(getattr(gru, own[name]).shape)
        if got not in (shape, (1, *shape)):
            raise Finding(
                f"{own[name]} of the GRU has shape {got}; with these sizes it should have {shape}"
            )
    parent, _, leaf = paths["gru"].rpartition(".")
    setattr(module.get_submodule(parent), leaf, rnn.right_module(numbers, found["embedding"]))
    return found
