"""Independent checks of what the page on vanishing gradients teaches; none of its own asserts is used."""

# ruff: noqa: E501
from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import sympy as sp
import torch
from scipy import integrate, special
from sklearn.datasets import load_digits
from torch import nn

from tests.kit import pages
from tests.kit.pages import definitions

PAGE = "ch04_multilayer_perceptrons/vanishing_gradients"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ("z", "weight"), math=math, sp=sp, psi=special.psi)


@pytest.mark.parametrize(("kind", "low", "high"), [
    (nn.Sigmoid, 0.137, 0.145), (nn.Tanh, 0.555, 0.578), (nn.ReLU, 0.39, 0.415), (nn.Identity, 0.57, 0.582),
])
def test_factor_per_layer_at_other_seeds(page, kind, low, high):
    found = []
    for seed in range(5000, 5020):
        torch.manual_seed(seed)
        grads = page["output_grads"](page["chain"](20, kind), torch.randn(32, 64))
        found.append((grads[0] / grads[-1]) ** (1 / 19))
    assert low < np.median(found) < high
    assert np.std(np.log(found)) < 0.05, "the spread over seeds is small: it is a law"


@pytest.mark.parametrize(("kind", "low", "high"), [
    (nn.Sigmoid, 0.125, 0.144), (nn.Tanh, 0.49, 0.577), (nn.ReLU, 0.33, 0.408), (nn.Identity, 0.52, 0.577),
])
def test_ten_units(page, kind, low, high):
    """The interviewers' version; every median below its prediction, for outputs and for weights."""
    by_outputs, by_weights = page["ten_units"](kind, num_nets=60)
    assert low < np.median(by_outputs) < high and len(by_outputs) >= 55
    assert abs(np.median(by_weights) / np.median(by_outputs) - 1) < 0.2


def test_biases_decide_what_he_gives_ten_units(page):
    """By the weights' gradients: 1.06 with zero biases, 0.94 with PyTorch's."""
    zero, default = (
        np.median(page["ten_units"](nn.ReLU, he=True, zero_biases=zero, num_nets=200)[1])
        for zero in (True, False)
    )
    assert default == pytest.approx(0.943, abs=0.02) and zero == pytest.approx(1.059, abs=0.02)


def test_gradients_by_hand(page):
    """Backpropagation in NumPy, without autograd, for the page's chain."""
    torch.manual_seed(77)
    net, X = page["chain"](6, nn.Sigmoid, 10), torch.randn(3, 10)
    torch.manual_seed(78)
    got = page["output_grads"](net, X)
    torch.manual_seed(78)
    delta = torch.randn(3, 10).double().numpy()
    delta /= np.linalg.norm(delta)
    W = [layer.weight.detach().double().numpy() for layer in net[::2]]
    b = [layer.bias.detach().double().numpy() for layer in net[::2]]
    hs = [X.double().numpy()]
    for w, bias in zip(W, b):
        hs.append(1 / (1 + np.exp(-(hs[-1] @ w.T + bias))))
    want = [1.0]
    for k in (5, 4, 3, 2, 1):
        delta = (hs[k + 1] * (1 - hs[k + 1]) * delta) @ W[k]
        want.append(np.linalg.norm(delta))
    assert got == pytest.approx(want[::-1], rel=1e-4)


def gauss(f, q=1.0):
    def integrand(u):
        return f(math.sqrt(q) * u) * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)

    return integrate.quad(integrand, -12, 0)[0] + integrate.quad(integrand, 0, 12)[0]


def test_wide_factors(page):
    """On paper where that is possible, else by adaptive quadrature, layer by layer."""
    wide = page["wide_factors"]
    assert wide(nn.Identity(), 1 / 3, 0, 5) == pytest.approx([math.sqrt(1 / 3)] * 5)
    assert wide(torch.relu, 2, 0, 9)[-1] == pytest.approx(1, abs=1e-3)
    square, s = 1.0, special.expit
    for got in wide(torch.sigmoid, 9.0, 0.5, 4):
        q = 9 * square + 0.5
        slope2 = gauss(lambda a: (s(a) * (1 - s(a))) ** 2, q)
        assert got == pytest.approx(math.sqrt(9 * slope2), abs=1e-4)
        square = gauss(lambda a: s(a) ** 2, q)


def test_simulation_of_he(page):
    """Fifty layers: kept by He's variance, halved at each layer by half of it."""
    for s2, want in ((2 / 96, 0.0), (1 / 96, 50 * math.log10(0.5))):
        square, grad = np.median([page["fifty"](s2, seed, 96) for seed in range(700, 710)], axis=0)
        assert abs(square - want) < 1.5 and abs(grad - want / 2) < 1


def test_typical(page):
    for n in (1, 3, 30):  # E ln chi^2, by quadrature
        want = integrate.quad(lambda u, n=n: math.log(u / n) * u ** (n / 2 - 1) * math.exp(-u / 2)
                              / (2 ** (n / 2) * math.gamma(n / 2)), 0, 400, limit=400)[0]
        assert page["typical"](n) == pytest.approx(math.exp(want / 2), rel=1e-4)


