"""Independent checks of the page from a dense layer to a convolution; no assert of it is used."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy as sp
import torch
from sklearn.datasets import load_digits

from dlworkbook import experiment
from tests.kit.pages import definitions, judged

PAGE = "ch06_convolutional_networks/dense_to_convolution"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, load_digits=load_digits, sp=sp)


def commutant(*shifts):
    """How many numbers are free in a matrix that commutes with all of them, by rank."""
    n = len(shifts[0])
    one = np.eye(n)
    asked = [np.kron(one, S.T) - np.kron(S, one) for S in shifts]
    return n * n - np.linalg.matrix_rank(np.concatenate(asked))


@pytest.mark.parametrize("n", [2, 4, 6])
def test_what_is_left_at_the_edge(page, n):
    right, circle = np.eye(n, k=-1), np.roll(np.eye(n), 1, axis=0)
    cases = ((circle,), n), ((circle, circle.T), n), ((right,), n), ((right, right.T), 1)
    for shifts, count in cases:
        assert commutant(*shifts) == count
        solved = page["left_to_choose"](n, *(sp.Matrix(S.astype(int)) for S in shifts))
        assert solved[1] == count


def test_the_matrix_of_a_layer(page):
    """Entry by entry: the weight at the offset, or 0."""
    torch.manual_seed(1)
    V = torch.randn(3, 5)

    def layer(X):
        return torch.nn.functional.conv2d(X, V[None, None], padding=(1, 2))

    matrix = page["matrix_of"](layer, 4, 6)
    places = list(itertools.product(range(4), range(6)))
    for (p, (i, j)), (q, (k, m)) in itertools.product(enumerate(places), repeat=2):
        near = abs(k - i) <= 1 and abs(m - j) <= 2
        assert matrix[p, q] == (V[k - i + 1, m - j + 2] if near else 0)


def test_counts_by_formula_and_by_listing(page):
    for n, delta in ((4, 1), (5, 2)):
        side = n * (2 * delta + 1) - delta * (delta + 1)
        expected = (n**4, (2 * n - 1) ** 2, side**2, (2 * delta + 1) ** 2)
        assert page["counts"](n, delta) == expected


def test_frames_hold_whole_digits(page):
    X, y, place = page["framed_digits"]()
    ink = torch.tensor(load_digits().images.sum((1, 2)) / 16).float().sort().values
    assert torch.allclose(X.sum((1, 2, 3)).sort().values, ink, atol=1e-3)
    assert set(place.flatten().tolist()) == set(range(5)) and y.bincount().min() > 150
    for picture, (i, j) in zip(X[:50, 0], place[:50].tolist()):
        outside = picture.clone()
        outside[i:i + 8, j:j + 8] = 0
        assert outside.sum() == 0


def test_invariant_network_sees_no_place(page):
    torch.manual_seed(3)
    digit = torch.rand(8, 8)
    frames = torch.zeros(25, 1, 12, 12)
    for frame, (i, j) in zip(frames, itertools.product(range(5), repeat=2)):
        frame[0, i:i + 8, j:j + 8] = digit
    for seed in range(3):
        torch.manual_seed(seed)
        scores = page["no_stride"]()(frames)
        assert (scores - scores[0]).abs().max() < 1e-5
        leaky = page["convolutional"](2)(frames)
        assert (leaky - leaky[0]).abs().max() > 1e-4


def test_zeros_keep_equivariance_away_from_the_border(page):
    for delta, shift in itertools.product((1, 2), (1, 3)):
        torch.manual_seed(delta + shift)
        assert not page["differs"](list(range(delta, 16 - delta - shift)), shift, delta)
        assert page["differs"]([0, 5], shift, delta)


def test_mirrored_kernels_answer_mirrored_pictures(page):
    """Score for score, where the same kernels give others."""
    X = page["framed_digits"]()[0][:200].double()
    torch.manual_seed(2)
    net, mirrored = page["convolutional"]().double(), page["convolutional"]().double()
    mirrored.load_state_dict(net.state_dict())
    assert (net(X) - mirrored(X.flip(3))).abs().max() > 1e-3
    for layer in mirrored:
        if isinstance(layer, torch.nn.Conv2d):
            layer.weight.data = layer.weight.data.flip(3)
    assert torch.allclose(net(X), mirrored(X.flip(3)), atol=1e-12)


@pytest.mark.slow
def test_the_experiment_is_that_of_the_page(page):
    X, y, _ = page["framed_digits"]()
    reached = page["accuracy"](page["convolutional"], X, y, 0)
    made = experiment(PAGE)
    assert abs(reached - made["first"]) < 6
    for setting, rows in made["convolutional"].items():
        assert max(rows["shuffled"]) < 55 and min(rows["own"]) > 85, setting
    sides = {border: np.mean(values) for border, values in made["sides"].items()}
    assert sides["same size"] > sides["three zeros"] + 3 > 88 and abs(sides["six zeros"] - 50) < 5
    for setting, rows in made["dense"].items():
        assert abs(np.mean(rows["own"]) - np.mean(rows["shuffled"])) < 8, setting


test_boxes = judged([
    ("pr-dense-weights", "28^4", "right"), ("pr-dense-weights", "784*10", "ten outputs"),
    ("try-dense-band", "10+18+16", "right"), ("try-dense-band", "50", "fewer neighbours"),
    ("ex-dense-one-count", "32", "first layer"), ("ex-dense-one-count", "18", "second layer"),
    ("ex-dense-border-touch", "784 - 24^2", "right"), ("ex-dense-border-touch", "4*28", "not one"),
    ("ex-dense-audio-shape", "(16, 2, 400)", "right"),
    ("ex-dense-audio-shape", "16, 2, 1, 400", "three axes"),
    ("ex-dense-audio-shape", "16, 1, 400", "Both"),
    ("ex-dense-audio-work", "16*2*400*98", "98 windows"),
    ("ex-dense-commute-row", "3, 10, 13, 10", "right"),
])  # fmt: skip
