"""What the three tasks about a straight line share: a slope and an intercept as plain numbers."""

from __future__ import annotations

from ...faults import theirs


def number(value):
    """A result of one entry without its axes, so that 2.0, [2.0] and [[2.0]] count alike."""
    shape = getattr(value, "shape", None)
    if shape is not None and len(shape) > 0 and all(size == 1 for size in shape):
        return value.reshape(())
    return value


def one_number(answer, inputs):
    """Call an answer that gives one number."""
    return theirs(lambda: number(answer(*inputs)))


def two_numbers(answer, inputs):
    """Call an answer that gives (w, b): a tuple, a list, or an array of two entries."""
    return theirs(lambda: pair(answer(*inputs)))


def pair(output):
    """The two numbers in an array of two entries, a tuple or a list; anything else as it is."""
    shape = getattr(output, "shape", None)
    if shape is not None and len(shape) > 0 and shape[0] == 2 and all(n == 1 for n in shape[1:]):
        output = (output[0], output[1])
    if isinstance(output, (tuple, list)):
        return tuple(number(part) for part in output)
    return output


def exchanged(output):
    """(b, w) for (w, b)."""
    return output[1], output[0]
