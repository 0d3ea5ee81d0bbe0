"""Independent checks of the page on transposed convolution; none of its own asserts is used."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import answers
from tests.kit.pages import definitions

PAGE = "ch13_computer_vision/transposed_convolution"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, R=8)


def scatter(X: np.ndarray, K: np.ndarray, s: int, p: int, d: int, r: int) -> np.ndarray:
    """The definition, index by index: X (I, H, W), K (I, O, h, w), no groups, no bias."""
    (num_in, H, W), (_, num_out, h, w) = X.shape, K.shape
    rows, cols = ((n - 1) * s - 2 * p + d * (k - 1) + 1 + r for n, k in ((H, h), (W, w)))
    Y = np.zeros((num_out, rows, cols))
    for c, o, i, j, a, b in itertools.product(*map(range, (num_in, num_out, H, W, h, w))):
        y, x = i * s + a * d - p, j * s + b * d - p
        if 0 <= y < rows and 0 <= x < cols:
            Y[o, y, x] += X[c, i, j] * K[c, o, a, b]
    return Y


def test_every_option_is_the_definition(page):
    rng = np.random.default_rng(3)
    tried = 0
    while tried < 40:
        (h, w, s, d), p = rng.integers(1, 4, 4).tolist(), int(rng.integers(0, 3))
        r = int(rng.integers(0, max(s, d)))
        X, K = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, h, w))
        if any((n - 1) * s - 2 * p + d * (k - 1) + 1 + r < 1 for n, k in ((3, h), (4, w))):
            continue
        ours = page["conv_transpose2d"](
            torch.tensor(X)[None], torch.tensor(K), None, (s, s), (p, p), (r, r), (d, d)
        )[0].numpy()
        want = scatter(X, K, s, p, d, r)
        assert ours.shape == want.shape
        assert np.allclose(ours, want)
        tried += 1


def test_groups_do_not_see_each_other(page):
    torch.manual_seed(0)
    X, K = torch.randn(1, 4, 3, 5), torch.randn(4, 3, 2, 3)
    whole = page["conv_transpose2d"](X, K, stride=(2, 3), groups=2)
    for g in (0, 1):
        own = page["conv_transpose2d"](X[:, 2 * g : 2 * g + 2], K[2 * g : 2 * g + 2], stride=(2, 3))
        assert torch.allclose(whole[:, 3 * g : 3 * g + 3], own, atol=1e-6)


def test_a_stamp_of_the_page_is_the_definition(page):
    X, K = np.arange(6.0).reshape(2, 3), np.array([[2.0, -1, 0], [1, 3, 5]])
    for s in (1, 2, 3, 4):
        ours = page["stamp"](torch.tensor(X), torch.tensor(K), s).numpy()
        assert np.allclose(ours, scatter(X[None], K[None, None], s, 0, 1, 0)[0])


def test_sizes_invert_the_convolutions_formula(page):
    """Of random settings, exactly s sizes share one output, and r counts them."""
    rng = random.Random(0)
    for _ in range(300):
        k, s, p, d = rng.randint(1, 7), rng.randint(1, 5), rng.randint(0, 3), rng.randint(1, 3)
        N = rng.randint(max(1, d * (k - 1) + 1 - 2 * p) + s, 60)
        windows = sum(start + d * (k - 1) <= N + 2 * p - 1 for start in range(0, N + 2 * p, s))
        assert page["conv_size"](N, k, s, p, d) == windows
        back = [page["tc_size"](windows, k, s, p, d, r) for r in range(s)]
        assert N in back
        assert back == [*range(back[0], back[0] + s)]


def test_phases_decide_whether_flat_stays_flat():
    """Same phase sums: flat, whatever the weights; move one weight: no longer."""
    torch.manual_seed(1)
    for k, s in ((3, 2), (5, 3), (4, 2), (6, 4)):
        w = torch.randn(k, dtype=torch.float64)
        for a in range(s):
            w[a] += 1 - w[a::s].sum()
        for moved in (False, True):
            w[0] += 0.25 * moved
            K = torch.outer(w, w)[None, None]
            Y = nn.functional.conv_transpose2d(torch.ones(1, 1, 20, 20).double(), K, stride=s)
            inside = Y[..., 2 * k : -2 * k, 2 * k : -2 * k]
            assert (inside.max() - inside.min() < 1e-12) == (not moved)


def test_the_chequerboard_is_measured_as_said(page):
    """Zero for a kernel with equal phase sums, and the deviation by hand for another."""
    nets = 8
    for kernel, want in (([0.5, 1, 0.5], 0.0), ([1.0, 1, 1], np.std([1, 2, 2, 4]))):
        h = torch.tensor(kernel)

        class Up(nn.Module):
            def forward(self, X, h=h):
                K = torch.outer(h, h).expand(nets, 1, 3, 3)
                return nn.functional.conv_transpose2d(
                    X, K, stride=2, padding=1, output_padding=1, groups=nets
                )

        seen = page["chequer"](Up())
        assert seen.shape == (nets,)
        assert torch.allclose(seen, torch.full((nets,), float(want)), atol=1e-5)


def test_bilinear_is_interpolation_in_the_inside(page):
    torch.manual_seed(2)
    for s in range(1, 9):
        K, X = page["bilinear_kernel"](3, s), torch.randn(2, 3, 4, 6)
        ours = nn.functional.conv_transpose2d(X, K, stride=s, padding=s // 2)
        want = nn.functional.interpolate(X, scale_factor=s, mode="bilinear")
        e = s // 2
        assert ours.shape == want.shape
        same = (ours - want).abs().amax((0, 1)) < 1e-4
        inside = torch.zeros_like(same)
        inside[e : same.shape[0] - e, e : same.shape[1] - e] = True
        assert torch.equal(same, inside)


def test_slips_are_what_the_mistakes_give():
    """Computed by making the mistake; the sentence names it."""
    layers = [(64, 32, 4), (32, 16, 3), (16, 1, 5)]
    mistakes = {
        "ex-tc-decoder-parameters": (sum(i * o * k + o for i, o, k in layers), "square"),
        "ex-tc-decoder-work": ((2 * (4 - 1) + 1 + 6 - 3) ** 2 * 16 * 64 * 32, "zeros between"),
        "ex-tc-which-rows": ((100 - 5) // 3 + 1, "padding"),  # forgotten
    }
    assert mistakes["ex-tc-which-rows"][0] == (100 + 2 - 5) // 3  # the same by another mistake
    for name, (value, names_it) in mistakes.items():
        verdict = answers.judge(answers.load(name), str(value))
        assert verdict.state == "slip" and names_it in verdict.say, (name, value)
