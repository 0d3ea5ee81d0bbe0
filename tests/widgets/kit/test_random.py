"""The generator of random numbers: the same whole numbers in the browser and in Python."""

from __future__ import annotations

import itertools

import pytest

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.random import generator, seed_of
from tests.kit.node import evaluate

# Of seeds 1 and 99, with exact whole numbers of any size: no overflow can hide here.
TEXTS = {"": 0x811C9DC5, "a": 0xE40C292C, "foobar": 0xBF9CF968}  # of the function's authors
GOLDEN = {1: [2693262067, 11749833, 2265367787], 99: [1118692146, 3456687457, 2323025554]}


@pytest.mark.parametrize("seed", GOLDEN)
def test_golden_numbers(seed):
    python = list(itertools.islice(generator(seed), 3))
    ask = "((g) => [g(), g(), g()])(m.generator(data))"
    script = bundle.WIDGETS / "kit/random.js"
    assert evaluate(script, ask, seed) == python == GOLDEN[seed]


@pytest.mark.parametrize("text", TEXTS)
def test_seed_of_a_text(text):
    script = bundle.WIDGETS / "kit/random.js"
    assert evaluate(script, "m.seedOf(data)", text) == seed_of(text) == TEXTS[text]
