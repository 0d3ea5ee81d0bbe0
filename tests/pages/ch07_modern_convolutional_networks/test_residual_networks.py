"""Independent checks of the page about residual networks; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook import experiment
from tests.kit.pages import definitions, judged

PAGE = "ch07_modern_convolutional_networks/residual_networks"
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


@pytest.mark.parametrize(("c_in", "c_out", "stride"), [(3, 3, 1), (3, 5, 1), (4, 4, 2), (3, 8, 2)])
def test_basic_block(page, c_in, c_out, stride):
    """Against the functional form, in training and in use; shapes without two equal sizes."""
    torch.manual_seed(1)
    block = page["BasicBlock"](c_in, c_out, stride).double()
    for p in block.parameters():
        nn.init.normal_(p)
    X = torch.randn(6, c_in, 9, 7, dtype=torch.float64)

    def norm(h, bn):
        return F.batch_norm(h, None, None, bn.weight, bn.bias, True)

    f = torch.relu(norm(F.conv2d(X, block.conv1.weight, stride=stride, padding=1), block.bn1))
    f = norm(F.conv2d(f, block.conv2.weight, padding=1), block.bn2)
    path = X
    if stride != 1 or c_in != c_out:
        path = norm(F.conv2d(X, block.path[0].weight, stride=stride), block.path[1])
    torch.testing.assert_close(block(X), torch.relu(path + f))
    assert block(X).shape == (6, c_out, math.ceil(9 / stride), math.ceil(7 / stride))
    assert sum(p.numel() for p in block.parameters()) == (
        9 * c_in * c_out + 9 * c_out**2 + 4 * c_out
        + (c_in * c_out + 2 * c_out if stride != 1 or c_in != c_out else 0)
    )


@pytest.mark.parametrize(("blocks", "N"), [
    ((2, 2, 2, 2), 11_689_512), ((3, 4, 6, 3), 21_797_672),
])
def test_resnets(page, blocks, N):
    with torch.device("meta"):
        net = page["resnet"](blocks)
        assert net(torch.zeros(2, 3, 224, 224)).shape == (2, 1000)
    assert sum(p.numel() for p in net.parameters()) == N


@pytest.mark.parametrize(("blocks", "N"), [
    ((3, 4, 6, 3), 25_557_032), ((3, 4, 23, 3), 44_549_160), ((3, 8, 36, 3), 60_192_808),
])
def test_bottlenecks(page, blocks, N):
    with torch.device("meta"):
        net = page["bottleneck_resnet"](blocks)
    assert sum(p.numel() for p in net.parameters()) == N


def test_pre_activation_is_a_sum(page):
    torch.manual_seed(2)
    blocks = [page["PreBlock"](5).double() for _ in range(9)]
    x = x0 = torch.randn(4, 5, 3, 6, dtype=torch.float64)
    total = torch.zeros_like(x)
    for block in blocks:
        total += block.branch(x)
        x = block(x)
    torch.testing.assert_close(x, x0 + total, rtol=1e-12, atol=1e-12)


def test_lengths_add_up_to_the_gradient(page):
    """The sum over all lengths is autograd's gradient; growth of the signal as measured here."""
    shares, gradient, signal = page["by_length"](0.5, m=6, n=10, seed=3)
    assert shares.sum().item() == pytest.approx(1, abs=1e-5) and len(shares) == 7
    torch.manual_seed(3)
    x0 = torch.randn(32, 10, requires_grad=True)
    x = x0
    for _ in range(6):
        W1, W2 = torch.randn(2, 10, 10) * math.sqrt(2 / 10)
        x = x + 0.5 * torch.relu(torch.relu(x) @ W1.T) @ W2.T
    R = torch.randn(32, 10)
    g, = torch.autograd.grad(x, x0, R)
    assert gradient.item() == pytest.approx((g.norm() / R.norm()).item() ** 2, rel=1e-4)
    assert signal.item() == pytest.approx((x.norm() / x0.norm()).item() ** 2, rel=1e-4)


def test_zeros_around_the_maps_shrink_the_gradient():
    """48 convolutions of 4 x 4 maps without BatchNorm: padding takes it, with ReLU or without."""
    for slope in (1, 2):  # linear, ReLU
        grown: dict = {"constant": [], "circular": []}
        for around, found in grown.items():
            for seed in range(3):
                torch.manual_seed(seed)
                x = x0 = torch.randn(16, 8, 4, 4, requires_grad=True)
                for _ in range(48):
                    x = F.pad(torch.relu(x) if slope == 2 else x, (1, 1, 1, 1), around)
                    x = F.conv2d(x, torch.randn(8, 8, 3, 3) * math.sqrt(slope / 72))
                R = torch.randn_like(x)
                g, = torch.autograd.grad(x, x0, R)
                found.append(math.log10(g.norm() / R.norm()))
        zeros, closed = (float(np.median(found)) for found in grown.values())
        assert zeros < -2 and closed > zeros / 2, slope  # mostly: more than half of it


@pytest.mark.parametrize("branch", [1, 24**-0.5])
def test_lengths_are_binomial_at_other_seeds(page, branch):
    p = branch**2 / (1 + branch**2)
    law = np.array([math.comb(24, k) * p**k * (1 - p) ** (24 - k) for k in range(25)])
    got = np.mean([page["by_length"](branch, seed=s)[0].numpy() for s in range(50, 58)], 0)
    assert np.abs(got - law).max() < 0.04


