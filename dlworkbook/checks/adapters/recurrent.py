"""A gated recurrent unit in NumPy, in exchangeable parts, and how a learner's class is tried.

Shared by the tasks ``gru`` and ``sequence_model``. Shapes: inputs X (B, S, I), state H0 (1, B, H),
weights W_x* (I, H) and W_h* (H, H), biases b_* (H,). Torch is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..faults import Finding, theirs
from ..slips import Draft
from ..task import Variant
from ..values import equal, scattered, torch_module
from .classes import Gap, are, arrays, build, gradients, is_starter, put, reached, start

PARTS = "zrh"  # update gate, reset gate, candidate
NAMES = tuple(n for part in PARTS for n in (f"W_x{part}", f"W_h{part}", f"b_{part}"))
# What a probe may ask for besides the numbers.
PARAMETERS, GRADIENTS, SECOND_CALL = "parameters", "gradients", "second call"


def shapes(num_inputs: int, num_hiddens: int) -> dict[str, tuple[int, ...]]:
    """The shape of each of the nine parameters."""
    sizes = {"W_x": (num_inputs, num_hiddens), "W_h": (num_hiddens,) * 2, "b_": (num_hiddens,)}
    return {name: sizes[name[:-1]] for name in NAMES}


def parameters(num_inputs: int, num_hiddens: int, seed: int = 0, **fixed: Any) -> dict:
    """Irregular parameters; ``fixed`` sets all entries of one of them to a number or an array."""
    all_shapes = shapes(num_inputs, num_hiddens).items()
    made = {name: scattered(shape, seed + 3 * k + 1, 0.75) for k, (name, shape) in
            enumerate(all_shapes)}
    return made | {name: np.zeros(made[name].shape) + value for name, value in fixed.items()}


# ---- the unit, in NumPy ------------------------------------------------------------------------


def sigmoid(x):
    """Logistic function that does not overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def gate(x, h, p, part):
    """What goes into the sigmoid of a gate."""
    return x @ p[f"W_x{part}"] + h @ p[f"W_h{part}"] + p[f"b_{part}"]


def before_product(x, h, r, p):
    """What goes into the candidate's tanh: the reset gate multiplies the state first."""
    return x @ p["W_xh"] + (r * h) @ p["W_hh"] + p["b_h"]


def keep(z, h, c, r):
    """The new state: share z of the old one, the rest from the candidate."""
    return z * h + (1 - z) * c


def cell(x, h, p, z=sigmoid, r=sigmoid, c=np.tanh, gate=gate, candidate=before_product, mix=keep):
    """One step from x (B, I) and h (B, H) to (B, H), of which any piece can be exchanged."""
    update, reset = z(gate(x, h, p, "z")), r(gate(x, h, p, "r"))
    return mix(update, h, c(candidate(x, h, reset, p)), reset)


def walk(along, h, p, step: Callable = cell) -> list:
    """The states after each of some inputs, from the state h."""
    states = []
    for x in along:
        h = step(x, h, p)
        states.append(h)
    return states


def scan(X, H0, p, step: Callable = cell):
    """All steps: outputs (B, S, H) and the last state (1, B, H)."""
    states = walk(X.swapaxes(0, 1), H0[0], p, step)
    return np.stack(states, 1), states[-1][None]


def right(inputs, state, parameters, question, steps=scan, step=None, **pieces):
    """The unit as it should be: the loop can be exchanged, the step, or pieces of it."""
    return steps(inputs, state, parameters, step or partial(cell, **pieces))


def by_the_formulas(X, H0, p):
    """The definition, one sample, one step and one unit at a time: slow and obvious."""

    def logistic(v):
        return 1 / (1 + np.exp(-v))

    def weighted(x, h, part):
        W, U, bias = (p[kind + part] for kind in ("W_x", "W_h", "b_"))
        return np.array([
            bias[j] + sum(x[i] * W[i, j] for i in range(len(x)))
            + sum(h[k] * U[k, j] for k in range(len(h)))
            for j in range(len(h))
        ])

    outputs = np.zeros((*X.shape[:2], H0.shape[2]))
    for b, sample in enumerate(X):
        h = H0[0, b]
        for t, x in enumerate(sample):
            Z, R = logistic(weighted(x, h, "z")), logistic(weighted(x, h, "r"))
            C = np.tanh(weighted(x, R * h, "h"))
            outputs[b, t] = h = Z * h + (1 - Z) * C
    return outputs, outputs[:, -1][None]


def second_call(draft: Draft, change: Callable) -> Variant:
    """A wrong second call: ``change(result, result of the call before, right from a state)``."""

    def after(result, X, H0, p, question):
        if question != SECOND_CALL:
            return result
        before = draft.right(X[::-1, ::-1], 0 * H0, p, question)
        return change(result, before, lambda state: draft.right(X, state, p, question))

    return Variant(draft.right, after=after)


# ---- a learner's module ------------------------------------------------------------------------


def run(answer: type, inputs: tuple):
    """Outputs and state of a learner's GRU on the inputs of a probe."""
    X, H0, p, question = inputs
    # Before the learner's code can write into the inputs, and under no setting of its own.
    wanted = right(*arrays(inputs)) if question in (PARAMETERS, GRADIENTS) else None
    learned = right_gradients(X, H0, p) if question == GRADIENTS else {}
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
    # Training is a question only where the numbers are right: one fault, one name.
    if wanted is None or not are(result, wanted):
        return result
    learning = {its: tensor for its, tensor in nine.items() if tensor.requires_grad}
    if question == GRADIENTS:
        found = reached(result[0][:, -1], learning, "the last output")
        pairs = [(its, found[its], learned[name]) for name, its in own.items() if its in found]
        other = [its for its, got, want in pairs if not equal(got.reshape(want.shape), want, 1e-3)]
        text = "the gradient of the last output is not what all steps give, for"
    else:
        known = {id(tensor) for tensor in theirs(lambda: list(module.parameters()))}
        other = [its for its in nine if its not in learning or id(nine[its]) not in known]
        text = "module.parameters() does not hold"
    if other:
        raise Finding(f"{text} {', '.join(other)}")
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


def right_module(p: dict, like: Any):
    """A right GRU with these numbers, with dtype and device of the tensor ``like``."""
    torch = torch_module(load=True)

    class RightGRU(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, value in p.items():
                made = torch.as_tensor(value).to(like, copy=True)  # never our own numbers
                self.register_parameter(name, torch.nn.Parameter(made))

        def forward(self, inputs, state):
            if inputs.ndim != 3 or state.ndim != 3 or state.shape[:2] != (1, len(inputs)):
                raise ValueError(
                    "the GRU was given inputs of shape "
                    f"{tuple(inputs.shape)} and a state of shape {tuple(state.shape)}; "
                    "it takes (B, S, I) and (1, B, H)"
                )
            h, outputs = state[0], []
            for x in inputs.unbind(1):
                z = torch.sigmoid(x @ self.W_xz + h @ self.W_hz + self.b_z)
                r = torch.sigmoid(x @ self.W_xr + h @ self.W_hr + self.b_r)
                c = torch.tanh(x @ self.W_xh + (r * h) @ self.W_hh + self.b_h)
                h = z * h + (1 - z) * c
                outputs.append(h)
            return torch.stack(outputs, 1), h[None]

    return RightGRU()


def right_gradients(X: Any, H0: Any, p: dict) -> dict[str, np.ndarray]:
    """Gradients of the last output for the nine parameters, of a right GRU."""
    module = right_module(p, X.double())
    outputs, _ = module(X.double(), H0.double())
    return gradients(outputs[:, -1], dict(module.named_parameters()))
