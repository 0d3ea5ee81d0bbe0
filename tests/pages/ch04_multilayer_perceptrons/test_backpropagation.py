"""Independent checks of the page on backpropagation; none of its own asserts is used."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from mpmath import diff, mp, mpf
from torch import nn

from dlworkbook import answers
from tests.kit.pages import definitions, named, verdict

PAGE = "ch04_multilayer_perceptrons/backpropagation"
TANH, SIGMOID = mp.tanh, lambda v: 1 / (1 + mp.exp(-v))


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, math=math)


def loss(numbers: list, x: list, y: list, hidden: Callable) -> mpf:
    """Half the squared error of sigmoid outputs, in loops; numbers: a row and a bias a unit."""
    rows = [numbers[k : k + 3] for k in range(0, len(numbers), 3)]
    h = [hidden(r[0] * x[0] + r[1] * x[1] + r[2]) for r in rows[:2]]
    out = [SIGMOID(r[0] * h[0] + r[1] * h[1] + r[2]) for r in rows[2:]]
    return sum((o - t) ** 2 for o, t in zip(out, y, strict=True)) / 2


def slopes(numbers: list, *rest) -> list[float]:
    """The derivative by each number, by differences with 40 digits."""
    mp.dps = 40
    numbers = [mpf(v) for v in numbers]
    return [float(diff(lambda v, k=k: loss([*numbers[:k], v, *numbers[k + 1 :]], *rest),
                       numbers[k])) for k in range(len(numbers))]  # fmt: skip


def test_the_net_of_the_page(page):
    """Twelve gradients and the loss after the update, by differences."""
    numbers = [0.5, -0.5, 0.5, 1, -0.25, 0, 1, -1, 0, 2, 1, -1]
    want = slopes(numbers, [1, 2], [1, 0], SIGMOID)
    W = torch.tensor(numbers, dtype=torch.double).reshape(4, 3)
    params = W[:2, :2], W[:2, 2], W[2:, :2], W[2:, 2]
    x, y = torch.tensor([[1.0, 2]]).double(), torch.tensor([[1.0, 0]]).double()
    got = page["backward"](x, y, *page["forward"](x, *params), params[2])
    rows = torch.cat([torch.cat([got[0], got[1][:, None]], 1),
                      torch.cat([got[2], got[3][:, None]], 1)])  # fmt: skip
    assert rows.flatten().tolist() == pytest.approx(want, rel=1e-12)
    after = loss([v - g for v, g in zip(numbers, want, strict=True)], [1, 2], [1, 0], SIGMOID)
    assert f"{float(after):.4f}" == "0.2586"


def test_keys_of_the_exam():
    """The net with tanh units and one output; its keys by differences."""
    numbers = [0.5, 1, 0.5, 0.25, -0.5, 0, -1, 2, -1]
    want = slopes(numbers, [2, -1], [1], TANH)
    after = loss([v - 2 * g for v, g in zip(numbers, want, strict=True)], [2, -1], [1], TANH)
    keys = {"out": want[8], "hidden": [want[2], want[5]],
            "grads": [want[0:2], want[3:5]], "after": float(after)}  # fmt: skip
    for name, value in keys.items():
        key = np.array(answers.load(f"ex-bp-exam-{name}")["is"], dtype=float)
        assert np.allclose(key, value, rtol=1e-3), name
        assert verdict(f"ex-bp-exam-{name}", value) == "right"


@pytest.mark.parametrize("hidden", [torch.sigmoid, torch.tanh, torch.relu])
def test_recipe_for_other_outputs(hidden):
    """Binary cross-entropy, and any activation and loss: the slope times the derivative by y."""
    z = torch.tensor([0.4, -1.3], dtype=torch.double, requires_grad=True)
    y = torch.tensor([0.0, 1.0], dtype=torch.double)
    out = torch.sigmoid(z)
    L = -(y * out.log() + (1 - y) * (1 - out).log()).sum()
    assert torch.allclose(torch.autograd.grad(L, z)[0], out - y)
    out = hidden(z)
    slope = {torch.sigmoid: out * (1 - out), torch.tanh: 1 - out**2}.get(hidden, (z > 0).double())
    got = torch.autograd.grad(((out - y) ** 4).sum(), z)[0]
    assert torch.allclose(got, slope * 4 * (out - y) ** 3)


def test_weights_that_start_at_zero():
    """At first no hidden weight moves; then all units alike, or with h = 0 none ever."""
    x, y = torch.tensor([1.0, 2]), torch.tensor([1.0, 0])
    for phi in (torch.sigmoid, torch.tanh, torch.relu):
        params = [torch.zeros(s, requires_grad=True) for s in ((3, 2), (3,), (2, 3), (2,))]
        for step in range(100):
            W, b, V, c = params
            L = ((torch.sigmoid(V @ phi(W @ x + b) + c) - y) ** 2).sum() / 2
            grads = torch.autograd.grad(L, params)
            moves = bool(grads[0].any())
            assert moves == (phi is torch.sigmoid and step > 0)
            assert torch.allclose(grads[0], grads[0][0].expand(3, 2))
            params = [(w - g).detach().requires_grad_() for w, g in zip(params, grads, strict=True)]


def test_at_the_kink_of_relu_no_rate_is_small_enough():
    """Step 6 leaves out inputs of exactly 0: here the loss rises at every rate."""

    def loss_of(w, kink):
        h = torch.relu(w)
        return (h - 100 * torch.relu(h - 1 + kink) - 5) ** 2 / 2

    for rate in (1e-1, 1e-3, 1e-5):
        for kink in (0.0, -0.5):
            w = torch.tensor(1.0, dtype=torch.double, requires_grad=True)
            before = loss_of(w, kink)
            before.backward()
            assert w.grad == -4
            after = loss_of(w.detach() - rate * w.grad, kink)
            assert (after < before) == (kink < 0)


def test_the_last_segment_runs_once():
    from torch.utils.checkpoint import checkpoint_sequential

    runs = []

    class Noted(nn.Module):
        def forward(self, h):
            runs.append(1)
            return torch.tanh(h)

    h = torch.randn(2, 2, requires_grad=True)
    net = nn.Sequential(*(Noted() for _ in range(12)))
    checkpoint_sequential(net, 3, h, use_reentrant=False).sum().backward()
    assert len(runs) == 12 + 8


def test_loss_without_the_half_is_told_from_forgotten_biases():
    said = [named("ex-bp-exam-after", v) for v in ("0.01756", "0.01706", "0.01140", "0.01327")]
    assert "½" in said[0] and len(set(said)) == 4
    more = [named("ex-bp-exam-after", v) for v in ("0.00247", "0.00613", "0.00068")]
    assert "½" in more[0] and "hidden" in more[1] and "output" in more[2]
    assert "slope" in named("pr-bp-hidden", "0.16") and named("pr-bp-softmax", "0.21")
    assert verdict("ex-bp-exam-after", "0.0087") == "right"


def test_keys_of_three_steps():
    mp.dps = 40

    def total(w, u, extra=(0, 0, 0)):
        h, states = mpf("0.2"), []
        for x, e in zip((1, -1, 2), extra, strict=True):
            h = mp.tanh(w * h + u * x + e)
            states.append(h)
        return states[1] ** 2 / 2 + (states[2] - 1) ** 2 / 2

    w, u = mpf("0.8"), mpf("0.5")
    keys = {"w": diff(lambda v: total(v, u), w), "u": diff(lambda v: total(w, v), u), "deltas": [
        diff(lambda e, t=t: total(w, u, [e * (k == t) for k in range(3)]), 0) for t in range(3)]}
    for name, value in keys.items():
        value = [float(v) for v in value] if name == "deltas" else float(value)
        assert verdict(f"ex-bp-rnn-{name}", value) == "right", name


def test_what_is_kept(page):
    """Bytes in proportion to batch and depth; a layer that needs its input twice keeps more."""
    torch.manual_seed(0)
    for n, m, width in ((3, 1, 5), (8, 4, 7), (16, 9, 12)):
        net = page["stack"](m, nn.Sigmoid, width)
        assert page["kept_by"](net, torch.randn(n, width)) == 4 * n * width * (m + 1)
        double = net.double()
        assert page["kept_by"](double, torch.randn(n, width).double()) == 8 * n * width * (m + 1)


@pytest.mark.parametrize("every", [1, 2, 3, 6])
def test_checkpoints_change_no_gradient(page, every):
    torch.manual_seed(every)
    net, X = page["stack"](6, nn.Tanh, 9).double(), torch.randn(4, 9).double()
    want = torch.autograd.grad(net(X).sum(), list(net.parameters()))
    got, log = page["checkpointed"](net, X, every)
    assert all(torch.allclose(a, b, rtol=1e-10) for a, b in zip(got, want, strict=True))
    assert log["runs"] == 12
    assert log["peak"] == 8 * 4 * 9 * (6 // every + every)


SPELLINGS = {
    "pr-bp-softmax": ["-0.7", "-7/10", "−.7"], "pr-bp-hidden": ["-0.16", "-4/25", "2*-0.5*0.16"],
    "ex-bp-shape-one": ["(3, 5)", "3 x 5", "[3,5]"], "ex-bp-shape-all": ["90", "6*15", "90.0"],
    "ex-bp-bias-b": ["[0.0409, 0.0658]", "(0.04091, 0.0658)", "0.0409 0.0658"],
    "ex-bp-bias-w": ["0.0909", "0.0409+0.05", "9.09e-2"],
    "ex-bp-memory-weights": ["203264", "203,264", "794*256"],
    "ex-bp-second-time": ["203", "203.3", "203.265"], "ex-bp-second-memory": ["165", "165.3"],
    "ex-bp-split-pipe": ["8/11", "0.727", "0.73"], "ex-bp-split-one": ["0.25", "1/4", "25%"],
    "ex-bp-exam-out": ["-0.121", "-0.1211", "−0.1210"], "ex-bp-exam-after": ["0.0088", "0.00878"],
    "ex-bp-exam-hidden": ["[0.0952, -0.1017]", "(0.095, -0.102)"],
    "ex-bp-exam-grads": ["[[0.1904, -0.0952], [-0.2034, 0.1017]]", "0.19 -0.0952; -0.203 0.102"],
    "ex-bp-classes-out": ["[0.6652, -0.7553, 0.09]", "0.665, -0.755, 0.09"],
    "ex-bp-classes-grad": ["[[1.33, 0], [-1.51, 0], [0.18, 0]]"],
    "ex-bp-classes-hidden": ["[0.2876, 0]", "(0.288, 0)"],
    "ex-bp-rnn-deltas": ["[-0.0668, -0.1254, -0.1104]", "(-0.0667, -0.125, -0.11)"],
    "ex-bp-rnn-w": ["-0.0818", "-0.082"], "ex-bp-rnn-u": ["-0.162", "-0.1621"],
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_boxes_take_what_a_hand_computes(name):
    """Roundings and spellings of right answers."""
    spec = answers.load(name)
    for text in SPELLINGS[name]:
        assert answers.judge(spec, text).state == "right", text
    size = {"vector": [7, 7], "matrix": [[7, 7], [7, 7]], "shape": "(7, 7)"}.get(spec["kind"], 777)
    assert answers.judge(spec, size).state in ("wrong", "malformed")
