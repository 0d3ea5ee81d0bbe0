"""A gated recurrent unit in NumPy, its usual faults, and how to set up a learner's module.

Shared by the tasks ``gru`` and ``sequence_model``. Shapes: inputs X (B, S, I), state H0 (1, B, H),
weights W_x* (I, H) and W_h* (H, H), biases b_* (H,). Torch is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..faults import Finding, theirs
from ..values import equal, pattern, settle, torch_module

PARTS = "zrh"  # update gate, reset gate, candidate
NAMES = tuple(n for part in PARTS for n in (f"W_x{part}", f"W_h{part}", f"b_{part}"))


def shapes(num_inputs: int, num_hiddens: int) -> dict[str, tuple[int, ...]]:
    """The shape of each of the nine parameters."""
    sizes = {"W_x": (num_inputs, num_hiddens), "W_h": (num_hiddens,) * 2, "b_": (num_hiddens,)}
    return {name: sizes[name[:-1]] for name in NAMES}


def parameters(num_inputs: int, num_hiddens: int, seed: int = 0, **fixed: float) -> dict:
    """Irregular parameters; ``fixed`` sets all entries of one of them to a number or an array."""
    made = {}
    for k, (name, shape) in enumerate(shapes(num_inputs, num_hiddens).items()):
        made[name] = pattern(shape, seed + 3 * k + 1, 0.75)
        if name in fixed:
            made[name] = np.zeros(shape) + fixed[name]
    return made


# ---- the unit, in NumPy ------------------------------------------------------------------------


def sigmoid(x):
    """Logistic function that does not overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def before_product(x, h, r, p):
    """What goes into the candidate's tanh: the reset gate multiplies the state first."""
    return x @ p["W_xh"] + (r * h) @ p["W_hh"] + p["b_h"]


def keep(z, h, c, r):
    """The new state: share z of the old one, the rest from the candidate."""
    return z * h + (1 - z) * c


def gate(x, h, p, part):
    """What goes into the sigmoid of a gate."""
    return x @ p[f"W_x{part}"] + h @ p[f"W_h{part}"] + p[f"b_{part}"]


def make_cell(
    z: Callable = sigmoid,
    r: Callable = sigmoid,
    c: Callable = np.tanh,
    gate: Callable = gate,
    candidate: Callable = before_product,
    mix: Callable = keep,
) -> Callable:
    """One step ``cell(x (B, I), h (B, H), p) -> (B, H)`` of which any piece can be exchanged."""

    def cell(x, h, p):
        update, reset = z(gate(x, h, p, "z")), r(gate(x, h, p, "r"))
        return mix(update, h, c(candidate(x, h, reset, p)), reset)

    return cell


CELL = make_cell()


def scan(X, H0, p, cell: Callable = CELL):
    """All steps: outputs (B, S, H) and the last state (1, B, H)."""
    h, outputs = H0[0], []
    for t in range(X.shape[1]):
        h = cell(X[:, t], h, p)
        outputs.append(h)
    return np.stack(outputs, 1), h[None]


def by_the_formulas(X, H0, p):
    """The definition, one sample, one step and one unit at a time: slow and obvious."""
    (B, S, I), H = X.shape, H0.shape[2]

    def logistic(v):
        return 1 / (1 + np.exp(-v))

    def weighted(x, h, part, j):
        total = p[f"b_{part}"][j]
        total += sum(x[i] * p[f"W_x{part}"][i, j] for i in range(I))
        return total + sum(h[k] * p[f"W_h{part}"][k, j] for k in range(H))

    outputs = np.zeros((B, S, H))
    for b in range(B):
        h = H0[0, b]
        for t in range(S):
            x = X[b, t]
            Z = np.array([logistic(weighted(x, h, "z", j)) for j in range(H)])
            R = np.array([logistic(weighted(x, h, "r", j)) for j in range(H)])
            C = np.array([np.tanh(weighted(x, R * h, "h", j)) for j in range(H)])
            h = np.array([Z[j] * h[j] + (1 - Z[j]) * C[j] for j in range(H)])
            outputs[b, t] = h
    return outputs, outputs[:, -1][None]


# ---- a learner's module ------------------------------------------------------------------------


class Gap(Exception):
    """A part of the answer is still to be written."""


