"""Independent checks of the page on inspecting models; none of its own asserts is used."""

from __future__ import annotations

import copy
import operator
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dlworkbook import experiment
from tests.kit import pages
from tests.kit.pages import definitions, judged, named, verdict

NAME = "ch05_computation/inspecting_models"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(NAME, copy=copy, partial=partial)


def maker():
    return pages.maker(NAME)


def test_summary_of_random_networks_is_what_pytorch_counts(page):
    rng = np.random.default_rng(0)
    for _ in range(20):
        c, side, k, g = (int(v) for v in rng.integers(1, 4, 4))
        net = nn.Sequential(
            nn.Conv2d(2 * g, 3 * c * g, k, stride=2, groups=g, bias=bool(rng.random() < 0.5)),
            nn.ReLU(), nn.AdaptiveAvgPool2d(side), nn.Flatten(),
            nn.Linear(3 * c * g * side * side, 5))
        X = torch.randn(3, 2 * g, 9, 8)
        rows = page["summary"](net, X)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            net(X)
        assert sum(r[3] for r in rows) * 2 * 3 == counter.get_total_flops()
        assert sum(r[2] for r in rows) == sum(p.numel() for p in net.parameters())
        assert [r[0] for r in rows] == list("01234")
        assert rows[-1][1] == (3, 5) and rows[2][1][2:] == (side, side)


def test_summary_counts_a_dense_layer_at_each_place_of_a_sequence(page):
    net, X = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 7)), torch.randn(3, 5, 6)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(X)
    work = [row[3] for row in page["summary"](net, X)]
    assert work == [5 * 24, 5 * 28] and sum(work) * 2 * 3 == counter.get_total_flops()
    with pytest.raises(AttributeError):  # several tensors, as the page says
        page["summary"](nn.LSTM(6, 4), X)


def test_only_the_layer_itself_is_passed_over_by_forward():
    """Hooks 1 to 4 belong to the call; that of a weight runs in every backward pass."""
    seen, layer = [], nn.Linear(3, 2)
    layer.register_forward_pre_hook(lambda *a: seen.append(1))
    layer.register_forward_hook(lambda *a: seen.append(2))
    layer.register_full_backward_hook(lambda *a: seen.append(3))
    layer.weight.register_hook(lambda grad: seen.append(5))
    layer.forward(torch.ones(1, 3)).sum().backward()
    assert seen == [5]
    layer(torch.ones(1, 3, requires_grad=True)).sum().backward()
    assert sorted(seen) == [1, 2, 3, 5, 5]


def test_summary_leaves_the_network_alone(page):
    net = page["network"]().train()
    before = copy.deepcopy(net.state_dict())
    page["summary"](net, torch.randn(4, 1, 8, 8))
    assert net.training and not net[0]._forward_hooks
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())


def test_rows_of_the_graph(page):
    """The residual path joins rows that lie six apart, and nothing else skips a row."""
    graph = torch.fx.symbolic_trace(page["network"](3, 2)).graph
    row = page["row_of"](graph)
    skips = [(row[s], row[n]) for n in graph.nodes for s in n.all_input_nodes
             if row[n] - row[s] > 1]
    assert skips == [(1, 7), (8, 14)]
    assert sum(n.target is operator.add for n in graph.nodes) == 2
    assert sorted(row.values()) == list(range(len(graph.nodes)))


def test_the_check_agrees_and_leaves_the_parameters(page):
    torch.manual_seed(0)
    net = page["network"](phi=F.silu).double()
    X, y = torch.randn(8, 1, 8, 8).double(), torch.randint(10, (8,))
    params = list(net.parameters())
    before = [p.detach().clone() for p in params]
    for _ in range(5):
        exact, numeric = page["directional"](lambda: F.cross_entropy(net(X), y), params, 1e-5)
        assert abs(exact - numeric) < 1e-7
    assert all(torch.equal(a, p) for a, p in zip(before, params, strict=True))


@pytest.mark.parametrize("scale", [-1.0, 0.5, 1.01])
def test_the_check_can_fail(page, scale):
    """A gradient that is scaled on its way into one tensor."""
    torch.manual_seed(1)
    w, v = (torch.randn(6).double().requires_grad_() for _ in range(2))
    w.register_hook(lambda grad: scale * grad)
    off = []
    for _ in range(20):
        exact, numeric = page["directional"](lambda: (w * w * v).sum(), [w, v], 1e-5)
        off.append(abs(exact - numeric))
    # the mean square along random directions of length 1 is |e|^2 / d
    e = (scale - 1) * 2 * (w * v).detach()
    expected = (e.norm() / 12**0.5).item()
    assert 0.4 < (np.mean(np.square(off)) ** 0.5) / expected < 2.2


