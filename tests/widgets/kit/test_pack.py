"""Packed numbers: what Python writes, Python and JavaScript read."""

from __future__ import annotations

import random

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.pack import Reader, Writer
from tests.kit.node import differential

PACK = bundle.WIDGETS / "kit/pack.js"
MUTANTS = [
    ("odds not learned", "p + ((2048 - p) >> 5);", "p + ((2048 - p) >> 4);"),
    ("odds of ones", "p - (p >> 5);", "p - (p >> 6);"),
    ("first byte read", "at = 5;", "at = 4;"),
    ("sign lost", "return negative ? -(size + 1) : size + 1;", "return size + 1;"),
    ("short unary", "const UNARY = 14;", "const UNARY = 13;"),
    ("long numbers too short", "size += long - 1;", "size += long - 2;"),
    ("contexts too close", "const slot = 16 * context;", "const slot = 15 * context;"),
]  # fmt: skip


def case(seed: int) -> list[list[int]]:
    """[context, number] pairs: mostly small, some of any size, contexts that differ in kind."""
    rng = random.Random(seed)
    size, contexts = rng.choice([0, 1, 3, 20]), range(rng.choice([1, 56]))

    def number() -> int:
        edge = rng.choice([-1, 1]) * rng.randint(13, 18)  # where unary ends
        return rng.choice([rng.randint(-size, size)] * 8 + [edge, rng.randint(-(10**6), 10**6)])

    return [[rng.choice(contexts), number()] for _ in range(rng.randint(0, 300))]


def test_javascript_reads_what_python_writes():
    pairs = [case(seed) for seed in range(220)]
    cases, expected = [], []
    for pair in pairs:
        writer = Writer()
        for context, number in pair:
            assert writer.number(context, number) == number
        text, numbers = writer.text(), [number for _, number in pair]
        reader = Reader(text)
        assert [reader.number(context) for context, _ in pair] == numbers
        cases.append({"text": text, "contexts": [context for context, _ in pair]})
        expected.append(numbers)
    ask = "((number) => c.contexts.map((context) => number(context)))(m.reader(c.text))"
    differential(PACK, ask, cases, expected, MUTANTS)


def test_small_numbers_take_little_room():
    """Near the entropy: one number in ten is not 0, which is about half a bit for each."""
    rng, writer = random.Random(1), Writer()
    for _ in range(8000):
        writer.number(0, rng.choice([0] * 9 + [1]))
    assert len(writer.text()) * 6 / 8000 < 0.6
