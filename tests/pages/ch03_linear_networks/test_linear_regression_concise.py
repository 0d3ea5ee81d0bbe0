"""Independent checks of the page on PyTorch's parts; none of its own asserts is used."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from scipy import optimize, stats
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from tests.kit.pages import definitions, judged, verdict

PAGE = "ch03_linear_networks/linear_regression_concise"
pytestmark = pytest.mark.usefixtures("double_precision")
torch.set_num_threads(1)  # small tensors


@pytest.fixture(scope="module")
def page(double_precision):
    given = {
        "DataLoader": DataLoader,
        "TensorDataset": TensorDataset,
        "parameters_to_vector": nn.utils.parameters_to_vector,
    }
    return definitions(PAGE, ("X, y",), **given)


def test_step_is_that_of_torch(page):
    """Random shapes, rates, momenta and decays; some gradients are missing now and then."""
    rng = random.Random(0)
    for _ in range(30):
        torch.manual_seed(rng.randrange(10**6))
        shapes = [tuple(rng.randint(1, 4) for _ in range(rng.randint(0, 3))) for _ in range(3)]
        ours = [torch.randn(shape, requires_grad=True) for shape in shapes]
        theirs = [p.detach().clone().requires_grad_() for p in ours]
        how = {key: rng.choice([0, rng.random()]) for key in ("momentum", "weight_decay")}
        lr, kept = rng.uniform(0.01, 0.2), {}
        optimizer = torch.optim.SGD(theirs, lr, **how)
        for _ in range(6):
            for p, q in zip(ours, theirs):
                p.grad = torch.randn(p.shape) if rng.random() < 0.8 else None
                q.grad = p.grad if p.grad is None else p.grad.clone()
            page["sgd_step"](ours, lr, **how, kept=kept)
            optimizer.step()
            for p, q in zip(ours, theirs):
                assert torch.allclose(p, q, atol=1e-12)


@pytest.mark.parametrize("delta", [0.2, 1.0, 3.0])
def test_best_constant_minimises_hubers_loss(page, delta):
    rng = np.random.default_rng(1)
    for n in (1, 4, 9):
        targets = torch.tensor(3 * rng.standard_cauchy(n))

        def loss(c, targets=targets):
            return nn.HuberLoss(delta=delta)(torch.full_like(targets, c), targets).item()

        found = page["best_constant"](lambda e: e.clamp(-delta, delta), targets)
        best = optimize.minimize_scalar(
            loss, bounds=(targets.min().item() - 1, targets.max().item() + 1)
        )
        assert loss(found) <= best.fun + 1e-9 * max(1, best.fun)


def test_both_loops_are_numpys(page):
    """The gradient by formula, on the very rows that the loader handed out."""
    rng = np.random.default_rng(2)
    for n, d, size, drop_last in ((23, 3, 5, False), (23, 3, 5, True), (12, 1, 12, False)):
        X, y = torch.tensor(rng.normal(size=(n, d))), torch.tensor(rng.normal(size=(n, 1)))
        batches, thetas = page["train_concise"](
            X, y, nn.MSELoss(), 0.02, 2, size, seed=5, drop_last=drop_last
        )
        full = n // size * size if drop_last else n
        for epoch in range(2):
            half = len(batches) // 2
            rows = torch.cat(batches[epoch * half : (epoch + 1) * half]).tolist()
            assert len(rows) == full == len(set(rows)) and set(rows) <= set(range(n))
        by_hand = page["train_by_hand"](X, y, batches, 0.04)
        A, theta = np.c_[X.numpy(), np.ones(n)], np.zeros(d + 1)
        for rows, theirs, ours in zip(batches, thetas, by_hand, strict=True):
            rows = rows.numpy()
            theta -= 0.04 * A[rows].T @ (A[rows] @ theta - y.numpy()[rows, 0]) / len(rows)
            assert np.allclose(theirs, theta, atol=1e-12) and np.allclose(ours, theta, atol=1e-12)


def test_sum_and_mean_part_at_the_short_batch_and_not_before(page):
    X, y = page["X"][:100], page["y"][:100]
    mean, summed = (
        page["train_concise"](X, y, nn.MSELoss(reduction=how), lr, 2, 32, seed=3)[1]
        for how, lr in (("mean", 0.03), ("sum", 0.03 / 32))
    )
    assert torch.equal(mean[:3], summed[:3])
    step_mean, step_sum = mean[3] - mean[2], summed[3] - summed[2]
    assert torch.allclose(step_mean, 8 * step_sum)  # 4 rows in place of 32


def test_a_new_layer_is_uniform(page):
    """Kolmogorov and Smirnov on weights and biases, against the bound of the page."""
    torch.manual_seed(11)
    for d in (1, 3, 64):
        for values in nn.Linear(d, 5000).parameters():
            drawn = values.detach().flatten()[:20_000].numpy()
            assert stats.kstest(drawn, stats.uniform(-(d**-0.5), 2 * d**-0.5).cdf).pvalue > 1e-4
            assert stats.kstest(drawn, stats.norm(0, (3 * d) ** -0.5).cdf).pvalue < 1e-4


def test_data_are_those_of_the_page_before(page):
    theirs = definitions("ch03_linear_networks/linear_regression_scratch", ("X, y",))
    assert torch.equal(page["X"], theirs["X"]) and torch.equal(page["y"], theirs["y"])


def test_rms_error_of_least_squares(page):
    for n in (12, 50):
        A = np.random.default_rng(n).normal(size=(20_000, n, 2))
        A -= A.mean(axis=1, keepdims=True)  # the bias takes the means away
        inverse = np.linalg.inv(A.transpose(0, 2, 1) @ A)
        exact = 0.01 * np.sqrt(np.trace(inverse, axis1=1, axis2=2).mean() / 2)
        assert page["theory"](n) == pytest.approx(exact, rel=0.03)
        assert page["rms_error"](n, draws=400) == pytest.approx(exact, rel=0.15)


# The figures that were checked by hand, each at its own exercise.
test_checked_answers_of_the_sources_are_the_keys = judged([
        ("ex-concise-huber-values", "0.125, 0.5, 2.5"),
        ("ex-concise-huber-two", "4, 2"),
        ("ex-concise-grad-w", "28w/3 + 4b - 56/3"),
        ("ex-concise-grad-b", "4w + 2b - 8"),
        ("ex-concise-grad-zero", "-18.6667, -8"),
        ("ex-concise-grad-zero", "-18.7, -8"),
        ("ex-concise-grad-start", "0.6068, 0.61065"),
        ("ex-concise-grad-start", "0.607, 0.611"),
        ("ex-concise-sum-last", "4.57"),
    ], "right")  # fmt: skip


def test_other_names_of_the_losses(page):
    """What d2l prints as Huber's loss is the smooth L1 loss of torch."""
    e = torch.linspace(-5, 5, 41)
    for delta in (0.5, 2.0):
        printed = torch.where(e.abs() > delta, e.abs() - delta / 2, e**2 / (2 * delta))
        smooth = nn.SmoothL1Loss(reduction="none", beta=delta)(e, 0 * e)
        huber = nn.HuberLoss(reduction="none", delta=delta)(e, 0 * e)
        assert torch.allclose(printed, smooth) and torch.allclose(delta * printed, huber)
        assert not torch.allclose(printed, huber)


