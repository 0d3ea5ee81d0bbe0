"""Independent checks of the page on axes of normalisation; none of its own asserts is used."""

from __future__ import annotations

import math
import statistics
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import experiment
from tests.kit.pages import definitions, verdict

PAGE = "ch07_modern_convolutional_networks/normalization_axes"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, np=np, nn=nn)


def by_loops(X: torch.Tensor, number, eps: float = 1e-5) -> torch.Tensor:
    """Cell by cell in plain Python; ``number(n, c)`` says to which set a cell belongs."""
    N, C, H, W = X.shape
    cells = list(product(range(N), range(C), range(H), range(W)))
    Y = torch.empty_like(X)
    for n, c, h, w in cells:
        own = [X[m, d, i, j].item() for m, d, i, j in cells if number(m, d) == number(n, c)]
        mean, sd = statistics.fmean(own), math.sqrt(statistics.pvariance(own) + eps)
        Y[n, c, h, w] = (X[n, c, h, w].item() - mean) / sd
    return Y


@pytest.mark.parametrize("shape", [(2, 4, 2, 3), (3, 4, 1, 2), (1, 4, 3, 3)])
def test_the_four_by_loops(page, shape):
    torch.manual_seed(5)
    X = torch.randn(shape, dtype=torch.float64) * 4 - 2
    ways = {
        "batch_norm": lambda n, c: c, "layer_norm": lambda n, c: n,
        "instance_norm": lambda n, c: (n, c),
    }  # fmt: skip
    for name, number in ways.items():
        assert torch.allclose(page[name](X), by_loops(X, number), atol=1e-10), name
    for groups in (1, 2, 4):
        want = by_loops(X, lambda n, c, g=groups: (n, c * g // 4))
        assert torch.allclose(page["group_norm"](X, groups), want, atol=1e-10), groups


def test_table_by_numpy(page):
    """What 6 becomes in the four sets of the first table, and by the page's functions."""
    X = np.array([[[0, 2], [0, 2], [0, 6], [6, 8]], [[0, 2], [2, 8], [8, 14], [8, 14]]], float)
    cells = torch.tensor(X)[..., None]
    for norm, members in (("batch_norm", X[:, 3]), ("layer_norm", X[0]),
                          ("instance_norm", X[0, 3]), ("group_norm", X[0, 2:])):  # fmt: skip
        Y = page[norm](cells, *([2] if norm == "group_norm" else []))
        want = (6 - members.mean()) / members.std()
        assert Y[0, 3, 0, 0].item() == pytest.approx(want, abs=1e-4), norm


def test_gradient_by_differences(page):
    """A cell of a set moves all outputs of its set and no other."""
    torch.manual_seed(1)
    X = torch.randn(2, 4, 2, 2, dtype=torch.float64)
    for f, same in (
        (page["batch_norm"], lambda n, c: c == 1), (page["layer_norm"], lambda n, c: n == 0),
        (page["instance_norm"], lambda n, c: (n, c) == (0, 1)),
        (lambda X: page["group_norm"](X, 2), lambda n, c: n == 0 and c < 2),
    ):  # fmt: skip
        moved = X.clone()
        moved[0, 1, 0, 1] += 1e-4
        change = (f(moved) - f(X)).abs().amax((2, 3))
        for n, c in product(range(2), range(4)):
            assert (change[n, c] > 0).item() == same(n, c)


def test_what_is_forgotten(page):
    """Scale and shift by sample, by channel, by group: who notices."""
    torch.manual_seed(2)
    X = torch.randn(2, 4, 5, 5, dtype=torch.float64)
    a, b = torch.rand(2, 2, 4, 1, 1, dtype=torch.float64) * 2 + 0.5
    whole, grouped = (a[:, :1], b[:, :1]), tuple(
        v[:, [0, 2]].repeat_interleave(2, 1) for v in (a, b))  # fmt: skip
    norms = {
        "batch": page["batch_norm"], "layer": page["layer_norm"],
        "instance": page["instance_norm"], "group": lambda X: page["group_norm"](X, 2),
    }  # fmt: skip
    blind = {"whole": {"layer", "instance", "group"}, "grouped": {"instance", "group"},
             "channel": {"instance"}, "batchwise": {"batch", "instance"}}  # fmt: skip
    moves = {"whole": whole, "grouped": grouped, "channel": (a, b), "batchwise": (a[:1], b[:1])}
    for move, (scale, shift) in moves.items():
        for name, norm in norms.items():
            unchanged = torch.allclose(norm(scale * X + shift), norm(X), atol=1e-3)
            assert unchanged is (name in blind[move]), (move, name)


def test_a_third_of_ones():
    """The red picture: ones in one of three channels."""
    cells = np.array([1, 0, 0] * 20)
    found = ((cells - cells.mean()) / cells.std()).max()
    assert verdict("ex-normaxes-colour-layer", f"{found:.6f}") == "right"


def test_a_third_in_two_digits():
    """A negative third, rounded as a student writes it; and one that is too far."""
    for text, state in (("-0.33", "right"), ("-0.333", "right"), ("-0.34", "wrong")):
        assert verdict("ex-normaxes-hand-layer", text) == state


def test_padding_reaches_batch_norm_only(page):
    torch.manual_seed(0)
    filled = {"torch": torch, "short": torch.randn(5, 6), "long": torch.randn(8, 6) + 1}
    page["padded"].__globals__.update(filled)
    S = page["padded"](20)
    assert torch.equal(S[0, :5], filled["short"]) and torch.equal(S[1, :8], filled["long"])
    assert S.shape == (2, 20, 6) and not S[0, 5:].any() and not S[1, 8:].any()
    for norm, moves in ((nn.BatchNorm1d(6), True), (nn.LayerNorm(6), False)):
        def out(T, norm=norm, moves=moves):
            S = page["padded"](T)
            return (norm(S.mT).mT if moves else norm(S))[0, :5]

        assert ((out(20) - out(8)).abs().max() > 0.1).item() is moves


def test_experiment_holds_all_runs():
    """Four seeds at each rate, and accuracies between nothing and all."""
    runs = experiment(PAGE)
    assert len(runs) == 9
    for name, rates in runs.items():
        assert all(len(found) == 4 for found in rates.values()), name
        assert all(0 <= value <= 100 for found in rates.values() for value in found)
