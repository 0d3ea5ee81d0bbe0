"""Independent checks of the page on language models; none of its own asserts is used."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch

from dlworkbook.data import verse
from tests.kit.pages import definitions, judged

PAGE = "ch08_recurrent_networks/language_models"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, re=re, Counter=Counter, pairwise=pairwise)


def by_the_formula(text: str, before: str, after: str, alpha: float, size: int) -> float:
    """Smoothed probability of one letter behind a context, counted by hand."""
    places = [i for i in range(len(text)) if text[:i].endswith(before)]
    hits = sum(text[i] == after for i in places)
    return (hits + alpha) / (len(places) + alpha * size)


@pytest.mark.parametrize(("tau", "alpha"), [(0, 1), (1, 1), (1, 0.01), (2, 0.5), (3, 1)])
def test_surprise_by_slow_counting(page, tau, alpha):
    text, new, size = "abracadabra abracadabra bard", "cadabra brac", 9
    ours = page["surprise"](new, page["tables"](text, 4), tau, size, alpha, skip=4)
    want = [
        -math.log(by_the_formula(text, new[i - tau : i], new[i], alpha, size))
        for i in range(4, len(new))
    ]
    assert ours.tolist() == pytest.approx(want)


def test_shorter_contexts_by_recursion(page):
    """Each order leans on the one below it, the lowest on a uniform guess."""
    text, new, size, m = "abracadabra abracadabra bard", "cadabra brac", 9, 2.5

    def chance(before: str, after: str) -> float:
        places = [i for i in range(len(text)) if text[:i].endswith(before)]
        hits = sum(text[i] == after for i in places)
        below = chance(before[1:], after) if before else 1 / size
        return (hits + m * below) / (len(places) + m)

    ours = page["surprise"](new, page["tables"](text, 4), 3, size, m, "shorter", skip=4)
    want = [-math.log(chance(new[i - 3 : i], new[i])) for i in range(4, len(new))]
    assert ours.tolist() == pytest.approx(want)


def test_an_unsmoothed_zero_is_infinite(page):
    with np.errstate(divide="ignore", invalid="ignore"):
        found = page["surprise"]("abz", page["tables"]("ababab", 2), 1, 3, 0.0, skip=2)
    assert math.isinf(found[0])


def test_vocabulary(page):
    vocab = page["Vocab"](list("bananas"), min_count=2)
    assert vocab.tokens == ["□", "a", "n"]
    assert vocab("nab?").tolist() == [2, 1, 0, 0]
    assert page["words"]("Thy beauty's self-same ROSE, 'tis") == [
        "thy", "beauty's", "self-same", "rose", "tis",
    ]  # fmt: skip


def test_exponent_of_an_exact_power_law(page):
    counts = 1e6 * np.arange(1, 2001, dtype=float) ** -0.7
    assert page["exponent"](counts, 10, 1000) == pytest.approx(0.7)
    tokens = [c for k in range(1, 30) for c in [f"t{k}"] * k]
    assert page["ranked"](tokens).tolist() == list(range(29, 0, -1))


@pytest.mark.parametrize(("n", "B", "S"), [(40, 3, 4), (23, 2, 5), (60, 1, 9), (31, 4, 2)])
def test_windows(page, n, B, S):
    """Targets one later, no token twice, rows that run on, each offset met."""
    corpus, offsets, begun = torch.arange(100, 100 + n), set(), set()
    for seed in range(40):
        torch.manual_seed(seed)
        batches = list(page["random_windows"](corpus, B, S))
        X = torch.cat([X for X, _ in batches])
        assert all(torch.equal(Y, X + 1) for X, Y in batches)
        assert all(X.shape == (B, S) for X, _ in batches[:-1]) and len(batches[-1][0]) <= B
        offset = int(X.min()) - 100
        offsets.add(offset)
        assert len(X) == (n - 1 - offset) // S
        assert sorted(X.flatten().tolist()) == list(range(100 + offset, 100 + offset + X.numel()))
        strips = list(page["sequential_windows"](corpus, B, S))
        rows = torch.cat([X for X, _ in strips], dim=1)
        assert (rows.diff(dim=1) == 1).all() and len(rows) == B
        assert len(set(rows.flatten().tolist())) == rows.numel()
        assert all(torch.equal(Y, X + 1) for X, Y in strips)
        offset = int(rows.min()) - 100
        begun.add(offset)
        assert len(strips) == (n - 1 - offset) // B // S
    assert offsets == begun == set(range(S))


def test_byte_pairs_one_by_one(page):
    found, cut = page["merges"]({"aab": 2, "ab": 3}, 2)
    assert found == [("ab", 5), ("aab", 2)]
    assert cut == {"aab": ["aab"], "ab": ["ab"]}


def test_offsets_by_simulation(page):
    """The chances that the exercise asks for, from the page's own reader."""
    hits = Counter()
    torch.manual_seed(3)
    for _ in range(2000):
        for _, Y in page["random_windows"](torch.arange(24), 2, 5):
            hits.update(Y.flatten().tolist())
    assert hits[3] / 2000 == pytest.approx(0.6, abs=0.05)
    assert hits[21] / 2000 == pytest.approx(0.6, abs=0.05)
    assert hits[12] == 2000 and hits[0] == 0


