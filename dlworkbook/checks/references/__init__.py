"""What tasks that ask for classes know: right answers, and what is right beside the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def on_arrays(answer: Callable, inputs: tuple) -> Any:
    """How our own answers to such a task are called: with tensors as arrays, the rest as it is."""
    return answer(*(
        value.numpy().astype("float64" if value.is_floating_point() else "int64")
        if hasattr(value, "numpy")
        else value
        for value in inputs
    ))
