"""Independent checks of the page on dropout; none of its own asserts is used."""

from __future__ import annotations

import itertools
import math
import random

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.kit import pages
from tests.kit.pages import definitions, judged

PAGE = "ch04_multilayer_perceptrons/dropout"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    images, labels = pages.digits()
    return definitions(PAGE, math=math, images=images.flatten(1), labels=labels)


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5, 0.9])
def test_mean_and_variance_by_enumeration(page, p):
    """The formulas, from all masks of a small layer, beside draws of the page's function."""
    x, w = [2.0, -1.0, 0.5, 3.0], [1.0, 2.0, -4.0, 0.25]
    mean = second = 0.0
    for mask in itertools.product((0, 1), repeat=4):
        chance = math.prod(1 - p if m else p for m in mask)
        z = sum(a * b * m / (1 - p) for a, b, m in zip(w, x, mask, strict=True))
        mean, second = mean + chance * z, second + chance * z * z
    plain = sum(a * b for a, b in zip(w, x, strict=True))
    spread = p / (1 - p) * sum((a * b) ** 2 for a, b in zip(w, x, strict=True))
    assert mean == pytest.approx(plain) and second - mean**2 == pytest.approx(spread)
    torch.manual_seed(1)
    Z = page["dropout"](torch.tensor(x).expand(100_000, 4), p) @ torch.tensor(w)
    assert Z.mean().item() == pytest.approx(plain, abs=5 * math.sqrt(spread / 1e5) + 1e-5)
    assert Z.var().item() == pytest.approx(spread, rel=0.05, abs=1e-6)


def test_function_on_given_coins(page, monkeypatch):
    """Entry by entry from the uniform numbers, in values and gradients."""
    rng = random.Random(0)
    u = torch.tensor([[rng.random() for _ in range(5)] for _ in range(3)], dtype=torch.float64)
    monkeypatch.setattr(torch, "rand_like", lambda X: u.to(X.dtype))
    X = torch.randn(3, 5, dtype=torch.float64, requires_grad=True)
    Y = page["dropout"](X, 0.4)
    grad, = torch.autograd.grad(Y.sum(), X)
    for i, j in itertools.product(range(3), range(5)):
        stays = u[i, j].item() >= 0.4
        assert Y[i, j].item() == pytest.approx(X[i, j].item() / 0.6 if stays else 0)
        assert grad[i, j].item() == pytest.approx(1 / 0.6 if stays else 0)


def test_layer_has_two_modes(page):
    layer, X = page["Dropout"](0.5), torch.ones(400)
    assert set(layer(X).tolist()) == {0.0, 2.0} and not torch.equal(layer(X), layer(X))
    assert torch.equal(layer.eval()(X), X) and torch.equal(page["dropout"](X, 1), 0 * X)
    net = page["mlp"](0.5)
    assert torch.equal(net.eval()(torch.ones(2, 64)), net(torch.ones(2, 64)))


def test_shift_of_variance(page):
    """The variance in use against its formula, for three rates and inputs with the mean 0.4."""
    torch.manual_seed(0)
    for p in (0.2, 0.5, 0.8):
        var, square = 0.5 - 1 / (2 * math.pi), 0.5
        want = var / (var + p / (1 - p) * square)
        found = page["used"]([nn.Dropout(p), nn.BatchNorm1d(16)])
        assert found == pytest.approx(want, abs=0.04)
        # the page's own layer is no nn.Dropout, but the same
        assert page["used"]([page["Dropout"](p), nn.BatchNorm1d(16)]) == pytest.approx(
            found, abs=0.04)
    assert page["used"]([nn.Dropout(0.5), nn.BatchNorm1d(16)], mend=True) == pytest.approx(
        1, abs=0.05)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.7])
def test_alpha_dropout(page, p):
    """The two values a constant can become, and the moments, are the library's."""
    one = torch.ones(2000, dtype=torch.float64)
    ours = page["alpha_dropout"](one, p).unique()
    theirs = F.alpha_dropout(one, p, training=True).unique()
    assert torch.allclose(ours, theirs, atol=1e-6)
    x = torch.randn(200_000)
    y = page["alpha_dropout"](x, p)
    assert y.mean().item() == pytest.approx(0, abs=0.02)
    assert y.var().item() == pytest.approx(1, abs=0.03)


def test_neighbours_give_away_what_is_like_them(page):
    """A smooth map is guessed, noise is not; the place itself is not used."""
    torch.manual_seed(0)
    noise = torch.randn(60, 60)
    smooth = F.avg_pool2d(torch.randn(1, 80, 80), 9, 1, 0)[0]
    smooth = (smooth - smooth.mean()) / smooth.std()
    assert page["guessed"](smooth) > 0.5 > 0.05 > abs(page["guessed"](noise))
    assert page["guessed"](smooth, 0.0) > page["guessed"](smooth, 0.7)