def test_even_on_a_ring_only(page):
    """Targets counted by walking; a ring that begins at one of five tokens is not even."""
    for beginnings, even in ((range(24), True), (range(5), False)):
        hits = [0] * 24
        for first in beginnings:
            for window in range(4):
                for step in range(5):
                    hits[(first + 5 * window + step + 1) % 24] += 1
        ours = page["ring"](beginnings)
        assert [ours[token] for token in range(24)] == hits
        assert (len(set(hits)) == 1) == even


def test_pruned_tables_hold_what_occurs_twice(page):
    counts = page["tables"]("abracadabra", 3)
    (ones, _), (pairs, contexts), (triples, _) = page["pruned"](counts)
    assert ones == Counter("abracadabra")
    assert pairs == {"ab": 2, "br": 2, "ra": 2} and contexts == {"a": 2, "b": 2, "r": 2}
    assert triples == {"abr": 2, "bra": 2}


def test_the_text_of_the_sonnets(page):
    """Numbers of the page, counted another way."""
    sonnets = verse.sonnets()
    first, last = ("\n\n".join(part) for part in (sonnets[:138], sonnets[138:]))
    word = re.compile(r"[a-z]+(?:['-][a-z]+)*")
    old, new = (word.findall(part.lower()) for part in (first, last))
    known = {(old[i], old[i + 1]) for i in range(len(old) - 1)}
    pairs = [(new[i], new[i + 1]) for i in range(len(new) - 1)]
    assert sum(p not in known for p in pairs) / len(pairs) == pytest.approx(0.71, abs=0.005)


def test_writing_follows_the_counts(page):
    """Of order 2 and hardly mixed: only strings of the text, in their shares."""
    text = "abcabdabcabd" * 20
    counts = page["tables"]("\n\n" + text, 3)
    page["write"].__globals__.update(letter_vocab=page["Vocab"](text), size=5, counts=counts)
    found = page["write"](2, 400, 1e-9, seed=1)
    strings = {found[i : i + 3] for i in range(len(found) - 2)}
    assert strings == {"abc", "bca", "cab", "abd", "bda", "dab"}
    assert found.count("abc") / found.count("ab") == pytest.approx(0.5, abs=0.15)


