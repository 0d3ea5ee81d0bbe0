"""Independent checks of the page on batch normalisation; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch07_modern_convolutional_networks/batch_normalization"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    found = definitions(PAGE, math=math, np=np)
    found["BatchNormalization"].train_on = found["train_on"]  # the statement between the cells
    return found


@pytest.mark.parametrize("shape", [(2, 1), (9, 4), (3, 2, 5, 4), (1, 6, 1, 2)])
def test_layer_by_definition(page, shape):
    """Loops over units, with sums; and the running statistics by their closed form."""
    torch.manual_seed(2)
    layer = page["BatchNormalization"](shape[1], rho=0.3).double()
    with torch.no_grad():
        layer.gamma.copy_(torch.rand(shape[1]) + 0.5)
        layer.beta.copy_(torch.randn(shape[1]))
    batches = [4 * torch.randn(shape, dtype=torch.float64) - 1 for _ in range(4)]
    outputs = [layer(X) for X in batches]
    for unit in range(shape[1]):
        columns = [X.movedim(1, 0)[unit].flatten().tolist() for X in batches]
        mean, var = 0.0, 1.0
        for values, Y in zip(columns, outputs, strict=True):
            n = len(values)
            mu = sum(values) / n
            square = sum((v - mu) ** 2 for v in values)
            mean, var = 0.7 * mean + 0.3 * mu, 0.7 * var + 0.3 * square / (n - 1)
            want = [
                layer.gamma[unit].item() * (v - mu) / math.sqrt(square / n + 1e-5)
                + layer.beta[unit].item()
                for v in values
            ]
            assert Y.movedim(1, 0)[unit].flatten().tolist() == pytest.approx(want)
        assert layer.mean[unit].item() == pytest.approx(mean)
        assert layer.var[unit].item() == pytest.approx(var)


def test_backward_by_finite_differences(page):
    rng = np.random.default_rng(0)
    X, g = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))

    def forward(X):
        return (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5)

    s = np.sqrt(X.var(0) + 1e-5)
    ours = page["backward"](*map(torch.tensor, (g, forward(X), s))).numpy()
    for i, j in ((0, 0), (3, 1), (5, 2)):
        shift = np.zeros_like(X)
        shift[i, j] = 1e-5
        slope = ((forward(X + shift) - forward(X - shift)) * g).sum() / 2e-5
        assert slope == pytest.approx(ours[i, j], rel=1e-6)


def test_gradient_is_a_projection(page):
    """Nothing along the ones and the normalised values, and nothing at all for two."""
    torch.manual_seed(0)
    for n in (2, 3, 8):
        x = torch.randn(n, 1, dtype=torch.float64)
        s = x.std(0, correction=0)
        hat = (x - x.mean()) / s
        grad = page["backward"](torch.randn(n, 1, dtype=torch.float64), hat, s)
        assert abs(grad.sum()) < 1e-9 and abs((grad * hat).sum()) < 1e-9
        assert (grad.abs().max() < 1e-9) == (n == 2)


def test_one_example_is_refused_as_torch_refuses_it(page):
    for layer in (page["BatchNormalization"](3), nn.BatchNorm1d(3)):
        with pytest.raises(ValueError):
            layer(torch.randn(1, 3))
        assert layer.eval()(torch.randn(1, 3)).shape == (1, 3)


def test_lenet_with_and_without(page):
    """452 parameters more, and gradients through every part of it."""
    sizes = [
        sum(p.numel() for p in page["lenet"](norm).parameters()) for norm in (False, True)
    ]
    assert sizes[1] - sizes[0] == 452
    net = page["lenet"]()
    assert len({id(m) for m in net.modules() if isinstance(m, page["BatchNormalization"])}) == 4
    F.cross_entropy(net(torch.rand(8, 3, 12, 12)), torch.arange(8) % 6).backward()
    assert all(p.grad is not None for p in net.parameters())


def test_experiment_has_the_page_s_network(page):
    """Same parameters, and the same loss after one epoch where all randomness is alike."""
    maker = pages.maker(PAGE)
    X, y = maker.pictures()
    page["train"].__globals__.update(X=X, y=y)
    torch.manual_seed(0)
    ours = page["train"](page["lenet"](), lr=0.3, num_epochs=1)
    theirs = maker.run(("batch", "sigmoid", 0.3, 1, {}, False, 0))["loss"]
    assert ours == [pytest.approx(theirs, abs=2e-3)]


def test_weights_that_may_grow_bear_a_large_rate():
    """One unit, eps = 0: a step at right angles makes it longer, and the next turn smaller."""
    rng = np.random.default_rng(1)
    X, t, w = rng.normal(size=(50, 4)), rng.normal(size=50), rng.normal(size=4)

    def gradient(w):
        v = torch.tensor(w, requires_grad=True)
        x = torch.tensor(X) @ v
        y = (x - x.mean()) / x.std(correction=0)
        return torch.autograd.grad((y * torch.tensor(t)).mean(), v)[0].numpy()

    g, length = gradient(w), np.linalg.norm
    longer = w - 100 * g
    assert length(longer) ** 2 == pytest.approx(length(w) ** 2 + 1e4 * length(g) ** 2)
    back = longer * length(w) / length(longer)  # the same direction, at the old length
    turns = [length(gradient(v)) / length(v) for v in (longer, back)]
    assert turns[0] == pytest.approx(turns[1] * (length(w) / length(longer)) ** 2)


def test_dropout_in_front():
    """The running variance learns 2, use brings 1."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(1))
    for _ in range(300):
        net(torch.randn(1000, 1))
    net.eval()
    assert net(torch.randn(100_000, 1)).var().item() == pytest.approx(0.5, abs=0.03)


test_boxes = judged([
    ("pr-bn-train", "0", "right"), ("pr-bn-two", "1", "right"), ("pr-bn-two", "0.707", "slip"),
    ("ex-bn-hand-eval", "2.914", "right"), ("ex-bn-hand-eval", "3.8/sqrt(1.7)", "right"),
    ("ex-bn-hand-eval", "3.33", "slip"), ("ex-bn-hand-eval", "1", "slip"),
    ("ex-bn-hand-grad", "0.0954, -0.0191, -0.1336, 0.0573", "right"),
    ("ex-bn-hand-grad", "0.095, -0.019, -0.134, 0.057", "right"),
    ("ex-bn-hand-grad", "0, 0, 0, 0.5345", "slip"),
    ("ex-bn-rates-factor", "0.25", "right"), ("ex-bn-rates-factor", "1/2", "slip"),
    ("ex-bn-where-variance", "3.21", "right"), ("ex-bn-where-variance", "1.714", "slip"),
    ("ex-bn-dropout-variance", "50%", "right"), ("ex-bn-dropout-variance", "1", "slip"),
    ("ex-bn-affine-identity", "1.87, 3", "right"), ("ex-bn-docs-default", "0.7", "wrong"),
    ("ex-bn-docs-default", "0.793", "right"), ("ex-bn-docs-default", "0.831", "slip"),
    ("ex-bn-docs-default", "0.79", "right"), ("ex-bn-docs-default", "1.377", "slip"),
    ("ex-bn-docs-default", "2.98", "slip"), ("ex-bn-hand-eval", "2.235", "slip"),
    ("ex-bn-bias-all", "260", "biases"), ("ex-bn-affine-identity", "0.5345, 3", "multiplies"),
    ("ex-bn-docs-none", "0.793", "momentum 0.1"), ("ex-bn-hand-eval", "3.333", "d2l"),
])  # fmt: skip
