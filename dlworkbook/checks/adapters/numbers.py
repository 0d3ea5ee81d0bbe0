"""Answers that give numbers or lists: one number is without its axes, a list is an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..faults import theirs


def number(value: Any) -> Any:
    """A result of one entry without its axes, so that 2.0, [2.0] and [[2.0]] count alike."""
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape) > 0 and all(size == 1 for size in shape):
        return value.reshape(())
    return value


def pair(output: Any) -> Any:
    """The two numbers in an array of two entries, a tuple or a list; anything else as it is."""
    shape = getattr(output, "shape", None)
    if shape is not None and len(shape) > 0 and shape[0] == 2 and all(n == 1 for n in shape[1:]):
        output = (output[0], output[1])
    if isinstance(output, (tuple, list)):
        return tuple(number(part) for part in output)
    return output


def array(output: Any) -> Any:
    """The numbers of a list or tuple; anything else as it is."""
    import numpy as np

    return np.array(output) if isinstance(output, list | tuple) else output


def and_number(first: Callable) -> Callable:
    """A function that takes the second of two results as a number, the first as ``first`` does."""

    def changed(output: Any) -> Any:
        two = isinstance(output, (tuple, list)) and len(output) == 2
        return (first(output[0]), number(output[1])) if two else output

    return changed


def _after(change: Callable) -> Callable[[Callable, tuple], Any]:
    """Call an answer, then take what it gives as ``change`` says, which counts as the learner's."""
    return lambda answer, inputs: theirs(lambda: change(answer(*inputs)))


one_number, two_numbers, one_list = map(_after, (number, pair, array))
vector_and_number = _after(and_number(lambda value: value))
list_and_number = _after(and_number(array))
