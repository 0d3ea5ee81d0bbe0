"""Huffman's tree: codes and means are those of a heap, and no tree is better."""

from __future__ import annotations

import heapq
import random
from functools import cache

import pytest
import torch

from dlworkbook.widgets.huffman import Huffman
from dlworkbook.widgets.kit import bundle
from tests.kit.node import differential

MODEL = bundle.WIDGETS / "huffman/model.js"
_draw = random.Random(0)
COUNTS = [(8, 4, 2, 1, 1), (1, 1, 1, 1, 1), (16, 1, 1, 1, 1), (5, 5, 5, 5, 1), (1, 2, 3, 4, 5)]
COUNTS += [tuple(_draw.randint(1, top) for _ in range(5)) for top in (3, 8, 16) for _ in range(70)]
CASES = [{**dict(zip("abcde", c, strict=True)), "word": k % 5} for k, c in enumerate(COUNTS)]
ASK = """{ up: m.above(c), sums: m.sums(c), way: m.way(c, c.word), codes: m.codes(c),
  mean: m.mean(c), entropy: m.entropy(c), level: m.level(c) }"""
MUTANTS = [
    ("the most frequent joined", "p.n - q.n || p.k - q.k", "q.n - p.n || p.k - q.k"),
    ("ties by the newer node", "p.n - q.n || p.k - q.k", "p.n - q.n || q.k - p.k"),
    ("sorted once", "    open.sort", "    if (node === WORDS) open.sort"),
    ("the larger count", "n: p.n + q.n", "n: Math.max(p.n, q.n)"),
    ("sides exchanged", "up[p.k] = [node, 0];\n    up[q.k] = [node, 1];",
     "up[p.k] = [node, 1];\n    up[q.k] = [node, 0];"),
    ("one join missing", "node < 2 * WORDS - 1", "node < 2 * WORDS - 2"),
    ("codes from the leaf", ".map((k) => up[k][1]).reverse()", ".map((k) => up[k][1])"),
    ("the root in the code", ".slice(0, -1).map((k) => up[k][1])",
     ".slice(0, -2).map((k) => up[k][1])"),
    ("all words alike in the mean", "code.length * counts(s)[k]", "code.length"),
    ("mean by words", "0) / total(s);", "0) / WORDS;"),
    ("natural logarithm", "Math.log2(n / total(s))", "Math.log(n / total(s))"),
    ("sign of the entropy", "sum - (n / total(s))", "sum + (n / total(s))"),
    ("level for the frequent", "sort((x, y) => x - y)", "sort((x, y) => y - x)"),
    ("sums without the leaves", "[...counts(s), ...Array", "[...counts(s).fill(0), ...Array"),
    ("way without the word", "nodes = [word];", "nodes = [(word + 1) % WORDS];"),
]  # fmt: skip


@cache
def least(counts: tuple[int, ...]) -> int:
    """Least sum of joined counts, over all orders of joining."""
    if len(counts) == 1:
        return 0
    return min(
        counts[i] + counts[j] + least(tuple(sorted(
            [n for k, n in enumerate(counts) if k not in (i, j)] + [counts[i] + counts[j]])))
        for i in range(len(counts)) for j in range(i)
    )


def by_heap(case: dict) -> dict:
    counts = [case[k] for k in "abcde"]
    heap, up = [(n, k) for k, n in enumerate(counts)], [None] * 8
    sums = counts.copy()
    heapq.heapify(heap)
    for node in range(5, 9):
        (p, i), (q, j) = heapq.heappop(heap), heapq.heappop(heap)
        up[i], up[j] = [node, 0], [node, 1]
        sums.append(p + q)
        heapq.heappush(heap, (p + q, node))
    codes, ways = [], []
    for leaf in range(5):
        code, node, way = "", leaf, [leaf]
        while node != 8:
            node, bit = up[node]
            code = f"{bit}{code}"
            way.append(node)
        codes.append(code)
        ways.append(way)
    share = torch.tensor(counts, dtype=torch.float64) / sum(counts)
    lengths = torch.tensor([float(len(code)) for code in codes], dtype=torch.float64)
    entropy = torch.distributions.Categorical(probs=share).entropy() / torch.log(
        torch.tensor(2.0, dtype=torch.float64))
    rare = sum(sorted(counts)[:2]) / sum(counts)
    return {
        "up": up, "sums": sums, "way": ways[case["word"]], "codes": codes,
        "mean": (share @ lengths).item(), "entropy": entropy.item(), "level": 2 + rare,
    }  # fmt: skip


def test_model():
    expected = [by_heap(case) for case in CASES]
    differential(MODEL, f"({ASK})", CASES, expected, MUTANTS)
    for case, want in zip(CASES, expected, strict=True):
        widget, counts = Huffman(**case), [case[k] for k in "abcde"]
        assert widget.codes() == want["codes"]
        assert widget.mean() == pytest.approx(want["mean"], abs=1e-12)
        assert widget.entropy() == pytest.approx(want["entropy"], abs=1e-12)
        assert round(want["mean"] * sum(counts)) == least(tuple(sorted(counts)))
        assert want["entropy"] - 1e-12 <= want["mean"] < want["entropy"] + 1
        assert want["mean"] <= want["level"] + 1e-12
