"""The positional encoding widget: codes and scores are torch's."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.positional_encoding import PositionalEncoding
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "positional_encoding/model.js"
PLACES = (0, 1, 7, 20, 44, 62, 63)
CASES = [
    {"i": i, "j": j, "d": d} for i, j, d in itertools.product(PLACES, PLACES, (2, 4, 8, 16, 32))
]
ASK = """{ rates: m.rates(c), code: m.code(c, c.i), score: m.score(c, c.i, c.j),
  curve: m.curve(c), rounds: m.rounds(c), same: m.same(c) }"""
MUTANTS = [
    ("another base", "10000 **", "1000 **"),
    ("rates that grow", "(-2 * k)", "(2 * k)"),
    ("exponent without the two", "(-2 * k)", "(-1 * k)"),
    ("cosine first", "[Math.sin(w * place), Math.cos(w * place)]",
     "[Math.cos(w * place), Math.sin(w * place)]"),
    ("places from one", "Math.sin(w * place)", "Math.sin(w * (place + 1))"),
    ("a sum of codes", "sum + v * other[n]", "sum + v + other[n]"),
    ("the first alone", "(sum, v, n) => sum + v * other[n], 0", "(sum, v, n) => sum, 0"),
    ("curve of j", "score(s, s.i, place)", "score(s, s.j, place)"),
    ("turns in half", "(2 * Math.PI) / w", "Math.PI / w"),
    ("slowest first", "[rates(s)[0], rates(s).at(-1)]", "[rates(s).at(-1), rates(s)[0]]"),
    ("places swapped", "[s.i - least, s.j - least]", "[s.j - least, s.i - least]"),
    ("beyond the last", "PLACES - 1 - Math", "PLACES - Math"),
]  # fmt: skip


def codes(d: int) -> torch.Tensor:
    """All 64 codes (64, d) by torch in float64."""
    omega = 10000.0 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    angle = torch.arange(64)[:, None] * omega
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)


def by_torch(case: dict) -> dict:
    i, j, d = case["i"], case["j"], case["d"]
    P = codes(d)
    omega = 10000.0 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    shift = -min(i, j) if min(i, j) else 63 - max(i, j)
    return {
        "rates": omega.tolist(), "code": P[i].tolist(), "score": (P[i] @ P[j]).item(),
        "curve": (P @ P[i]).tolist(), "same": [i + shift, j + shift],
        "rounds": [2 * math.pi / omega[0].item(), 2 * math.pi / omega[-1].item()],
    }  # fmt: skip


def test_model():
    expected = [by_torch(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        widget = PositionalEncoding(**case)
        assert widget.rates() == pytest.approx(want["rates"], abs=1e-12)
        assert widget.code(case["i"]) == pytest.approx(want["code"], abs=1e-12)
        assert widget.score() == pytest.approx(want["score"], abs=1e-11)


def test_scores_depend_on_the_distance_alone():
    for d in (2, 8, 32):
        widget = PositionalEncoding(d=d)
        for gap in (0, 1, 17, 44):
            scores = [widget.score(place, place + gap) for place in range(64 - gap)]
            assert scores == pytest.approx([widget.score(gap, 0)] * len(scores), abs=1e-11)
