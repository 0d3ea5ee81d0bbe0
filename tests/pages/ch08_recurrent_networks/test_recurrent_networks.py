"""Independent checks of the page on recurrent networks; none of its own asserts is used."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import experiment
from dlworkbook.data import verse
from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch08_recurrent_networks/recurrent_networks"
SONNETS = verse.sonnets()
LETTERS = sorted(set("\n\n".join(SONNETS)))
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    found = definitions(PAGE, letters=LETTERS, math=math, verse=verse)
    encode = found["encode"]
    found["rnn"].__globals__.update(
        train_text=encode("\n\n".join(SONNETS[:138]) + "\n\n"),
        test_text=encode("\n\n".join(SONNETS[138:]) + "\n\n"),
    )
    return found


def slow_rnn(X, H, params):
    """Sums over numbers, for one example."""
    W_xh, W_hh, b_h, W_hq, b_q = (np.asarray(p.detach(), float) for p in params)
    scores = []
    for x in X:
        H = [
            math.tanh(
                sum(x[d] * W_xh[d][j] for d in range(len(x)))
                + sum(H[i] * W_hh[i][j] for i in range(len(H)))
                + b_h[j]
            )
            for j in range(len(b_h))
        ]
        scores.append(
            [sum(H[j] * W_hq[j][k] for j in range(len(H))) + b_q[k] for k in range(len(b_q))]
        )
    return scores, H


@pytest.mark.parametrize("shape", [(2, 3, 4, 5, 6), (1, 1, 2, 3, 2), (3, 4, 3, 3, 3)])
def test_network_by_sums(page, shape):
    B, S, D, H, q = shape
    torch.manual_seed(3)
    params = [p.double() for p in page["init_params"](D, H, q)]
    X, state = torch.randn(B, S, D).double(), torch.randn(B, H).double()
    scores, last = page["rnn"](X, state, params)
    assert scores.shape == (B, S, q) and last.shape == (B, H)
    for example in range(B):
        want, end = slow_rnn(X[example].tolist(), state[example].tolist(), params)
        assert np.allclose(scores[example].detach(), want, atol=1e-10)
        assert np.allclose(last[example].detach(), end, atol=1e-10)


def test_gradient_by_differences(page):
    """Through all steps, into the recurrent matrix and the first state."""
    torch.manual_seed(1)
    params = [p.detach().double().requires_grad_() for p in page["init_params"](3, 4, 2)]
    X = torch.randn(2, 6, 3).double()
    H = torch.randn(2, 4).double().requires_grad_()
    G = torch.randn(2, 6, 2).double()

    def value():
        return (page["rnn"](X, H, params)[0] * G).sum()

    for tensor in (params[1], params[0], H):
        ours = torch.autograd.grad(value(), tensor)[0]
        with torch.no_grad():
            for place in ((0, 1), (1, 2)):
                ends = []
                for shift in (1e-5, -2e-5):
                    tensor[place] += shift
                    ends.append(value().item())
                tensor[place] += 1e-5
                assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(
                    ours[place].item(), rel=1e-6, abs=1e-9)  # fmt: skip


def test_start_is_that_of_torch(page):
    """Even between plus and minus one over the root of H, for all five."""
    torch.manual_seed(0)
    for p in page["init_params"](61, 100, 61):
        assert p.abs().max() <= 0.1 and p.requires_grad
        assert p.numel() < 90 or p.std().item() == pytest.approx(0.1 / math.sqrt(3), rel=0.2)
    assert nn.RNN(61, 100).weight_hh_l0.abs().max() <= 0.1


def test_clipping_is_that_of_torch(page):
    torch.manual_seed(0)
    for scale in (1e-3, 0.3, 1, 50):
        grads = [scale * torch.randn(3, 2), scale * torch.randn(5)]
        weights = [torch.zeros_like(g) for g in grads]
        for w, g in zip(weights, grads, strict=True):
            w.grad = g.clone()
        norm = nn.utils.clip_grad_norm_(weights, 0.7)
        ours = page["clip"](grads, 0.7)
        size = math.sqrt(sum(float((g**2).sum()) for g in ours))
        assert size == pytest.approx(min(0.7, norm.item()), rel=1e-4)
        for w, g in zip(weights, ours, strict=True):
            assert torch.allclose(w.grad, g, rtol=1e-4)


def test_strips_follow_one_another(page):
    text = torch.arange(1000)
    parts = page["strips"](text, B=3, S=7)
    assert len(parts) == (999 // 3) // 7
    for X, Y in parts:
        assert torch.equal(X + 1, Y) and X.shape == (3, 7)
    for (_, Y), (X, _) in pairwise(parts):
        assert torch.equal(Y[:, -1], X[:, 0])
    assert len(page["strips"](page["rnn"].__globals__["train_text"])) == 82


def test_one_hot_and_encode(page):
    tokens = page["encode"]("My love\n")
    assert "".join(LETTERS[k] for k in tokens) == "My love\n"
    rows = page["one_hot"](tokens[None])
    assert rows.shape == (1, 8, 61) and torch.equal(rows.argmax(2)[0], tokens)
    assert rows.sum() == 8 and rows.dtype == torch.float32


def test_counts_add_up_and_agree_with_a_slow_count(page):
    """Pairs and triples against dictionaries."""
    space = page["rnn"].__globals__
    train, test = space["train_text"].tolist(), space["test_text"].tolist()
    k = 3.0
    for n in (1, 2, 3):
        tables = [{} for _ in range(n)]
        for order in range(n):
            for t in range(order, len(train)):
                seen = tables[order].setdefault(tuple(train[t - order : t]), {})
                seen[train[t]] = seen.get(train[t], 0) + 1
        padded, losses = [LETTERS.index("\n")] * 2 + test, []
        for t in range(3, len(padded)):
            p = 1 / 61
            for order in range(n):
                seen = tables[order].get(tuple(padded[t - order : t]), {})
                p = (seen.get(padded[t], 0) + k * p) / (sum(seen.values()) + k)
            losses.append(-math.log(p))
        ours = page["count_loss"](n, k, space["test_text"])
        assert float(ours) == pytest.approx(sum(losses) / len(losses), rel=1e-4)


def test_writing_reads_the_prefix(page):
    """The first letter drawn has the probabilities of the whole prefix, not of its last letter."""
    torch.manual_seed(0)
    params = [3 * p.detach() for p in page["init_params"](61, 20, 61)]
    prefix = "Thou art"
    X = page["one_hot"](page["encode"](prefix)[None])
    p = F.softmax(5 * page["rnn"](X, torch.zeros(1, 20), params)[0][0, -1], 0)
    drawn = [page["write"](prefix, 1, params, 5) for _ in range(600)]
    assert all(d.startswith(prefix) and len(d) == len(prefix) + 1 for d in drawn)
    share = sum(d[-1] == LETTERS[int(p.argmax())] for d in drawn) / 600
    assert share == pytest.approx(p.max().item(), abs=0.08)
    sure = page["write"](prefix, 30, params, 1e6)  # the most likely one each time
    text = page["encode"](sure)[None]
    scores = page["rnn"](page["one_hot"](text), torch.zeros(1, 20), params)[0]
    assert torch.equal(scores[0, len(prefix) - 1 : -1].argmax(1), text[0, len(prefix) :])


def test_experiment_trains_as_the_page_does(page):
    """Its first epochs, without options, are those of the page."""
    maker = pages.maker(PAGE)
    torch.manual_seed(0)
    params = page["init_params"](61, 96, 61)
    text = page["rnn"].__globals__["train_text"]
    ours = page["train"](params, text, maker.PLAIN["lr"], maker.PLAIN["theta"], 1)
    theirs = maker.run((0, {"epochs": 1}))["history"]
    assert ours == pytest.approx(theirs, rel=1e-3)
    told = experiment(PAGE)["plain"][0]["history"][0]
    assert told == pytest.approx(ours[0], rel=0.03)


def test_noisy_sine(page):
    """The linear error again, by normal equations; the shape of the state."""
    errors, shape, num = page["sine_errors"](5)
    torch.manual_seed(5)
    series = (torch.sin(0.01 * torch.arange(1, 1001)) + 0.2 * torch.randn(1000)).double().numpy()
    for back, error in zip((4, 16), errors[1:], strict=True):
        rows = np.stack([np.append(series[t - back : t], 1) for t in range(16, 1000)])
        wanted, n = series[16:], 584
        w = np.linalg.solve(rows[:n].T @ rows[:n], rows[:n].T @ wanted[:n])
        off = rows[n:] @ w - wanted[n:]
        assert len(off) == 400 and error == pytest.approx((off**2).mean() ** 0.5, rel=1e-3)
    assert shape == (1, 584, 16) and num == 321 and 0.17 < errors[0] < 0.3


test_boxes = judged([
    ("pr-rnn-pulse", "b", "right"), ("pr-rnn-pulse", "c", "slip"),
    ("pr-rnn-clip", "0.8", "right"), ("pr-rnn-clip", "4/5", "right"),
    ("pr-rnn-clip", "1", "by itself"), ("pr-rnn-clip", "0.571", "sum"),
    ("pr-rnn-cut", "b", "right"), ("pr-rnn-cut", "a", "slip"),
    ("ex-rnn-hand-count", "64661", "right"), ("ex-rnn-hand-count", "64,661", "right"),
    ("ex-rnn-hand-count", "52400", "alone"), ("ex-rnn-hand-count", "64861", "second bias"),
    ("ex-rnn-hand-state", "0, 4", "right"), ("ex-rnn-hand-state", "(0, 4)", "right"),
    ("ex-rnn-hand-state", "1 0", "columns"), ("ex-rnn-hand-state", "-1, 4", "ReLU"),
    ("ex-rnn-hand-prob", "e/(e+1)", "right"), ("ex-rnn-hand-prob", "73%", "right"),
    ("ex-rnn-hand-prob", "0.5", "slip"), ("ex-rnn-hand-prob", "0.27", "slip"),
    ("ex-rnn-memory-gradient", "32", "right"), ("ex-rnn-memory-gradient", "31", "slip"),
    ("ex-rnn-memory-state", "c", "right"), ("ex-rnn-memory-state", "a", "slip"),
    ("ex-rnn-long-small", "0.9^50", "right"), ("ex-rnn-long-small", "0.00515", "right"),
    ("ex-rnn-long-small", "0.9^49", "slip"), ("ex-rnn-long-large", "117", "right"),
    ("ex-rnn-long-large", "106.7", "slip"), ("ex-rnn-long-factor", "41.5", "right"),
    ("ex-rnn-long-factor", "83/2", "right"), ("ex-rnn-long-factor", "82", "last piece"),
    ("ex-rnn-embedding-rows", "5 6; 1 2; 5 6", "right"),
    ("ex-rnn-embedding-rows", "3 4; 1 2; 3 4", "from 0"),
    ("ex-rnn-embedding-grad", "2, 2", "right"), ("ex-rnn-embedding-grad", "1, 1", "slip"),
    ("ex-rnn-sine-count", "321", "right"), ("ex-rnn-sine-count", "305", "two biases"),
    ("ex-rnn-sine-count", "304", "linear one"), ("ex-rnn-sine-shape", "(1, 584, 16)", "right"),
    ("ex-rnn-sine-shape", "1 x 584 x 16", "right"), ("ex-rnn-sine-shape", "584, 16", "layers"),
    ("ex-rnn-sine-shape", "584, 16, 16", "all steps"),
    ("ex-rnn-tune-bits", "3", "right"), ("ex-rnn-tune-bits", "2.08", "nats"),
    ("ex-rnn-tune-layers", "33888", "right"), ("ex-rnn-tune-layers", "33696", "two biases"),
    ("ex-rnn-sample-two", "25/38", "right"), ("ex-rnn-sample-two", "66%", "right"),
    ("ex-rnn-sample-two", "0.25", "slip"), ("ex-rnn-sample-temperature", "1/2", "right"),
    ("ex-rnn-sample-temperature", "2", "slip"), ("ex-rnn-relu-state", "1.2^30", "right"),
    ("ex-rnn-relu-state", "237", "right"), ("ex-rnn-relu-state", "1.2^29", "slip"),
    ("ex-rnn-relu-tanh", "0.66", "right"), ("ex-rnn-relu-tanh", "0", "slip"),
])  # fmt: skip
