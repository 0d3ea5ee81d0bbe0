"""Independent checks of the page on receptive fields; none of its own asserts is used."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch
from torch import nn

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/receptive_fields"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE)


def interval(stack: list, unit: int) -> tuple[int, int]:
    """First and last input place of a unit, window by window, from above; no padding."""
    first = last = unit
    for k, s, d in reversed(stack):
        first, last = first * s, last * s + d * (k - 1)
    return first, last


def test_field_and_jump_are_those_of_windows_walked_down(page):
    rng = random.Random(0)
    for _ in range(300):
        stack = [(rng.randint(1, 7), rng.randint(1, 3), rng.randint(1, 4))
                 for _ in range(rng.randint(1, 6))]  # fmt: skip
        for depth, told in enumerate(page["receptive_field"](stack), 1):
            (a, b), (c, _) = (interval(stack[:depth], unit) for unit in (4, 5))
            assert told == (b - a + 1, c - a)


def test_the_exam_in_two_directions():
    """Of a padded LeNet stem and of the exam's network, the field of one number is a square."""
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.AvgPool2d(2), nn.Conv2d(5, 2, 5))
    X = torch.randn(1, 3, 32, 32, requires_grad=True)
    net(X)[0, 1, 2, 7].backward()
    rows, columns = ((X.grad[0] != 0).any(0).any(axis) for axis in (1, 0))
    assert rows.nonzero().flatten().tolist() == [*range(4, 16)]
    assert columns.nonzero().flatten().tolist() == [*range(14, 26)]


def test_paths_are_counted_by_the_convolution(page):
    """Of 3^L paths along one axis, so many end at each place; their variance is 2L/3."""
    for L in (1, 3, 6):
        ends = [sum(path) for path in itertools.product((-1, 0, 1), repeat=L)]
        counts = np.bincount(np.array(ends) + L) / 3**L
        assert np.allclose(page["bell"](L), counts)
        assert np.isclose(np.var(ends), 2 * L / 3)
        assert np.isclose(page["deviation"](counts), (2 * L / 3) ** 0.5)


def test_mean_squared_gradient_is_that_of_the_formula(page):
    """Over many draws, each place of the mass is what the paths say (three layers, 150 draws)."""
    mass = page["squared_gradient"](3, nn.Identity, seeds=150)
    want = np.outer(page["bell"](3), page["bell"](3))
    assert np.abs(mass.numpy() - want).max() < 0.12 * want.max()


def test_the_kernel_of_a_dense_layer_keeps_its_order():
    """Flattening is (channel, row, column), and so is the view as a kernel; another order fails."""
    torch.manual_seed(1)
    dense, Z = nn.Linear(24, 3), torch.randn(1, 2, 3, 4)
    kernel = dense.weight.view(3, 2, 3, 4)
    slid = nn.functional.conv2d(Z, kernel, dense.bias).flatten()
    assert torch.allclose(slid, dense(Z.flatten(1)).flatten(), atol=1e-6)
    turned = nn.functional.conv2d(Z, dense.weight.view(3, 3, 4, 2).permute(0, 3, 1, 2), dense.bias)
    assert not torch.allclose(turned.flatten(), slid, atol=1e-2)


def test_a_hole_needs_places_further_apart_than_their_fields_are_wide(page):
    """Never a hole without d j > r somewhere; with it there may be one, and it may be closed."""
    rng, kinds = random.Random(1), set()
    for _ in range(1000):
        stack = [(rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 3))
                 for _ in range(rng.randint(1, 4))]  # fmt: skip
        below = [(1, 1), *page["receptive_field"](stack)]
        apart = any(k > 1 and d * j > r
                    for (k, _, d), (r, j) in zip(stack, below, strict=False))  # fmt: skip
        read = {0}
        for k, s, d in reversed(stack):
            read = {x * s + d * i for x in read for i in range(k)}
        kinds.add((apart, len(read) < below[-1][0]))
    assert kinds == {(False, False), (True, True), (True, False)}


def test_where_a_field_begins():
    """u j - sum of p_l j_(l-1), beside torch's gradients, with padding."""
    rng = random.Random(1)
    for _ in range(40):
        stack = [(rng.randint(2, 5), rng.randint(1, 2), rng.randint(0, 2)) for _ in range(3)]
        X = torch.ones(1, 1, 90, requires_grad=True)
        Y, jump, before = X, 1, 0
        for k, s, p in stack:
            Y = nn.functional.conv1d(Y, torch.ones(1, 1, k), stride=s, padding=p)
            jump, before = jump * s, before + p * jump
        unit = Y.shape[-1] // 2
        Y[0, 0, unit].backward()
        assert X.grad.flatten().nonzero()[0].item() == unit * jump - before
