"""The few statistics of the benchmark; tested in tests/tools/test_bench.py."""

from __future__ import annotations

import math
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two; ValueError if there is none."""
    if not values:
        raise ValueError("median of nothing")
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return (ordered[middle - 1] + ordered[middle]) / 2


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that ``percent`` % of the values do not exceed (nearest rank).

    ValueError if there are no values or ``percent`` is outside 0..100.
    """
    if not values:
        raise ValueError("percentile of nothing")
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must lie between 0 and 100, not {percent}")
    ordered = sorted(values)
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return float(ordered[rank - 1])


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
    x = [math.log(size) for size in sizes]
    y = [math.log(time) for time in times]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    return above / sum((a - mean_x) ** 2 for a in x)


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
