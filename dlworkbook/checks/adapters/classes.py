"""What the adapters share: an object of a learner's class, its numbers and its gradients.

Torch is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..faults import Finding, describe, theirs
from ..values import settle, torch_module


class Gap(Exception):
    """A part of the answer is still to be written."""


def build(answer: type, *sizes: int, derived: bool = True):
    """An object of a learner's class, always from the same random numbers.

    The learner's own sequence of random numbers goes on as if nothing had happened. Raises Finding
    for one that is not ``derived`` from nn.Module, unless that does not matter.
    """
    torch = torch_module(load=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = theirs(answer, *sizes)
    if derived and not isinstance(module, torch.nn.Module):
        name = getattr(answer, "__name__", "the class")
        raise Finding(f"{name} is no nn.Module: the class should be derived from it")
    return module


def is_starter(module: Any, *inputs) -> bool:
    """Whether a call gives nothing yet."""
    try:
        result = theirs(module, *inputs)
    except NotImplementedError:
        return True
    except Exception:
        return False
    return result is None or result is Ellipsis


def put(tensor: Any, value: np.ndarray, name: str) -> None:
    """Write numbers into a learner's parameter. Raises Finding where that cannot be."""
    torch = torch_module(load=True)
    if tensor is Ellipsis:
        raise Gap
    kind, got = type(tensor).__name__, tuple(getattr(tensor, "shape", ()))
    if isinstance(tensor, torch.nn.Module):
        raise Finding(f"{name} is a layer ({kind}); the task asks for an nn.Parameter")
    if not isinstance(tensor, torch.Tensor):
        raise Finding(f"{name} is of type {kind}; the task asks for an nn.Parameter")
    if got != value.shape and not (value.ndim == 1 and got == (1, *value.shape)):
        raise Finding(f"{name} has shape {got}; the task asks for {value.shape}")
    with torch.no_grad():
        tensor.copy_(torch.as_tensor(value).reshape(got))


SMALL = 0.3  # the usual size, as the root of the mean square, of weights that start small


def start(weights: dict[str, Any]) -> str:
    """What is wrong with weights that should start as small random numbers; "" for nothing."""
    for name, tensor in weights.items():
        numbers = tensor.detach().double()
        size = numbers.square().mean().sqrt().item()
        if numbers.numel() > 1 and (numbers == numbers.flatten()[0]).all():
            return f"{name} starts with the same number in all its places."
        if not size <= SMALL:
            return f"{name} starts with numbers of the size {size:.2g}."
        if numbers.numel() > 1 and (numbers >= 0).all():
            return f"{name} starts without a negative number."
    return ""


def gradients(outputs: Any, tensors: dict[str, Any]) -> dict[str, np.ndarray]:
    """Gradients of a weighted sum of ``outputs``, for those of the tensors that one reaches."""
    known = {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}
    if not known or not getattr(outputs, "requires_grad", False):
        return {}
    # A graph of the learner's: a change in place shows only here.
    made = theirs(_gradients, outputs, list(known.values()))
    return {n: settle(g).array for n, g in zip(known, made, strict=True) if g is not None}


def _gradients(outputs: Any, tensors: list) -> tuple:
    torch = torch_module()
    direction = (torch.arange(outputs.numel()) % 5 - 2).reshape(outputs.shape).to(outputs)
    return torch.autograd.grad(outputs, tensors, direction, allow_unused=True)


def gradients_seen(outputs: Callable, tensors: dict[str, Any]) -> dict[str, Any]:
    """Facts: gradients of ``outputs()`` by name, and which are lost; or a fault on the way."""
    try:
        found = gradients(theirs(outputs), tensors)
    except Exception as error:
        return {"fault": describe(error)}
    return {"gradients": found, "lost": [name for name in tensors if name not in found]}
