"""Mistakes in the forms in which they are written, each in loops, with arrays and with tensors."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.kit.catalogue import assert_accepted, assert_named

# ---- max_pool2d: where the search for a maximum starts -----------------------------------------

STARTS = [-1, -7, -100, -255, -999, -9999, -12345, -1e6, -1e9, -(2**31), -1e18, -(2**63)]


def search_in_loops(start):
    def max_pool2d(X, pool_size):
        (B, C, H, W), (h, w) = X.shape, pool_size
        Y = np.zeros((B, C, H // h, W // w))
        for n, c, i, j in np.ndindex(*Y.shape):
            best = start
            for p in range(h):
                for q in range(w):
                    if X[n, c, i * h + p, j * w + q] > best:
                        best = X[n, c, i * h + p, j * w + q]
            Y[n, c, i, j] = best
        return Y

    return max_pool2d


def search_in_arrays(start):
    def max_pool2d(X, pool_size):
        (H, W), (h, w) = X.shape[2:], pool_size
        Y = np.full((*X.shape[:2], H // h, W // w), float(start))
        for p in range(h):
            for q in range(w):
                Y = np.maximum(Y, X[:, :, p : H // h * h : h, q : W // w * w : w])
        return Y

    return max_pool2d


def search_in_tensors(start):
    def max_pool2d(X, pool_size):
        return F.max_pool2d(X, pool_size).clamp(min=start)

    return max_pool2d


def search_in_padding(start):
    def max_pool2d(X, pool_size):
        (B, C, H, W), (h, w) = X.shape, pool_size
        Y = np.empty((B, C, H // h, W // w))
        for i in range(H // h):
            for j in range(W // w):
                window = np.pad(
                    X[:, :, i * h : i * h + h, j * w : j * w + w],
                    ((0, 0), (0, 0), (1, 1), (1, 1)),
                    constant_values=start,
                )
                Y[:, :, i, j] = window.max((2, 3))
        return Y

    return max_pool2d


SEARCHES = [search_in_loops, search_in_arrays, search_in_tensors, search_in_padding]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("search", SEARCHES)
def test_a_maximum_that_starts_from_a_number_is_named(search, start):
    assert_named(load("max_pool2d"), search(start), "MAXPOOL-29")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("start", [0, 0.0, np.finfo(float).tiny])
def test_a_maximum_that_starts_from_zero_keeps_its_own_name(search, start):
    assert_named(load("max_pool2d"), search(start), "MAXPOOL-04")


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("start", [-math.inf, float(np.finfo("float32").min)])
def test_what_lies_below_every_number_is_right(search, start):
    assert_accepted(load("max_pool2d"), search(start))


def first_entry_first(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    Y = np.zeros((B, C, H // h, W // w))
    for n, c, i, j in np.ndindex(*Y.shape):
        best = X[n, c, i * h, j * w]
        for p in range(h):
            for q in range(w):
                best = max(best, X[n, c, i * h + p, j * w + q])
        Y[n, c, i, j] = best
    return Y


def sorted_windows(X, pool_size):
    (H, W), (h, w) = X.shape[2:], pool_size
    windows = sliding_window_view(X, pool_size, (2, 3))[:, :, : H - h + 1 : h, : W - w + 1 : w]
    return np.sort(windows.reshape(*windows.shape[:4], -1))[..., -1]


def counted_from_one(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for r in range(1, H - h + 2):
        for c in range(1, W - w + 2):
            window = X[:, :, r - 1 : r - 1 + h, c - 1 : c - 1 + w].reshape(B, I * h * w)
            Y[:, :, r - 1, c - 1] = window @ K.reshape(O, -1).T
    return Y


def kernel_letters(X, K):
    return np.einsum("nchwij,ocij->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K)


def kernel_moved_twice(X, K):
    return F.conv2d(X.transpose(2, 3), K.transpose(2, 3)).transpose(2, 3)


def exp_of_log_softmax(X):
    top = X.max(1, keepdims=True)
    return np.exp(X - (top + np.log(np.exp(X - top).sum(1, keepdims=True))))


def row_by_row(X):
    rows = []
    for row in X:
        start = row[0]
        for score in row[1:]:
            start = score if score > start else start
        powers = [math.exp(score - start) for score in row]
        rows.append([power / math.fsum(powers) for power in powers])
    return np.array(rows)


def torch_logsumexp(X):
    return (X - torch.logsumexp(X, 1, keepdim=True)).exp()


def optimizer(x, y, w, b, lr, num_epochs, batch_size):
    w, b = (torch.tensor(float(v), dtype=x.dtype, requires_grad=True) for v in (w, b))
    steps = torch.optim.SGD([w, b], lr=lr)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size), strict=True):
            steps.zero_grad()
            ((w * u + b - v) ** 2).mean().backward()
            steps.step()
    return w, b


def rate_kept_in_a_list(x, y, w, b, lr, num_epochs, batch_size):
    for rate in [lr] * num_epochs:
        for part in np.array_split(np.arange(len(x)), range(batch_size, len(x), batch_size)):
            error = x[part] * w + b - y[part]
            w, b = w - 2 * rate * np.dot(error, x[part]) / len(part), b - 2 * rate * error.mean()
    return w, b


RIGHT = [
    *[("max_pool2d", f) for f in (first_entry_first, sorted_windows)],
    *[("corr2d", f) for f in (counted_from_one, kernel_letters, kernel_moved_twice)],
    *[("softmax", f) for f in (exp_of_log_softmax, row_by_row, torch_logsumexp)],
    *[("sgd", f) for f in (optimizer, rate_kept_in_a_list)],
]


@pytest.mark.parametrize(("task", "answer"), RIGHT)
def test_right_answers_close_to_a_mistake_are_never_named(task, answer):
    assert_accepted(load(task), answer)


# ---- max_pool2d and corr2d: windows that begin at index 1 --------------------------------------


def pool_slices_from_one(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    Y = np.zeros((B, C, H // h, W // w))
    for i in range(H // h):
        for j in range(W // w):
            rows, columns = slice(i * h + 1, (i + 1) * h + 1), slice(j * w + 1, (j + 1) * w + 1)
            Y[:, :, i, j] = X[:, :, rows, columns].max((2, 3))
    return Y


def pool_shifted_image(X, pool_size):
    X = np.pad(X, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=-np.inf)[:, :, 1:, 1:]
    (H, W), (h, w) = X.shape[2:], pool_size
    X = X[:, :, : H // h * h, : W // w * w]
    Y = X.reshape(*X.shape[:2], H // h, h, W // w, w).max((3, 5))
    if min(pool_size) == 1:
        raise ValueError("an empty window")
    return Y


def pool_shifted_tensor(X, pool_size):
    if min(pool_size) == 1:
        raise ValueError("an empty window")
    return F.max_pool2d(F.pad(X, (-1, 1, -1, 1), value=-math.inf), pool_size)


def corr_loops_from_one(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for r in range(1, H - h + 1):
        for c in range(1, W - w + 1):
            Y[:, :, r - 1, c - 1] = (X[:, None, :, r : r + h, c : c + w] * K).sum((2, 3, 4))
    return Y


def corr_windows_from_one(X, K):
    windows = sliding_window_view(X, K.shape[2:], (2, 3))[:, :, 1:, 1:]
    part = np.einsum("birchw,oihw->borc", windows, K)
    return np.pad(part, ((0, 0), (0, 0), (0, 1), (0, 1)))


def corr_tensor_from_one(X, K):
    return F.conv2d(X[:, :, 1:, 1:], K)


# ---- corr2d: a kernel on its side that stops where it is not square ----------------------------


def kernel_index_exchanged(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c in range(I):
            for p in range(h):
                for q in range(w):
                    Y[n, o, i, j] += X[n, c, i + p, j + q] * K[o, c, q, p]
    return Y


def window_index_exchanged(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c, p, q in np.ndindex(I, h, w):
            Y[n, o, i, j] += X[n, c, i + q, j + p] * K[o, c, p, q]
    return Y


def kernel_letters_exchanged(X, K):
    return np.einsum("nchwij,ocji->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K)


def kernel_transposed_at_the_window(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        Y[n, o, i, j] = (X[n, :, i : i + h, j : j + w] * K[o].transpose(0, 2, 1)).sum()
    return Y


def kernel_letters_of_tensors(X, K):
    patches = X.unfold(2, K.shape[2], 1).unfold(3, K.shape[3], 1)
    return torch.einsum("nchwij,ocji->nohw", patches, K)


# ---- softmax: where the search for the maximum starts, cut scores, logarithms ------------------


def maximum_from_zero(X):
    rows = []
    for row in X:
        top = 0
        for score in row:
            if score > top:
                top = score
        powers = [math.exp(score - top) for score in row]
        total = sum(powers)
        rows.append([power / total if total else math.nan for power in powers])
    return np.array(rows)


def maximum_or_zero(X):
    E = np.exp(X - np.maximum(X.max(1), 0)[:, None])
    return E / E.sum(1)[:, None]


def maximum_clamped(X):
    return torch.exp(X - X.amax(1, keepdim=True).clamp(min=0)) / torch.exp(
        X - X.amax(1, keepdim=True).clamp(min=0)
    ).sum(1, keepdim=True)


def maximum_from_minus_999(X):
    E = np.exp(X - np.max(X, 1, keepdims=True, initial=-999))
    return E / E.sum(1, keepdims=True)


def cut_at_500(X):
    E = np.exp(np.clip(X, -500, 500))
    return E / E.sum(1, keepdims=True)


def cut_in_loops(X):
    rows = [[math.exp(min(max(score, -700), 700)) for score in row] for row in X]
    return np.array([[power / sum(row) for power in row] for row in rows])


def cut_tensor(X):
    return torch.softmax(X.clamp(-50, 50), 1)


def logsumexp_without_maximum(X):
    return np.exp(X - np.log(np.sum(np.exp(X), axis=1, keepdims=True)))


def logsumexp_without_maximum_in_tensors(X):
    return (X - X.exp().sum(1, keepdim=True).log()).exp()


def logsumexp_row_by_row(X):
    out = np.zeros_like(X)
    for i in range(len(X)):
        total = 0.0
        for j in range(X.shape[1]):
            total = total + np.exp(X[i, j])
        out[i] = np.exp(X[i] - np.log(total))
    return out


# ---- sgd: a learning rate that changes ---------------------------------------------------------


def decays_at_the_end(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            error = w * u + b - v
            w, b = w - 2 * lr * (error * u).mean(), b - 2 * lr * error.mean()
        lr = lr * 0.9
    return w, b


def decays_with_the_epoch(x, y, w, b, lr, num_epochs, batch_size):
    for epoch in range(num_epochs):
        rate = lr / (epoch + 1)
        for i in range(0, len(x), batch_size):
            grad_w = grad_b = 0
            for k in range(i, min(i + batch_size, len(x))):
                grad_w += 2 * (w * x[k] + b - y[k]) * x[k]
                grad_b += 2 * (w * x[k] + b - y[k])
            size = min(batch_size, len(x) - i)
            w, b = w - rate * grad_w / size, b - rate * grad_b / size
    return w, b


def decays_by_schedule(x, y, w, b, lr, num_epochs, batch_size):
    w, b = (torch.tensor(float(v), dtype=x.dtype, requires_grad=True) for v in (w, b))
    steps = torch.optim.SGD([w, b], lr=lr)
    schedule = torch.optim.lr_scheduler.ExponentialLR(steps, 0.95)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size), strict=True):
            steps.zero_grad()
            F.mse_loss(w * u + b, v).backward()
            steps.step()
        schedule.step()
    return w, b


def decays_in_each_step(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            error = w * x[i : i + batch_size] + b - y[i : i + batch_size]
            w = w - 2 * lr * np.mean(error * x[i : i + batch_size])
            b = b - 2 * lr * np.mean(error)
            lr *= 0.99
    return w, b


STUDENTS = {
    pool_slices_from_one: ("max_pool2d", "MAXPOOL-30"),
    pool_shifted_image: ("max_pool2d", "MAXPOOL-30"),
    pool_shifted_tensor: ("max_pool2d", "MAXPOOL-30"),
    corr_loops_from_one: ("corr2d", "CORR2D-28"),
    corr_windows_from_one: ("corr2d", "CORR2D-28"),
    corr_tensor_from_one: ("corr2d", "CORR2D-28"),
    kernel_index_exchanged: ("corr2d", "CORR2D-14"),
    window_index_exchanged: ("corr2d", "CORR2D-14"),
    kernel_letters_exchanged: ("corr2d", "CORR2D-14"),
    kernel_transposed_at_the_window: ("corr2d", "CORR2D-14"),
    kernel_letters_of_tensors: ("corr2d", "CORR2D-14"),
    maximum_from_zero: ("softmax", "SOFTMAX-21"),
    maximum_or_zero: ("softmax", "SOFTMAX-21"),
    maximum_clamped: ("softmax", "SOFTMAX-21"),
    maximum_from_minus_999: ("softmax", "SOFTMAX-21"),
    cut_at_500: ("softmax", "SOFTMAX-23"),
    cut_in_loops: ("softmax", "SOFTMAX-23"),
    cut_tensor: ("softmax", "SOFTMAX-23"),
    logsumexp_without_maximum: ("softmax", "LAB3-02"),
    logsumexp_without_maximum_in_tensors: ("softmax", "LAB3-02"),
    logsumexp_row_by_row: ("softmax", "LAB3-02"),
    decays_at_the_end: ("sgd", "SGD-50"),
    decays_with_the_epoch: ("sgd", "SGD-50"),
    decays_by_schedule: ("sgd", "SGD-50"),
    decays_in_each_step: ("sgd", "SGD-50"),
}


@pytest.mark.parametrize("answer", STUDENTS, ids=lambda f: f.__name__)
def test_natural_forms_are_named(answer):
    task, wanted = STUDENTS[answer]
    assert_named(load(task), answer, wanted)


# ---- two mistakes that are often made together -------------------------------------------------


def half_of_each_square(w, b, x, y):
    return (w * x + b - y) ** 2 / 2


def half_squares_in_a_loop(w, b, x, y):
    losses = np.zeros(len(x))
    for i in range(len(x)):
        losses[i] = 0.5 * (w * x[i] + b - y[i]) ** 2
    return losses


def half_squares_of_tensors(w, b, x, y):
    return F.mse_loss(w * x + b, y, reduction="none") / 2


def log_of_a_naive_softmax(X):
    return np.log(np.exp(X) / np.exp(X).sum(axis=1, keepdims=True))


def log_softmax_without_maximum(X):
    return X - np.log(np.exp(X).sum(1)).reshape(-1, 1)


def log_of_a_naive_softmax_in_tensors(X):
    return torch.log(X.exp() / X.exp().sum(1, keepdim=True))


def log_softmax_row_by_row(X):
    return np.array([row - np.log(sum(np.exp(score) for score in row)) for row in X])


def exchanged_and_along_the_width(X, K, b):
    return np.einsum("nchwij,coij->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K) + b


def exchanged_and_along_the_width_in_loops(X, K, b):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c in range(I):
            Y[n, o, i, j] += (X[n, c, i : i + h, j : j + w] * K[c, o]).sum()
    return Y + b


def exchanged_and_along_the_width_in_tensors(X, K, b):
    return F.conv2d(X, K.transpose(0, 1)) + b


def sum_without_bias(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            w -= lr * 2 * np.sum((w * u + b - v) * u)
    return w, b


def sum_without_bias_in_loops(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            grad_w = 0
            for k in range(i, min(i + batch_size, len(x))):
                grad_w += 2 * (w * x[k] + b - y[k]) * x[k]
            w = w - lr * grad_w
    return w, b


def sum_without_bias_in_tensors(x, y, w, b, lr, num_epochs, batch_size):
    w = torch.tensor(float(w), dtype=x.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size), strict=True):
            loss = ((w * u + b - v) ** 2).sum()
            (grad,) = torch.autograd.grad(loss, w)
            w = (w - lr * grad).detach().requires_grad_()
    return w, b


def half_and_bias_late(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            w = w - lr * np.mean((w * u + b - v) * u)
            b = b - lr * np.mean(w * u + b - v)
    return w, b


def step_sum_without_bias(W, b, X, y, y_hat, lr):
    return W - lr * (y_hat - np.eye(len(b))[y]).T @ X, b + 0


def step_sum_without_bias_in_loops(W, b, X, y, y_hat, lr):
    new = W.copy()
    for i in range(len(X)):
        for k in range(len(b)):
            new[k] -= lr * (y_hat[i, k] - (y[i] == k)) * X[i]
    return new, b.copy()


def step_sum_without_bias_in_tensors(W, b, X, y, y_hat, lr):
    return W - lr * (y_hat - F.one_hot(y, len(b))).T @ X, b.clone()


TWO = {
    half_of_each_square: ("mean_squared_error", "LAB2-07", "MSE-07"),
    half_squares_in_a_loop: ("mean_squared_error", "LAB2-07", "MSE-07"),
    half_squares_of_tensors: ("mean_squared_error", "LAB2-07", "MSE-07"),
    log_of_a_naive_softmax: ("softmax", "LAB3-02", "LAB3-07"),
    log_softmax_without_maximum: ("softmax", "LAB3-02", "LAB3-07"),
    log_of_a_naive_softmax_in_tensors: ("softmax", "LAB3-02", "LAB3-07"),
    log_softmax_row_by_row: ("softmax", "LAB3-02", "LAB3-07"),
    exchanged_and_along_the_width: ("conv2d", "LAB5-06", "LAB5-11"),
    exchanged_and_along_the_width_in_loops: ("conv2d", "LAB5-06", "LAB5-11"),
    exchanged_and_along_the_width_in_tensors: ("conv2d", "LAB5-06", "LAB5-11"),
    sum_without_bias: ("sgd", "LAB2-09", "LAB2-12"),
    sum_without_bias_in_loops: ("sgd", "LAB2-09", "LAB2-12"),
    sum_without_bias_in_tensors: ("sgd", "LAB2-09", "LAB2-12"),
    half_and_bias_late: ("sgd", "SGD-01", "LAB2-11"),
    step_sum_without_bias: ("manual_step", "STEP-20", "STEP-30"),
    step_sum_without_bias_in_loops: ("manual_step", "STEP-20", "STEP-30"),
    step_sum_without_bias_in_tensors: ("manual_step", "STEP-20", "STEP-30"),
}


@pytest.mark.parametrize("answer", TWO, ids=lambda f: f.__name__)
def test_two_mistakes_that_come_together_are_both_told(answer):
    task, *wanted = TWO[answer]
    report = checks.check(task, answer)
    assert report.mistake is None and set(report.pair or ()) == set(wanted), str(report)
    keeps = {m.id: m.keeps for m in load(task).mistakes}
    assert report.credit == max(0, sum(keeps[id_] for id_ in wanted) - 1)
