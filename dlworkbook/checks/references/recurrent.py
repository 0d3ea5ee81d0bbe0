"""A gated recurrent unit in NumPy, in exchangeable parts, and what is right beside its numbers.

Shared by the tasks ``gru`` and ``sequence_model``. Shapes: inputs X (B, S, I), state H0 (1, B, H),
weights W_x* (I, H) and W_h* (H, H), biases b_* (H,). Torch is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..adapters.classes import gradients
from ..adapters.recurrent import GRADIENTS, NAMES, SECOND_CALL
from ..faults import Fault
from ..slips import Draft
from ..task import Probe, Variant
from ..values import copies, equal, scattered, torch_module


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


# ---- beside the numbers ------------------------------------------------------------------------


def beyond(probe: Probe, facts: dict[str, Any]) -> str | Fault:
    """What is wrong with the parameters or the gradients of a GRU whose numbers are right."""
    X, H0, p, question = copies(probe.inputs, "torch")
    if question != GRADIENTS:
        other, text = facts["other"], "module.parameters() does not hold"
    elif "fault" in facts:
        return facts["fault"]
    elif facts["lost"]:
        return f"no gradient of the last output reaches {', '.join(facts['lost'])}"
    else:
        learned, found = right_gradients(X, H0, p), facts["gradients"]
        text = "the gradient of the last output is not what all steps give, for"
        other = [
            its for name, its in zip(facts["names"], facts["own"], strict=True)
            if its in found and not alike(found[its], learned[name])
        ]
    return f"{text} {', '.join(other)}" if other else ""


def alike(got: np.ndarray, want: np.ndarray) -> bool:
    """Whether two gradients agree, but for an axis of length 1."""
    return got.size == want.size and equal(got.reshape(want.shape), want, 1e-3)


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
