"""Independent checks of what the page of lab 3 teaches; its own asserts are not used."""

from __future__ import annotations

import random

import numpy as np
import pytest
import scipy.special
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from dlworkbook import checks
from tests.kit.pages import definitions, digits

PAGE = "ch03_linear_networks/lab_digits"
IMAGES, Y = digits()
X = IMAGES.flatten(1)
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page():
    return definitions(PAGE, X=X, y=Y)


def gradients(W, b, inputs, labels):
    """By autograd, of the mean cross-entropy."""
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    F.cross_entropy(inputs @ W.T + b, labels).backward()
    return W.grad, b.grad


def test_the_solutions_pass_the_checks(page):
    for task in ("softmax", "manual_step"):
        assert checks.check(task, page[task]).passed, task
        assert page[f"my_{task}"](*range(page[task].__code__.co_argcount)) is None


def test_softmax_is_scipys(page):
    rng = np.random.default_rng(0)
    for scale in (0.1, 1, 30, 1000, 1e30):
        scores = rng.normal(size=(5, 7)) * scale
        want = scipy.special.softmax(scores, axis=1)
        assert np.allclose(page["softmax"](torch.tensor(scores)).numpy(), want)


def test_step_is_autograds(page):
    rng = random.Random(1)
    for _ in range(30):
        B, C, D = rng.randint(1, 9), rng.randint(2, 6), rng.randint(1, 7)
        torch.manual_seed(rng.randrange(10**6))
        W, b, inputs = (
            torch.randn(C, D).double(),
            torch.randn(C).double(),
            torch.randn(B, D).double(),
        )
        labels, lr = torch.randint(C, (B,)), rng.uniform(0.01, 2)
        before = [t.clone() for t in (W, b)]
        y_hat = torch.softmax(inputs @ W.T + b, 1)
        got = page["manual_step"](W, b, inputs, labels, y_hat, lr)
        for new, old, grad in zip(got, before, gradients(W, b, inputs, labels), strict=True):
            assert torch.allclose(new, old - lr * grad, atol=1e-12)
        assert torch.equal(W, before[0]) and torch.equal(b, before[1])
        assert page["compare"](B, C, D, seed=B) < 1e-13


def test_wrong_steps_are_what_their_names_say(page):
    torch.manual_seed(2)
    W, b, inputs = torch.randn(4, 3), torch.randn(4), torch.randn(6, 3)
    labels = torch.tensor([0, 3, 1, 1, 2, 0])
    p = torch.softmax(inputs @ W.T + b, 1)
    t = torch.eye(4)[labels]

    def moved(name):
        W_new, b_new = page["wrong_step"](name)(W, b, inputs, labels, p, 0.5)
        return (W - W_new) / 0.5, (b - b_new) / 0.5

    right = gradients(W, b, inputs, labels)
    errors = {
        "none": p - t,
        "arg-max for y_hat": torch.eye(4)[p.argmax(1)] - t,
        "times y_hat (1 - y_hat)": (p - t) * p * (1 - p),
        "labels, not one-hot": p - labels.reshape(6, 1),
        "sum, not mean": 6 * (p - t),
        "sign reversed": t - p,
    }
    for name, error in errors.items():
        grad_W, grad_b = moved(name)
        assert torch.allclose(grad_W, error.T @ inputs / 6, atol=1e-5), name
        assert torch.allclose(grad_b, error.mean(0), atol=1e-5), name
    assert all(map(torch.allclose, moved("none"), right))
    grad_W, grad_b = moved("one bias gradient")
    assert torch.allclose(grad_W, right[0], atol=1e-5) and grad_b.abs().max() < 1e-6


def test_splits(page):
    for seed in range(10):
        rows, test = page["split"](seed)
        assert len(test) == 360 and sorted([*rows.tolist(), *test.tolist()]) == list(range(1797))


def test_train_is_torchs_optimizer(page):
    """Two epochs on a part, with nn.Linear and SGD on the same batches."""
    part = torch.arange(100, 183)  # the last batch is short
    W, b, losses = page["train"](part, seed=4, num_epochs=2)
    net = torch.nn.Linear(64, 10)
    torch.nn.init.zeros_(net.weight), torch.nn.init.zeros_(net.bias)
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    generator = torch.Generator().manual_seed(4)
    for _ in range(2):
        for i in part[torch.randperm(83, generator=generator)].split(32):
            optimizer.zero_grad()
            F.cross_entropy(net(X[i]), Y[i]).backward()
            optimizer.step()
    assert torch.allclose(W, net.weight, atol=1e-5) and torch.allclose(b, net.bias, atol=1e-5)
    assert losses[-1] == pytest.approx(F.cross_entropy(net(X[part]), Y[part]).item(), abs=1e-5)
    right = (net(X[:50]).argmax(1) == Y[:50]).float().mean().item()
    assert page["accuracy"](W, b, torch.arange(50)) == pytest.approx(right)


# --- training, over splits that the page does not use
SEEDS = range(100, 106)


@pytest.fixture(scope="module")
def trained(page):
    return [(*page["split"](seed), *page["train"](page["split"](seed)[0], seed)) for seed in SEEDS]


@pytest.mark.slow
def test_ranges_of_the_page(page, trained):
    found = [
        (losses[-1], page["accuracy"](W, b, rows), page["accuracy"](W, b, test))
        for rows, test, W, b, losses in trained
    ]
    print("loss, accuracy on training and on test:", *found, sep="\n")
    for loss, on_training, on_test in found:
        assert 0.10 < loss < 0.15 and 0.96 < on_training < 0.99 and 0.90 < on_test < 1
    assert np.median([on_test for *_, on_test in found]) > 0.94


@pytest.mark.slow
def test_rows_of_weights_sum_to_zero(trained):
    for _, _, W, b, _ in trained:
        assert W.sum(0).abs().max() < 1e-4 and b.sum().abs() < 1e-4 < W.abs().max()


@pytest.mark.slow
def test_new_hands_are_harder_for_another_program_too():
    """The fall from random split to cut in order, with scikit-learn's own softmax regression."""
    inputs, labels = X.numpy(), Y.numpy()

    def score(rows, test):
        model = LogisticRegression(C=10, max_iter=500).fit(inputs[rows], labels[rows])
        return model.score(inputs[test], labels[test])

    in_order = score(range(1437), range(1437, 1797))
    shuffled = [np.random.default_rng(seed).permutation(1797) for seed in range(3)]
    at_random = [score(order[360:], order[:360]) for order in shuffled]
    print(f"in order {in_order:.3f}, at random {at_random}")
    assert in_order < min(at_random) - 0.02


@pytest.mark.slow
def test_it_does_not_depend_on_threads(page):
    rows, _ = page["split"](0)
    losses = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        losses.append(page["train"](rows, 0, num_epochs=3)[2])
    torch.set_num_threads(1)
    assert np.allclose(*losses, rtol=1e-3)
