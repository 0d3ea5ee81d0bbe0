"""Shared means: output, mean, variance and sets are torch's."""

from __future__ import annotations

import random

import pytest
import torch

from dlworkbook.widgets.kit import bundle
from dlworkbook.widgets.kit.base import StateError
from dlworkbook.widgets.normalization_axes import NormalizationAxes
from dlworkbook.widgets.normalization_axes.widget import EPS
from tests.kit.node import differential, evaluate

MODEL = bundle.WIDGETS / "normalization_axes/model.js"
NORMS = ("batch", "layer", "token", "instance", "group")
torch.set_num_threads(1)


def make_cases() -> list[dict]:
    """Every norm, group count, size and fill; numbers of its own in half of the cases."""
    rng, found = random.Random(3), []
    while len(found) < 400:
        samples, places = rng.randint(1, 3), rng.randint(1, 4)
        case = {
            "norm": rng.choice(NORMS), "groups": rng.choice((1, 2, 4)), "samples": samples,
            "places": places, "fill": rng.choice(("page", "brighter", "contrast", "flat")),
            "eps": rng.choice(list(EPS)), "input": [], "cell": rng.randint(0, 47),
        }  # fmt: skip
        if rng.random() < 0.5:
            case["input"] = [[rng.randint(-80, 80) / 8 for _ in range(places)]
                             for _ in range(4 * samples)]  # fmt: skip
        found.append(case)
    return found


def by_torch(case: dict) -> dict:
    want = NormalizationAxes(**case)
    x, y, shared = want.array(), want.output(), want.members()
    places = y.shape[1]
    r, p = divmod(min(case["cell"], y.numel() - 1), places)
    if shared is None or not shared.any():  # one value in each set: no derivative
        shared = torch.zeros(y.shape, dtype=torch.bool)
        shared[r, p] = True
    own = x.reshape(y.shape)[shared]
    return {
        "x": x.reshape(y.shape), "y": y, "refused": int(want.members() is None),
        "marked": [r, p], "members": shared.nonzero().tolist(), "mean": own.mean().item(),
        "variance": own.var(correction=0).item() if len(own) > 1 else 0.0,
        "weights": x[0].numel() if case["norm"] == "layer" else 4,
        "sets": y.numel() // len(own),
    }  # fmt: skip


ASK = """((made, [r, p]) => ((set) => ({ x: made.x, y: made.y, refused: Number(m.refused(c)),
  marked: [r, p], members: set.cells.map((cell) => [cell[0], cell[1]]), mean: set.mean,
  variance: set.variance, weights: m.weights(c), sets: made.sets.length,
}))(made.sets[made.of[r][p]]))(m.run(c), m.marked(c))"""
MUTANTS = [line.split(" | ") for line in """\
batch by sample | s.norm === "batch") return c | s.norm === "batch") return n
layer by channel | s.norm === "layer") return n | s.norm === "layer") return c
tokens by place alone | return n * sizeOf(s)[1] + p | return p
tokens by sample alone | return n * sizeOf(s)[1] + p | return n
instance by channel | s.norm === "instance") return r | s.norm === "instance") return c
groups across samples | return n * s.groups + Math | return Math
groups as channels in turn | Math.floor((c * s.groups) / CHANNELS) | (c % s.groups)
squares not centred | (cell[2] - set.mean) ** 2 | cell[2] ** 2
one less | ** 2, 0) / size | ** 2, 0) / Math.max(1, size - 1)
sum for mean | t + cell[2], 0) / size | t + cell[2], 0)
eps outside of the root | Math.sqrt(set.variance + EPS[s.eps]) | (Math.sqrt(set.variance) + EPS[s.eps])
no root | Math.sqrt(set.variance + EPS[s.eps]) | (set.variance + EPS[s.eps])
mean left in | (v - set.mean) / | v /
another eps | small: 0.01 | small: 0.1
batch never refused | samples * places === 1 | samples * places === 0
instance like batch | return places === 1 | return samples * places === 1
groups never refused | samples * places * (CHANNELS / s.groups) === 1 | samples * places * (CHANNELS / s.groups) === 0
weights by channel | CHANNELS * sizeOf(s)[1] : | CHANNELS :
shifted only | (n + 1) * PAGE[0][c][p] + 3 * n | PAGE[0][c][p] + 3 * n
contrast of all alike | (1 + n * (c + 1)) | (1 + n)
flat from another place | PAGE[n][c][1] | PAGE[n][c][0]
typed numbers left aside | s.input.length ? s.input : upTo | s.input.length < 0 ? s.input : upTo
marked by columns | [Math.floor(at / places), at % places] | [Math.floor(at / places), places - 1 - (at % places)]
marked beyond the end | samples * CHANNELS * places - 1 | samples * CHANNELS * places - 2""".splitlines()]  # fmt: skip # noqa: E501


def test_model():
    cases = make_cases()
    expected = [by_torch(case) for case in cases]
    assert sum(e["refused"] for e in expected) > 20
    differential(MODEL, ASK, cases, expected, MUTANTS)


def test_the_page_s_cell():
    """Six becomes -1, 1, -1 and a third; and each norm by its own means gives back its sets."""
    for norm, value in (("batch", -1), ("layer", 1), ("instance", -1), ("group", 1 / 3)):
        case = NormalizationAxes(norm=norm).state()
        y = evaluate(MODEL, "m.run(data).y", case)
        assert y[3][0] == pytest.approx(value, abs=1e-4)
    for norm, same in (("layer", True), ("instance", True), ("group", True), ("batch", False)):
        y = evaluate(MODEL, "m.run(data).y", NormalizationAxes(norm=norm, fill="brighter").state())
        assert (y[:4] == [pytest.approx(row, abs=1e-4) for row in y[4:]]) is same
    for norm, same in (("layer", False), ("instance", True), ("group", False), ("batch", False)):
        y = evaluate(MODEL, "m.run(data).y", NormalizationAxes(norm=norm, fill="contrast").state())
        assert (y[:4] == [pytest.approx(row, abs=1e-4) for row in y[4:]]) is same


def test_words_picture_and_settings():
    assert NormalizationAxes().describe().endswith("[0, 3, 0] goes from 6 to -1.")
    assert NormalizationAxes().png().startswith(b"\x89PNG")
    assert NormalizationAxes(norm="instance", places=1).png().startswith(b"\x89PNG")
    assert NormalizationAxes(input=torch.ones(2, 4, 1, 3)).x() == [[1] * 3] * 8
    for bad in (
        {"norm": "norm"}, {"groups": 3}, {"samples": 4}, {"places": 0}, {"eps": 1}, {"cell": 48},
        {"input": [[1, 2]] * 5}, {"input": [[1, 2, 3, 4, 5]] * 4}, {"input": [[float("nan")]] * 4},
        {"input": [[2000]] * 4}, {"input": [[1], [1], [1], [1, 2]]}, {"fill": "noise"},
    ):  # fmt: skip
        with pytest.raises(StateError):
            NormalizationAxes(**bad)