test_boxes = judged([
    ("pr-lm-perplexity", "4", "right"), ("pr-lm-perplexity", "sqrt(16)", "right"),
    ("pr-lm-perplexity", "5", "slip"), ("pr-lm-perplexity", "1/4", "slip"),
    ("pr-lm-perplexity", "16/5", "slip"),
    ("pr-lm-unseen", "c", "right"), ("pr-lm-unseen", "a", "slip"),
    ("pr-lm-order", "b", "right"), ("pr-lm-order", "c", "slip"),
    ("ex-lm-tokens-merge", "b, a, c", "right"), ("ex-lm-tokens-merge", "b, c, a", "slip"),
    ("ex-lm-tokens-there", "b", "right"), ("ex-lm-tokens-bytes", "6", "right"),
    ("ex-lm-tokens-bytes", "2", "slip"),
    ("ex-lm-mincount-law", "0.1", "right"), ("ex-lm-mincount-law", "10%", "right"),
    ("ex-lm-mincount-law", "1/10", "right"), ("ex-lm-mincount-law", "10", "slip"),
    ("ex-lm-mincount-mass", "c", "right"), ("ex-lm-mincount-mass", "b", "slip"),
    ("ex-lm-fourgrams-most", "399994", "right"), ("ex-lm-fourgrams-most", "399,994", "right"),
    ("ex-lm-fourgrams-most", "400000 - 6", "right"), ("ex-lm-fourgrams-most", "400000", "slip"),
    ("ex-lm-fourgrams-table", "1e20", "right"), ("ex-lm-fourgrams-table", "10^20", "right"),
    ("ex-lm-fourgrams-table", "100000^4", "right"), ("ex-lm-fourgrams-table", "1e15", "slip"),
    ("ex-lm-dialogue-count", "57", "right"), ("ex-lm-dialogue-count", "56", "slip"),
    ("ex-lm-dialogue-loss", "b", "right"),
    ("ex-lm-zipf-hand", "0.956", "right"), ("ex-lm-zipf-hand", "0.96", "right"),
    ("ex-lm-zipf-hand", "log(235/26)/log(10)", "right"), ("ex-lm-zipf-hand", "2.2", "slip"),
    ("ex-lm-zipf-hand", "9.04", "slip"), ("ex-lm-zipf-hand", "-0.956", "slip"),
    ("ex-lm-zipf-pairs", "c", "right"),
    ("ex-lm-reading-num", "990", "right"), ("ex-lm-reading-num", "991", "slip"),
    ("ex-lm-reading-times", "10", "right"), ("ex-lm-reading-times", "1", "slip"),
    ("ex-lm-offset-3", "3/5", "right"), ("ex-lm-offset-3", "60%", "right"),
    ("ex-lm-offset-3", "0.6", "right"), ("ex-lm-offset-3", "80%", "slip"),
    ("ex-lm-offset-21", "0.6", "right"), ("ex-lm-offset-21", "4/5", "slip"),
    ("ex-lm-offset-slip", "2/6", "right"), ("ex-lm-offset-slip", "0.333", "right"),
    ("ex-lm-offset-slip", "33%", "right"), ("ex-lm-offset-slip", "0.2", "slip"),
    ("ex-lm-offset-slip", "1/6", "slip"),
    ("ex-lm-sentences-all", "0.396", "right"), ("ex-lm-sentences-all", "0.4", "wrong"),
    ("ex-lm-sentences-all", "39.6%", "right"), ("ex-lm-sentences-all", "29/48", "slip"),
    ("ex-lm-sentences-sorted", "5/34", "right"), ("ex-lm-sentences-sorted", "15%", "wrong"),
    ("ex-lm-sentences-sorted", "0.147", "right"), ("ex-lm-sentences-sorted", "13/42", "slip"),
    ("ex-lm-sentences-sorted", "5/48", "slip"),
    ("ex-lm-sentences-ppl", "16^(29/48)", "right"), ("ex-lm-sentences-ppl", "5.34", "right"),
    ("ex-lm-sentences-ppl", "10.06", "slip"), ("ex-lm-sentences-ppl", "16", "slip"),
])  # fmt: skip
