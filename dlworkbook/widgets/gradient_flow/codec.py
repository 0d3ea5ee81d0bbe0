"""How the grid of the gradient widget is packed into text, and unpacked again.

The grid is some 200,000 small whole numbers. Each is predicted from those before it; what is
left goes through an adaptive binary range coder, the one of LZMA, and then into base64, one text
for each combination of activation, residual path and normalisation. ``model.js``
unpacks the same texts; a test compares the two. Needs nothing but Python.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from dlworkbook.widgets.kit.base import declared

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
_TOP, _BITS, _RATE = 1 << 24, 11, 5
_UNARY = 14  # magnitudes up to here are written in unary, larger ones with their bits


def stored_inits(norm: str) -> tuple[str, ...]:
    """The initialisations that are stored: normalisation divides the gain away."""
    return ("default", "orthogonal", *(GAINS if norm == "none" else ("1",)))


class _Encoder:
    """Range coder of binary decisions with adaptive probabilities."""

    def __init__(self) -> None:
        self.low, self.range, self.cache, self.pending = 0, 0xFFFFFFFF, 0, 1
        self.odds: dict[tuple, int] = {}
        self.out = bytearray()

    def bit(self, context: tuple, bit: int) -> int:
        p = self.odds.setdefault(context, 1 << (_BITS - 1))
        bound = (self.range >> _BITS) * p
        if bit:
            self.low, self.range = self.low + bound, self.range - bound
            self.odds[context] = p - (p >> _RATE)
        else:
            self.range = bound
            self.odds[context] = p + (((1 << _BITS) - p) >> _RATE)
        while self.range < _TOP:
            self.range = self.range << 8 & 0xFFFFFFFF
            self._shift()
        return bit

    def _shift(self) -> None:
        if self.low < 0xFF000000 or self.low > 0xFFFFFFFF:
            carry = self.low >> 32
            self.out.append(self.cache + carry & 0xFF)
            self.out += bytes([0xFF + carry & 0xFF]) * (self.pending - 1)
            self.pending, self.cache = 0, self.low >> 24 & 0xFF
        self.pending += 1
        self.low = (self.low & 0x00FFFFFF) << 8

    def finish(self) -> bytes:
        for _ in range(5):
            self._shift()
        return bytes(self.out)


class _Decoder:
    """The inverse: ``bit`` ignores what it is given and returns what was written."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.range, self.code = data, 5, 0xFFFFFFFF, 0
        self.odds: dict[tuple, int] = {}
        for byte in data[1:5]:
            self.code = self.code << 8 | byte

    def bit(self, context: tuple, _: int = 0) -> int:
        p = self.odds.setdefault(context, 1 << (_BITS - 1))
        bound = (self.range >> _BITS) * p
        if self.code < bound:
            self.range, bit = bound, 0
            self.odds[context] = p + (((1 << _BITS) - p) >> _RATE)
        else:
            self.code, self.range, bit = self.code - bound, self.range - bound, 1
            self.odds[context] = p - (p >> _RATE)
        while self.range < _TOP:
            self.range = self.range << 8 & 0xFFFFFFFF
            byte = self.data[self.at] if self.at < len(self.data) else 0
            self.code = (self.code << 8 | byte) & 0xFFFFFFFF
            self.at += 1
        return bit


def _number(coder: _Encoder | _Decoder, context: tuple, value: int) -> int:
    """Write a whole number, or read one."""
    if not coder.bit((*context, "zero"), int(value != 0)):
        return 0
    negative = coder.bit((*context, "sign"), int(value < 0))
    rest, size = abs(value) - 1, 0
    while size < _UNARY and coder.bit((*context, size), int(size < rest)):
        size += 1
    if size == _UNARY:
        rest -= _UNARY
        bits = 0
        while coder.bit(("bits", bits), int(rest + 1 >> bits + 1 > 0)):
            bits += 1
        number = 1
        for n in reversed(range(bits)):
            number = number << 1 | coder.bit(("bit", n), (rest + 1) >> n & 1)
        size += number - 1
    return -(size + 1) if negative else size + 1


def _mean_step(values: list[int], at: int) -> int:
    """Rounded mean of the last steps (at most four) before position ``at``."""
    n = min(at - 1, 4)
    return (2 * (values[at - 1] - values[at - 1 - n]) + n) // (2 * n) if n > 0 else 0


def _walk(coder: _Encoder | _Decoder, given: Table | None) -> Table:
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
        class_ = 0
        gap = MAX_DEPTH - depth
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
            off = _number(coder, (kind, whole, class_), median[d] - guess)
            median[d], class_ = guess + off, min(abs(off), 2)
        for side, values in (("low", low), ("high", high)):
            class_ = 0
            for d in range(depth):
                guess = values[d - 1] if d else 0
                if not whole:
                    m = long[1 if side == "low" else 2]
                    guess += m[d] - (m[d - 1] if d else 0)
                off = _number(coder, (side, kind, whole, class_), values[d] - guess)
                values[d], class_ = guess + off, min(abs(off), 2)
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
        coder = _Encoder()
        for init in stored_inits(group[2]):
            _walk(coder, table[(*group, init)])
        texts.append(base64.b64encode(coder.finish()).decode().rstrip("="))
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
    coder = _Decoder(base64.b64decode(text + "=" * (-len(text) % 4)))
    return {init: _walk(coder, None) for init in stored_inits(norm)}

