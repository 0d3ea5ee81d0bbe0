"""Independent checks of the page on linear algebra; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
import random
import string

import pytest
import torch

from tests.kit.pages import definitions, judged, verdict

PAGE = "ch02_preliminaries/linear_algebra"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, itertools=itertools, math=math, torch=torch)


def random_rule(rng: random.Random) -> tuple[str, list[list[int]]]:
    """A rule of one to three inputs over letters of random lengths, and its shapes."""
    lengths = {c: rng.randint(1, 4) for c in rng.sample(string.ascii_lowercase, 4)}
    inputs = [rng.choices(list(lengths), k=rng.randint(0, 3)) for _ in range(rng.randint(1, 3))]
    used = sorted({c for letters in inputs for c in letters})
    output = rng.sample(used, rng.randint(0, len(used)))
    rule = ",".join(map("".join, inputs)) + "->" + "".join(output)
    return rule, [[lengths[c] for c in letters] for letters in inputs]


def test_contract_is_einsum_for_random_rules(page):
    rng = random.Random(0)
    torch.manual_seed(0)
    for _ in range(120):
        rule, shapes = random_rule(rng)
        arrays = [torch.randn(shape) for shape in shapes]
        ours, theirs = page["contract"](rule, *arrays), torch.einsum(rule, *arrays)
        assert ours.shape == theirs.shape, rule
        assert torch.allclose(ours, theirs, atol=1e-4), rule


def test_contract_refuses_two_lengths(page):
    with pytest.raises(ValueError, match="k is 3 and 2"):
        page["contract"]("ik,kj->ij", torch.ones(2, 3), torch.ones(2, 4))


def test_cost_counts_the_products_of_a_loop(page):
    def product(X: list, Y: list) -> tuple[list, int]:
        count, Z = 0, [[0.0] * len(Y[0]) for _ in X]
        for i, j, k in itertools.product(range(len(X)), range(len(Y[0])), range(len(Y))):
            Z[i][j] += X[i][k] * Y[k][j]
            count += 1
        return Z, count

    rng = random.Random(1)
    for _ in range(20):
        a, b, c, d = (rng.randint(1, 5) for _ in range(4))
        A, B, C = ([[rng.random() for _ in range(n)] for _ in range(m)] for m, n in
                   ((a, b), (b, c), (c, d)))  # fmt: skip
        (AB, one), (BC, two) = product(A, B), product(B, C)
        first, second = one + product(AB, C)[1], two + product(A, BC)[1]
        assert page["cost"]((a, b), (b, c), (c, d)) == (first, second)


# The figures that were checked by hand, each at its own exercise.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-linalg-len-value", "2"),
        ("ex-linalg-len-axis", "c"),
        ("ex-linalg-divide-what", "b"),
        ("ex-linalg-divide-keep", "2/11, 5/22, 3/11, 7/22"),
        ("ex-linalg-divide-square", "0.425, 1.25, 2.075"),
        ("ex-linalg-shapes-zero", "3, 4"),
        ("ex-linalg-shapes-one", "2, 4"),
        ("ex-linalg-shapes-two", "6 22 38; 54 70 86"),
        ("ex-linalg-norm-value", "65.757129"),
        ("ex-linalg-norm-one", "4, 5"),
        ("ex-linalg-norm-two", "5"),
    ], "right")  # fmt: skip


def test_counting_from_one_is_named():
    """Row 1, column 3 of the transposed sum, counted from 1, is entry (2, 0) of A + B."""
    A = torch.arange(20).reshape(5, 4)
    B = 10 * torch.arange(5)[:, None] + torch.arange(4)
    assert verdict("ex-linalg-transpose-sum", str(int((A + B).T[0, 2]))) == "slip"


def test_the_readings_of_a_product_and_a_running_sum():
    """Rows, columns and the row of `cumsum`, by loops over the indices that the page names."""
    rng = random.Random(2)
    m, n = 3, 4
    A = [[rng.random() for _ in range(n)] for _ in range(m)]
    x = [rng.random() for _ in range(n)]
    columns = [0.0] * m
    for j in range(n):
        columns = [c + x[j] * A[i][j] for i, c in enumerate(columns)]
    rows = [sum(a * b for a, b in zip(row, x, strict=True)) for row in A]
    running = [[sum(A[k][j] for k in range(m) if k <= i) for j in range(n)] for i in range(m)]
    X = torch.tensor(A, dtype=torch.float64)
    product = X @ torch.tensor(x, dtype=torch.float64)
    assert product.tolist() == pytest.approx(columns)
    assert product.tolist() == pytest.approx(rows)
    assert torch.allclose(X.cumsum(0), torch.tensor(running, dtype=torch.float64))
