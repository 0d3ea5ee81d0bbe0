"""Independent checks of the page that compares remedies; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
import torch
from scipy import integrate, special
from torch import nn

from tests.kit.pages import definitions

PAGE = "ch07_modern_convolutional_networks/remedies_for_vanishing_gradients"
torch.set_num_threads(1)  # small tensors
NORMS = {"none": nn.Identity, "layer": nn.LayerNorm, "batch": nn.BatchNorm1d}


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, ("z", "weight", "acts"), math=math, sp=sp)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("norm", NORMS)
def test_deep_by_finite_differences(page, residual, norm):
    """The gradient of one entry of each weight matrix, against central differences."""
    torch.manual_seed(3)
    net = page["Deep"](4, 5, torch.tanh, 1.0, residual, NORMS[norm]).double()
    X, R = torch.randn(2, 6, 5, dtype=torch.float64)

    def loss() -> float:
        with torch.no_grad():
            return (net(X)[-1] * R).sum().item()

    grads = torch.autograd.grad((net(X)[-1] * R).sum(), [linear.weight for linear in net.linears])
    for linear, grad in zip(net.linears, grads):
        with torch.no_grad():
            linear.weight[1, 2] += 1e-5
            up = loss()
            linear.weight[1, 2] -= 2e-5
            down = loss()
            linear.weight[1, 2] += 1e-5
        assert (up - down) / 2e-5 == pytest.approx(grad[1, 2].item(), rel=1e-4, abs=1e-8)


def test_deep_starts_as_asked(page):
    torch.manual_seed(0)
    net = page["Deep"](3, 300, torch.relu, gain=3.0)
    assert all(linear.bias.abs().max() == 0 for linear in net.linears)
    assert net.linears[1].weight.var().item() == pytest.approx(9 / 300, rel=0.02)
    net = page["Deep"](3, 300, torch.relu)
    assert 0.99 < net.linears[2].weight.abs().max().item() * 300**0.5 <= 1


def gauss(f, q=1.0):
    def integrand(u):
        return f(math.sqrt(q) * u) * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)

    return integrate.quad(integrand, -12, 0)[0] + integrate.quad(integrand, 0, 12)[0]


def test_moments(page):
    s = special.expit
    for q in (0.1, 1.0, 6.0):
        cases = {
            "sigmoid": (s, lambda a: s(a) * (1 - s(a))),
            "tanh": (math.tanh, lambda a: 1 - math.tanh(a) ** 2),
            "ReLU": (lambda a: max(a, 0), lambda a: float(a > 0)),
        }
        for name, (phi, slope) in cases.items():
            want = [
                gauss(phi, q),
                gauss(lambda a, f=phi: f(a) ** 2, q),
                gauss(lambda a, f=slope: f(a) ** 2, q),
            ]
            assert page["moments"](name, q) == pytest.approx(want, abs=1e-3)


def test_wide_factors(page):
    """Values that can be computed on paper."""
    wide = page["wide_factors"]
    assert wide("linear", 1 / 3, 0, 5) == pytest.approx([math.sqrt(1 / 3)] * 5)
    assert wide("ReLU", 2, 0, 9)[-1] == pytest.approx(1, abs=1e-3)
    assert wide("ReLU", 2, 0, 9, residual=True)[-1] == pytest.approx(math.sqrt(2), abs=1e-3)
    want = math.sqrt(math.pi / (math.pi - 1))
    assert wide("ReLU", 7, 0, 9, norm="batch")[-1] == pytest.approx(want, abs=1e-3)
    assert wide("ReLU", 7, 0, 9, norm="layer")[-1] == pytest.approx(1, abs=1e-3)
    s = special.expit
    ratio = gauss(lambda a: (s(a) * (1 - s(a))) ** 2) / gauss(lambda a: s(a) ** 2)
    assert wide("sigmoid", 5, 0, 9, norm="layer")[-1] == pytest.approx(math.sqrt(ratio), abs=1e-4)
    assert min(wide("tanh", 0.01, 0, 9, residual=True)) >= 1


@pytest.mark.parametrize(("options", "low", "high"), [
    (("sigmoid", None, False, "none"), 0.13, 0.145), (("sigmoid", 1, False, "none"), 0.22, 0.25),
    (("sigmoid", None, False, "layer"), 0.35, 0.42), (("sigmoid", None, False, "batch"), 1.0, 1.09),
    (("sigmoid", None, True, "none"), 0.98, 1.03), (("ReLU", None, False, "none"), 0.38, 0.43),
    (("ReLU", 2**0.5, False, "none"), 0.95, 1.04), (("ReLU", 1, False, "batch"), 1.17, 1.29),
    (("ReLU", 2**0.5, True, "none"), 1.35, 1.75), (("tanh", None, True, "layer"), 1.0, 1.1),
])
def test_remedies_at_other_seeds(page, options, low, high):
    activation, gain, residual, norm = options
    found = [
        page["factor"](activation, seed, gain=gain, residual=residual, norm=NORMS[norm])
        for seed in range(900, 908)
    ]
    assert low < np.median(found) < high


def test_factor_by_jacobians(page):
    """From the top to the first layer's outputs, by the product of the 19 Jacobians between."""
    torch.manual_seed(4)
    net = page["Deep"](20, 64, page["acts"]["linear"])
    _, R = torch.randn(2, 32, 64)
    product = R
    for linear in reversed(net.linears[1:]):
        product = product @ linear.weight
    want = (product.norm() / R.norm()).item() ** (1 / 19)
    assert page["factor"]("linear", 4) == pytest.approx(want, rel=1e-4)


def test_coin_changes_the_way_down_only(page):
    a = torch.randn(500, 40, requires_grad=True)
    h = page["CoinSlope"].apply(a)
    assert torch.equal(h, torch.relu(a))
    passed = torch.autograd.grad(h.sum(), a)[0]
    assert set(passed.unique().tolist()) == {0.0, 1.0}
    assert passed.mean().item() == pytest.approx(0.5, abs=0.02)
    agree = (passed.bool() == (a > 0)).float().mean().item()
    assert agree == pytest.approx(0.5, abs=0.02), "independent of the true slopes"


def test_identity_is_no_skip(page):
    """The fake has the plain gradients to the last bit, the real one does not."""
    plain = page["input_gradient"](lambda f: f)
    fake = page["input_gradient"](lambda f: nn.Sequential(f, nn.Identity()))
    real = page["input_gradient"](page["Residual"])
    assert torch.equal(fake, plain)
    assert real.norm() > 1e10 * plain.norm()
    x, f = torch.randn(3, 10), nn.Linear(10, 10)
    assert torch.equal(page["Residual"](f)(x), x + f(x))
