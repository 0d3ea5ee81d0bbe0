"""Independent checks of what the convolution page teaches; none of its own asserts is used."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/convolution"
STRIDES = "ch06_convolutional_networks/padding_and_stride"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    constants = ("X_exam", "K_exam", "sobel")
    return definitions(PAGE, constants, sliding_window_view=sliding_window_view)


@pytest.fixture(scope="module")
def conv2d():
    return definitions(STRIDES)["conv2d"]


@pytest.mark.parametrize(
    "name",
    ["corr2d_loop", "corr2d_tensordot", "corr2d_windows", "corr2d_im2col", "corr2d_shifts"],
)
def test_corr2d_values_and_gradients(page, name):
    rng = random.Random(name)
    for _ in range(15):
        h, w = rng.randint(1, 4), rng.randint(1, 4)
        c_in, c_out = rng.randint(1, 4), rng.randint(1, 4)
        X = torch.randn(
            rng.randint(1, 3), c_in, h + rng.randint(0, 5), w + rng.randint(0, 5),
            dtype=torch.float64, requires_grad=True,
        )
        K = torch.randn(c_out, c_in, h, w, dtype=torch.float64, requires_grad=True)
        expected = F.conv2d(X, K)
        G = torch.randn_like(expected)
        got = page[name](X, K)
        assert got.shape == expected.shape
        torch.testing.assert_close(got, expected, rtol=0, atol=1e-12)
        for ours, theirs in zip(
            torch.autograd.grad(got, (X, K), G), torch.autograd.grad(expected, (X, K), G)
        ):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def matrix(text: str) -> np.ndarray:
    return np.array([[int(number) for number in row.split()] for row in text.split("/")])


EXAM = {  # written out one by one, so that no matrix is derived from another
    ("corr", 0): "-7 8 20 -6/2 7 -1 1/9 -7 14 6/12 3 2 4",
    ("corr", 1): "9 4 2 2 0 3/5 -7 8 20 -6 0/6 2 7 -1 1 3/2 9 -7 14 6 -10/0 12 3 2 4 -1/"
    "-2 6 -3 14 3 -4",
    ("corr", 2): "5 1 -6 1 7 -6 -2 0/0 9 4 2 2 0 3 2/7 5 -7 8 20 -6 0 5/6 6 2 7 -1 1 3 4/"
    "9 2 9 -7 14 6 -10 0/8 0 12 3 2 4 -1 7/7 -2 6 -3 14 3 -4 7/2 3 4 -7 1 4 -7 0",
    ("conv", 0): "3 11 7 -7/-1 3 7 10/2 6 11 -10/9 -4 8 14",
    ("conv", 1): "6 -9 2 12 0 1/2 3 11 7 -7 10/0 -1 3 7 10 2/-6 2 6 11 -10 3/-3 9 -4 8 14 -3/"
    "-2 11 -2 11 2 -1",
    ("conv", 2): "0 -5 -1 6 -1 -7 6 2/5 6 -9 2 12 0 1 5/0 2 3 11 7 -7 10 6/2 0 -1 3 7 10 2 5/"
    "6 -6 2 6 11 -10 3 11/7 -3 9 -4 8 14 -3 7/2 -2 11 -2 11 2 -1 7/0 -2 -3 -4 7 -1 -4 7",
}
EXAM_RELU = {
    ("corr", 0): "0 8 20 0/2 7 0 1/9 0 14 6/12 3 2 4",
    ("corr", 1): "9 4 2 2 0 3/5 0 8 20 0 0/6 2 7 0 1 3/2 9 0 14 6 0/0 12 3 2 4 0/0 6 0 14 3 0",
    ("corr", 2): "5 1 0 1 7 0 0 0/0 9 4 2 2 0 3 2/7 5 0 8 20 0 0 5/6 6 2 7 0 1 3 4/"
    "9 2 9 0 14 6 0 0/8 0 12 3 2 4 0 7/7 0 6 0 14 3 0 7/2 3 4 0 1 4 0 0",
    ("conv", 0): "3 11 7 0/0 3 7 10/2 6 11 0/9 0 8 14",
    ("conv", 1): "6 0 2 12 0 1/2 3 11 7 0 10/0 0 3 7 10 2/0 2 6 11 0 3/0 9 0 8 14 0/0 11 0 11 2 0",
    ("conv", 2): "0 0 0 6 0 0 6 2/5 6 0 2 12 0 1 5/0 2 3 11 7 0 10 6/2 0 0 3 7 10 2 5/"
    "6 0 2 6 11 0 3 11/7 0 9 0 8 14 0 7/2 0 11 0 11 2 0 7/0 0 0 0 7 0 0 7",
}


@pytest.mark.parametrize("operation, padding", EXAM)
def test_exam_matrices(page, conv2d, operation, padding):
    X, K = page["X_exam"], page["K_exam"]
    kernel = page["turn"](K) if operation == "conv" else K
    Y = page["corr"](np.pad(X, padding), kernel)
    assert np.array_equal(Y, matrix(EXAM[operation, padding]))
    assert np.array_equal(page["relu"](Y), matrix(EXAM_RELU[operation, padding]))
    general = conv2d(
        torch.tensor(X)[None, None], torch.tensor(kernel.copy())[None, None],
        padding=(padding, padding),
    )
    assert np.array_equal(general[0, 0].numpy(), Y)
    scipy = signal.convolve2d if operation == "conv" else signal.correlate2d
    mode = ("valid", "same", "full")[padding]
    assert np.array_equal(scipy(X, K, mode=mode), Y)


def test_full_convolution_is_scipys(page):
    rng = np.random.default_rng(0)
    for _ in range(20):
        X = rng.integers(-9, 10, rng.integers(1, 7, 2))
        K = rng.integers(-9, 10, rng.integers(1, 5, 2))
        assert np.array_equal(page["conv_full"](X, K), signal.convolve2d(X, K))


@pytest.mark.slow
def test_learned_edge_detector_over_other_seeds(page):
    """Pictures and seeds that the page does not use: noise finds Sobel, stripes only fit."""
    learn, rate, sobel = page["learn_kernel"], page["fastest_rate"], page["sobel"]
    torch.manual_seed(123)
    noise = torch.rand(1, 1, 24, 24)
    stripes = torch.zeros(1, 1, 24, 24)
    stripes[..., 4:12] = stripes[..., 16:20] = 1
    for seed in range(100, 105):
        K, losses, errors = learn(noise, 300, rate(noise), seed)
        assert len(losses) == len(errors) == 300
        assert (K - sobel).abs().max() < 2e-3 and losses[-1] < 1e-6
        K, losses, errors = learn(stripes, 300, rate(stripes), seed)
        assert losses[-1] < 1e-8 and losses[-1] < 1e-8 * losses[0]
        assert torch.allclose(K.sum(dim=2), sobel.sum(dim=2), atol=1e-3)
        assert (K - sobel).abs().max() > 0.1
    with_noise, losses, _ = learn(noise, 300, rate(noise), 0, noise=0.1)
    assert 0.005 < losses[-1] < 0.02  # the variance of the noise, 0.01, is left
    assert (with_noise - sobel).abs().max() < 0.2
    _, losses, _ = learn(noise, 300, 2.1 * rate(noise), 0)
    assert losses[-1] > losses[0]  # beyond the stable rate


def test_wrong_variants_really_differ(page):
    """Each wrong corr2d of the page is wrong on the probe that the page recommends."""
    X, K = page["pattern"](2, 4, 5, 6), page["pattern"](3, 4, 3, 2)
    right = F.conv2d(X, K)
    for name in ("turned", "sample_0", "channel_0", "one_short"):
        wrong = page[name](X, K)
        assert wrong.shape != right.shape or not torch.allclose(wrong, right), name
    with pytest.raises(RuntimeError):
        page["in_out"](X, K)