def test_the_wrong_sign_hides_at_zero_and_nowhere_else(page):
    def wrong(X, s, grad):
        return grad * (s - X * s * (1 - s))

    def right(X, s, grad):
        return grad * (s + X * s * (1 - s))

    for back, X, passes in (
        (right, torch.randn(7), True), (right, torch.zeros(7), True),
        (wrong, torch.zeros(7), True), (wrong, torch.full((7,), 0.1), False),
    ):
        X = X.double().requires_grad_()
        weights = torch.randn(7).double()
        torch.manual_seed(2)
        exact, numeric = page["directional"](
            lambda X=X, weights=weights, back=back:
            (weights * page["Swish"].apply(X, back)).sum(), [X], 1e-5)
        assert (abs(exact - numeric) < 1e-8) == passes
        assert torch.autograd.gradcheck(
            lambda X, back=back: page["Swish"].apply(X, back), X, raise_exception=False) == passes


def test_mean_norm_and_size_of_the_four_numbers():
    g = torch.tensor([1000.0, -1000, 500, -500])
    assert verdict("pr-inspect-mean", f"{g.mean().item():.0f}") == "right"
    assert "sizes" in named("pr-inspect-mean", f"{g.abs().mean().item():.0f}")
    assert "length" in named("pr-inspect-mean", f"{g.norm().item():.1f}")


def test_a_bias_before_normalisation_changes_nothing(page):
    """The cause itself: adding to the bias leaves the output in training, and not in use."""
    torch.manual_seed(3)
    net, X = page["network"]().double(), torch.randn(16, 1, 8, 8).double()
    before = net(X)
    with torch.no_grad():
        net[1].conv1.bias += 3
    assert torch.allclose(net(X), before)
    net.eval()
    before = net(X)
    with torch.no_grad():
        net[1].conv1.bias += 3
    assert not torch.allclose(net(X), before, atol=1e-2)


def test_three_kinds_of_things(page):
    layer = page["Centre"](4).fit(torch.randn(9, 4) + 2)
    assert [n for n, _ in layer.named_parameters()] == ["scale"]
    assert list(layer.state_dict()) == ["scale", "mean"]
    layer.offset = torch.ones(4)
    twin = page["Centre"](4)
    twin.load_state_dict(layer.state_dict())
    X = torch.randn(3, 4)
    assert torch.allclose(twin(X) + 1, layer(X))


def test_softmax_twice_has_a_floor_that_no_gradient_check_sees():
    """ln(1 + 9/e): for no scores less, near it for very large ones, and all gradients right."""
    floor = np.log(1 + 9 / np.e)
    torch.manual_seed(0)
    for scale in (1, 10, 100):
        Z, y = scale * torch.randn(500, 10).double(), torch.randint(10, (500,))
        assert F.cross_entropy(Z.softmax(1), y, reduction="none").min() > floor - 1e-12
    assert abs(F.cross_entropy((90 * F.one_hot(y, 10).double()).softmax(1), y) - floor) < 1e-9
    Z = torch.randn(3, 10).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda Z: F.cross_entropy(Z.softmax(1), y[:3]), Z)


def test_a_gradient_of_zero_fails_a_relative_check_alone(page):
    """A bias before the mean is subtracted: both slopes are rounding, their ratio says nothing."""
    torch.manual_seed(4)
    norm, X, y = nn.BatchNorm1d(5), torch.randn(8, 5).double(), torch.randn(8, 5).double()
    norm = norm.double()
    for shared, vanishes in ((True, True), (False, False)):
        b = torch.randn(5).double().requires_grad_()
        off = torch.ones(8, 1) if shared else torch.arange(8.0)[:, None]
        exact, numeric = page["directional"](
            lambda b=b, off=off: ((norm(X + off.double() * b) - y) ** 2).sum(), [b], 1e-5)
        assert (max(abs(exact), abs(numeric)) < 1e-8) == vanishes
        if not vanishes:
            assert abs(numeric / exact - 1) < 1e-6


