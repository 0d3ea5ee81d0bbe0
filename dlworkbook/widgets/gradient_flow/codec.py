"""How the grid of the gradient widget is packed into text, and unpacked again.

The grid is some 200,000 small whole numbers. Each is predicted from those before it; what is
left is packed (``kit/pack.py``), one text for each combination of activation, residual path and
normalisation. ``model.js`` unpacks the same texts; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dlworkbook.widgets.kit.base import declared
from dlworkbook.widgets.kit.pack import Reader, Writer

_FIELDS = declared("gradient_flow")["fields"]
ACTIVATIONS, NORMS = _FIELDS["activation"]["of"], _FIELDS["norm"]["of"]
DEPTHS = _FIELDS["depth"]["of"][::-1]  # as packed
MAX_DEPTH = DEPTHS[0]
#: Standard deviations g / sqrt(width) that the sweep offers, as the texts that name them.
GAINS = ("0.25", "0.3536", "0.5", "0.7071", "1", "1.4142", "2", "2.8284", "4")
STEP = 0.02  # of log10, for the medians: 4.7 %
BAND = 2  # steps of STEP in which the distances from the median to 10% and 90% are kept
FLOOR = -200.0  # log10 of a gradient that is exactly zero in float64

Table = dict[tuple | str, list[list[int]]]


def stored_inits(norm: str) -> tuple[str, ...]:
    """The initialisations that are stored: normalisation divides the gain away."""
    return ("default", "orthogonal", *(GAINS if norm == "none" else ("1",)))


def _mean_step(values: list[int], at: int) -> int:
    """Rounded mean of the last steps (at most four) before position ``at``."""
    n = min(at - 1, 4)
    return (2 * (values[at - 1] - values[at - 1 - n]) + n) // (2 * n) if n > 0 else 0


def walk(coder: Writer | Reader, given: Table | None) -> Table:
    """Write one setting, or read it: every series with its median, and how far 10% and 90% lie."""
    found: dict = {}

    def series(kind: str, depth: int) -> None:
        key = kind if kind == "spread" else (kind, depth)
        rows = given[key] if given else [[0, 0, 0]] * depth
        if kind != "spread":  # a gradient comes from above
            rows = rows[::-1]
        median = [r[1] for r in rows]
        low, high = [(r[1] - r[0]) // BAND for r in rows], [(r[2] - r[1]) // BAND for r in rows]
        whole = depth == MAX_DEPTH
        long = found.get((kind, MAX_DEPTH))
        h = found.get(("h", depth))
        last = 0
        gap = MAX_DEPTH - depth
        context = ("spread", "h", "W").index(kind) * 6 + (3 if whole else 0)
        for d in range(depth):
            if not whole:
                m, top = long[0], found["h", MAX_DEPTH][0]
                guess = median[d - 1] + m[d + gap] - m[d + gap - 1] if d else (
                    m[gap] - top[gap] if kind == "W" else 0)  # fmt: skip
            elif d == 0:
                guess = 0
            else:
                guess = median[d - 1] + _mean_step(median, d)
                if kind == "W":
                    guess += h[0][d] - h[0][d - 1] - _mean_step(h[0], d)
            off = coder.number(context + last, median[d] - guess)
            median[d], last = guess + off, min(abs(off), 2)
        for side, values in enumerate((low, high), start=1):
            last = 0
            for d in range(depth):
                guess = values[d - 1] if d else 0
                if not whole:
                    m = long[side]
                    guess += m[d] - (m[d - 1] if d else 0)
                off = coder.number(18 * side + context + last, values[d] - guess)
                values[d], last = guess + off, min(abs(off), 2)
        found[kind, depth] = (median, low, high)

    series("spread", MAX_DEPTH)
    for depth in DEPTHS:
        series("h", depth)
        series("W", depth)
    table: Table = {}
    for (kind, depth), (median, low, high) in found.items():
        rows = [[m - BAND * a, m, m + BAND * b] for m, a, b in zip(median, low, high)]
        table["spread" if kind == "spread" else (kind, depth)] = (
            rows if kind == "spread" else rows[::-1]
        )
    return table


def groups() -> Iterator[tuple[str, bool, str]]:
    """Activation, residual path, normalisation, in the order of the texts."""
    for activation in ACTIVATIONS:
        for residual in (False, True):
            for norm in NORMS:
                yield activation, residual, norm


def write(table: dict[tuple, Table]) -> str:
    """The whole grid: one text for each activation, residual path and normalisation."""
    texts = []
    for group in groups():
        coder = Writer()
        for init in stored_inits(group[2]):
            walk(coder, table[(*group, init)])
        texts.append(coder.text())
    return f"{json.dumps(texts)}\n"


@cache
def texts(path: Path | None = None) -> tuple[str, ...]:
    """The packed texts, as committed."""
    path = path or Path(__file__).with_name("runs.json")
    return tuple(json.loads(path.read_text(encoding="utf-8")))


@cache
def unpack(activation: str, residual: bool, norm: str) -> dict[str, Table]:
    """Initialisation -> table, in whole steps of ``STEP``."""
    text = texts()[list(groups()).index((activation, residual, norm))]
    coder = Reader(text)
    return {init: walk(coder, None) for init in stored_inits(norm)}

