"""Random numbers that are those of the browser: the twin of random.js."""

from __future__ import annotations

from collections.abc import Iterator

MASK = 2**32 - 1


def seed_of(text: str) -> int:
    """A whole number from 0 to 2**32 - 1 from a text of ASCII (FNV-1a)."""
    total = 0x811C9DC5
    for letter in text:
        total = (total ^ ord(letter)) * 0x01000193 & MASK
    return total


def generator(seed: int) -> Iterator[int]:
    """The numbers of mulberry32, 0 to 2**32 - 1, one by one."""
    at = seed
    while True:
        at = (at + 0x6D2B79F5) & MASK
        t = (at ^ (at >> 15)) * (at | 1) & MASK
        t = ((t + (t ^ (t >> 7)) * (t | 61)) & MASK) ^ t
        yield t ^ (t >> 14)
