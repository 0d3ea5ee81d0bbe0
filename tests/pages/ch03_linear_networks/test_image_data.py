"""Independent checks of the page on pictures in batches; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from dlworkbook import answers
from dlworkbook.answers.judge import judge
from tests.kit.pages import definitions

PAGE = "ch03_linear_networks/image_data"


@pytest.fixture(scope="module")
def page():
    import time

    return definitions(
        PAGE, np=np, torch=torch, math=math, time=time, sys=sys, Dataset=Dataset,
        mean=torch.tensor([0.4, 0.5, 0.6]).reshape(1, 3, 1, 1),
        std=torch.tensor([0.2, 0.1, 0.3]).reshape(1, 3, 1, 1),
    )  # fmt: skip


def test_squares_hold_the_photograph(page):
    """Each entry is the photograph's, row by row; what does not fill a square is left out."""
    photo = np.arange(7 * 11).reshape(7, 11)
    cut = page["squares"](photo, 3)
    assert cut.shape == (6, 3, 3)
    for k, row, col in itertools.product(range(6), range(3), range(3)):
        assert cut[k, row, col] == photo[3 * (k // 3) + row, 3 * (k % 3) + col]
    assert page["squares"](photo, 8).shape[0] == 0


class Pairs(Dataset):
    """Eleven small pictures, each filled with its number."""

    def __len__(self):
        return 11

    def __getitem__(self, i):
        return torch.full((1, 2, 3), i, dtype=torch.uint8), 100 + i


@pytest.mark.parametrize("size", [1, 4, 5, 11, 20])
@pytest.mark.parametrize("drop", [False, True])
def test_batches_are_the_loaders(page, size, drop):
    ours = list(page["batches"](Pairs(), size, drop_last=drop))
    theirs = list(DataLoader(Pairs(), size, drop_last=drop))
    assert len(ours) == len(theirs) == (11 // size if drop else math.ceil(11 / size))
    for (X, y), (X_, y_) in zip(ours, theirs, strict=True):
        assert torch.equal(X, X_) and torch.equal(y, y_) and X.dtype == torch.uint8
    shuffled = list(page["batches"](Pairs(), size, shuffle=True))
    labels = torch.cat([y for _, y in shuffled])
    pixels = torch.cat([X for X, _ in shuffled])
    assert sorted(labels.tolist()) == list(range(100, 111))
    assert torch.equal(pixels[:, 0, 0, 0].long() + 100, labels)  # a picture keeps its label


def test_standardise_uses_the_numbers_that_it_was_given(page):
    """Channel by channel, whatever else is in the batch."""
    X = torch.randint(256, (5, 3, 4, 6), dtype=torch.uint8, generator=torch.manual_seed(0))
    z = page["standardise"](X)
    assert z.dtype == torch.float32 and z.shape == X.shape
    for n, c in itertools.product(range(5), range(3)):
        want = (X[n, c].double() / 255 - (0.4, 0.5, 0.6)[c]) / (0.2, 0.1, 0.3)[c]
        assert torch.allclose(z[n, c].double(), want, atol=1e-5)
    assert torch.equal(page["standardise"](X[:1]), z[:1])
    alone = page["own"](X[:1])
    assert not torch.allclose(page["own"](X)[:1], alone, atol=1e-3)


def test_the_long_run_is_the_slower_of_two(page):
    for fetch, train in ((75, 30), (20, 30), (91, 7), (40, 40)):
        assert page["long_run"](fetch, train, 0) == fetch + train
        for workers in range(1, 9):
            want = max(train, fetch / workers)
            assert page["long_run"](fetch, train, workers) == pytest.approx(want, rel=1e-3)


class OwnNumbers(Dataset):
    """Random numbers from a generator that the data set carries along."""

    def __init__(self, kind):
        self.kind, self.rng = kind, np.random.default_rng(3)

    def __len__(self):
        return 12

    def __getitem__(self, i):
        if self.kind == "own":
            return int(self.rng.integers(2**40))
        return np.random.randint(2**40) if self.kind == "global" else torch.randint(2**40, ())


@pytest.mark.parametrize("kind", ["own", "global", "torch"])
def test_who_repeats_random_numbers_in_workers(kind):
    """A generator of the data set's own, in each worker and epoch; what the loader seeds, not."""
    loader = DataLoader(OwnNumbers(kind), batch_size=3, num_workers=2,
                        multiprocessing_context="fork", timeout=60)  # fmt: skip
    epochs = [[batch.tolist() for batch in loader] for _ in range(2)]
    numbers = [v for epoch in epochs for batch in epoch for v in batch]
    if kind == "own":
        (a, b, c, d), second = epochs
        assert a == b and c == d and a != c and second == epochs[0]
        assert len(set(numbers)) == 6
    else:
        assert len(set(numbers)) == 24


def test_two_shuffles_by_counting():
    """Over all orders of a small set: the share of right labels is the sum of squared shares."""
    labels = [0, 0, 0, 1, 2]
    right = [np.mean([a == labels[b] for a, b in zip(labels, order, strict=True)])
             for order in itertools.permutations(range(5))]  # fmt: skip
    assert np.mean(right) == pytest.approx((9 + 1 + 1) / 25)


BOXES = {
    "pr-image-wrap": [228, "228"], "pr-image-shape": ["(64, 3, 32, 48)", "64,3,32,48"],
    "pr-image-luck": ["1/8", "0.125", ".125"], "ex-image-batch-count": [235],
    "ex-image-batch-ratio": ["5.88", 3600 / 611.75], "ex-image-batch-most": [6],
    "ex-image-fast-zero": ["105"], "ex-image-fast-two": ["37.5", "75/2"],
    "ex-image-fast-four": [30], "ex-image-fast-enough": [3],
    "ex-image-others-cifar": ["153.6", "154"], "ex-image-others-imagenet": ["193", "192.9"],
    "ex-image-others-way": ["b"], "ex-image-luck-share": ["0.82", "41/50"],
    "ex-image-luck-reported": ["1.5", "3/2"], "ex-image-luck-right": ["1.32", "33/25"],
}  # fmt: skip


UNITS = {
    "pr-image-luck": "12.5", "ex-image-luck-share": "82", "ex-image-others-cifar": "153600000",
    "ex-image-others-imagenet": "179.6", "ex-image-batch-ratio": "0.17",
}  # fmt: skip


@pytest.mark.parametrize("box", UNITS)
def test_right_numbers_in_other_units_are_told(box):
    """Per cent, bytes, powers of 1,024: the sentence names the unit, not the formula."""
    assert judge(answers.load(box), UNITS[box]).state == "slip"


@pytest.mark.parametrize("where", ["brick", "mixed"])
def test_what_the_mistakes_show(where):
    """The visible examples do show them: bytes that wrap, and names that differ."""
    from skimage import data

    if where == "brick":  # the first training square of class 1 is number 1 of 160
        square = data.brick()[:28, 56:84]  # place int(323 / 159) = 2
        row = square[0, 11:16].astype(int)
        assert ((row - 128) % 256 != row - 128).any() and (row >= 128).any()
    else:
        torch.manual_seed(0)
        places, labels = torch.randperm(960), torch.randperm(960)
        assert (places[:6] // 120 != labels[:6] // 120).sum() >= 3


@pytest.mark.parametrize("box", BOXES)
def test_keys(box):
    for answer in BOXES[box]:
        assert judge(answers.load(box), str(answer)).state == "right", answer
    wrong = "a" if box.endswith("way") else "(1, 1, 1, 1)" if box.endswith("shape") else "7.25"
    assert judge(answers.load(box), wrong).state != "right"
