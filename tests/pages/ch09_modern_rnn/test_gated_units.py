"""Independent checks of the page on gated units; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import experiment
from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch09_modern_rnn/gated_units"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


def sigma(v):
    return 1 / (1 + np.exp(-v))


def drawn(kind, I, H):
    """A layer of torch in float64 with weights of size one."""
    layer = kind(I, H, batch_first=True).double()
    with torch.no_grad():
        for p in layer.parameters():
            p.normal_()
    return layer


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(("I", "H"), [(3, 4), (1, 1), (2, 2), (5, 3)])
def test_gru_step_by_loops(page, before, I, H):
    """One example, unit by unit, as the two formulas say."""
    torch.manual_seed(0)
    W, U, b, c = (p.detach() for p in drawn(nn.GRU, I, H).parameters())
    x, h = torch.randn(2, I).double(), torch.randn(2, H).double()
    got = page["gru_step"](x, h, W, U, b, c, before=before)
    W, U, b, c = (v.numpy() for v in (W, U, b, c))
    for row in range(2):
        a, old = x[row].numpy(), h[row].numpy()
        r, z = (sigma(W[k * H : (k + 1) * H] @ a + U[k * H : (k + 1) * H] @ old
                      + b[k * H : (k + 1) * H] + c[k * H : (k + 1) * H]) for k in (0, 1))
        for k in range(H):
            n = 2 * H + k
            if before:
                inner = sum(U[n, j] * r[j] * old[j] for j in range(H)) + c[n]
            else:
                inner = r[k] * (sum(U[n, j] * old[j] for j in range(H)) + c[n])
            new = math.tanh(W[n] @ a + b[n] + inner)
            assert got[row, k].item() == pytest.approx(z[k] * old[k] + (1 - z[k]) * new)


def test_unrolled_steps_are_the_layers_of_torch(page):
    torch.manual_seed(1)
    for B, S, I, H in [(2, 5, 3, 4), (1, 1, 2, 1), (3, 3, 3, 3)]:
        X = torch.randn(B, S, I).double()
        layer, h = drawn(nn.GRU, I, H), torch.randn(B, H).double()
        ours, last = page["unroll"](page["gru_step"], X, h, *layer.parameters())
        theirs, end = layer(X, h[None])
        assert torch.allclose(ours, theirs) and torch.allclose(last, end[0])
        other, _ = page["unroll"](page["gru_step"], X, h, *layer.parameters(), before=True)
        assert H == 1 or not torch.allclose(other, theirs, atol=1e-3)
        layer, c = drawn(nn.LSTM, I, H), torch.randn(B, H).double()
        ours, last = page["unroll"](page["lstm_step"], X, (h, c), *layer.parameters())
        theirs, ends = layer(X, (h[None], c[None]))
        assert torch.allclose(ours, theirs)
        assert all(torch.allclose(a, b[0]) for a, b in zip(last, ends, strict=True))


def test_ways_back_by_finite_differences(page):
    """The total is what a nudge of the cell does later, through nn.LSTM itself."""
    torch.manual_seed(2)
    layer, X = nn.LSTM(3, 2, batch_first=True), torch.randn(1, 6, 3)
    total, direct = page["ways_back"](layer, X)
    layer, X = layer.double(), X.double()
    for s in (0, 3, 5):
        _, (h, c) = layer(X[:, : s + 1])
        with torch.no_grad():
            inside = h / torch.tanh(c)  # the output gate at s
        columns = []
        for k in range(2):
            ends = []
            for sign in (1, -1):
                nudged = c.detach().clone()
                nudged[0, 0, k] += sign * 1e-6
                state = (inside * torch.tanh(nudged), nudged)
                ends.append(layer(X[:, s + 1 :], state)[1][1] if s < 5 else nudged)
            columns.append(((ends[0] - ends[1]) / 2e-6).flatten())
        J = torch.stack(columns, dim=1)
        assert total[s].item() == pytest.approx(J.pow(2).sum(1).mean().sqrt().item(), rel=1e-4)
    U, W, b, b2 = (p.detach()[2:4] for p in layer.parameters())  # of the forget gate
    path, want = torch.ones(2).double(), [1.0]
    for t in range(5, 0, -1):
        h = layer(X[:, :t])[1][0][0, 0].detach()
        path = path * torch.sigmoid(U @ X[0, t] + W @ h + b + b2)
        want.insert(0, path.pow(2).mean().sqrt().item())
    assert direct.tolist() == pytest.approx(want)


def test_direct_path_with_known_gates(page):
    """Weights 0: every forget gate is the sigmoid of its bias, and there is no other way."""
    layer = page["with_bias"](1, 0, I=2, H=3)
    with torch.no_grad():
        for name, p in layer.named_parameters():
            if "weight" in name:
                p.zero_()
    total, direct = page["ways_back"](layer, torch.randn(1, 8, 2))
    want = [sigma(1.0) ** k for k in range(7, -1, -1)]
    assert direct.tolist() == pytest.approx(want) and total.tolist() == pytest.approx(want)


def test_a_gru_that_reads_once(page):
    """Only the input of step s counts."""
    torch.manual_seed(3)
    p = [q.detach() for q in nn.GRU(3, 4).parameters()]
    X = torch.randn(2, 6, 3)
    for s in (1, 4):
        base = page["read_once"](X, torch.randn(2, 4), p, s=s)
        for t in range(6):
            other = X.clone()
            other[:, t] += 1
            moved = page["read_once"](other, torch.randn(2, 4), p, s=s)
            assert torch.allclose(base, moved, atol=1e-5) == (t != s)


def test_the_maker_s_slow_loop_is_torch_s_layer():
    """And a cut changes gradients, not values."""
    maker = pages.maker(PAGE)
    X, y = maker.sequences(5, 7, torch.Generator().manual_seed(0))
    assert torch.equal(X[:, 0].argmax(1), y) and (X[:, 1:, : maker.KINDS] == 0).all()
    assert maker.sequences(5, 7, torch.Generator(), True)[0][:, 1:].abs().sum() == 0
    for kind in ("GRU", "LSTM"):
        torch.manual_seed(0)
        net = maker.Net(kind, 2, -1 if kind == "LSTM" else None)
        want = net.cell(X)[0][:, -1]
        assert torch.allclose(net.slowly(X), want, atol=1e-6)
        shut = net.slowly(X, shut=(3,))
        assert not torch.allclose(shut, want, atol=1e-3)
        after = net.slowly(X, shut=(3,), wipe=True)
        H = maker.H
        assert torch.equal(net.cell.bias_hh_l0[H : 2 * H], torch.zeros(H))
        if kind == "LSTM":  # nothing of the first three signs comes through
            moved = X.clone()
            moved[:, 0] = moved[:, 0].roll(1, 1)
            assert torch.allclose(net.slowly(moved, (3,), True), after, atol=1e-6)
    grads = {}
    for kind in ("LSTM", "LSTM, state cut", "LSTM, direct path cut"):
        torch.manual_seed(0)
        net = maker.Net(kind, 5, -5)
        out = net.slowly(X)
        grads[kind] = [out, *torch.autograd.grad(out.sum(), list(net.cell.parameters()))]
    whole, state, direct = grads.values()
    assert torch.allclose(whole[0], state[0]) and torch.allclose(whole[0], direct[0])
    assert not torch.allclose(whole[1], state[1], atol=1e-7)
    assert not torch.allclose(whole[1], direct[1], atol=1e-7)


def test_what_the_text_says_of_the_study():
    memory = experiment(PAGE)["memory"]
    best = {name: max(run["right"] for run in runs) for name, runs in memory.items()}
    least = {name: min(run["right"] for run in runs) for name, runs in memory.items()}
    assert all(best[f"LSTM; {T}"] < 0.3 for T in (30, 100))
    assert least["LSTM, 5 and -5; 100"] > 0.95 > 0.3 > best["LSTM, 5; 100"]
    assert best["LSTM, direct path cut; 30"] < 0.3 < least["LSTM, state cut; 30"]
    assert best["GRU, reset only; 30"] < least["GRU, update only; 30"]
    # The same start learns when it is asked in another way.
    assert best["LSTM, ten times the steps; 30"] < 0.3 and best["LSTM, other seeds; 30"] < 0.3
    assert least["LSTM, every; 100"] > 0.8 > 0.6 > best["RNN, every; 100"]
    assert least["GRU, ten times the steps; 30"] > 0.95
    for kind in ("GRU", "LSTM"):
        assert min(least[f"{kind}, {form}; 30"] for form in ("short", "every")) > 0.95
    assert least["LSTM, 5; 30"] > 0.95
    # The plain network's share depends on the seed.
    plain = [run["right"] for T in (10, 30) for name in ("RNN", "RNN, other seeds")
             for run in memory[f"{name}; {T}"]]
    assert len(plain) == 16 and sum(v > 0.9 for v in plain) == 9


test_boxes = judged([
    ("pr-gates-mix", "0.58", "right"), ("pr-gates-mix", "29/50", "right"),
    ("pr-gates-mix", "0.82", "slip"), ("pr-gates-count", "144", "right"),
    ("pr-gates-count", "4*(12+16+8)", "right"), ("pr-gates-count", "128", "slip"),
    ("pr-gates-memory", "c", "right"), ("pr-gates-memory", "a", "slip"),
    ("ex-gates-hand-gru", "0.312", "right"), ("ex-gates-hand-gru", "0.16+0.2*tanh(1)", "right"),
    ("ex-gates-hand-gru", "0.3323", "slip"), ("ex-gates-hand-gru", "0.341", "Where is the reset"),
    ("ex-gates-hand-gru", "0.649", "z weigh"), ("ex-gates-hand-cell", "5/4", "right"),
    ("ex-gates-hand-cell", "1.23", "slip"), ("ex-gates-hand-state", "0.424", "right"),
    ("ex-gates-hand-state", "tanh(5/4)/2", "right"), ("ex-gates-hand-state", "0.625", "slip"),
    ("ex-gates-hand-path", "64/125", "right"), ("ex-gates-hand-path", "0.64", "slip"),
    ("ex-gates-keep-at", "0", "right"), ("ex-gates-keep-at", "1", "slip"),
    ("ex-gates-keep-left", "0.905", "right"), ("ex-gates-keep-left", "90.5%", "right"),
    ("ex-gates-keep-left", "0.9", "slip"), ("ex-gates-half", "b", "right"),
    ("ex-gates-cost-work", "80,000", "right"), ("ex-gates-cost-work", "60000", "slip"),
    ("ex-gates-cost-state", "2*100", "right"), ("ex-gates-size-count", "49,920", "right"),
    ("ex-gates-size-count", "49536", "slip"), ("ex-gates-size-limit", "a", "slip"),
    ("ex-gates-tanh-cell", "6", "right"), ("ex-gates-tanh-cell", "0.6", "slip"),
    ("ex-gates-tanh-bound", "10", "right"), ("ex-gates-words", "400^(1/5.2)", "right"),
    ("ex-gates-words", "3.16", "right"), ("ex-gates-words", "76.9", "slip"),
    ("ex-gates-series-floor", "0.01", "right"), ("ex-gates-series-floor", "0.1^2", "right"),
    ("ex-gates-series-floor", "0.1", "slip"), ("ex-gates-series-loss", "b", "right"),
])  # fmt: skip
