"""Independent checks of the page on shapes and parameters; none of its own asserts is used."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import answers, experiment
from tests.kit.pages import definitions, maker

PAGE = "ch06_convolutional_networks/shapes_and_parameters"
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE)


def by_hand(kernel, channels, hidden, outputs=10) -> int:
    """Parameters of LeNet by counting entries of each weight and bias."""
    n, c, count = 28, 1, 0
    for i, out in enumerate(channels):
        k, p = (kernel, kernel // 2 if i == 0 else 0) if i < 2 else (3, 1)
        count += out * c * k * k + out
        n, c = n + 2 * p - k + 1, out
        n = n // 2 if i < 2 else n
    d = c * n * n
    for q in (*hidden, outputs):
        count, d = count + q * d + q, q
    return count


def test_lenet_has_the_parameters_that_are_counted_by_hand(page):
    for kernel in (3, 5, 7):
        for channels in ((6, 16), (6,), (6, 16, 32), (3, 8)):
            for hidden in ((120, 84), (), (120, 84, 84)):
                net = page["lenet"](kernel=kernel, channels=channels, hidden=hidden)
                assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
                told = sum(p.numel() for p in net.parameters())
                assert told == by_hand(kernel, channels, hidden)
    assert by_hand(5, (6, 16), (120, 84)) == 61_706


def test_every_product_of_a_convolution_is_counted():
    """The exam's C1, in loops: products made, and parameters used, one by one."""
    used, products = set(), 0
    for o in range(5):
        for i in range(30):
            for j in range(30):
                for c in range(3):
                    for a in range(3):
                        for e in range(3):
                            assert i + a < 32 and j + e < 32
                            used.add((o, c, a, e))
                            products += 1
    assert (len(used), products) == (135, 121_500)


def test_sheet_prints_what_the_layers_are(page, capsys):
    page["sheet"](page["lenet"](), (1, 28, 28))
    lines = [line.replace(",", "") for line in capsys.readouterr().out.splitlines()]
    assert [int(line.split()[-1]) for line in lines] == [156, 0, 2416, 0, 48120, 10164, 850]


def test_training_learns_what_can_be_learned(page):
    """Bright left or bright right: three epochs are enough, and the returned numbers are shares."""
    torch.manual_seed(0)
    X, y = torch.rand(300, 1, 28, 28) / 2, torch.arange(300) % 2
    X[y == 0, ..., :14] += 0.5
    reached = page["train"](page["lenet"](num_outputs=2), X, y, 200, 3)
    assert len(reached) == 3 and reached[-1] > 0.95 and max(reached) <= 1


def test_the_experiment_trained_the_network_of_the_page(page):
    """The first two epochs of its first run, again; other machines may differ in a few pictures."""
    made = maker(PAGE)
    (X, y, num_train), _ = made.pictures()
    torch.manual_seed(0)
    reached = page["train"](page["lenet"](nn.ReLU, nn.MaxPool2d), X, y, num_train, 2)
    assert np.allclose(reached, experiment(PAGE)["first"], atol=0.08)


def test_the_experiment_changes_only_the_slopes_on_the_way_back():
    """Its two cut sigmoids: forward as told, gradients a quarter and four times autograd's."""
    made = maker(PAGE)
    for name, steepness, factor in (("SteepSmall", 4, 0.25), ("FlatLarge", 1, 4)):
        x = torch.linspace(-3, 3, 50, dtype=torch.float64, requires_grad=True)
        plain = torch.sigmoid(steepness * x)
        cut = getattr(made, name)()(x)
        assert torch.equal(cut, plain)
        weights = torch.arange(50.0, dtype=torch.float64)
        (truth,) = torch.autograd.grad((plain * weights).sum(), x)
        (told,) = torch.autograd.grad((cut * weights).sum(), x)
        assert torch.allclose(told, factor * truth)


def test_weights_times_four_are_a_steep_sigmoid_at_the_start(page):
    """To the last bit, a factor of 4; and of its run the first two epochs, on the pictures."""
    made = maker(f"{PAGE}_start")
    steep = type("Steep", (nn.Module,), {"forward": lambda self, x: torch.sigmoid(4 * x)})
    torch.manual_seed(2)
    twin = page["lenet"](steep, nn.AvgPool2d)
    net = made.network(page, 2, weights=4, rate=4)
    X = torch.rand(20, 1, 28, 28)
    assert torch.equal(net(X), twin(X))
    assert not torch.equal(made.network(page, 2)(X), twin(X))
    hidden, last = torch.optim.Adam(net.parameters(), 0.002).param_groups
    assert (hidden["lr"], last["lr"], len(last["params"])) == (0.008, 0.002, 2)
    (X, y, num_train), _ = maker(PAGE).pictures()
    reached = page["train"](made.network(page, 0, weights=4), X, y, num_train, 2)
    assert np.allclose(reached, experiment(f"{PAGE}_start")["first"], atol=0.08)


def test_pictures_differ_less_behind_sigmoids(page):
    """Scores of an untrained network, over noise: far less scatter than with a steep sigmoid."""
    steep = type("Steep", (nn.Module,), {"forward": lambda self, x: torch.sigmoid(4 * x)})
    scatter = {}
    for act in (steep, nn.Sigmoid):
        torch.manual_seed(5)
        net = page["lenet"](act, nn.AvgPool2d)
        with torch.no_grad():
            scatter[act] = net(torch.rand(200, 1, 28, 28)).std(0).mean()
    assert scatter[steep] > 20 * scatter[nn.Sigmoid]


@pytest.mark.parametrize("box", ["lenet-conv", "lenet-all", "lenet-work", "bottleneck-wide",
                                 "bottleneck-weights", "improve-wide"])  # fmt: skip
def test_what_is_said_of_any_other_number_is_no_computation(box):
    """It names what to count; the factors are for the reader to find."""
    assert not any(c.isdigit() for c in answers.load(f"ex-shape-{box}")["else"])


def test_points_and_biases():
    assert answers.judge(answers.load("ex-shape-other-error"), "3.2 points").state == "right"
    assert answers.judge(answers.load("ex-shape-improve-wide"), "116,820").state == "slip"