def test_drop_path(page):
    torch.manual_seed(0)
    block, X = page["DropPath"](torch.cos, 0.5), torch.rand(64, 3, 2)
    whole = ((block(X) - X) / torch.cos(X)).flatten(1)
    assert set(whole.mean(1).round().tolist()) == {0, 2}
    assert whole.std(1).max() < 1e-3
    assert torch.allclose(block.eval()(X), X + X.cos())


def test_repeated_masks_leave_eval_behind(page):
    torch.manual_seed(0)
    net = page["mlp"](0.5).eval()
    P = page["repeated"](net, torch.rand(5, 64), times=7)
    assert P.shape == (7, 5, 10) and P.std(0).max() > 0
    assert not any(m.training for m in net.modules())
    assert torch.allclose(P.sum(2), torch.ones(7, 5))


def test_experiment_has_the_page_s_network(page):
    """Same scores for the same parameters, and each noise has its mean and variance."""
    maker = pages.maker(PAGE)
    params = maker.first(3)
    net = page["mlp"](0.5)
    with torch.no_grad():
        for ours, theirs in zip(net.parameters(), params, strict=True):
            assert ours.shape == theirs.shape
            ours.copy_(theirs)
    X = torch.rand(6, 64)
    Z = maker.forward([p[None] for p in params], X[None], (0, 0, 0), "dropout")[0]
    assert torch.allclose(Z, net.eval()(X), atol=1e-6)
    rows, apart = page["split"](4)
    X_old, y_old, X_new, _ = maker.digits(4)
    assert torch.equal(page["images"][rows], X_old) and torch.equal(page["labels"][rows], y_old)
    assert torch.equal(page["images"][apart], X_new)
    torch.manual_seed(0)
    for kind in ("dropout", "normal", "one mask"):
        H = maker.noisy(torch.ones(2000, 10, 5), 0.2, kind)
        assert H.mean().item() == pytest.approx(1, abs=0.02)
        assert H.var().item() == pytest.approx(0.25, abs=0.02)
    assert (H[:, :1] == H).all()


test_boxes = judged([
    ("pr-drop-variance", "2", "right"), ("pr-drop-variance", "2.0", "right"),
    ("pr-drop-variance", "1", "slip"), ("pr-drop-variance", "4", "slip"),
    ("pr-drop-variance", "1/2", "slip"), ("pr-drop-variance", "3", "wrong"),
    ("ex-drop-places-path", "1.5", "right"), ("ex-drop-places-path", "3/2", "right"),
    ("ex-drop-places-path", "2.5", "slip"), ("ex-drop-places-path", "1.25", "slip"),
    ("ex-drop-places-path", "0.25", "slip"), ("ex-drop-places-path", "1", "slip"),
    ("ex-drop-variance-without", "0.341", "right"),
    ("ex-drop-variance-without", "1/2-1/(2*pi)", "right"),
    ("ex-drop-variance-without", "0.34", "right"),
    ("ex-drop-variance-without", "0.5", "slip"), ("ex-drop-variance-without", "1/4", "slip"),
    ("ex-drop-variance-with", "0.841", "right"), ("ex-drop-variance-with", "0.8408", "right"),
    ("ex-drop-variance-with", "0.682", "slip"), ("ex-drop-variance-with", "1", "slip"),
    ("ex-drop-variance-with", "0.341", "slip"),
    ("ex-drop-use-eval", "0", "right"), ("ex-drop-use-eval", "1/2", "slip"),
    ("ex-drop-use-mean", "50%", "right"), ("ex-drop-use-mean", "0.5", "right"),
    ("ex-drop-use-mean", "0", "slip"), ("ex-drop-use-mean", "2", "slip"),
    ("ex-drop-decay-rate", "20%", "right"), ("ex-drop-decay-rate", "1/5", "right"),
    ("ex-drop-decay-rate", "0.25", "slip"), ("ex-drop-decay-rate", "0.333", "slip"),
    ("ex-drop-decay-rate", "0.8", "slip"),
    ("ex-drop-weights-inputs", "8 10; 10 37", "right"),
    ("ex-drop-weights-inputs", "[[8, 10], [10, 37]]", "right"),
    ("ex-drop-weights-inputs", "[[8, 0], [0, 37]]", "slip"),
    ("ex-drop-weights-inputs", "[[8, 14], [14, 37]]", "slip"),
    ("ex-drop-weights-inputs", "[[4, 5], [5, 18.5]]", "slip"),
    ("ex-drop-weights-single", "0", "right"), ("ex-drop-weights-single", "10", "slip"),
    ("ex-drop-noise", "0.5", "right"), ("ex-drop-noise", "sqrt(0.25)", "right"),
    ("ex-drop-noise", "0.25", "slip"), ("ex-drop-noise", "0.4", "slip"),
    ("ex-drop-alpha", "1.33, 6.02", "right"), ("ex-drop-alpha", "(1.330, 6.018)", "right"),
    ("ex-drop-alpha", "0, 1", "slip"), ("ex-drop-alpha", "3, 17", "slip"),
    ("ex-drop-alpha", "1.33, 7.66", "slip"), ("ex-drop-alpha", "1.33, 6.79", "slip"),
])  # fmt: skip
