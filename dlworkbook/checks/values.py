"""Turn what a learner's function gives back into plain arrays, and compare those.

NumPy is imported when it is needed; torch only when the learner's code has brought it, or needs it.
Comparisons use operators and array methods only, so that a patched ``np.allclose`` changes nothing.
"""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass
from typing import Any

LARGEST = 1_000_000  # entries that are copied; of more only the shape is looked at


@dataclass
class Settled:
    """One result, copied. ``kind``: array, none, ellipsis, generator, coroutine or other."""

    kind: str
    array: Any = None  # float64 copy, None where there are no real numbers to copy
    read: Any = None  # where there are none: the real numbers in complex ones, objects or texts
    shape: tuple[int, ...] = ()
    dtype: str = ""
    type_name: str = ""
    tensor: bool = False


def torch_module(load: bool = False):
    """The torch module if it is loaded (or, with ``load``, installed), else None."""
    torch = sys.modules.get("torch")
    if torch is None and load:
        try:
            import torch
        except Exception:
            return None
    return torch if hasattr(torch, "Tensor") else None


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a torch tensor."""
    torch = torch_module()
    return torch is not None and issubclass(type(value), torch.Tensor)


def settle(value: Any) -> Settled:
    """Look at one result without trusting it; run this inside the guard."""
    type_name = name_of_type(value)
    if value is None:
        return Settled("none", type_name="None")
    if value is Ellipsis or value is NotImplemented:
        return Settled("ellipsis", type_name=type_name)
    if issubclass(type(value), types.GeneratorType):
        return Settled("generator", type_name=type_name)
    if issubclass(type(value), types.CoroutineType):
        value.close()
        return Settled("coroutine", type_name=type_name)
    try:
        return _settle_array(value, type_name)
    except Exception:  # a sparse tensor, a subclass with ideas of its own
        return Settled("other", type_name=type_name)


def parts(output: Any, count: int) -> list[Settled]:
    """The results in an output that should hold ``count`` of them, looked at one by one."""
    if count > 1 and isinstance(output, (tuple, list)):
        return [settle(part) for part in output]
    return [settle(output)]


def _settle_array(value: Any, type_name: str) -> Settled:
    import numpy as np

    tensor = is_tensor(value)
    number = issubclass(type(value), (bool, int, float, complex, np.generic))
    if not tensor and not number and not issubclass(type(value), np.ndarray):
        return Settled("other", type_name=type_name)
    if tensor:
        shape, dtype = tuple(map(int, value.shape)), plain(value.dtype).removeprefix("torch.")
        if value.is_complex():
            numbers = _read(value.numpy(force=True))
            return Settled("array", None, numbers, shape, dtype, type_name, True)
        size = value.numel()
    else:
        value = np.asarray(value)
        shape, dtype, size = tuple(value.shape), str(value.dtype), value.size
        if value.dtype.kind not in "fiub":
            return Settled("array", None, _read(value), shape, dtype, type_name)
    if size > LARGEST:
        return Settled("array", None, None, shape, dtype, type_name, tensor)
    if tensor:
        torch = torch_module()
        value = value.detach().to("cpu", torch.float64).numpy()
    return Settled("array", np.array(value, dtype="float64"), None, shape, dtype, type_name, tensor)


def _read(value: Any) -> Any:
    """The real numbers in an array of complex numbers, objects or texts; None if there are none."""
    import numpy as np

    if value.size > LARGEST:
        return None
    if value.dtype.kind == "c":
        near = abs(value.imag) <= 1e-5 * (1 + abs(value.real))
        return np.array(value.real, dtype="float64") if near.all() else None
    try:
        return np.array(value, dtype="float64")
    except (TypeError, ValueError):
        return None


def plain(value: Any) -> str:
    """The text of a value, of exactly the type ``str``: a subclass may have ideas of its own."""
    return str.__str__(str(value))


def name_of_type(value: Any) -> str:
    """The name of a value's type, also of a type that does not want to tell."""
    try:
        return plain(type.__dict__["__name__"].__get__(type(value)))
    except Exception:
        return "object"


def tolerance(dtype: str) -> float:
    """How far apart two equal results may be, relative and absolute."""
    return {"float16": 2e-2, "bfloat16": 1e-1}.get(dtype, 1e-5)


def agree(got, want, tol: float = 1e-5):
    """Entrywise closeness of two arrays of one shape; NaN agrees with NaN."""
    import numpy as np

    with np.errstate(all="ignore"):
        # Without the second condition every number would be close to an infinite one.
        near = (abs(got - want) <= tol * (1 + abs(want))) & np.isfinite(want)
        return near | (got == want) | ((got != got) & (want != want))


def equal(got, want, tol: float = 1e-5) -> bool:
    """Whether two arrays have the same shape and close values."""
    if got is None or want is None or got.shape != want.shape:
        return False
    return bool(agree(got, want, tol).all())


def first_difference(got, want, tol: float = 1e-5) -> tuple[tuple[int, ...], int]:
    """Index of the first entry that differs, in reading order, and how many differ."""
    if got.ndim == 0:
        return (), 1
    places = (~agree(got, want, tol)).nonzero()
    return tuple(int(axis[0]) for axis in places), len(places[0])


def copies(inputs: tuple, backend: str) -> tuple:
    """Fresh copies of a probe's inputs: arrays, or float32 tensors. The rest stays as it is."""
    import numpy as np

    def fresh(value):
        if isinstance(value, dict):  # parameters by name: arrays for our own code
            return {name: array.copy() for name, array in value.items()}
        if not isinstance(value, np.ndarray):
            return value
        if backend == "numpy":
            return value.copy()
        tensor = torch_module(load=True).tensor(value)
        return tensor.float() if tensor.is_floating_point() else tensor

    return tuple(fresh(value) for value in inputs)


def changed(given: tuple, inputs: tuple) -> list[int]:
    """Positions of the inputs that no longer hold what was given. Run inside the guard."""
    import numpy as np

    return [
        k
        for k, (now, was) in enumerate(zip(given, inputs, strict=True))
        if isinstance(was, np.ndarray) and not equal(settle(now).array, was.astype("float64"))
    ]


def shares_memory(value: Any, other: Any) -> bool:
    """Whether two arrays or tensors may lie in the same memory."""
    import numpy as np

    try:
        if is_tensor(value) and is_tensor(other):
            value, other = value.detach().numpy(), other.detach().numpy()
        both = isinstance(value, np.ndarray) and isinstance(other, np.ndarray)
        return both and bool(np.may_share_memory(value, other))
    except Exception:  # on another device, sparse, ...
        return False


def scattered(shape: tuple[int, ...], seed: int = 0, scale: float = 1.0):
    """Numbers that look irregular and are exact: ((37 i + 11 seed) mod 17 - 8) / 8 * scale.

    They are multiples of 1/8, so sums of products come out exactly in float32, in any order.
    """
    import numpy as np

    i = np.arange(int(np.prod(shape)))
    return (((37 * i + 11 * seed) % 17 - 8) / 8 * scale).reshape(shape)