def as_arrays(*values: Any) -> tuple:
    """Tensors as float64 arrays (whole numbers stay whole), for our own answers."""
    out = []
    for value in values:
        array = np.asarray(value)
        out.append(array.astype("float64") if array.dtype.kind == "f" else array)
    return tuple(out)


def is_class(answer: Any) -> bool:
    """Whether this is a learner's class; our own answers are functions."""
    return issubclass(type(answer), type)


def build(answer: type, *sizes: int):
    """An object of a learner's class, always from the same random numbers.

    The learner's own sequence of random numbers goes on as if nothing had happened.
    """
    torch = torch_module(load=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = theirs(answer, *sizes)
    if not isinstance(module, torch.nn.Module):
        name = getattr(answer, "__name__", "the class")
        raise Finding(f"{name} is no nn.Module: the class should be derived from it")
    return module


def put(tensor: Any, value: np.ndarray, name: str) -> None:
    """Write numbers into a learner's parameter. Raises Finding where that cannot be."""
    torch = torch_module(load=True)
    if tensor is Ellipsis:
        raise Gap
    if isinstance(tensor, torch.nn.Module):
        kind = type(tensor).__name__
        raise Finding(f"{name} is a layer ({kind}); the task asks for an nn.Parameter")
    if not isinstance(tensor, torch.Tensor):
        kind = type(tensor).__name__
        raise Finding(f"{name} is of type {kind}; the task asks for an nn.Parameter")
    got = tuple(tensor.shape)
    if got != value.shape and not (value.ndim == 1 and got == (1, *value.shape)):
        raise Finding(f"{name} has shape {got}; the task asks for {value.shape}")
    with torch.no_grad():
        tensor.copy_(torch.as_tensor(value).reshape(got))


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


def put_all(module: Any, p: dict) -> None:
    """Set the nine parameters of a learner's GRU."""
    for name, own in names(module).items():
        put(getattr(module, own), p[name], own)


def put_into_torch(layer: Any, p: dict) -> None:
    """Set ``nn.GRU`` or ``nn.GRUCell`` so that it computes ours wherever the reset gate is 1."""
    end = "" if type(layer).__name__.endswith("Cell") else "_l0"
    if end and (layer.num_layers != 1 or layer.bidirectional):
        raise Finding("the nn.GRU has more than one layer or direction; the task asks for one")
    order = "rzh"  # as torch stacks them
    stacked = {
        "weight_ih": np.concatenate([p[f"W_x{part}"].T for part in order]),
        "weight_hh": np.concatenate([p[f"W_h{part}"].T for part in order]),
        "bias_ih": np.concatenate([p[f"b_{part}"] for part in order]),
    }
    stacked["bias_hh"] = 0 * stacked["bias_ih"]
    for name, value in stacked.items():
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


def are(result: Any, wanted: tuple) -> bool:
    """Whether a learner's results are these arrays, to four digits."""
    if not isinstance(result, (tuple, list)) or len(result) != len(wanted):
        return False
    got = [settle(part).array for part in result]
    return all(equal(a, b, 1e-4) for a, b in zip(got, wanted, strict=True))


def gradients(outputs: Any, tensors: dict[str, Any], what: str) -> dict[str, np.ndarray]:
    """Gradients of the sum of ``outputs``. Raises Finding unless one reaches every tensor."""
    torch = torch_module(load=True)
    known = {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}
    found = {}
    if torch.is_tensor(outputs) and outputs.requires_grad:
        # A graph of the learner's: a change in place shows only here.
        made = theirs(_gradients, outputs, list(known.values()))
        found = {n: settle(g).array for n, g in zip(known, made, strict=True) if g is not None}
    lost = [name for name in tensors if name not in found]
    if lost:
        raise Finding(f"no gradient of {what} reaches {', '.join(lost)}")
    return found


def _gradients(outputs: Any, tensors: list) -> tuple:
    return torch_module().autograd.grad(outputs.sum(), tensors, allow_unused=True)


def right_gradients(X: Any, H0: Any, p: dict) -> dict[str, np.ndarray]:
    """Gradients of the sum of the last output for the nine parameters, of a right GRU."""
    module = right_module(p, X.double())
    outputs, _ = module(X.double(), H0.double())
    return gradients(outputs[:, -1], dict(module.named_parameters()), "the last output")
