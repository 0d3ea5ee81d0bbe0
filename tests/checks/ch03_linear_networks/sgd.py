"""Answers to ``sgd``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import SGDRegressor
from torch import nn


def slices(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            r = w * u + b - v
            w, b = w - lr * 2 * np.mean(r * u), b - lr * 2 * np.mean(r)
    return w, b


def loops(x, y, w, b, lr, num_epochs, batch_size):
    n, epoch = len(x), 0
    while epoch < num_epochs:
        first = 0
        while first < n:
            last = min(n, first + batch_size)
            dw = db = 0
            for k in range(first, last):
                difference = y[k] - (w * x[k] + b)
                dw -= 2 * difference * x[k]
                db -= 2 * difference
            w -= lr * dw / (last - first)
            b -= lr * db / (last - first)
            first = last
        epoch += 1
    return [w, b]


def with_matrix(x, y, w, b, lr, num_epochs, batch_size):
    theta, A = np.array([[w], [b]], dtype=float), np.c_[x, np.ones(len(x))]
    for _ in range(num_epochs):
        for rows in np.split(np.arange(len(x)), range(batch_size, len(x), batch_size)):
            theta -= lr * 2 / len(rows) * A[rows].T @ (A[rows] @ theta - y[rows, None])
    return theta  # (2, 1)


def single_precision(x, y, w, b, lr, num_epochs, batch_size):
    x, y, w, b, lr = (np.asarray(v, dtype="float32") for v in (x, y, w, b, lr))
    return slices(x, y, w, b, lr, num_epochs, batch_size)


def library(x, y, w, b, lr, num_epochs, batch_size):
    if batch_size > 1:
        return slices(x, y, w, b, lr, num_epochs, batch_size)
    model = SGDRegressor(
        penalty=None, learning_rate="constant", eta0=2 * lr, shuffle=False, tol=None
    )
    model.coef_, model.intercept_ = np.array([w]), np.array([b])
    for _ in range(num_epochs):
        model.partial_fit(x[:, None], y)
    return model.coef_, model.intercept_


def torch_optimizer(x, y, w, b, lr, num_epochs, batch_size):
    params = [torch.tensor(float(v), requires_grad=True) for v in (w, b)]
    optimizer = torch.optim.SGD(params, lr)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            optimizer.zero_grad()
            nn.MSELoss()(params[0] * u + params[1], v).backward()
            optimizer.step()
    return tuple(params)


def torch_module(x, y, w, b, lr, num_epochs, batch_size):
    x, y = torch.as_tensor(x)[:, None], torch.as_tensor(y)[:, None]
    net = nn.Linear(1, 1).to(x.dtype)
    nn.init.constant_(net.weight, w), nn.init.constant_(net.bias, b)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size)
    for _ in range(num_epochs):
        for u, v in loader:
            net.zero_grad()
            (net(u) - v).square().mean().backward()
            with torch.no_grad():
                for p in net.parameters():
                    p -= lr * p.grad
    return net.weight, net.bias  # (1, 1) and (1,)


def tensors(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            error = torch.add(w * u, b) - v
            w, b = w - 2 * lr * torch.dot(error, u) / len(u), b - 2 * lr * error.mean()
    return w, b


def with_comprehensions(x, y, w, b, lr, num_epochs, batch_size):
    pairs = list(zip(x.tolist(), y.tolist()))
    parts = [pairs[i : i + batch_size] for i in range(0, len(pairs), batch_size)]
    for part in parts * num_epochs:
        errors = [w * u + b - v for u, v in part]
        grad_w = 2 * sum([e * u for e, (u, _) in zip(errors, part)]) / len(part)
        w, b = w - lr * grad_w, b - lr * 2 * sum(errors) / len(part)
    return w, b


def by_autograd(x, y, w, b, lr, num_epochs, batch_size):
    line = torch.tensor([float(w), float(b)], dtype=x.dtype, requires_grad=True)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            (grad,) = torch.autograd.grad(F.mse_loss(line[0] * u + line[1], v), line)
            line = (line - lr * grad).detach().requires_grad_()
    return line


def by_jacobian(x, y, w, b, lr, num_epochs, batch_size):
    line = torch.tensor([float(w), float(b)], dtype=x.dtype)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            line = line - lr * torch.autograd.functional.jacobian(
                lambda p, u=u, v=v: F.mse_loss(p[0] * u + p[1], v), line
            )
    return line


def by_jacrev(x, y, w, b, lr, num_epochs, batch_size):
    def loss(line, u, v):
        return F.mse_loss(line[0] * u + line[1], v)

    line = torch.tensor([float(w), float(b)], dtype=x.dtype)
    for _ in range(num_epochs):
        for u, v in zip(x.split(batch_size), y.split(batch_size)):
            line = line - lr * torch.func.jacrev(loss)(line, u, v)
    return line


def batches(x, y, size):
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


def sum_of_squaress_gradient(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            dw = db = 0
            for a, c in zip(u, v):
                dw += 2 * (w * a + b - c) * a
                db += 2 * (w * a + b - c)
            w -= lr * dw
            b -= lr * db
    return w, b


def in_sequence(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            w = w - lr * (2 * (w * u + b - v) * u).mean()
            b = b - lr * (2 * (w * u + b - v)).mean()
    return w, b


def forgets_zero_grad(x, y, w, b, lr, num_epochs, batch_size):
    w, b = (torch.tensor(v, requires_grad=True) for v in (w, b))
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size].clone(), y[i : i + batch_size]
            ((w * u + b - v) ** 2).mean().backward()
            with torch.no_grad():
                w -= lr * w.grad
                b -= lr * b.grad
    return w, b


def first_batch(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for _ in range(0, len(x), batch_size):
            u, v = x[:batch_size], y[:batch_size]
            r = w * u + b - v
            w, b = w - 2 * lr * (r * u).mean(), b - 2 * lr * r.mean()
    return w, b


def bias_stays(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            w = w - lr * np.mean(2 * (w * u + b - v) * u)
    return w, b


def half_gradient(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - lr * (r @ u) / len(u), b - lr * r.sum() / len(u)
    return w, b


def constant_size(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - 2 * lr * (r @ u) / batch_size, b - 2 * lr * r.sum() / batch_size
    return w, b


def drops_rest(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for k in range(len(x) // batch_size):
            u = x[k * batch_size : (k + 1) * batch_size]
            r = w * u + b - y[k * batch_size : (k + 1) * batch_size]
            w, b = w - 2 * lr * (r * u).mean(), b - 2 * lr * r.mean()
    return w, b


def without_brackets(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = v - w * u + b
            w, b = w + lr * 2 * (r * u).mean(), b + lr * 2 * r.mean()
    return w, b


def uphill(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = v - (w * u + b)
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
    return w, b


def returns_early(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for u, v in batches(x, y, batch_size):
            r = w * u + b - v
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
        return w, b


def overlaps(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(len(x)):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            r = w * u + b - v
            w, b = w - lr * 2 * (r * u).mean(), b - lr * 2 * r.mean()
    return w, b


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


def framework(x, y, *rest):
    w, b = torch_module(x, y, *rest)  # float64 inside
    return w.reshape(()), b.reshape(())


RIGHT = [
    slices,
    loops,
    with_matrix,
    single_precision,
    tensors,
    with_comprehensions,
    rate_kept_in_a_list,
]
WHOLE = [with_matrix, loops, with_comprehensions]

WRONG = {
    "LAB2-09": [sum_of_squaress_gradient],
    "LAB2-11": [in_sequence],
    "LAB2-12": [bias_stays],
    "LAB2-14": [first_batch],
    "LAB2-16": [forgets_zero_grad],
    "SGD-01": [half_gradient],
    "SGD-02": [uphill],
    "SGD-14": [without_brackets],
    "SGD-20": [constant_size],
    "SGD-21": [drops_rest],
    "SGD-23": [overlaps],
    "SGD-40": [returns_early],
    "SGD-50": [decays_at_the_end, decays_with_the_epoch, decays_by_schedule, decays_in_each_step],
    "SGD-51": [
        library,
        torch_optimizer,
        torch_module,
        optimizer,
        by_autograd,
        by_jacobian,
        by_jacrev,
    ],
    ("LAB2-09", "LAB2-12"): [
        sum_without_bias,
        sum_without_bias_in_loops,
        sum_without_bias_in_tensors,
    ],
    ("SGD-01", "LAB2-11"): [half_and_bias_late],
}

TWO = [("LAB2-11", "SGD-01"), ("LAB2-16", "SGD-47"), ("SGD-02", "SGD-40")]

COURSE = {"LAB2-09", "LAB2-11", "LAB2-12", "LAB2-14", "LAB2-16"}
CODE = (".mean()", ".sum()", "np.", "- lr *", "range(0", "** 2")
