"""Independent checks of the page on output layers for many words."""

from __future__ import annotations

import heapq
import math
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.kit.pages import definitions, judged, maker

PAGE = "ch14_nlp_pretraining/large_vocabularies"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, nn=nn, F=F, heapq=heapq)


def shortest(counts: list[int]) -> int:
    """Least cost over all lengths that satisfy Kraft's inequality, up to depth V - 1."""
    V = len(counts)
    return min(
        sum(n * k for n, k in zip(counts, lengths, strict=True))
        for lengths in product(range(1, V), repeat=V)
        if sum(2.0**-k for k in lengths) <= 1
    )


@pytest.mark.parametrize("counts", [[5, 2, 1, 1], [10, 6, 4, 3, 2], [1, 1, 1], [3, 3, 2, 2, 2]])
def test_no_code_is_shorter(page, counts):
    ways = page["huffman"](counts)
    assert sum(n * len(way) for n, way in zip(counts, ways, strict=True)) == shortest(counts)
    assert sum(0.5 ** len(way) for way in ways) == 1


@pytest.mark.parametrize("tree", ["huffman", "heap"])
def test_ways_part_at_one_node_and_never_meet_again(page, tree):
    ways = (page["huffman"](list(range(1, 30))) if tree == "huffman" else
            [page["heap_way"](t, 29) for t in range(29)])
    for a in range(29):
        for b in range(a):
            same = 0
            while ways[a][same] == ways[b][same]:
                same += 1
            (node, sign), (other, against) = ways[a][same], ways[b][same]
            assert node == other and sign == -against
            rest = {n for n, _ in ways[a][same + 1:]} & {n for n, _ in ways[b][same + 1:]}
            assert not rest


@pytest.mark.parametrize("V", [2, 3, 17, 64])
def test_probabilities_add_up_to_one(page, V):
    torch.manual_seed(V)
    tree = page["Tree"](page["huffman"](torch.randint(1, 50, (V,)).tolist()), 5).double()
    for p in tree.parameters():
        nn.init.normal_(p, std=3)
    h = torch.randn(4, 5, dtype=torch.float64)
    total = sum((-tree(h, torch.full((4,), w))).exp() for w in range(V))
    assert torch.allclose(total, torch.ones(4, dtype=torch.float64))


def test_only_rows_on_the_way_are_touched(page):
    torch.manual_seed(0)
    ways = page["huffman"]([8, 4, 2, 1, 1, 7])
    tree = page["Tree"](ways, 3)
    nn.init.normal_(tree.u)
    h = torch.randn(1, 3, requires_grad=True)
    tree(h, torch.tensor([3])).sum().backward()
    on = {node for node, _ in ways[3]}
    assert {i for i in range(5) if tree.u.grad[i].abs().sum() > 0} == on
    want = torch.zeros(1, 3)
    for node, sign in ways[3]:
        p = torch.sigmoid(tree.u[node] @ h[0]).item()
        slope = p - (1 if sign > 0 else 0)
        assert torch.allclose(tree.u.grad[node], slope * h.detach()[0], atol=1e-6)
        want += slope * tree.u.detach()[node]
    assert torch.allclose(h.grad, want, atol=1e-6)


def test_slowly_is_the_same(page):
    torch.manual_seed(1)
    tree = page["Tree"](page["huffman"](list(range(1, 12))), 4)
    nn.init.normal_(tree.u)
    h, y = torch.randn(6, 4), torch.randint(11, (6,))
    assert torch.allclose(page["tree_slowly"](tree, h, y), tree(h, y), atol=1e-5)


