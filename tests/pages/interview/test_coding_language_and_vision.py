"""The page of questions on language and vision; its tasks are tried with all others."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.kit import coding
from tests.kit.pages import definitions, judged

PAGE = "interview/coding_language_and_vision"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


def test_every_question_is_whole_and_its_example_is_right():
    assert coding.problems(PAGE, 10) == []


def test_a_cache_gives_the_last_row_of_the_whole_text(page):
    rng = np.random.default_rng(0)
    Q, K, V = rng.normal(size=(6, 4)), rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
    whole = page["masked_attention"](Q, K, V, np.tril(np.ones((6, 6), dtype=int)))
    keys, values = np.zeros((0, 4)), np.zeros((0, 3))
    for t in range(6):
        y, keys, values = page["kv_cache_step"](Q[t], K[t], V[t], keys, values)
        assert np.allclose(y, whole[t])


def test_turned_vectors_know_their_distance_alone(page):
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=8), rng.normal(size=8)
    Q, K = page["rope"](np.tile(q, (9, 1)), 50), page["rope"](np.tile(k, (9, 1)), 50)
    scores = Q @ K.T
    for distance in range(-8, 9):
        assert np.ptp(np.diagonal(scores, distance)) < 1e-12
    assert not np.isclose(scores[0, 0], scores[0, 3])


def test_more_beams_are_not_always_better(page):
    counts = np.array([[16, 3, 2, 18, 4], [13, 12, 8, 14, 17], [1, 9, 11, 1, 1],
                       [4, 12, 10, 5, 2], [2, 13, 7, 4, 6]])  # fmt: skip
    A = np.log(counts / counts.sum(1, keepdims=True))
    two, three = (page["beam_search"](A, 0, k, 5)[1] for k in (2, 3))
    assert three < two - 0.2


def test_heads_and_back(page):
    X = np.random.default_rng(2).normal(size=(2, 5, 12))
    heads = page["split_heads"](X, 3)
    assert np.array_equal(heads.swapaxes(1, 2).reshape(2, 5, 12), X)


test_what_the_boxes_say = judged([
    ("pr-language-mask", "2/3", "right"), ("pr-language-mask", "0.667", "right"),
    ("pr-language-mask", "1/3", "one of them"), ("pr-language-heads", "b", "right"),
    ("pr-language-heads", "a", "memory"), ("ex-code-kv-cache-step-cost", "6144000", "right"),
    ("ex-code-kv-cache-step-cost", "3072000", "alone"),
    ("ex-code-beam-search-cost", "46000", "right"),
    ("ex-code-beam-search-cost", "50000", "first step"),
    ("ex-code-iou-cost", "15,000", "right"), ("ex-code-iou-cost", "350", "boxes"),
])  # fmt: skip
