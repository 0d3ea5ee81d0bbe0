"""Expressions at random, for the models of widgets that read what somebody typed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from dlworkbook.answers import expression as parser

ONE_VALUE = [f for f in parser.FUNCTIONS if f not in parser.MANY]


def random_text(rng: random.Random, depth: int, letters: Sequence[str]) -> str:
    """An expression with at most so many operations inside each other; letters by weight."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice([*letters, str(rng.randint(1, 5)), "0.5"])
    kind, part = rng.random(), lambda: random_text(rng, depth - 1, letters)
    if kind < 0.5:
        return f"({part()}) {rng.choice('+-*/*')} ({part()})"
    if kind < 0.65:
        return f"({part()})^{rng.choice(['2', '3', '-1', '0.5', letters[-1]])}"
    if kind < 0.7:
        return f"-({part()})"
    if kind < 0.8:
        return f"{rng.choice(parser.MANY)}({part()}, {part()})"
    return f"{rng.choice(ONE_VALUE)}({part()})"
