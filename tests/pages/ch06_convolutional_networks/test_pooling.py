"""Independent checks of the page on pooling; none of its own asserts is used."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage import data

from tests.kit.pages import definitions, named, verdict

PAGE = "ch06_convolutional_networks/pooling"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ["halve"], X=None, G=None)


def test_forward_is_the_loop_over_windows(page):
    """Not PyTorch: sums and maxima of slices of a padded array, for sides that are not equal."""
    rng = random.Random(3)
    for _ in range(60):
        k, s = (tuple(rng.randint(1, 3) for _ in range(2)) for _ in range(2))
        p = tuple(rng.randint(0, v // 2) for v in k)
        X = torch.randn(2, 3, rng.randint(3, 7), rng.randint(3, 7), dtype=torch.float64)
        for kind, outside, one in (("max", -np.inf, np.max), ("mean", 0, np.mean)):
            wide = np.pad(X.numpy(), ((0, 0), (0, 0), (p[0],) * 2, (p[1],) * 2),
                          constant_values=outside)  # fmt: skip
            rows, columns = (range(0, wide.shape[a + 2] - k[a] + 1, s[a]) for a in (0, 1))
            Y = page["pool2d"](X, k, s, p, kind)
            assert Y.shape == (2, 3, len(rows), len(columns))
            for (i, r), (j, c) in itertools.product(enumerate(rows), enumerate(columns)):
                window = wide[:, :, r : r + k[0], c : c + k[1]]
                assert np.allclose(Y[:, :, i, j], one(window, axis=(2, 3)))


def test_backward_is_the_finite_difference_away_from_ties(page):
    torch.manual_seed(4)
    for k, s, kind in itertools.product((1, 2, 3), (1, 2, 3), ("max", "mean")):
        X = torch.randperm(30).reshape(5, 6).double()  # no ties
        Y = page["pool2d"](X[None, None], (k, k), (s, s), kind=kind)[0, 0]
        G = torch.randn_like(Y)
        dX = page["pool2d_backward"](X, G, k, s, kind)
        for r, c in itertools.product(range(5), range(6)):
            loss = []
            for step in (0.1, -0.1):
                moved = X.clone()
                moved[r, c] += step
                Y = page["pool2d"](moved[None, None], (k, k), (s, s), kind=kind)[0, 0]
                loss.append((Y * G).sum())
            assert abs((loss[0] - loss[1]) / 0.2 - dX[r, c]) < 1e-9


def test_ties_go_to_the_first_and_the_mask_pays_all(page):
    X, G = torch.ones(4, 6), torch.rand(2, 3)
    dX = page["pool2d_backward"](X, G, 2, 2)
    assert torch.equal(dX[::2, ::2], G) and torch.isclose(dX.sum(), G.sum())
    assert torch.isclose(page["mask_backward"](X, G, 2).sum(), 4 * G.sum())


def test_half_step_moves_a_wave_by_half_an_entry(page):
    n = torch.arange(16, dtype=torch.float64)
    for waves in range(8):
        Y, moved = (torch.cos(2 * torch.pi * waves * (n - by) / 16 + 0.3) for by in (0, 0.5))
        assert torch.allclose(page["half_step"](Y), moved)


def test_only_what_is_dropped_breaks_the_move(page):
    """On noise: pooling at every place moves along exactly; half of it does not, a wave does."""
    torch.manual_seed(5)
    X = torch.randn(1, 1, 8, 32, dtype=torch.float64)
    assert torch.equal(page["peak"](X.roll(1, -1)), page["peak"](X).roll(1, -1))
    far = {name: page["changes"](f, X)[1] for name, f in page["halve"].items()}
    names = list(far)
    assert far[names[4]] < far[names[3]] < far[names[1]] < far[names[0]]
    dot = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    dot[..., 3, 4] = 1  # four places of the map of maxima; a quarter of each is kept
    assert [page["halve"][name](dot).sum().item() for name in names[3:]] == [1, 1]
    slow = torch.cos(2 * torch.pi * 3 * torch.arange(32) / 32).double().expand(1, 1, 8, 32)
    for name in names[2:3] + names[:1]:  # the linear ones
        assert page["changes"](page["halve"][name], slow)[1] < 1e-6
    assert abs(page["changes"](page["halve"][names[0]], slow)[0]) > 0.3


def test_softmax_pooling(page):
    X = torch.randn(2, 3, 4, 6, dtype=torch.float64)
    for beta in (0.0, 0.7, 3.0):
        Y = page["softmax_pool"](X, beta)
        window = X[1, 2, 2:4, 4:6].flatten()
        weight = (beta * window).exp()
        assert torch.isclose(Y[1, 2, 1, 2], (weight * window).sum() / weight.sum())
    assert torch.allclose(page["softmax_pool"](X, 0.0), F.avg_pool2d(X, 2))


def test_rounded_answers_and_half_right_ties():
    """What the solution rounds to is right; a tie that is paid wrongly is named by its window."""
    assert verdict("ex-pool-softmax-value", "0.82") == "right"
    assert verdict("ex-pool-head-ratio", "48.9") == "right"
    for entry, gradient in (
        ("0 0 3 0; 0 8 0 0; 4 0 0 6", "gradient 4"),
        ("0 0 0 3; 0 12 0 0; 0 0 0 6", "gradient 3"),
    ):
        assert gradient in named("ex-pool-hand-max", entry)


def test_thin_lines_are_the_hard_case():
    """By NumPy alone, one photograph: a shift changes pooled lines far more than pooled greys."""
    grey = data.camera() / 255.0
    lines = np.maximum(2 * grey[:, 1:-1] - grey[:, :-2] - grey[:, 2:], 0)[:508, :508]
    changed = {}
    for name, Z in (("lines", lines), ("grey", grey)):
        Y, moved = (
            np.maximum.reduce([A[i::2, j::2] for i in (0, 1) for j in (0, 1)])
            for A in (Z, np.roll(Z, 1, 1))
        )
        changed[name] = np.sqrt(np.mean((Y - moved) ** 2)) / Y.std()
    assert 0.78 < changed["lines"] < 0.9
    assert 0.18 < changed["grey"] < 0.2
