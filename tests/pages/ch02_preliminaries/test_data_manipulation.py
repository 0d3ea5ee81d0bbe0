"""Independent checks of the page on data manipulation, with NumPy as the other opinion."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import torch

from dlworkbook.answers import load
from dlworkbook.answers.judge import judge
from tests.kit.pages import definitions, judged

PAGE = "ch02_preliminaries/data_manipulation"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, itertools=itertools, torch=torch)


def pairs(number: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    rng = random.Random(4)
    made = []
    for _ in range(number):
        a = tuple(rng.choices([0, 1, 2, 3, 5], [1, 4, 3, 3, 2], k=rng.randint(0, 4)))
        b = tuple(rng.choice((n, n, 1, 4)) for n in a[rng.randint(0, len(a)) :])
        made.append((a, b) if rng.random() < 0.5 else (b, a))
    return made


def test_broadcast_shape_is_numpys(page):
    refused = 0
    for a, b in pairs(600):
        try:
            want = np.broadcast_shapes(a, b)
        except ValueError:
            refused += 1
            with pytest.raises(ValueError, match="meets"):
                page["broadcast_shape"](a, b)
        else:
            assert page["broadcast_shape"](a, b) == want, (a, b)
    assert 50 < refused < 500


def test_stretch_reads_as_numpy_does_and_copies_nothing(page):
    """Also where the strip is walked in an unusual order and from another beginning."""
    for a, b in pairs(300):
        try:
            shape = np.broadcast_shapes(a, b)
        except ValueError:
            continue
        whole = torch.arange(int(np.prod([n + 1 for n in a]))).reshape([n + 1 for n in a])
        X = whole[tuple(slice(1, None) for _ in a)]  # the offset is not 0
        stretched = page["stretch"](X, shape)
        assert stretched.shape == shape
        assert np.array_equal(stretched.numpy(), np.broadcast_to(X.numpy(), shape))
        assert page["shares"](stretched, whole)


def test_shares_is_numpys_answer_for_neighbours(page):
    """Same storage, as NumPy sees it by walking from array to array to the first owner."""

    def owner(array: np.ndarray) -> np.ndarray:
        return array if array.base is None else owner(array.base)

    array = np.arange(24).reshape(4, 6).copy()
    x = torch.from_numpy(array)
    for index in (1, slice(1, 3), (slice(None), 2), [0, 2], (slice(None, None, 2), slice(1, 5)),
                  array > 5):  # fmt: skip
        of_torch = torch.as_tensor(index) if isinstance(index, np.ndarray) else index
        same = owner(array[index]) is array
        assert page["shares"](x[of_torch], x) == same, index
    assert not page["shares"](x, torch.from_numpy(array.copy()))


# The figures that were checked by hand, each at its own exercise.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-data-compare-less", "1 0 1 0; 0 0 0 0; 0 0 0 0"),
        ("ex-data-compare-more", "8"),
        ("ex-data-broadcast-shape", "(5, 5, 2)"),
        ("ex-data-broadcast-entry", "7i + j + k"),
        ("ex-data-broadcast-sum", "825"),
    ], "right")  # fmt: skip


test_spellings = judged([
    ("ex-data-broadcast-entry", "i*7+j+k"), ("ex-data-broadcast-entry", "5*i + j + 2*i + k"),
    ("ex-data-broadcast-entry", "k+j+7 i"), ("ex-data-pairs-memory", "14.4"),
    ("ex-data-pairs-memory", "14.4e0"), ("ex-data-pairs-memory", "72/5"),
    ("ex-data-pairs-memory", "14.40"), ("ex-data-pairs-memory", "14.4 GB"),
    ("ex-data-views-stride", "(1, 8)"), ("ex-data-views-stride", "1 8"),
    ("ex-data-views-stride", "[1,8]"), ("pr-data-minus", "4, 4"), ("pr-data-minus", "(4,4)"),
    ("pr-data-minus", "4x4"), ("pr-data-minus", "[4, 4]"),
], "right")  # fmt: skip


def test_what_batches_leave_of_a_target():
    """The loss of all pairs, over every batch of B of n: its minimum, from a linear system."""
    n, y = 7, torch.tensor([0.0, 1, 5, 7, 2, 9, 4], dtype=torch.float64)
    for batch in (1, 2, 3, 7):
        rows = torch.tensor(list(itertools.combinations(range(n), batch)))

        def loss(h, rows=rows):
            return ((h[rows][:, :, None] - y[rows][:, None, :]) ** 2).mean()

        start = torch.zeros(n, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(loss(start), start)
        curve = torch.autograd.functional.hessian(loss, start.detach())
        best = -torch.linalg.solve(curve, slope)
        kept = 1 / batch - (1 - 1 / batch) / (n - 1)  # 1/B for very large n, 0 for B = n
        assert torch.allclose(best - y.mean(), kept * (y - y.mean()))


def test_slips_are_named():
    for exercise, text, word in (
        ("ex-data-pairs-memory", "14.4e9", "GB"),
        ("ex-data-pairs-memory", "115.2", "bits"),
        ("ex-data-broadcast-sum", "600", "part of a"),
        ("ex-data-broadcast-sum", "225", "part of b"),
    ):
        found = judge(load(exercise), text)
        assert found.state == "slip" and word in found.say, (exercise, text)
