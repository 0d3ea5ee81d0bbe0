"""Whole numbers as text: the range coder of LZMA in base64. ``pack.js`` reads the same texts.

Meant for numbers that are mostly small, such as what a good guess leaves: the coder learns how
often each size occurs, apart for each ``context``, a number from 0 to 55 that a widget chooses.
Writer and Reader have one method, ``number(context, value)``, so that one function can walk
through the data for both: the Reader ignores the value and returns the one that was written.
"""

from __future__ import annotations

import base64

_TOP, _BITS, _RATE = 1 << 24, 11, 5
_UNARY = 14  # magnitudes up to here are written in unary, larger ones with their bits
_LENGTH, _BIT = 900, 950  # slots of these bits


class _Coder:
    """What writing and reading share: probabilities that are learned, and the form of a number."""

    def __init__(self) -> None:
        self.range = 0xFFFFFFFF
        self.odds: dict[int, int] = {}

    def _split(self, slot: int) -> int:
        return (self.range >> _BITS) * self.odds.setdefault(slot, 1 << (_BITS - 1))

    def _learn(self, slot: int, bit: int) -> None:
        p = self.odds[slot]
        self.odds[slot] = p - (p >> _RATE) if bit else p + (((1 << _BITS) - p) >> _RATE)

    def number(self, context: int, value: int = 0) -> int:
        """Write a whole number, or read one."""
        slot = 16 * context
        if not self.bit(slot, int(value != 0)):
            return 0
        negative = self.bit(slot + 1, int(value < 0))
        rest, size = abs(value) - 1, 0
        while size < _UNARY and self.bit(slot + 2 + size, int(size < rest)):
            size += 1
        if size == _UNARY:
            rest -= _UNARY
            length, long = 0, 1
            while self.bit(_LENGTH + length, int(rest + 1 >> length + 1 > 0)):
                length += 1
            for n in reversed(range(length)):
                long = long << 1 | self.bit(_BIT + n, (rest + 1) >> n & 1)
            size += long - 1
        return -(size + 1) if negative else size + 1


class Writer(_Coder):
    """Writes numbers; then ``text()``."""

    def __init__(self) -> None:
        super().__init__()
        self.low, self.cache, self.pending, self.out = 0, 0, 1, bytearray()

    def bit(self, slot: int, bit: int) -> int:
        bound = self._split(slot)
        self._learn(slot, bit)
        self.low, self.range = (self.low + bound, self.range - bound) if bit else (self.low, bound)
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

    def text(self) -> str:
        """All that was written."""
        for _ in range(5):
            self._shift()
        return base64.b64encode(self.out).decode().rstrip("=")


class Reader(_Coder):
    """Reads what a Writer wrote, in the same contexts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        data = base64.b64decode(text + "=" * (-len(text) % 4))
        self.code, self.rest = int.from_bytes(data[1:5], "big"), iter(data[5:])

    def bit(self, slot: int, _: int = 0) -> int:
        bound = self._split(slot)
        bit = int(self.code >= bound)
        self._learn(slot, bit)
        self.code -= bound if bit else 0
        self.range = self.range - bound if bit else bound
        while self.range < _TOP:
            self.range = self.range << 8 & 0xFFFFFFFF
            self.code = (self.code << 8 | next(self.rest, 0)) & 0xFFFFFFFF
        return bit
