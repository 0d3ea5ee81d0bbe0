"""Independent checks of the page on distillation and low rank."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook import experiment
from tests.kit.pages import definitions, judged, maker

PAGE = "ch12_performance/distillation_and_low_rank"


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, copy=copy)


@pytest.fixture(scope="module")
def study():
    return maker(PAGE)


@pytest.mark.parametrize(("T", "a"), [(1.0, 0.0), (2.0, 1.0), (5.0, 0.3)])
def test_loss_by_loops(page, T, a):
    """Exponentials, logarithms and sums written out; no two sizes are equal."""
    torch.manual_seed(3)
    z, v = 2 * torch.randn(2, 4, 7, dtype=torch.float64)
    y = torch.tensor([0, 6, 2, 2])
    total = 0.0
    for i in range(4):
        q, p, hard = ([math.exp(s / t) for s in row.tolist()]
                      for row, t in ((z[i], T), (v[i], T), (z[i], 1)))  # fmt: skip
        q, p, hard = ([x / sum(e) for x in e] for e in (q, p, hard))
        total += a * T**2 * sum(b * math.log(b / c) for b, c in zip(p, q, strict=True))
        total -= (1 - a) * math.log(hard[y[i]])
    assert page["distil_loss"](z, v, y, T, a).item() == pytest.approx(total / 4, rel=1e-10)


def test_gradient_grows_to_that_of_a_squared_error(page):
    torch.manual_seed(4)
    z = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    v, y = torch.randn(3, 5, dtype=torch.float64), torch.zeros(3, dtype=torch.long)
    hot, = torch.autograd.grad(page["distil_loss"](z, v, y, 1e5), z)  # fmt: skip
    zc, vc = (s - s.mean(1, keepdim=True) for s in (z, v))
    square, = torch.autograd.grad(((zc - vc) ** 2).sum(1).mean() / 10, z)  # fmt: skip
    assert torch.allclose(hot, square, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("shape", [(6, 9), (9, 6)])
@pytest.mark.parametrize("r", [1, 4, 6])
def test_factor_as_numpy_cuts(page, shape, r):
    rng = np.random.default_rng(1)
    W = rng.normal(size=shape)
    U, s, Vh = np.linalg.svd(W)
    B, A = page["factor"](torch.tensor(W), r)
    assert B.shape == (shape[0], r) and A.shape == (r, shape[1])
    np.testing.assert_allclose(B @ A, (U[:, :r] * s[:r]) @ Vh[:r], atol=1e-10)


@pytest.mark.parametrize("shape", [(6, 9), (9, 6)])
def test_inputs_by_a_root_of_their_covariance(page, shape):
    """The textbook way: truncate W L, then divide by L; and no fitted rival has a lower loss."""
    torch.manual_seed(5)
    n = shape[1]
    X = torch.randn(50, n, dtype=torch.float64) @ torch.randn(n, n, dtype=torch.float64) + 3
    W = torch.randn(shape, dtype=torch.float64)
    L = torch.linalg.cholesky(torch.cov(X.T))
    U, s, Vh = torch.linalg.svd(W @ L, full_matrices=False)
    want = (U[:, :2] * s[:2]) @ Vh[:2] @ torch.linalg.inv(L)
    B, A = page["factor"](W, 2, X)
    assert torch.allclose(B @ A, want)
    plain = torch.matmul(*page["factor"](W, 2))
    centred = X - X.mean(0)
    assert (centred @ (W - B @ A).T).norm() < (centred @ (W - plain).T).norm()


def test_thin_keeps_the_mean_output(page):
    torch.manual_seed(6)
    layer, X = nn.Linear(7, 5).double(), torch.randn(30, 7, dtype=torch.float64) + 2
    pair = page["thin"](layer, 2, X)
    assert torch.allclose(pair(X).mean(0), layer(X).mean(0))
    assert [tuple(p.shape) for p in pair.parameters()] == [(2, 7), (5, 2), (5,)]
    assert torch.allclose(page["thin"](layer, 5, X)(X), layer(X))  # full rank: nothing is lost


def test_lora_starts_trains_and_merges(page):
    torch.manual_seed(7)
    layer, X, y = nn.Linear(6, 4), torch.randn(20, 6), torch.randn(20, 4)
    before = copy.deepcopy(layer)
    lora = page["LoRA"](layer, 2, alpha=4)
    assert torch.equal(lora(X), before(X))
    free = [p for p in lora.parameters() if p.requires_grad]
    assert sum(p.numel() for p in free) == 2 * (6 + 4)
    adam = torch.optim.Adam(free, 0.05)
    losses = []
    for _ in range(60):
        loss = F.mse_loss(lora(X), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert torch.equal(layer.weight, before.weight) and torch.equal(layer.bias, before.bias)
    assert torch.allclose(lora.merged()(X), lora(X), atol=1e-5)
    change = lora.merged().weight - before.weight
    assert torch.allclose(change, 4 / 2 * lora.B @ lora.A, atol=1e-6)
    assert torch.linalg.svdvals(change)[2] < 1e-5 < torch.linalg.svdvals(change)[1]


def test_shares_dealt_out_anew(study):
    """The first class keeps its share; the others are the same numbers elsewhere."""
    torch.manual_seed(8)
    p = torch.randn(3, 40, 10).softmax(-1)
    dealt = study.shuffled(p)
    assert torch.equal(dealt.argmax(-1), p.argmax(-1))
    assert torch.equal(dealt.amax(-1), p.amax(-1))
    assert torch.equal(dealt.sort(-1).values, p.sort(-1).values)
    moved = (dealt != p).float().mean(-1)
    assert moved.mean() > 0.7  # 0.9 of nine stay elsewhere on the average
    assert not torch.equal(dealt[0, :, 1], dealt[1, :, 1])


def test_other_shares_made_equal(study):
    torch.manual_seed(9)
    p = torch.randn(3, 40, 10).softmax(-1)
    even = study.flat(p)
    assert torch.equal(even.argmax(-1), p.argmax(-1))
    assert torch.equal(even.amax(-1), p.amax(-1))
    assert torch.allclose(even.sum(-1), torch.ones(3, 40))
    rest = even.sort(-1).values[..., :9]
    assert torch.equal(rest[..., 0], rest[..., 8])


def test_mean_answer_of_the_digit(study):
    torch.manual_seed(10)
    p, y = torch.randn(3, 40, 10).softmax(-1), torch.randint(9, (3, 40))
    told = study.by_class(p, F.one_hot(y, 10).float())
    for k in range(3):
        for i in range(40):
            assert torch.allclose(told[k, i], p[k][y[k] == y[k, i]].mean(0), atol=1e-6)


@pytest.mark.parametrize(("k", "factor"), [(2, 4), (8, 1)])
def test_bent_pictures_need_that_rank(study, k, factor):
    X = study.data()[0]
    Z = study.bent(X, k, factor)
    assert torch.linalg.matrix_rank(Z - X, rtol=1e-4) == k
    s = torch.linalg.lstsq(X.double(), (Z - X).double(), driver="gelsd").solution
    values = torch.linalg.svdvals(s)
    assert values[:k].numpy() == pytest.approx([1 + factor] * k, rel=1e-3)


def test_splits_do_not_meet(study):
    _, _, parts = study.data()
    for split in zip(*parts, strict=True):
        assert sorted(torch.cat(split).tolist()) == list(range(1797))


def test_study_is_whole():
    told = experiment(PAGE)
    assert {len(s["right"]) for s in told["students"].values()} == {12}
    assert set(told["repairs"]) == {"turned", "eight", "two"}
    numbers = {way: r["numbers"] for way, r in told["repairs"]["two"].items()
               if isinstance(r, dict)}  # fmt: skip
    assert numbers["all"] == 64 * 48 + 48 + 48 * 10 + 10 == numbers["scratch"]
    assert [numbers[f"rank {r}"] for r in (1, 2, 4, 8)] == [170, 340, 680, 1360]


test_answers = judged(
    [
        ("pr-small-break", "54", "right"),
        ("pr-small-break", "55", "how many has the matrix"),
        ("ex-small-two-warm", "-0.6", "right"),
        ("ex-small-two-warm", "-3/5", "right"),
        ("ex-small-two-warm", "0.6", "Which sign"),
        ("ex-small-two-warm", "-0.3", "chain rule"),
        ("ex-small-two-warm", "-0.88235", "divided by T, too"),
        ("ex-small-two-hot", "-5/3, 1/3, 4/3", "right"),
        ("ex-small-two-hot", "(-1.6667, 0.33333, 1.33333)", "right"),
        ("ex-small-two-hot", "[-5, 1, 4]", "which factor"),
        ("ex-small-two-hot", "-2, 0, 1", "own mean"),
        ("ex-small-kl-classes", "2.1", "right"),
        ("ex-small-kl-classes", "0.0021*1000", "right"),
        ("ex-small-kl-classes", "0.0672", "default divide"),
        ("ex-small-kl-tokens", "0.6", "right"),
        ("ex-small-kl-tokens", "30/50", "right"),
        ("ex-small-kl-tokens", "3.75", "texts already"),
        ("ex-small-smooth", "b", "right"),
        ("ex-small-smooth", "a", "student's"),
        ("ex-small-smooth", "c", "Which share"),
        ("ex-small-smooth", "d", "more of the teacher"),
        ("pr-small-break", "54.86", "Can a rank be"),
        ("ex-small-break-wide", "614", "right"),
        ("ex-small-break-wide", "615", "Count"),
        ("ex-small-break-square", "499", "right"),
        ("ex-small-break-square", "500", "how many"),
        ("ex-small-aware-plain", "36", "right"),
        ("ex-small-aware-plain", "4", "error of the matrix"),
        ("ex-small-aware-plain", "18", "squared"),
        ("ex-small-aware-best", "9", "right"),
        ("ex-small-aware-best", "9.0", "right"),
        ("ex-small-aware-best", "36", "other one"),
        ("ex-small-steps-b", "-4", "right"),
        ("ex-small-steps-b", "-2", "by the output"),
        ("ex-small-steps-y", "1.8", "right"),
        ("ex-small-steps-y", "9/5", "right"),
        ("ex-small-steps-y", "1.4", "b itself"),
        ("ex-small-steps-a", "-0.48", "right"),
        ("ex-small-steps-a", "-12/25", "right"),
        ("ex-small-steps-a", "-0.8", "error has changed"),
        ("ex-small-sum-most", "12", "right"),
        ("ex-small-sum-most", "32", "not multiplied"),
        ("ex-small-sum-least", "488", "right"),
        ("ex-small-sum-least", "512", "most"),
        ("ex-small-sum-relu", "c", "right"),
        ("ex-small-sum-relu", "a", "opposite"),
        ("ex-small-turn-half", "32", "right"),
        ("ex-small-turn-half", "31", "middle"),
        ("ex-small-turn-quarter", "48", "right"),
        ("ex-small-turn-quarter", "16", "need no change"),
    ]
)
