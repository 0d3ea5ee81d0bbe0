"""Independent checks of the page on softmax regression from scratch; none of its own asserts is
used.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F

from tests.kit.pages import definitions, digits, judged

PAGE = "ch03_linear_networks/softmax_regression_scratch"
IMAGES, LABELS = digits()
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    order = torch.randperm(1797, generator=torch.Generator().manual_seed(5))
    return definitions(
        PAGE, math=math, images=IMAGES, labels=LABELS, train_rows=order[400:480],
        test_rows=order[:360],
    )


def test_cross_entropy_is_scipys(page):
    """Also for scores that overflow as they stand, of either sign."""
    rng = np.random.default_rng(0)
    for size in (0.1, 1, 50, 1000, 1e30):
        Z = size * rng.normal(size=(6, 4))
        y = rng.integers(4, size=6)
        want = -scipy.special.log_softmax(Z, axis=1)[np.arange(6), y].mean()
        got = page["cross_entropy"](torch.tensor(Z), torch.tensor(y)).item()
        assert got == pytest.approx(want)


def test_losses_of_the_exercise(page):
    torch.manual_seed(5)
    Z, y = torch.randn(9, 4), torch.randint(4, (9,))
    for name in ("by_sum", "by_index"):
        assert torch.isclose(page[name](torch.softmax(Z, 1), y), F.cross_entropy(Z, y))


@pytest.mark.parametrize("clear", [True, False])
def test_train_is_torchs_optimizer(page, clear):
    """Two epochs of a short last batch, with nn.Linear and SGD on the same batches."""
    rows = page["train_rows"]
    W, b = page["at_zero"]()
    history = page["train"](W, b, page["cross_entropy"], 0.3, 2, 32, clear=clear)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    for p in net.parameters():
        torch.nn.init.zeros_(p)
    optimizer = torch.optim.SGD(net.parameters(), 0.3)
    generator = torch.Generator().manual_seed(0)
    optimizer.zero_grad()
    for _ in range(2):
        for i in rows[torch.randperm(80, generator=generator)].split(32):
            F.cross_entropy(net(IMAGES[i]), LABELS[i]).backward()
            optimizer.step()
            if clear:
                optimizer.zero_grad()
    assert torch.allclose(W, net[1].weight, atol=1e-5)
    assert torch.allclose(b, net[1].bias, atol=1e-5)
    for part, of in enumerate((rows, page["test_rows"])):
        Z = net(IMAGES[of])
        right = (Z.argmax(1) == LABELS[of]).double().mean().item()
        assert history[-1, part] == pytest.approx(
            [F.cross_entropy(Z, LABELS[of]).item(), right], abs=1e-4
        )


def test_long_run_descends_the_loss_of_the_given_labels(page):
    """One step of the study from zero, against autograd, with and without decay."""
    X, y = IMAGES[page["train_rows"][:50]].flatten(1), LABELS[page["train_rows"][:50]]
    W = torch.zeros(10, 64, requires_grad=True)
    F.cross_entropy(X @ W.T, y).backward()
    test = page["test_rows"]
    after = IMAGES[test].flatten(1) @ (-2 * W.grad).T + 2 * (F.one_hot(y, 10).float().mean(0) - 0.1)
    want = (after.argmax(1) == LABELS[test]).float().mean().item()
    assert page["long_run"](0.0, 50, 0.0, num_steps=2)[1, 0] == pytest.approx(want)


def test_long_run_counts_the_wrong_labels_that_are_read(page):
    """Few rows are all read as told in the end, and the loss starts at ln 10."""
    kept = page["long_run"](0.5, 10, 0.0, num_steps=600, seed=2)
    assert kept.shape == (600, 3) and kept[-1, 2] == 1
    assert kept[0, 1] == pytest.approx(math.log(10), rel=1e-5)


def test_a_second_softmax_leaves_a_tenth_and_next_to_nothing():
    """The two numbers of the text, by the softmax's own derivative and not by autograd."""
    for Z, y, low, high in ((np.zeros(10), 3, 0.1, 0.1), (np.array([20.0, 0, 0]), 1, 0, 1e-7)):
        p = scipy.special.softmax(Z)
        inner = np.diag(p) - np.outer(p, p)
        target = np.eye(len(Z))[y]
        twice = inner @ (scipy.special.softmax(p) - target)
        ratio = abs(twice).max() / abs(p - target).max()
        assert low - 1e-12 <= ratio <= high + 1e-12


