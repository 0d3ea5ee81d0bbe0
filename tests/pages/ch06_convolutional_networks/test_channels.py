"""Independent checks of the page about channels; none of its own asserts is used."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import signal

from dlworkbook import answers
from tests.kit.pages import definitions, judged

PAGE = "ch06_convolutional_networks/channels"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ("X_hand", "K_hand"))


def by_scipy(X, K, groups):
    """Sums over channels, one picture and one pair of channels at a time."""
    (B, I, *_), (O, width, *_) = X.shape, K.shape
    assert width * groups == I
    rows = []
    for b, o in itertools.product(range(B), range(O)):
        group = o * groups // O
        rows.append(sum(
            signal.correlate2d(X[b, group * width + c], K[o, c], mode="valid")
            for c in range(width)
        ))
    return np.stack(rows).reshape(B, O, *rows[0].shape)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_conv_is_a_sum_over_the_channels_of_its_group(page, groups):
    rng = np.random.default_rng(groups)
    for more in (1, 2, 3):
        X = rng.normal(size=(2, 6, 7, 5))
        K = rng.normal(size=(groups * more, 6 // groups, 3, 2))
        ours = page["conv"](torch.tensor(X), torch.tensor(K), groups).numpy()
        assert np.allclose(ours, by_scipy(X, K, groups))


def test_the_entry_by_hand(page):
    X, K = page["X_hand"].numpy(), page["K_hand"].numpy()
    assert by_scipy(X[None], K, 1)[0].tolist() == [[[4, 0], [12, 4]], [[1, 0], [-3, 2]]]


def test_dense_everywhere_is_a_matrix_at_each_pixel(page):
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(7, 3))
    Y = page["dense_everywhere"](torch.tensor(X), torch.tensor(W)).numpy()
    for b, i, j in itertools.product(range(2), range(4), range(5)):
        assert np.allclose(Y[b, :, i, j], W @ X[b, :, i, j])


def test_separable_is_one_kernel_of_rank_one(page):
    rng = np.random.default_rng(1)
    X, W = rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3))
    D = rng.normal(size=(3, 1, 2, 3))
    Y = page["separable"](torch.tensor(X), torch.tensor(D), torch.tensor(W)).numpy()
    assert np.allclose(Y, by_scipy(X, W[:, :, None, None] * D[:, 0], 1))


def test_nearest_is_a_sum_of_separable_kernels_and_no_other_is_nearer(page):
    """Rank by input channel, the error of the formula, and no gain by small changes."""
    rng = np.random.default_rng(2)
    for O, I, k in ((5, 3, 3), (16, 2, 3), (4, 3, 2)):
        K = torch.tensor(rng.normal(size=(O, I, k, k)))
        for R in range(1, min(O, k * k) + 1):
            near = page["nearest"](K, R)
            error = ((near - K) ** 2).sum().item()
            tail = 0.0
            for c in range(I):
                table = K[:, c].reshape(O, -1).numpy()
                assert np.linalg.matrix_rank(near[:, c].reshape(O, -1).numpy(), 1e-9) <= R
                tail += (np.linalg.svd(table, compute_uv=False)[R:] ** 2).sum()
            assert np.isclose(error, tail, atol=1e-9)
            for _ in range(20):  # a neighbour in the same family
                W = torch.tensor(rng.normal(size=(O, I, R)))
                D = torch.tensor(rng.normal(size=(R, I, k, k)))
                other = torch.einsum("oir,rihw->oihw", W, D)
                assert ((other - K) ** 2).sum().item() >= error - 1e-9


def test_the_weights_in_the_proof_are_at_most_one_and_at_most_R_together():
    """Every step of the proof of the least error, for random tables and random spans."""
    rng = np.random.default_rng(4)
    for O, columns, R in ((5, 9, 2), (12, 9, 4), (3, 4, 3), (16, 9, 9)):
        Q = rng.normal(size=(O, columns))
        _, S, Vt = np.linalg.svd(Q, full_matrices=False)
        D = np.linalg.qr(rng.normal(size=(columns, R)))[0]
        t = ((Vt @ D) ** 2).sum(1)
        assert t.max() <= 1 + 1e-12 and t.sum() <= R + 1e-12
        nearest = ((Q - Q @ D @ D.T) ** 2).sum()
        assert np.isclose(nearest, (Q**2).sum() - ((Q @ D) ** 2).sum())
        assert np.isclose(nearest, (S**2).sum() - (S**2 * t).sum())
        assert nearest >= (S[R:] ** 2).sum() - 1e-9


def test_two_layers_in_a_row(page):
    rng = np.random.default_rng(3)
    A, B = torch.tensor(rng.normal(size=(5, 2, 3, 2))), torch.tensor(rng.normal(size=(3, 5, 2, 4)))
    X = torch.tensor(rng.normal(size=(1, 2, 9, 11)))
    K = np.zeros((3, 2, 4, 5))
    for o, m, c in itertools.product(range(3), range(5), range(2)):
        K[o, c] += signal.convolve2d(A[m, c].numpy(), B[o, m].numpy())
    assert torch.allclose(F.conv2d(F.conv2d(X, A), B), F.conv2d(X, torch.tensor(K)))


def test_a_small_change_is_seen(page):
    """What the comparisons above would let through is not nothing."""
    X, K = torch.randn(2, 6, 7, 5), torch.randn(4, 3, 3, 2)
    wrong = torch.cat([page["conv"](X[:, 3 * g:3 * g + 3], K[g::2]) for g in range(2)], 1)
    assert not np.allclose(wrong.numpy(), by_scipy(X.numpy(), K.numpy(), 2), atol=1e-3)


def test_a_kernel_written_for_a_pattern():
    """The diagonal of the text: 3 for itself, at most 2 for the other 511 windows."""
    windows = np.array(list(itertools.product((0, 1), repeat=9))).reshape(-1, 3, 3)
    diagonal = np.eye(3)
    itself = (windows == diagonal).all((1, 2))
    response = (windows * (2 * diagonal - 1)).sum((1, 2))
    assert response[itself].tolist() == [3] and response[~itself].max() == 2
    # the exercise asks for the same of a plus sign, with the bias at which it alone is positive
    plus = np.array(answers.load("ex-chan-filter-kernel")["is"])
    positive = (windows * plus).sum((1, 2)) + answers.load("ex-chan-filter-bias")["is"] > 0
    assert windows[positive].tolist() == [(plus > 0).tolist()]
    with_zeros = (windows * diagonal).sum((1, 2))
    assert with_zeros[-1] == 3 == with_zeros[itself].item() and windows[-1].all()


def test_sums_of_separable_layers_are_one_depthwise_and_one_mixing():
    torch.manual_seed(0)
    X = torch.randn(2, 5, 6, 7).double()
    D, W = torch.randn(3, 5, 1, 3, 2).double(), torch.randn(3, 4, 5).double()
    added = sum(F.conv2d(F.conv2d(X, d, groups=5), w[..., None, None])
                for d, w in zip(D, W, strict=True))
    D = D.transpose(0, 1).reshape(15, 1, 3, 2)  # three kernels for each channel
    W = W.permute(1, 2, 0).reshape(4, 15, 1, 1)
    assert torch.allclose(F.conv2d(F.conv2d(X, D, groups=5), W), added)


test_boxes = judged([
    ("pr-chan-weights", "4736", "biases of one"), ("ex-chan-two-size", "6", "Both of them"),
    ("ex-chan-double-one", "2cdhw", "count as one"), ("ex-chan-filter-bias", "-3", "one wrong"),
    ("pr-chan-weights", "576 + 64^2", "right"), ("pr-chan-weights", "64^2 + 9", "64 of them"),
    ("ex-chan-cost-forward", "8*75*256", "right"),
    ("ex-chan-cost-forward", "8*74*256", "additions"),
    ("ex-chan-cost-memory", "3072 + 600 + 2048", "right"),
    ("ex-chan-cost-memory", "4*5720", "bytes"), ("ex-chan-cost-memory", "2648", "input"),
    ("ex-chan-matmul-columns", "18, 24", "right"), ("ex-chan-matmul-columns", "4, 18", "kernels"),
    ("ex-chan-matmul-columns", "4, 24", "result"), ("ex-chan-matmul-row", "72", "row belongs"),
    ("ex-chan-double-padding", "(36/32)^2", "right"),
])  # fmt: skip
