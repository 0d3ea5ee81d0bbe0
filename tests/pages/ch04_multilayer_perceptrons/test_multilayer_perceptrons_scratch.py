"""Independent checks of the page on MLPs from scratch; none of its own asserts is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import experiment
from tests.kit import pages
from tests.kit.pages import definitions, judged, verdict

NAME = "ch04_multilayer_perceptrons/multilayer_perceptrons_scratch"
IMAGES, LABELS = pages.digits()
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(5))
    return definitions(
        NAME, math=math, images=IMAGES, labels=LABELS, train_rows=order[400:480],
        test_rows=order[:360],
    )  # fmt: skip


@pytest.fixture(scope="module")
def study():
    return experiment(NAME)


@pytest.fixture(scope="module")
def maker():
    return pages.maker(NAME)


@pytest.mark.parametrize(("value", "learns"), [(-0.01, False), (0.0, False), (0.01, True)])
def test_equal_input_weights_wake_up_only_where_a_unit_is_on(page, value, learns):
    """No pixel is negative, so rows of -0.01 are off for every picture, as zeros are."""
    params = page["filled"](value, None)
    first = params[0].detach().clone()
    page["train"](params, page["mlp64"], lr=0.1, num_epochs=1)
    assert torch.equal(params[0], first) is not learns


def test_train_is_torchs_optimizer(page):
    """Three epochs with a short last batch, parameters and what is measured."""
    params = page["start"](7, seed=3)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 7), nn.ReLU(), nn.Linear(7, 10))
    for p, q in zip(net.parameters(), params, strict=True):
        p.data = q.detach().clone()
    history = page["train"](params, lr=0.3, num_epochs=3)
    optimizer = torch.optim.SGD(net.parameters(), 0.3)
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        for i in page["train_rows"][torch.randperm(80, generator=generator)].split(32):
            optimizer.zero_grad()
            F.cross_entropy(net(IMAGES[i]), LABELS[i]).backward()
            optimizer.step()
    for p, q in zip(net.parameters(), params, strict=True):
        assert torch.allclose(p, q, atol=1e-5)
    for part, rows in enumerate((page["train_rows"], page["test_rows"])):
        Z = net(IMAGES[rows])
        right = (Z.argmax(1) == LABELS[rows]).double().mean().item()
        assert history[-1, part] == pytest.approx(
            [F.cross_entropy(Z, LABELS[rows]).item(), right], abs=1e-4
        )


def test_start_has_the_variance_it_says(page):
    params = page["start"](400, seed=1)
    assert [tuple(p.shape) for p in params] == [(400, 64), (400,), (10, 400), (10,)]
    assert params[0].std().item() == pytest.approx(math.sqrt(2 / 64), rel=0.03)
    assert params[2].std().item() == pytest.approx(math.sqrt(2 / 400), rel=0.05)
    assert all(p.is_leaf and p.requires_grad for p in params)
    assert page["start"](5, std=3.0)[0].std().item() == pytest.approx(3, rel=0.15)


def test_relu_has_torchs_slope_at_zero(page):
    A = torch.tensor([-1.0, 0, 2], requires_grad=True)
    assert torch.autograd.grad(page["relu"](A).sum(), A)[0].tolist() == [0, 0, 1]


@pytest.mark.parametrize("phi", [torch.relu, torch.tanh, torch.sigmoid])
def test_twins_stay_twins_and_others_do_not(page, phi):
    """Two of five units are equal; trained by the page."""
    params = page["start"](5, seed=2)
    with torch.no_grad():
        for p, k in zip(params[:3], (0, 0, 1), strict=True):
            p.select(k, 3).copy_(p.select(k, 1))

    def net(X, W, b, V, c):
        return phi(X.flatten(1) @ W.T + b) @ V.T + c

    first = params[0].detach().clone()
    page["train"](params, net, lr=0.1, num_epochs=5)
    W, V = params[0].detach(), params[2].detach()
    assert torch.allclose(W[1], W[3], atol=1e-6) and torch.allclose(V[:, 1], V[:, 3], atol=1e-6)
    assert not torch.allclose(W[0], W[3], atol=1e-3) and not torch.allclose(W, first, atol=1e-3)


def test_same_input_weights_alone_do_not_keep_units_equal(page):
    """Equal rows, other columns: apart after one step. So both must be equal."""
    params = page["filled"](0.01, None)
    page["train"](params, page["mlp64"], lr=0.1, num_epochs=1)
    W = params[0].detach()
    assert (W - W[0]).abs().max() > 1e-3


def test_nine_changes_of_the_leader_are_the_most():
    """Random lines never have more than ten tangents of a parabola, whose number is the key."""
    rng = np.random.default_rng(0)
    h = np.linspace(0, 50, 20_001)[:, None]

    def changes(slopes, starts):
        return int((np.diff((h * slopes + starts).argmax(1)) != 0).sum())

    slopes = 5.0 * np.arange(10)
    most = changes(slopes, -(slopes**2) / 2)
    assert verdict("ex-mls-width-one", str(most)) == "right"
    for _ in range(200):
        assert changes(rng.normal(size=10), rng.normal(size=10)) <= most


def test_the_study_trains_as_torch_does(maker):
    """One rate and split of it, three layers, against nn.Sequential on the same batches."""
    right = maker.train([6, 5], [2])[0]
    X, y = maker.splits()
    s, r = 2, 9
    params = [p[s, r].detach().squeeze(0) for p in maker.start([64, 6, 5, 10], "He", 0)]
    net = nn.Sequential(
        nn.Linear(64, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 10)
    )
    for p, q in zip(net.parameters(), params, strict=True):
        p.data = q.clone().reshape(p.shape)
    optimizer = torch.optim.SGD(net.parameters(), maker.RATES[r])
    g = torch.Generator().manual_seed(0)
    for _ in range(2):
        for i in torch.randperm(1077, generator=g).split(maker.BATCH):
            optimizer.zero_grad()
            F.cross_entropy(net(X[s, i]), y[s, i]).backward()
            optimizer.step()
    hits = net(X[s]).argmax(1) == y[s]
    want = [int(part.sum()) for part in (hits[:1077], hits[1077:1437], hits[1437:])]
    assert right[s, r].tolist() == pytest.approx(want, abs=8)


def test_searches_find_what_a_table_says(maker):
    """Only the rate counts: a grid of two rates can miss what sixteen draws find."""
    D, W, E, S, R = len(maker.DEPTHS), len(maker.WIDTHS), 3, 5, len(maker.RATES)
    table = torch.zeros(D, W, E, S, R, 3, dtype=torch.long)
    table[..., 6, 1:] = 100
    found = maker.searches(table, repeats=400)
    missed = {name: (rows[:, 0] > 0).double().mean().item() for name, rows in found.items()}
    assert missed["random"] == pytest.approx((1 - 1 / 13) ** 16, abs=0.08)
    assert missed["grid of 4"] == pytest.approx(1 - 2 / 13, abs=0.08)
    assert missed["random, 9 of 20 epochs"] == pytest.approx((1 - 1 / 13) ** 9, abs=0.08)
    assert missed["halving of 24"] == pytest.approx((1 - 1 / 13) ** 24, abs=0.08)
    assert missed["uniform rate"] > 0.75
    assert all((rows[:, 0] + rows[:, 1] == 100).all() for rows in found.values())


def test_numbers_of_the_text(study):
    test = {k: np.mean([row[2] for row in v["right"]]) / 3.6 for k, v in study["width"].items()}
    assert test["1"] < 20 and test["8"] < test["0"] < test["64"]
    assert [v["rate"] for v in study["depth"].values()] == [1, 0.5, 0.25]
    lost = {k: 354 - np.array(v) for k, v in study["stuck"].items()}
    assert max(lost["depth"]) <= 2 and round(lost["width"][0]) == 59 and max(lost["rate"]) > 300
    digits = [np.mean([row[2] for row in study["depth"][n]["right"]]) for n in "12"]
    assert digits[0] - digits[1] == pytest.approx(0.6)
    searches = {k: v["regret"] for k, v in study["searches"].items()}
    assert searches["random"] < searches["grid of 4"] < searches["uniform rate"]
    assert searches["halving of 24"] < searches["random, 9 of 20 epochs"]


test_right_answers_in_usual_spellings = judged([
        ("pr-mls-count", "4810"), ("pr-mls-count", "4,810"), ("pr-mls-same", "1"),
        ("pr-mls-zero", "c"), ("ex-mls-width-count", "75*m+10"),
        ("ex-mls-width-count", "65m + 10(m+1)"), ("ex-mls-width-count", "10+75m"),
        ("ex-mls-width-one", "9"), ("ex-mls-width-more", "b"), ("ex-mls-depth-count", "8970"),
        ("ex-mls-depth-means", "b"), ("ex-mls-depth-best", "b"), ("ex-mls-rate-same", "5"),
        ("ex-mls-rate-cliff", "b"), ("ex-mls-joint-grid", "1296"), ("ex-mls-joint-grid", "6^4"),
        ("ex-mls-joint-spread", "3.24"), ("ex-mls-joint-spread", "3.2367"),
        ("ex-mls-joint-spread", "sqrt(10.476)"), ("ex-mls-joint-best", "b"),
        ("ex-mls-clever-hit", "0.815"), ("ex-mls-clever-hit", "81.5%"),
        ("ex-mls-clever-hit", "81%"), ("ex-mls-clever-hit", "0.81"),
        ("ex-mls-joint-spread", "3.2"), ("ex-mls-init-he", "0.18"),
        ("ex-mls-clever-hit", "1-0.9^16"), ("ex-mls-clever-log", "25%"),
        ("ex-mls-clever-log", "1/4"), ("ex-mls-clever-uniform", "0.09"),
        ("ex-mls-clever-uniform", "9%"), ("ex-mls-clever-uniform", "0.9/9.999"),
        ("ex-mls-clever-epochs", "180"), ("ex-mls-phi-rank", "5"), ("ex-mls-phi-rate", "d"),
        ("ex-mls-init-scale", "100"), ("ex-mls-init-he", "0.177"),
        ("ex-mls-init-he", "sqrt(1/32)"), ("ex-mls-init-deep", "b"),
        ("ex-mls-speed-more", "0.293"), ("ex-mls-speed-more", "0.29"),
        ("ex-mls-speed-more", "0.293 %"), ("ex-mls-speed-more", "0.3"),
        ("ex-mls-speed-bus", "51.2"), ("ex-mls-speed-bus", "51.2 GB/s"),
    ], "right")  # fmt: skip


test_usual_mistakes_are_named = judged([
        ("pr-mls-count", "4736"), ("pr-mls-count", "650"), ("pr-mls-same", "64"),
        ("pr-mls-same", "10"), ("ex-mls-width-count", "74m+10"), ("ex-mls-width-count", "74*m"),
        ("ex-mls-width-one", "10"), ("ex-mls-width-one", "45"), ("ex-mls-depth-count", "8906"),
        ("ex-mls-depth-count", "4810"), ("ex-mls-rate-same", "80"), ("ex-mls-joint-grid", "24"),
        ("ex-mls-joint-grid", "4096"), ("ex-mls-joint-spread", "10.5"),
        ("ex-mls-joint-spread", "0.009"), ("ex-mls-joint-spread", "0.9"),
        ("ex-mls-clever-hit", "0.185"),
        ("ex-mls-clever-hit", "1.6"), ("ex-mls-clever-log", "0.33"),
        ("ex-mls-clever-uniform", "0.1"), ("ex-mls-clever-epochs", "240"),
        ("ex-mls-clever-epochs", "480"), ("ex-mls-phi-rank", "10"),
        ("ex-mls-init-scale", "10"), ("ex-mls-init-he", "0.03125"),
        ("ex-mls-init-he", "0.125"), ("ex-mls-speed-more", "0.098"),
        ("ex-mls-speed-more", "0.195"), ("ex-mls-speed-bus", "409.6"),
    ], "slip")  # fmt: skip