def test_a_heap_has_ways_of_two_lengths(page):
    for V in (5, 8, 10_000):
        lengths = [len(page["heap_way"](t, V)) for t in range(0, V, max(1, V // 50))]
        assert set(lengths) <= {math.floor(math.log2(V)), math.ceil(math.log2(V))}
        assert all(n < V - 1 for t in range(0, V, max(1, V // 50))
                   for n, _ in page["heap_way"](t, V))


def test_the_maker_builds_the_same_tree(page):
    made = maker(PAGE)
    counts = torch.tensor([9.0, 4, 4, 3, 1, 1])
    nodes, signs = made.paths(counts)
    for w, way in enumerate(page["huffman"](counts.tolist())):
        assert nodes[w, : len(way)].tolist() == [n for n, _ in way]
        assert signs[w, : len(way)].tolist() == [s for _, s in way]
        assert not signs[w, len(way):].any()


def test_windows_of_the_maker():
    X, y = maker(PAGE).windows([[0, 1, 2, 3, 4, 5], [7, 8]])
    assert X.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5]] and y.tolist() == [2, 3]


def test_layers_of_the_maker_are_what_they_are_called():
    """Losses of one batch, by the words of the page."""
    made = maker(PAGE)
    counts = torch.tensor([9.0, 4, 4, 3, 1, 1])
    h, y = torch.randn(5, made.WIDTH), torch.tensor([0, 5, 2, 2, 1])
    share = counts / counts.sum()
    assert math.isclose(made.Layer("softmax", counts)(h, y).item(), math.log(6), rel_tol=1e-6)
    first = made.Layer("softmax, frequent first", counts)(h, y).item()
    assert math.isclose(first, -share[y].log().mean().item(), rel_tol=1e-6)
    sampled = made.Layer("negative sampling", counts)(h, y).item()
    assert math.isclose(sampled, (1 + made.DRAWN) * math.log(2), rel_tol=1e-6)
    tree = made.Layer("tree of Huffman", counts)
    lengths = (tree.signs != 0).sum(1)
    assert math.isclose(tree(h, y).item(), np.log(2) * lengths[y].float().mean(), rel_tol=1e-6)


test_answers = judged(
    [
        ("ex-vocab-code-lengths", "1, 2, 3, 4, 4", "right"),
        ("ex-vocab-code-lengths", "[1 2 3 4 4]", "right"),
        ("ex-vocab-code-lengths", "[2, 2, 2, 3, 3]", "two rarest"),
        ("ex-vocab-code-mean", "2.16", "right"),
        ("ex-vocab-code-mean", "54/25", "right"),
        ("ex-vocab-code-mean", "2.2", "best"),
        ("ex-vocab-code-mean", "2.8", "Frequent"),
        ("ex-vocab-cost-softmax", "V d", "right"),
        ("ex-vocab-cost-softmax", "d*V", "right"),
        ("ex-vocab-cost-softmax", "2Vd", "one here"),
        ("ex-vocab-cost-drawn", "d (k+1)", "right"),
        ("ex-vocab-cost-drawn", "k*d", "right word"),
        ("ex-vocab-phrase", "8.33", "right"),
        ("ex-vocab-phrase", "25/3", "right"),
        ("ex-vocab-phrase", "10", "discount"),
        ("ex-vocab-phrase", "8.33e-4", "units"),
        ("ex-vocab-cosine", "c", "right"),
        ("ex-vocab-cosine", "b", "log odds"),
        ("ex-vocab-draw-counts", "1/98", "right"),
        ("ex-vocab-draw-counts", "1.02%", "right"),
        ("ex-vocab-draw-power", "1/36", "right"),
        ("ex-vocab-draw-power", "0.0278", "right"),
        ("ex-vocab-draw-power", "1/14", "½"),
        ("ex-vocab-sum", "1/2, 3/8, 1/40, 1/10", "right"),
        ("ex-vocab-sum", "0.5 0.375 0.025 0.1", "right"),
        ("ex-vocab-sum", "0.5, 0.375, 0.1, 0.025", "third node"),
        ("ex-vocab-cbow-bag", "900", "right"),
        ("ex-vocab-cbow-bag", "3600", "one target"),
        ("ex-vocab-cbow-skip", "3,600", "right"),
        ("ex-vocab-cbow-skip", "900", "one of the words"),
    ],
)