def test_the_wrong_axis_does_not_see_the_level_of_a_class():
    """By the definition, in float64: any shift of a column leaves loss and other classes alone."""
    rng = np.random.default_rng(3)
    Z, y, shift = rng.normal(size=(7, 4)), rng.integers(4, size=7), rng.normal(size=4)

    def loss(Z):
        return -scipy.special.log_softmax(Z, axis=0)[np.arange(7), y].mean()

    assert loss(Z + 5 * shift) == pytest.approx(loss(Z), abs=1e-12)
    assert loss(Z + 0.1 * rng.normal(size=(7, 4))) != pytest.approx(loss(Z), abs=1e-6)


def test_a_formed_probability_loses_its_gradient_before_its_loss():
    """The edge is where 1 over the probability overflows, for any number of classes."""
    edge = math.log(torch.finfo(torch.float32).max)
    for C in (2, 5):
        for lead, finite in ((edge - 0.3, True), (edge + 0.3, False)):
            Z = torch.zeros(1, C)
            Z[0, 1:] = lead - math.log(C - 1)
            Z.requires_grad_()
            loss = -Z.softmax(1).log()[0, 0]
            (slope,) = torch.autograd.grad(loss, Z)
            assert loss.item() == pytest.approx(lead, rel=1e-5)
            assert slope[0, 0].isfinite() == finite


test_right_answers_in_usual_spellings = judged([
        ("ex-sms-overflow-fifty", "5.18e21"), ("ex-sms-overflow-fifty", "5.185×10^21"),
        ("ex-sms-overflow-half", "11.09"), ("ex-sms-overflow-half", "11.1"),
        ("ex-sms-overflow-float", "88.72"), ("ex-sms-overflow-float", "88.7"),
        ("ex-sms-overflow-low", "c"), ("ex-sms-log-work", "5000"), ("ex-sms-log-sum", "b"),
        ("ex-sms-log-pick", "c"), ("ex-sms-log-right", "200"), ("ex-sms-decide-not", "5"),
        ("ex-sms-decide-treat", "0.9"), ("ex-sms-decide-from", "1/51"),
        ("ex-sms-decide-from", "1.96%"), ("ex-sms-words-count", "25650000"),
        ("ex-sms-words-memory", "103"), ("ex-sms-words-tree", "15.6"),
        ("ex-sms-words-tree", "16"), ("ex-sms-words-never", "b"), ("ex-sms-tune-same", "8"),
        ("ex-sms-byte-ratio", "1.056"), ("ex-sms-byte-ratio", "10^(6/254)"),
        ("ex-sms-byte-ratio", "1.0559"), ("ex-sms-byte-product", "139"),
        ("ex-sms-byte-two", "14"), ("ex-sms-byte-work", "b"),
    ], "right")  # fmt: skip


test_usual_mistakes_are_named = judged([
        ("ex-sms-overflow-half", "16"), ("ex-sms-overflow-float", "128"),
        ("ex-sms-log-right", "104"), ("ex-sms-decide-from", "2%"),
        ("ex-sms-words-count", "25600000"), ("ex-sms-words-memory", "25.65"),
        ("ex-sms-words-tree", "10.82"), ("ex-sms-tune-same", "800"),
        ("ex-sms-words-memory", "97.85"), ("ex-sms-log-right", "-200"),
        ("ex-sms-overflow-fifty", "21.7"),
        ("ex-sms-byte-ratio", "3937"), ("ex-sms-byte-ratio", "1.0239"),
        ("ex-sms-byte-ratio", "10^(6/255)"), ("ex-sms-byte-ratio", "1.0557"),
        ("ex-sms-words-memory", "102600000"), ("ex-sms-words-tree", "15"),
        ("ex-sms-byte-product", "140"), ("ex-sms-byte-two", "13"), ("ex-sms-byte-work", "a"),
    ], "slip")  # fmt: skip
