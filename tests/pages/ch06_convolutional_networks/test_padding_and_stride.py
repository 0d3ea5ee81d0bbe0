"""Independent checks of the page on padding and stride; none of its own asserts is used."""

from __future__ import annotations

import math
import random

import pytest
import torch
import torch.nn.functional as F

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/padding_and_stride"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


def test_out_size_is_the_size_of_the_general_function(page):
    rng = random.Random(0)
    for _ in range(200):
        k, p, s, d = (rng.randint(*r) for r in [(1, 5), (0, 4), (1, 4), (1, 3)])
        n = max(d * (k - 1) + 1 - 2 * p, 1) + rng.randint(0, 9)
        Y = page["conv2d"](
            torch.ones(1, 1, n, 1), torch.ones(1, 1, k, 1),
            stride=(s, 1), padding=(p, 0), dilation=(d, 1),
        )
        assert Y.shape[2] == page["out_size"](n, k, p, s, d)


def test_mirror_pad(page):
    X = torch.randn(2, 3, 6, 5)
    for p in range(1, 5):
        assert torch.equal(page["mirror_pad"](X, p), F.pad(X, (p,) * 4, mode="reflect"))


def test_a_layer_keeps_whole_strides_and_no_other_shift(page):
    """On random pictures: exact for multiples of the stride, far off for the others."""
    torch.manual_seed(7)
    page["X"] = X = torch.randn(1, 1, 6, 24, dtype=torch.float64)
    page["K"] = torch.tensor([[[[-1.0, 2, -1]]]], dtype=X.dtype)
    for stride in (1, 2):
        response = page["layer"](X, stride).abs().mean()
        for shift in range(1, 3 * stride + 1):  # the page looks at output shifts up to 3
            miss = page["miss"](shift, stride=stride)
            if shift % stride == 0:
                assert miss.max() < 1e-12
            else:
                assert miss.mean() > 0.5 * response


def test_only_the_balanced_blur_stops_the_jumping(page):
    torch.manual_seed(8)
    X = torch.randn(1, 1, 6, 24, dtype=torch.float64)
    page["K"] = torch.tensor([[[[-1.0, 2, -1]]]], dtype=X.dtype)
    moved = page["shifted"](X, 1)
    jump = {
        name: abs(page["mean_response"](moved, blur) - page["mean_response"](X, blur))
        for name, blur in [
            ("none", None), ("binomial", torch.tensor([1.0, 2, 1]) / 4), ("box", torch.ones(3) / 3),
        ]
    }
    assert jump["binomial"] < 1e-12 < jump["box"] < jump["none"]