@pytest.mark.parametrize(("options", "low", "high"), [
    ({"branch": 0}, 0.999, 1.001), ({"branch": 24**-0.5}, 1.9, 3.6), ({"norm": True}, 22, 28),
    ({"total": 0.5**0.5}, 0.25, 4), ({}, 2**22, 2**26),
])
def test_sizes_at_other_seeds(page, options, low, high):
    got = np.median([page["size_after"](seed=s, **options)[0] for s in range(70, 77)])
    assert low < got < high


class Skip(nn.Module):
    """A branch with its input added."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, X):
        return X + self.branch(X)


def test_fake_skip_adds_nothing(page):
    plain = page["gradients"](lambda f: f)
    fake = page["gradients"](lambda f: nn.Sequential(f, nn.Identity()))
    assert all(torch.equal(a, b) for a, b in zip(plain, fake, strict=True))
    real = page["gradients"](Skip)
    assert not any(torch.equal(a, b) for a, b in zip(plain, real, strict=True))


def test_experiment_has_what_the_text_says():
    """The deeper plain stack is worse on its training data, at the best of its rates."""
    runs = experiment(PAGE)["runs"]

    def least(name):
        return min(np.median([r["losses"][-1] for r in rows]) for rows in runs[name].values())

    assert least("plain, 3") * 2 < least("plain, 12") < least("plain") - 0.2
    assert max(map(least, ("residual, 3", "residual, 12", "residual"))) < 0.3
    assert least("zero") < least("residual") < least("conv") < least("alpha 0.5")


@pytest.mark.parametrize(("relu", "norm", "low", "high"), [
    (True, True, 1.5, 4), (False, True, -0.7, 0.7), (True, False, -6, -1),
])
def test_neither_norm_nor_relu_alone_makes_the_gradient_grow(page, relu, norm, low, high):
    assert all(low < page["down"](relu, norm, seed) < high for seed in (20, 21, 22))


def test_a_plain_stack_can_pass_its_input_on(page):
    """Blocks without a path can imitate a shorter stack, as the solution about classes says."""
    blocks = nn.Sequential(*[page["PreBlock"](3).branch for _ in range(24)])
    for block in blocks:
        for norm, conv in ((block[0], block[2]), (block[3], block[5])):
            nn.init.constant_(norm.bias, 20)
            with torch.no_grad():
                conv.weight.zero_()[range(3), range(3), 1, 1] = 1
    X = torch.randn(32, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    pairs = zip(X.transpose(0, 1), blocks(X).detach().transpose(0, 1), strict=True)
    assert all(np.corrcoef(a.flatten(), b.flatten())[0, 1] > 0.9999 for a, b in pairs)


test_right_answers = judged([
    ("pr-res-paths", "1024"), ("pr-res-paths", "2^10"), ("pr-res-paths", "1,024"),
    ("pr-res-alpha", "0.0798"), ("pr-res-alpha", "0.9^24"), ("pr-res-alpha", "0.08"),
    ("ex-res-inception-channels", "256"), ("ex-res-inception-ones", "128"),
    ("ex-res-inception-ones", "2*64"), ("ex-res-bottleneck-weights", "69632"),
    ("ex-res-bottleneck-weights", "69,632"), ("ex-res-bottleneck-basic", "1179648"),
    ("ex-res-bottleneck-basic", "2*9*256^2"), ("ex-res-bottleneck-work", "218365952"),
    ("ex-res-bottleneck-work", "69632*56*56"), ("ex-res-variants-layers", "50"),
    ("ex-res-variants-params", "21797672"), ("ex-res-variants-params", "21,797,672"),
    ("ex-res-preact-new", "1"), ("ex-res-preact-new", "1.0"), ("ex-res-preact-old", "0"),
    ("ex-res-preact-old", "0.0"), ("ex-res-preact-last", "a"), ("ex-res-nested", "a"),
    ("ex-res-short-direct", "0.3715"), ("ex-res-short-direct", "(50/51)^50"),
    ("ex-res-short-direct", "0.372"), ("ex-res-short-direct", "0.37"),
    ("ex-res-short-direct", "37%"), ("ex-res-short-mean", "0.98"), ("ex-res-short-mean", "50/51"),
    ("ex-res-short-mean", "0.9804"),
], "right")  # fmt: skip


test_named_mistakes = judged([
    ("pr-res-paths", "11", "lengths"), ("pr-res-alpha", "0.9", "one block"),
    ("ex-res-bottleneck-weights", "53248", "second"), ("ex-res-short-direct", "1/e", "limit"),
    ("ex-res-bottleneck-weights", "70016", "biases"), ("ex-res-variants-layers", "53", "paths"),
    ("ex-res-variants-params", "21623848", "paths"), ("pr-res-alpha", "1", "factor"),
    ("ex-res-preact-new", "-1", "output"), ("ex-res-variants-layers", "34", "two"),
    ("ex-res-preact-old", "1", "ReLU"), ("ex-res-short-mean", "25", "once"),
    ("ex-res-short-mean", "1", "p is not"), ("ex-res-short-direct", "0.364", "divided"),
])  # fmt: skip
