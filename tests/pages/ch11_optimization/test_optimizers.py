"""Independent checks of the page on optimisers; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch

from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch11_optimization/optimizers"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math, np=np, sp=sp)


RULES = [
    ("sgd", torch.optim.SGD, {}, {}),
    ("momentum", torch.optim.SGD, {"beta": 0.8}, {"momentum": 0.8}),
    ("momentum", torch.optim.SGD, {"beta": 0.8, "dampening": 0.3},
     {"momentum": 0.8, "dampening": 0.3}),
    ("momentum", torch.optim.SGD, {"nesterov": True}, {"momentum": 0.9, "nesterov": True}),
    ("adagrad", torch.optim.Adagrad, {}, {}),
    ("rmsprop", torch.optim.RMSprop, {"alpha": 0.95}, {"alpha": 0.95}),
    ("adadelta", torch.optim.Adadelta, {"rho": 0.8}, {"rho": 0.8}),
    ("adam", torch.optim.Adam, {"betas": (0.8, 0.95)}, {"betas": (0.8, 0.95)}),
    ("adamw", torch.optim.AdamW, {"weight_decay": 0.2}, {"weight_decay": 0.2}),
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("name", "kind", "ours", "theirs"), RULES)
def test_rules_on_gradients_from_nowhere(page, name, kind, ours, theirs, seed):
    """A hundred gradients of all sizes, some of them 0, through both."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(3, 2, generator=rng, dtype=torch.float64)
    p = x.clone().requires_grad_()
    optimizer, state = kind([p], lr=0.02, **theirs), {}
    for step in range(100):
        g = 10 ** (2 * torch.randn(3, 2, generator=rng, dtype=torch.float64))
        g = g * (torch.rand(3, 2, generator=rng) > 0.3) * (-1) ** step
        x = page[name](x, g, state, 0.02, **ours)
        p.grad = g.clone()
        optimizer.step()
        assert x == pytest.approx(p.detach(), rel=1e-6, abs=1e-6)


def test_factor_is_what_a_long_run_shows(page):
    """The iteration itself, 4,000 steps, against the formula of the larger root."""
    for beta in (0.0, 0.5, 0.9):
        for eta_lam in (0.001, 0.3, 1.7, 1.9 + 2 * beta, 2.2 + 2 * beta):
            m, e, sizes = 0.0, 1.0, []
            for _ in range(4000):
                m = beta * m + e
                e -= eta_lam * m
                size = math.hypot(m, e)
                sizes.append(math.log(size))
                m, e = m / size, e / size
            seen = math.exp(sum(sizes[2000:]) / 2000)
            assert seen == pytest.approx(page["factor"](eta_lam, beta), rel=2e-3)


def test_thousandfold_gain_as_run(page):
    """At condition number 100: 346 steps of descent, 56 of momentum, not the 35 of the factor."""
    lams = torch.tensor([0.01, 1.0])
    for beta, lr, want in ((0.0, 2 / 1.01, 346), ((9 / 11) ** 2, 4 / 1.1**2, 56)):
        x, state, sizes = torch.ones(2), {}, []
        for _ in range(600):
            sizes.append(x.norm().item())
            x = page["momentum"](x, lams * x, state, lr, beta)
        late = [t for t, size in enumerate(sizes) if size > sizes[0] / 1000]
        assert late[-1] + 1 == want