def test_sum_of_slopes_passes_zero_at_the_best_constant(page):
    """For the absolute error it may jump over 0: with ties it is 0 nowhere."""
    for targets in ([0.0, 1, 1, 2, 20], [0.0, 1, 3, 7, 9]):
        targets = torch.tensor(targets)
        best = page["best_constant"](torch.sign, targets)
        assert best == pytest.approx(targets.median().item(), abs=1e-9)
        sums = [torch.sign(c - targets).sum() for c in (best - 0.01, best + 0.01)]
        assert sums[0] < 0 < sums[1]


@pytest.mark.parametrize("kept, nesterov", [(0.0, False), (1.0, False), (0.0, True)])
def test_other_walks_with_momentum_are_named(kept, nesterov):
    w = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9, nesterov=nesterov)
    if kept:
        optimizer.state[w]["momentum_buffer"] = torch.tensor([kept])
    walk = []
    for _ in range(3):
        w.grad = w.detach().clone()
        optimizer.step()
        walk.append(w.item())
    said = verdict("ex-concise-momentum", ", ".join(map(str, walk)))
    assert said == ("slip" if kept or nesterov else "right")


test_rounded_answers_and_more_mistakes = judged([
        ("ex-concise-sum-last", "4.6", "right"),
        ("ex-concise-momentum", "0.9, 0.72, 0.49", "right"),
        ("ex-concise-momentum", "0.1, 0.18, 0.234", "slip"),
        ("ex-concise-momentum-decay", "0.4", "slip"),
        ("ex-concise-more-data", "9.81", "slip"),
        ("ex-concise-huber-two", "5, 2.5", "slip"),
        ("ex-concise-huber-two", "2.5, 2.5", "slip"),
    ])  # fmt: skip


def test_the_formula_of_the_error_belongs_to_features_of_variance_one():
    """Three times as wide, and the weights are three times as sure."""
    rng = np.random.default_rng(0)
    for width in (1, 3):
        errors = []
        for _ in range(4000):
            A = np.c_[width * rng.normal(size=(14, 2)), np.ones(14)]
            errors.append(np.linalg.lstsq(A, rng.normal(size=14), rcond=None)[0][:2])
        assert np.square(errors).mean() * (14 - 2 - 2) == pytest.approx(1 / width**2, rel=0.1)
