"""The few figures of the benchmark that the standard library does not have."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from statistics import linear_regression


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Return ours / theirs; None where one is unknown or theirs is zero."""
    if ours is None or theirs is None or theirs == 0:
        return None
    return ours / theirs


def growth(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the exponent e of the best fit time ~ size**e (1 linear, 2 quadratic).

    Least squares of log time on log size. ValueError with fewer than two different sizes.
    """
    if len(sizes) != len(times) or len(set(sizes)) < 2:
        raise ValueError("growth needs times at two different sizes or more")
    return linear_regression([log(size) for size in sizes], [log(time) for time in times]).slope


def blocking_time(tasks: Sequence[tuple[float, float]], start: float) -> float:
    """Return the total blocking time: of each long task after ``start``, what exceeds 50 ms.

    ``tasks`` are (start, duration) in milliseconds; a task that began before ``start`` counts
    with the part that lies after it.
    """
    total = 0.0
    for begin, duration in tasks:
        inside = begin + duration - max(begin, start)
        total += max(0.0, inside - 50) if inside > 0 else 0.0
    return total
