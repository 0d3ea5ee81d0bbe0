"""Wrong answers that look right on small inputs, or that ask for points without an answer."""

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks.report import KEPT
from dlworkbook.checks.tasks import load

TASKS = ("corr2d", "conv2d", "linear", "softmax", "max_pool2d", "mean_squared_error",
         "least_squares", "sgd", "manual_step")  # fmt: skip


def constant(task, fill, dtype):
    """An answer of the right shape that holds one number."""

    def answer(*inputs):
        right = task.reference(*inputs)
        parts = right if isinstance(right, tuple) else (right,)
        made = tuple(np.full(np.shape(part), fill, dtype) for part in parts)
        return made if isinstance(right, tuple) else made[0]

    return answer


@pytest.mark.parametrize("dtype", [int, float, complex])
@pytest.mark.parametrize("task", TASKS)
def test_a_constant_gets_no_points(task, dtype):
    report = checks.check(task, constant(load(task), 0, dtype))
    assert report.credit == 0 and report.pair is None, str(report)


@pytest.mark.parametrize("task", TASKS)
def test_right_numbers_in_another_dtype_keep_three_quarters(task):
    def whole(*inputs):
        right = load(task).reference(*inputs)
        parts = [np.floor(part).astype(int) for part in (right if isinstance(right, tuple)
                                                         else (right,))]  # fmt: skip
        return tuple(parts) if isinstance(right, tuple) else parts[0]

    def as_complex(*inputs):
        right = load(task).reference(*inputs)
        return tuple(p + 0j for p in right) if isinstance(right, tuple) else right + 0j

    for answer in (whole, as_complex):
        report = checks.check(task, answer)
        assert report.credit == KEPT["wrong_dtype"], str(report)
    report = checks.check(task, lambda *inputs: load(task).reference(*inputs))
    assert report.passed


def test_objects_and_tensors_of_complex_numbers():
    right = load("linear").reference
    report = checks.check("linear", lambda X, W, b: right(X, W, b).astype(object))
    assert (report.status, report.credit) == ("wrong_dtype", 0.75)
    report = checks.check("linear", lambda X, W, b: torch.tensor(right(X, W, b)) + 0j)
    assert (report.status, report.credit) == ("wrong_dtype", 0.75)
    report = checks.check("linear", lambda X, W, b: right(X, W, b) * 1j)
    assert (report.status, report.credit) == ("wrong_dtype", 0)
    report = checks.check("linear", lambda X, W, b: np.full((len(X), len(b)), "none"))
    assert (report.status, report.credit) == ("wrong_dtype", 0)


# ---- close to right: limits, sizes and thresholds that small inputs do not reach ---------------


def cut_gradients(limit):
    def sgd(x, y, w, b, lr, num_epochs, batch_size):
        for _ in range(num_epochs):
            for i in range(0, len(x), batch_size):
                u, v = x[i : i + batch_size], y[i : i + batch_size]
                error = w * u + b - v
                w = w - lr * np.clip(2 * (error * u).mean(), -limit, limit)
                b = b - lr * np.clip(2 * error.mean(), -limit, limit)
        return w, b

    return sgd


def best_pair(x, y, w, b, lr, num_epochs, batch_size):
    best = (np.inf, w, b)
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            error = w * u + b - v
            w, b = w - lr * 2 * (error * u).mean(), b - lr * 2 * error.mean()
        loss = ((w * x + b - y) ** 2).mean()
        if loss < best[0]:
            best = (loss, w, b)
    return best[1:]


def ten_classes(W, b, X, y, y_hat, lr):
    D = y_hat - np.eye(10)[y][:, : len(b)]
    return W - lr * D.T @ X / len(X), b - lr * D.mean(0)


def small_ones_to_zero(X):
    E = np.exp(X - X.max(1, keepdims=True))
    P = E / E.sum(1, keepdims=True)
    return np.where(P < 1e-4, 0, P)


def ten_at_most(X):
    E = np.exp(X - X.max(1, keepdims=True))
    return E / E[:, :10].sum(1, keepdims=True)


def ones_for_zeros(X):
    X = np.where(X < -1e9, -1e9, X)
    E = np.exp(X - X.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True)


ALMOST = [
    ("sgd", cut_gradients(100)),
    ("sgd", cut_gradients(1000)),
    ("sgd", best_pair),
    ("manual_step", ten_classes),
    ("softmax", small_ones_to_zero),
    ("softmax", ten_at_most),
    ("softmax", ones_for_zeros),
]


@pytest.mark.parametrize(("task", "answer"), ALMOST)
def test_almost_right_is_not_right(task, answer):
    report = checks.check(task, answer)
    assert not report.passed and report.right >= report.probes - 3, str(report)


def test_remarks_on_what_is_right_all_the_same():
    """A tiny number in a denominator, and single precision."""

    def guarded(X):
        E = np.exp((X - X.max(1, keepdims=True)).astype("float32"))
        return E / (E.sum(1, keepdims=True) + 1e-8)

    def ridge(x, y):
        dx = x - x.mean()
        w = (dx @ y) / (dx @ dx + 1e-9)
        return w, y.mean() - w * x.mean()

    assert checks.check("softmax", guarded).passed
    assert checks.check("least_squares", ridge).passed
