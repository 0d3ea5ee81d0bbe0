"""The page of questions on layers and training; its tasks are tried with all others."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.kit import coding
from tests.kit.pages import definitions, judged

PAGE = "interview/coding_layers"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


def test_every_question_is_whole_and_its_example_is_right():
    assert coding.problems(PAGE, 10) == []


def quotient(loss, x, step=1e-6):
    """Derivatives of a loss by all entries of x, from differences."""
    slope = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        kept = x[place]
        x[place] = kept + step
        above = loss()
        x[place] = kept - step
        slope[place] = (above - loss()) / (2 * step)
        x[place] = kept
    return slope


def test_the_ways_back_are_those_of_the_ways_there(page):
    rng = np.random.default_rng(0)
    X, dY = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    gamma, beta = rng.normal(size=3), rng.normal(size=3)

    def normalised():
        return (page["batch_norm_step"](X, gamma, beta, beta, beta, 0.1, 0.25)[0] * dY).sum()

    got = page["batch_norm_backward"](dY, X, gamma, 0.25)
    for slope, x in zip(got, (X, gamma, beta), strict=True):
        assert np.allclose(slope, quotient(normalised, x), atol=1e-7)
    W, dZ, b = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=4)
    got = page["linear_backward"](dZ, X, W)
    for slope, x in zip(got, (X, W, b), strict=True):
        assert np.allclose(slope, quotient(lambda: ((X @ W + b) * dZ).sum(), x), atol=1e-7)
    ids, T, dE = np.array([2, 0, 2, 2]), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    got = page["embedding_backward"](ids, dE, 4)
    assert np.allclose(got, quotient(lambda: (T[ids] * dE).sum(), T), atol=1e-7)


def test_two_right_answers_of_one_kind_give_the_same_run(page):
    """Twenty steps on a parabola, beside the framework's."""
    w, m, v = np.array([3.0, -2.0]), np.zeros(2), np.zeros(2)
    p = torch.nn.Parameter(torch.tensor(w))
    adam = torch.optim.Adam([p], 0.1, (0.8, 0.95), 1e-6)
    for t in range(1, 21):
        w, m, v = page["adam_step"](w, 2 * w, m, v, t, 0.1, 0.8, 0.95, 1e-6)
        adam.zero_grad()
        (p**2).sum().backward()
        adam.step()
    assert np.allclose(w, p.detach().numpy())


test_what_the_boxes_say = judged([
    ("pr-layers-adam", "c", "right"), ("pr-layers-adam", "a", "numerator"),
    ("pr-layers-sum", "0", "right"), ("pr-layers-sum", "0.0", "right"),
    ("pr-layers-sum", "1", "output"), ("ex-code-conv2d-strided-cost", "55296", "right"),
    ("ex-code-conv2d-strided-cost", "221184", "stride 1"),
    ("ex-code-conv2d-strided-cost", "48600", "padding"),
    ("ex-code-linear-backward-cost", "64,000", "right"),
    ("ex-code-linear-backward-cost", "32000", "one of the two"),
    ("ex-code-adam-step-cost", "16", "right"), ("ex-code-adam-step-cost", "12", "two means"),
])  # fmt: skip
