"""Independent checks of the page on parameters and sharing; none of its own asserts is used."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import experiment
from tests.kit.pages import definitions, digits, judged, maker

NAME = "ch05_computation/parameters_and_sharing"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(NAME)


def entries(layer: nn.Module) -> int:
    """Entries of the tensors that a layer saves, one by one."""
    return sum(int(np.prod(t.shape)) for t in layer.state_dict().values())


def test_counts_of_the_table_and_of_the_interview():
    assert entries(nn.Linear(10, 20)) == 220
    assert entries(nn.Conv2d(3, 16, 3)) == 16 * 3 * 3 * 3 + 16 == 448
    assert entries(nn.RNN(10, 20, num_layers=2)) == 640 + 840 == 1480
    assert entries(nn.RNN(10, 20, num_layers=2, bias=False)) == 1400
    assert entries(nn.GRU(10, 20, num_layers=2)) == 4440
    assert entries(nn.LSTM(10, 20, num_layers=2)) == 5920
    assert entries(nn.MultiheadAttention(12, 3)) == entries(nn.MultiheadAttention(12, 4)) == 624
    assert [entries(nn.Conv2d(12, 24, 3, groups=g)) for g in (1, 2, 3, 4, 12)] == [
        2616, 1320, 888, 672, 240]


def test_own_module_finds_what_pytorch_finds(page):
    """Random trees of chains, with layers that return: names and shapes."""
    rng = np.random.default_rng(0)

    def grow(depth: int, ours: list, theirs: list):
        """A random tree, twice; a dense layer may be one that was used before."""
        if depth == 0 or rng.random() < 0.3:
            if ours and rng.random() < 0.4:
                i = int(rng.integers(len(ours)))
                return ours[i], theirs[i]
            ours.append(page["Dense"](5, 5))
            theirs.append(nn.Linear(5, 5))
            return ours[-1], theirs[-1]
        pairs = [grow(depth - 1, ours, theirs) for _ in range(int(rng.integers(1, 4)))]
        return (page["Sequential"](*(a for a, _ in pairs)),
                nn.Sequential(*(b for _, b in pairs)))

    tied = 0
    for _ in range(60):
        ours, theirs = [], []
        mine, torchs = grow(3, ours, theirs)
        found = [(n, tuple(p.shape)) for n, p in mine.named_parameters()]
        assert found == [(n, tuple(p.shape)) for n, p in torchs.named_parameters()]
        tied += len(torchs.state_dict()) > len(found)
    assert tied > 10


def test_equal_values_are_no_tie_for_the_own_module(page):
    a, b = page["Dense"](2, 2), page["Dense"](2, 2)
    b.weight = a.weight.detach().clone().requires_grad_()
    assert len(list(page["Sequential"](a, b).named_parameters())) == 4
    assert len(list(page["Sequential"](a, a).named_parameters())) == 2


@pytest.mark.parametrize("shared", [True, False])
def test_windows_by_a_loop(page, shared):
    """Each place by itself, with its own kernels or with those of all."""
    torch.manual_seed(1)
    layer, X = page["Windows"](shared), torch.randn(2, 1, 19, 19)
    out = layer(X)
    for place in (0, 15, 16, 100, 255):
        i, j = divmod(place, 16)
        window = X[:, 0, i:i + 4, j:j + 4].reshape(2, 16)
        own = 0 if shared else place
        expected = window @ layer.W[own].T + layer.b[own]
        assert torch.allclose(out[:, :, place], expected, atol=1e-5)


def test_the_gradient_of_shared_kernels_is_the_sum_over_places(page):
    torch.manual_seed(2)
    one, many = page["Windows"](True).double(), page["Windows"](False).double()
    with torch.no_grad():
        many.W[:], many.b[:] = one.W, one.b
    X = torch.randn(3, 1, 19, 19).double()
    for layer in (one, many):
        (torch.relu(layer(X)) ** 2).sum().backward()
    assert torch.allclose(one.W.grad[0], many.W.grad.sum(0))
    assert torch.allclose(one.b.grad[0], many.b.grad.sum(0))
    assert not torch.allclose(many.W.grad[0], many.W.grad[100])


def test_shared_kernels_cannot_tell_where(page):
    """The same scores at all 36 places; so exactly nine are in the quarter that is named."""
    torch.manual_seed(3)
    net = page["network"](True, 4).double()
    everywhere = torch.cartesian_prod(torch.arange(6), torch.arange(6))
    quarters = page["quarter"](everywhere)
    assert quarters.bincount().tolist() == [9, 9, 9, 9]
    X = page["place"](torch.rand(8, 8).expand(36, 8, 8), everywhere)
    assert (X[:, :, :3] == 0).all() and (X[:, :, -3:] == 0).all()
    assert (X[..., :3] == 0).all() and (X[..., -3:] == 0).all()
    with torch.no_grad():
        scores = net(X.double())
    assert torch.allclose(scores, scores[:1].expand(36, 4))
    apart = page["network"](False, 4).double()
    with torch.no_grad():
        assert apart(X.double()).std(0).max() > 1e-3


def test_the_experiment_was_made_with_the_page_s_network():
    assert np.allclose(maker(NAME).first(), experiment(NAME)["first"], atol=1e-4)


def test_what_each_call_makes_of_a_tie(page):
    net = page["Tied"](9, 4)
    assert len(list(net.parameters())) == 1 and len(net.state_dict()) == 2
    told = {"read.weight": torch.zeros(9, 4), "write.weight": torch.ones(9, 4)}
    net.load_state_dict(told)
    assert (net.read.weight == 1).all() and net.read.weight is net.write.weight
    net.double()
    assert net.read.weight is net.write.weight


test_boxes = judged([
    ("pr-share-conv", "448", "right"), ("pr-share-conv", "16*27+16", "right"),
    ("pr-share-conv", "432", "slip"), ("pr-share-conv", "160", "slip"),
    ("pr-share-grad", "24.0", "right"), ("pr-share-grad", "12", "slip"),
    ("pr-share-grad", "-24", "slip"),
    ("ex-share-count-rnn", "1480", "right"), ("ex-share-count-rnn", "1440", "slip"),
    ("ex-share-count-lstm", "5,920", "right"), ("ex-share-count-lstm", "4440", "slip"),
    ("ex-share-parallel-shape", "(32, 13)", "right"),
    ("ex-share-parallel-shape", "32, 40", "slip"),
    ("ex-share-init-xavier", "6/128", "slip"),
    ("ex-share-init-xavier", "0.217", "right"), ("ex-share-init-xavier", "0.125", "slip"),
    ("ex-share-init-own", "5.4", "right"), ("ex-share-init-own", "7.64", "slip"),
    ("ex-share-train-step", "1.76", "slip"), ("ex-share-train-grad", "-36", "slip"),
    ("ex-share-train-step", "1.64", "right"), ("ex-share-train-step", "1.88", "slip"),
    ("ex-share-why-saved", "25600000", "right"), ("ex-share-why-saved", "51200000", "slip"),
])  # fmt: skip


def test_loading_into_a_tied_net_goes_by_the_net_s_order_and_assign_cuts_the_tie(page):
    net = page["Tied"](9, 4)
    net.load_state_dict({"write.weight": torch.ones(9, 4), "read.weight": torch.zeros(9, 4)})
    assert (net.read.weight == 1).all()
    net.load_state_dict(page["Tied"](9, 4).state_dict(), assign=True)
    assert net.read.weight is not net.write.weight


def test_digits_at_one_place_are_read_without_sharing(page):
    """The cause of the page, changed: then no place lacks what another has seen."""
    images, y = digits()
    torch.manual_seed(4)
    order = torch.randperm(len(y))
    images, y = images[order], y[order]
    X = page["place"](images[:900], torch.full((900, 2), 4))
    net = page["network"](False, 10)
    page["train"](net, X[:300], y[:300], 150)
    assert page["accuracy"](net, X[300:], y[300:900]) > 0.75
    moved = page["place"](images[300:900], torch.zeros(600, 2, dtype=torch.long))
    assert page["accuracy"](net, moved, y[300:900]) < 0.5
