"""What is special about ``max_pool2d``; the rest is tested in ``test_tasks``."""

import math

import numpy as np
import pytest

from dlworkbook.checks.tasks import load
from tests.kit.task_tests import assert_accepted, assert_named, probe, variant

POOL = load("max_pool2d")


def test_values_of_the_published_probes():
    def gives(id_, name):
        return variant(POOL, id_)(*probe(POOL, name).inputs)

    assert gives("LAB5-14", "0 to 15").shape == (1, 1, 3, 3)
    assert gives("LAB5-16", "0 to 15")[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert gives("LAB5-17", "two channels").tolist() == [[[[105, 107], [113, 115]]] * 2]
    assert gives("LAB5-19", "0 to 24").shape == (1, 1, 3, 3)
    assert gives("LAB5-21", "0 to 23").shape == (1, 1, 1, 3)
    assert POOL.expected(probe(POOL, "0 to 23"))[0].shape[2:] == (2, 2)


def test_probe_sizes_differ_and_agree_where_they_should():
    sizes = [(p.inputs[0].shape, p.inputs[1]) for p in POOL.asked]
    assert any(len({*x, *s}) == 6 for x, s in sizes)
    assert any(x[2] % s[0] and x[3] % s[1] for x, s in sizes)


# ---- where the search for a maximum starts -----------------------------------------------------


STARTS = [-1, -7, -100, -255, -999, -9999, -12345, -1e6, -1e9, -(2**31), -1e18, -(2**63)]


def search_in_loops(start):
    def max_pool2d(X, pool_size):
        (B, C, H, W), (h, w) = X.shape, pool_size
        Y = np.zeros((B, C, H // h, W // w))
        for n, c, i, j in np.ndindex(*Y.shape):
            best = start
            for p in range(h):
                for q in range(w):
                    if X[n, c, i * h + p, j * w + q] > best:
                        best = X[n, c, i * h + p, j * w + q]
            Y[n, c, i, j] = best
        return Y

    return max_pool2d


def search_in_arrays(start):
    def max_pool2d(X, pool_size):
        (H, W), (h, w) = X.shape[2:], pool_size
        Y = np.full((*X.shape[:2], H // h, W // w), float(start))
        for p in range(h):
            for q in range(w):
                Y = np.maximum(Y, X[:, :, p : H // h * h : h, q : W // w * w : w])
        return Y

    return max_pool2d


def search_in_tensors(start):
    def max_pool2d(X, pool_size):
        (B, C, H, W), (h, w) = X.shape, pool_size
        X = X[:, :, : H // h * h, : W // w * w]
        return X.reshape(B, C, H // h, h, W // w, w).amax((3, 5)).clamp(min=start)

    return max_pool2d


def search_in_padding(start):
    def max_pool2d(X, pool_size):
        (B, C, H, W), (h, w) = X.shape, pool_size
        Y = np.empty((B, C, H // h, W // w))
        for i in range(H // h):
            for j in range(W // w):
                window = np.pad(
                    X[:, :, i * h : i * h + h, j * w : j * w + w],
                    ((0, 0), (0, 0), (1, 1), (1, 1)),
                    constant_values=start,
                )
                Y[:, :, i, j] = window.max((2, 3))
        return Y

    return max_pool2d


SEARCHES = [search_in_loops, search_in_arrays, search_in_tensors, search_in_padding]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("search", SEARCHES)
def test_a_maximum_that_starts_from_a_number_is_named(search, start):
    assert_named(POOL, search(start), "MAXPOOL-29")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("start", [0, 0.0, np.finfo(float).tiny])
def test_a_maximum_that_starts_from_zero_keeps_its_own_name(search, start):
    assert_named(POOL, search(start), "MAXPOOL-04")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("start", [-math.inf, float(np.finfo("float32").min)])
def test_what_lies_below_every_number_is_right(search, start):
    assert_accepted(POOL, search(start))