def test_thirty_random_bowls(page):
    """At the best pair no curvature between the ends is slower than the formula says."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        low, high = np.sort(np.exp(rng.normal(0, 2, 2)))
        root = (math.sqrt(high / low) - 1) / (math.sqrt(high / low) + 1)
        eta = 4 / (math.sqrt(low) + math.sqrt(high)) ** 2
        lams = np.linspace(low, high, 50)
        assert page["factor"](eta * lams, root**2).max() == pytest.approx(root, abs=1e-5)


def test_longest_step(page):
    """No sequence of a few hundred wild gradients goes beyond 7.27 rates; silence gives 3.16."""
    torch.set_default_dtype(torch.float64)
    try:
        assert page["longest_step"]([-2.0], silent=20_000) == pytest.approx(3.1623, abs=1e-3)
        rng = np.random.default_rng(1)
        for silent in (0, 100, 10_000):
            wild = np.exp(rng.normal(0, 8, 200)) * rng.choice([-1, 1], 200)
            assert page["longest_step"](wild, silent=silent) < 7.2703
    finally:
        torch.set_default_dtype(torch.float32)


def test_schedules_and_averages(page):
    assert [page["warm_up"](t, 1, 4, 0.2) for t in range(6)] == pytest.approx(
        [0.2, 0.4, 0.6, 0.8, 1, 1])  # fmt: skip
    assert [page["cosine"](t, 2, 4, 1) for t in (0, 2, 4)] == pytest.approx([2, 1.5, 1])
    mean = values = 0.0
    for n, v in enumerate((3.0, 5.0, 10.0)):
        mean, values = page["average"](mean, v, n), values + v
    assert mean == pytest.approx(values / 3)


def test_adafactor_and_lamb(page):
    V = torch.tensor([[1.0, 2], [3, 4]])
    assert page["factored"](V).flatten().tolist() == pytest.approx([1.2, 1.8, 2.8, 4.2])
    x = torch.tensor([3.0, 4])
    new = page["lamb"](x, torch.tensor([1e3, -1e-3]), {}, 0.1, weight_decay=0.0)
    assert (new - x).tolist() == pytest.approx([-0.5 / 2**0.5, 0.5 / 2**0.5], rel=2e-3)
    new = page["lamb"](x, torch.tensor([1e3, -1e-3]), {}, 0.1, weight_decay=0.5)
    r = torch.tensor([2.5, 1.0])  # 1 and -1 from Adam, and half of x
    assert (new - x).tolist() == pytest.approx((-0.5 * r / r.norm()).tolist(), rel=2e-3)


def test_experiment_splits_and_trains():
    """1,000, 297 and 500 pictures, none twice; a run learns, and one at a wild rate is capped."""
    maker = pages.maker(PAGE)
    parts = maker.data()
    assert [len(y) for _, y in parts] == [1000, 297, 500]
    rows = torch.cat([X for X, _ in parts]).flatten().sort().values  # of all pictures, once
    assert torch.equal(rows, pages.digits()[0].flatten().sort().values)
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        assert maker.run(("Adam", 0.01, 3, 1, 100))["right"] > 0.8
        assert maker.run(("momentum", 30, 3, 1, 40))["train"] == maker.WORST
        same = [maker.run(("Adam", 0.01, 3, c, 60))["train"] for c in (1, 1000)]
        assert same[0] == pytest.approx(same[1], rel=0.02)
    finally:
        torch.set_default_dtype(dtype)


test_boxes = judged([
    ("pr-opt-silence", "0.00316", "right"), ("pr-opt-silence", "0.001*sqrt(10)", "right"),
    ("pr-opt-silence", "3.16e-3", "right"), ("pr-opt-silence", "0.001", "slip"),
    ("pr-opt-silence", "0.005", "slip"), ("pr-opt-silence", "0.0005", "slip"),
    ("ex-opt-eigen-kappa", "512", "right"), ("ex-opt-eigen-kappa", "2^9", "right"),
    ("ex-opt-eigen-kappa", "1024", "slip"),
    ("ex-opt-eigen-beta", "0.838", "right"), ("ex-opt-eigen-beta", "0.84", "right"),
    ("ex-opt-eigen-beta", "0.915", "slip"), ("ex-opt-eigen-beta", "0.996", "slip"),
    ("ex-opt-bottom-x", "1, -1", "right"), ("ex-opt-bottom-x", "(1, -1)", "right"),
    ("ex-opt-bottom-x", "-1, 1", "slip"), ("ex-opt-bottom-value", "2.5", "right"),
    ("ex-opt-bottom-value", "5/2", "right"), ("ex-opt-bottom-value", "1", "slip"),
    ("ex-opt-diagonal-saddle", "0, 0.2", "right"), ("ex-opt-diagonal-saddle", "0, 0", "slip"),
    ("ex-opt-diagonal-turned", "0.98", "right"), ("ex-opt-diagonal-turned", "99/101", "right"),
    ("ex-opt-diagonal-turned", "98%", "right"), ("ex-opt-diagonal-turned", "0.99", "slip"),
    ("ex-opt-turn-factor", "0.5", "right"), ("ex-opt-turn-factor", "2", "slip"),
    ("ex-opt-turn-factor", "1/sqrt(2)", "slip"),
    ("ex-opt-memory-one", "5e6", "right"), ("ex-opt-memory-one", "5,000,000", "right"),
    ("ex-opt-memory-one", "0.01", "slip"), ("ex-opt-memory-one", "500", "slip"),
    ("ex-opt-memory-delta", "0.00316", "right"), ("ex-opt-memory-delta", "0.001", "slip"),
    ("ex-opt-memory-delta", "1", "slip"),
    ("ex-opt-hat", "(1-b)/(1-b^t)", "right"), ("ex-opt-hat", "(b-1)/(b**t-1)", "right"),
    ("ex-opt-hat", "1-b", "slip"), ("ex-opt-hat", "1/t", "slip"),
    ("ex-opt-floor-second", "4", "right"), ("ex-opt-floor-second", "16", "slip"),
    ("ex-opt-floor-variance", "e/(2-e)", "right"),
    ("ex-opt-floor-variance", "e^2/(2e-e^2)", "right"),
    ("ex-opt-floor-variance", "1/(2/e-1)", "right"), ("ex-opt-floor-variance", "e/2", "slip"),
    ("ex-opt-double-steps", "200", "right"), ("ex-opt-double-steps", "100", "slip"),
])  # fmt: skip