def test_quadratic_and_fourier_against_loops(page):
    quadratic = page["Quadratic"](3, 2)
    X = torch.randn(4, 3)
    W = quadratic.weight.detach()
    out = torch.stack([torch.stack([x @ W[:, :, k] @ x for k in range(2)]) for x in X])
    assert torch.allclose(quadratic(X), out, atol=1e-5)
    for n in (1, 2, 7, 10):
        X = torch.randn(2, n)
        full = np.fft.fft(X.numpy())[:, :n // 2 + 1]
        assert np.allclose(page["HalfFourier"]()(X), np.hstack([full.real, full.imag]), atol=1e-4)


def test_the_experiment_has_what_the_page_shows():
    told, cases = experiment(NAME), maker().CASES
    assert list(told["runs"]) == list(cases)
    for runs in told["runs"].values():
        assert len(runs) == maker().PROCESSES
        for run in runs:
            assert run["eager"] == sorted(run["eager"]) and len(run["eager"]) == 3
            assert run["compiled"] == sorted(run["compiled"]) and run["apart"] < 1e-4
    assert all(len(line) == len(maker().SIZES) for line in told["sizes"])
    assert told["hidden"]["error"] == "InductorError"


@pytest.mark.slow
def test_no_compiler_no_compiled_network():
    told = maker().fresh("hidden", compiler=False)
    assert told["error"] == "InductorError" and "C++ compiler" in told["text"]


test_boxes = judged([
    ("pr-inspect-mean", "0", "right"), ("pr-inspect-mean", "0.0", "right"),
    ("pr-inspect-mean", "750", "slip"), ("pr-inspect-mean", "1581.14", "slip"),
    ("pr-inspect-mean", "250", "wrong"),
    ("ex-inspect-first-before", "5,376", "right"),
    ("ex-inspect-first-before", "20*256+256", "right"),
    ("ex-inspect-first-before", "5120", "slip"), ("ex-inspect-first-after", "7946", "right"),
    ("ex-inspect-first-after", "2570", "slip"),
    ("ex-inspect-mismatch-which", "b, c", "right"), ("ex-inspect-mismatch-which", "c b", "right"),
    ("ex-inspect-varying-all", "1002", "right"), ("ex-inspect-varying-all", "1172", "slip"),
    ("ex-inspect-varying-one", "336+170", "right"), ("ex-inspect-varying-one", "1002", "slip"),
    ("ex-inspect-varying-all", "506", "slip"), ("ex-inspect-varying-one", "480", "slip"),
    ("ex-inspect-quadratic-spare", "60", "slip"), ("ex-inspect-quadratic-slope", "11", "slip"),
    ("ex-inspect-quadratic-spare", "15", "outputs"), ("ex-inspect-quadratic-slope", "10", "x2"),
    ("ex-inspect-quadratic-slope", "16", "square"), ("ex-inspect-trunk-count", "2080", "second"),
    ("ex-inspect-first-after", "5376", "first"), ("ex-inspect-varying-all", "832", "common end"),
    ("ex-inspect-quadratic-stored", "75", "right"), ("ex-inspect-quadratic-spare", "30", "right"),
    ("ex-inspect-quadratic-spare", "45", "slip"), ("ex-inspect-quadratic-slope", "18.0", "right"),
    ("ex-inspect-quadratic-slope", "14", "slip"),
    ("ex-inspect-fourier-count", "5", "right"), ("ex-inspect-fourier-count", "4", "slip"),
    ("ex-inspect-fourier-shape", "(32, 10)", "right"),
    ("ex-inspect-fourier-shape", "32 10", "right"),
    ("ex-inspect-fourier-shape", "(32, 5)", "slip"),
    ("ex-inspect-fourier-shape", "(32, 5, 2)", "slip"),
    ("ex-inspect-save-what", "a, b, c, e", "right"),
    ("ex-inspect-save-what", "a, b, c, d, e", "slip"),
    ("ex-inspect-trunk-count", "3424", "right"), ("ex-inspect-trunk-count", "3328", "slip"),
    ("ex-inspect-trunk-strict", "b", "right"), ("ex-inspect-trunk-strict", "a", "slip"),
    ("ex-inspect-architecture-which", "c", "right"), ("ex-inspect-architecture-which", "b", "slip"),
])  # fmt: skip
