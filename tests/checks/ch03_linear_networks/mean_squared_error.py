"""Answers to ``mean_squared_error``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def mean_square(w, b, x, y):
    return np.mean((w * x + b - y) ** 2)


def loop_loss(slope, bias, inputs, targets):
    loss = 0
    for i in range(len(inputs)):
        loss += (targets[i] - (slope * inputs[i] + bias)) ** 2
    return loss / len(inputs)


def dot_loss(w, b, x, y):
    r = y - b - x * w
    return r @ r / r.size


def column_loss(w, b, x, y):
    r = w * x.reshape(-1, 1) + b - y.reshape(-1, 1)
    return r.T @ r / len(r)  # (1, 1)


def norm_loss(w, b, x, y):
    return np.linalg.norm(w * x + b - y) ** 2 / len(x)


def expanded_loss(w, b, x, y):
    return (y @ y - 2 * w * (x @ y) - 2 * b * y.sum() + w * w * (x @ x)) / len(x) + (
        2 * w * b * x.mean() + b * b
    )


def single_precision_loss(w, b, x, y):
    return np.float32(((np.float32(w) * x.astype("f4") + np.float32(b) - y) ** 2).mean())


def torch_loss(w, b, x, y):
    return nn.functional.mse_loss(w * x + b, y)


def torch_loss_with_graph(w, b, x, y):
    w = torch.tensor(w, requires_grad=True)
    return (w * x.clone() + b - y).pow(2).mean()


def mean_in_a_comprehension(w, b, x, y):
    return sum([(w * u + b - v) ** 2 for u, v in zip(x, y)]) / len(y)


def sum_of_squares(w, b, x, y):
    total = 0
    for a, c in zip(x, y):
        total += (a * w + b - c) ** 2
    return total


def half(w, b, x, y):
    return ((w * x + b - y) ** 2 / 2).mean()


def brackets(w, b, x, y):
    return np.mean((y - w * x + b) ** 2)


def root(w, b, x, y):
    return torch.sqrt(nn.functional.mse_loss(torch.tensor(w * x + b), torch.tensor(y)))


def broadcasts(w, b, x, y):
    y_hat = x.reshape(-1, 1) * w + b
    return ((y_hat - y) ** 2).mean()


def returns_in_loop(w, b, x, y):
    loss = 0
    for i in range(len(x)):
        loss += (w * x[i] + b - y[i]) ** 2
        return loss / len(x)


def elementwise(w, b, x, y):
    loss = nn.MSELoss(reduction="none")
    return loss(torch.tensor(w * x + b), torch.tensor(y))


def absolute_errors(w, b, x, y):
    return sum(abs(w * x + b - y)) / len(y)


def half_of_each_square(w, b, x, y):
    return (w * x + b - y) ** 2 / 2


def half_squares_in_a_loop(w, b, x, y):
    losses = np.zeros(len(x))
    for i in range(len(x)):
        losses[i] = 0.5 * (w * x[i] + b - y[i]) ** 2
    return losses


def half_squares_of_tensors(w, b, x, y):
    return F.mse_loss(w * x + b, y, reduction="none") / 2


def framework(w, b, x, y):
    return nn.functional.mse_loss(torch.tensor(w * x + b), torch.tensor(y))


RIGHT = [
    mean_square,
    loop_loss,
    dot_loss,
    column_loss,
    norm_loss,
    expanded_loss,
    single_precision_loss,
    torch_loss,
    torch_loss_with_graph,
    mean_in_a_comprehension,
]
WHOLE = [dot_loss, loop_loss, mean_in_a_comprehension]

WRONG = {
    "LAB2-06": [sum_of_squares],
    "LAB2-07": [half],
    "MSE-02": [absolute_errors],
    "MSE-04": [root],
    "MSE-07": [elementwise],
    "MSE-12": [broadcasts],
    "MSE-13": [returns_in_loop],
    "MSE-23": [brackets],
    ("LAB2-07", "MSE-07"): [half_of_each_square, half_squares_in_a_loop, half_squares_of_tensors],
}

TWO = [("LAB2-06", "MSE-20"), ("LAB2-07", "MSE-21"), ("MSE-04", "MSE-23")]

COURSE = {"LAB2-06", "LAB2-07"}
CODE = (".mean()", ".sum()", "np.", "range(0", "** 2")