def test_equal_units_part_only_if_something_differs(page):
    """Equal in and out stay equal, to the last bit; other weights behind, or dropout, part them."""
    torch.manual_seed(9)
    page["X4"], W1, W2 = torch.randn(64, 4), torch.randn(4, 2), torch.randn(2, 1)
    page["y4"] = torch.sin(page["X4"][:, :1] + page["X4"][:, 2:3])
    same1, same2 = W1[:, :1].expand(4, 2), W2[:1].expand(2, 1)
    assert page["distance"](same1, same2) == 0
    assert page["distance"](same1, W2) > 0.01
    assert page["distance"](W1, same2) > 0.01
    assert page["distance"](same1, same2, dropout=0.5) > 1e-3


@pytest.fixture(scope="module")
def maker():
    return pages.maker(PAGE)


def test_experiment_trains_the_networks_of_the_page(page, maker):
    """One step's loss and gradient of the side-by-side networks, against the page's own chain."""
    who = maker.Contestant("sigmoid")
    W, b, V, c = maker.start(who, 3)
    assert W.abs().max() <= 1 / 8 and W.var().item() == pytest.approx(1 / 192, rel=0.02)
    net = nn.Sequential(page["chain"](20, nn.Sigmoid), nn.Linear(64, 10))
    with torch.no_grad():
        for k, layer in enumerate(net[0][::2]):
            layer.weight.copy_(W[k])
            layer.bias.copy_(b[k])
        net[1].weight.copy_(V)
        net[1].bias.copy_(c)
    X = torch.randn(1, 32, 64)
    top = maker.top(who, X, list(W[:, None]), list(b[:, None, None]))
    assert torch.allclose(torch.baddbmm(c[None, None], top, V.T[None])[0], net(X[0]), atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_backward_is_changed_and_forward_is_not(maker, factor):
    """The intervention multiplies the gradient by its factor at each layer, and nothing else."""
    plain, changed = maker.Contestant("relu", 1.4), maker.Contestant("relu", 1.4, backward=factor)
    W, b, _, _ = maker.start(plain, 1)
    X = torch.randn(1, 8, 64, requires_grad=True)
    tops = [maker.top(who, X, list(W[:, None]), list(b[:, None, None])) for who in (plain, changed)]
    assert torch.equal(*tops)
    ours, theirs = (torch.autograd.grad(top.sum(), X)[0] for top in tops)
    assert (theirs / factor**20 - ours).norm() < 1e-4 * ours.norm()


def test_forward_is_changed_and_backward_is_not(maker):
    """A layer whose signal is mended: three times as far from 1/2, and the gradient it had."""
    plain, changed = maker.Contestant("sigmoid"), maker.Contestant("sigmoid", forward=3.0)
    W, b, _, _ = maker.start(plain, 1)
    X = torch.randn(1, 8, 64, requires_grad=True)
    one = list(W[:1, None]), list(b[:1, None, None])
    tops = [maker.top(who, X, *one) for who in (plain, changed)]
    assert torch.allclose(tops[1] - 0.5, 3 * (tops[0] - 0.5), atol=1e-6)
    ours, theirs = (torch.autograd.grad(top.sum(), X)[0] for top in tops)
    assert torch.allclose(ours, theirs, atol=1e-7)
    changed = maker.CONTESTANTS["sigmoid, forward mended"]  # its gradient vanishes all the same
    tops = [maker.top(who, X, list(W[:, None]), list(b[:, None, None])) for who in (plain, changed)]
    spread = [top.std(1).mean().item() for top in tops]
    assert spread[0] < 1e-5 and spread[1] > 0.1
    ours, theirs = (torch.autograd.grad(top.sum(), X)[0].norm().item() for top in tops)
    assert 0.144**24 < theirs < 3 * ours < 0.144**16


@pytest.mark.slow
def test_experiment_gives_what_is_kept(maker):
    """The first marks of five contestants, trained again."""
    from dlworkbook import experiment

    kept = experiment(PAGE)
    for name in ("sigmoid", "ReLU, He", "ReLU, He, backward spoiled, eps 1e-30",
                 "sigmoid, forward mended", "ReLU, LayerNorm, rate 0.0003"):
        who = dataclasses.replace(maker.CONTESTANTS[name], steps=100)
        again = maker.train(who)
        assert np.allclose(again["losses"][:6], kept[name]["losses"][:6], atol=0.05), name


@pytest.mark.slow
def test_training_at_other_seeds(page):
    """The page's own loop: in 300 steps He's ReLU learns and the plain sigmoid does not."""
    digits = load_digits()
    page["X_all"] = torch.tensor(digits.data / 8 - 1, dtype=torch.float32)
    page["y_all"] = torch.tensor(digits.target)
    for seed in (31, 32, 33):
        torch.manual_seed(seed)
        he = page["chain"](20, nn.ReLU)
        for layer in he[::2]:
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
        losses = page["train"](nn.Sequential(he, nn.Linear(64, 10)), 300)
        assert np.mean(losses[-30:]) < 1
        losses = page["train"](nn.Sequential(page["chain"](20, nn.Sigmoid), nn.Linear(64, 10)), 300)
        assert np.mean(losses[-30:]) > 2.25
