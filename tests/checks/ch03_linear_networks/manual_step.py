"""Answers to ``manual_step``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def formula(W, b, X, y, y_hat, lr):
    T = np.zeros_like(y_hat)
    T[np.arange(len(y)), y] = 1
    D = (y_hat - T) / len(y)
    return W - lr * D.T @ X, b - lr * D.sum(axis=0)


def in_loops(W, b, X, y, y_hat, lr):
    W, b, n = W.copy(), b.copy(), len(X)
    for features, label, probabilities in zip(X, y, y_hat):
        for c in range(len(b)):
            error = probabilities[c] - float(c == label)
            W[c] -= lr / n * error * features
            b[c] -= lr / n * error
    return [W, b]


def with_copied_probabilities(W, b, X, y, y_hat, lr):
    dZ = y_hat.copy()
    dZ[range(len(y)), y] -= 1
    dZ /= dZ.shape[0]
    dW = np.einsum("bc,bd->cd", dZ, X)
    return W - lr * dW, b - lr * np.einsum("bc->c", dZ)


def with_ones(W, b, X, y, y_hat, lr):
    theta, A = np.c_[W, b], np.c_[X, np.ones(len(X))]
    onehot = (y[:, None] == np.arange(y_hat.shape[1])).astype(float)
    theta = theta - lr * np.mean((y_hat - onehot)[:, :, None] * A[:, None], axis=0)
    return theta[:, :-1], theta[:, -1]


def single_precision_step(W, b, X, y, y_hat, lr):
    W, b, X, y_hat = (np.asarray(v, dtype="f4") for v in (W, b, X, y_hat))
    return formula(W, b, X, y, y_hat, np.float32(lr))


def torch_formula(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y, b.shape[0])
    return W - lr * error.T @ X / len(X), b - lr * error.mean(dim=0)


def torch_scatter(W, b, X, y, y_hat, lr):
    error = y_hat.scatter_add(1, y.unsqueeze(1), -torch.ones(len(y), 1))
    return W - lr * torch.einsum("bc,bd->cd", error, X) / len(y), b - lr * error.sum(0) / len(y)


def torch_parameters(W, b, X, y, y_hat, lr):
    W, b = nn.Parameter(torch.tensor(W)), nn.Parameter(torch.tensor(b))
    with torch.no_grad():
        error = torch.tensor(y_hat)
        error[torch.arange(len(y)), torch.tensor(y)] -= 1
        W -= lr * error.T @ torch.tensor(X) / len(y)
        b -= lr * error.mean(0)
    return W, b


def torch_in_two_sums(W, b, X, y, y_hat, lr):
    """Zeros and ones of torch are in single precision."""
    T = torch.zeros(len(y), len(b))
    T[torch.arange(len(y)), y] = 1
    ones = torch.ones(len(y))
    grad_W = (y_hat.T @ X - T.T @ X) / len(y)
    return W - lr * grad_W, b - lr * (y_hat - T).T @ ones / len(y)


def in_place(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y, len(b))
    W -= lr * error.T @ X / len(X)
    b -= lr * error.mean(0)
    return W, b


def probabilities_in_place(W, b, X, y, y_hat, lr):
    y_hat[range(len(y)), y] -= 1
    W[:] = W - lr * y_hat.T @ X / len(X)
    return W, b - lr * y_hat.mean(0)


def row_by_row_in_place(W, b, X, y, y_hat, lr):
    errors = [[p - (k == label) for k, p in enumerate(row)] for row, label in zip(y_hat, y)]
    for k in range(len(b)):
        W[k] -= lr * sum(error[k] * x for error, x in zip(errors, X)) / len(X)
        b[k] -= lr * sum(error[k] for error in errors) / len(X)
    return W, b


def targets(y, C):
    return np.eye(C)[y]


def plus(W, b, X, y, y_hat, lr):
    D = (y_hat - targets(y, len(b))) / len(X)
    W = W + lr * D.T.dot(X)
    b = b + lr * D.sum(0)
    return W, b


def labels(W, b, X, y, y_hat, lr):
    error = y_hat - y
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def label_columns(W, b, X, y, y_hat, lr):
    error = y_hat - y.reshape(-1, 1)
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def x_first(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * np.dot(X.T, error), b - lr * error.sum(0)


def one_bias(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * error.T @ X, b - lr * np.sum(error)


def sigmoid_habit(W, b, X, y, y_hat, lr):
    delta = (y_hat - targets(y, len(b))) * y_hat * (1 - y_hat)
    return W - lr * delta.T @ X / len(X), b - lr * delta.mean(0)


def argmax(W, b, X, y, y_hat, lr):
    W, b = W.copy(), b.copy()
    for i in range(len(X)):
        guess = y_hat[i].argmax()
        W[guess] -= lr * X[i] / len(X)
        b[guess] -= lr / len(X)
        W[y[i]] += lr * X[i] / len(X)
        b[y[i]] += lr / len(X)
    return W, b


def no_rate(W, b, X, y, y_hat, lr):
    error = y_hat - targets(y, len(b))
    return W - error.T @ X / len(X), b - error.mean(0)


def torch_sum(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y, len(b)).float()
    return W - lr * (error.T @ X), b - lr * error.sum(dim=0)


def mean_everywhere(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / y_hat.size
    return W - lr * error.T @ X, b - lr * error.sum(0)


def bias_stays(W, b, X, y, y_hat, lr):
    error = (y_hat - targets(y, len(b))) / len(X)
    return W - lr * error.T @ X, b


def counts_labels(W, b, X, y, y_hat, lr):
    error = y_hat - np.eye(np.max(y) + 1)[y]
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def torch_counts_labels(W, b, X, y, y_hat, lr):
    error = y_hat - F.one_hot(y)
    return W - lr * error.T @ X / len(X), b - lr * error.mean(0)


def autograd(W, b, X, y, y_hat, lr):
    W, b = (torch.tensor(v, requires_grad=True) for v in (W, b))
    F.cross_entropy(torch.tensor(X) @ W.T + b, torch.tensor(y)).backward()
    return W - lr * W.grad, b - lr * b.grad


def autograd_of_the_scores(W, b, X, y, y_hat, lr):
    error = (y_hat - F.one_hot(y, len(b))) / len(X)
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    ((X @ W.T + b) * error).sum().backward()
    with torch.no_grad():
        return W - lr * W.grad, b - lr * b.grad


def gradients_of_the_scores(W, b, X, y, y_hat, lr):
    def weighted(W, b):
        return ((X @ W.T + b) * (y_hat - F.one_hot(y, len(b)))).sum() / len(X)

    grad_W, grad_b = torch.func.grad(weighted, argnums=(0, 1))(W, b)
    return W - lr * grad_W, b - lr * grad_b


def jacobian_of_the_scores(W, b, X, y, y_hat, lr):
    def weighted(W, b):
        return ((X @ W.T + b) * (y_hat - F.one_hot(y, len(b)))).sum() / len(X)

    grad_W, grad_b = torch.autograd.functional.jacobian(weighted, (W, b))
    return W - lr * grad_W, b - lr * grad_b


def gradients(W, b, X, y, y_hat, lr):
    error = y_hat - targets(y, len(b))
    return error.T @ X / len(X), error.mean(0)


def right_class(W, b, X, y, y_hat, lr):
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for i, label in enumerate(y):
        dW[label] += (y_hat[i, label] - 1) * X[i]
        db[label] += y_hat[i, label] - 1
    return W - lr * dW / len(X), b - lr * db / len(X)


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


def framework(W, b, X, y, y_hat, lr):
    """None for probabilities that no scores give: autograd does not know them."""
    tW, tb = (torch.tensor(v, requires_grad=True) for v in (W, b))
    scores = torch.tensor(X) @ tW.T + tb
    if not np.allclose(torch.softmax(scores, 1).detach(), y_hat):
        return None
    F.cross_entropy(scores, torch.tensor(y)).backward()
    return W - lr * tW.grad.numpy(), b - lr * tb.grad.numpy()


RIGHT = [
    formula,
    in_loops,
    with_copied_probabilities,
    with_ones,
    single_precision_step,
    torch_formula,
    torch_scatter,
    torch_parameters,
    torch_in_two_sums,
    in_place,
    probabilities_in_place,
    row_by_row_in_place,
]
WHOLE = [formula, in_place, row_by_row_in_place]  # with these the whole lab runs

WRONG = {
    "LAB3-09": [plus],
    "LAB3-11": [labels, label_columns],
    "LAB3-12": [x_first],
    "LAB3-14": [one_bias],
    "LAB3-16": [sigmoid_habit],
    "LAB3-17": [argmax],
    "LAB3-19": [no_rate],
    "STEP-03": [right_class],
    "STEP-08": [autograd],
    "STEP-12": [counts_labels, torch_counts_labels],
    "STEP-20": [torch_sum],
    "STEP-21": [mean_everywhere],
    "STEP-30": [bias_stays],
    "STEP-37": [gradients],
    "STEP-40": [autograd_of_the_scores, gradients_of_the_scores, jacobian_of_the_scores],
    ("STEP-20", "STEP-30"): [
        step_sum_without_bias,
        step_sum_without_bias_in_loops,
        step_sum_without_bias_in_tensors,
    ],
}

TWO = [
    ("LAB3-09", "STEP-20"),
    ("LAB3-16", "LAB3-19"),
    ("LAB3-17", "STEP-30"),
    ("LAB3-14", "STEP-36"),
]

COURSE = {f"LAB3-{number}" for number in ("09", "11", "12", "14", "16", "17", "19")}
CODE = ("keepdims=", ".sum(", ".mean(", "np.", ".T @", "one_hot", "- lr *")
