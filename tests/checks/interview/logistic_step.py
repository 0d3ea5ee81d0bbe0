"""Answers to ``logistic_step``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def loops(X, y, w, b, lr):
    new_w, new_b = list(w), b
    for x, t in zip(X, y):
        z = b + sum(a * c for a, c in zip(x, w))
        p = 1 / (1 + math.exp(-z)) if z > 0 else 1 - 1 / (1 + math.exp(z))
        for j in range(len(x)):
            new_w[j] -= lr * (p - t) * x[j] / len(y)
        new_b -= lr * (p - t) / len(y)
    return np.array(new_w), new_b


def arrays(X, y, w, b, lr):
    with np.errstate(over="ignore"):
        error = 1 / (1 + np.exp(-(X @ w + b))) - y
    return w - lr * (error @ X) / len(y), b - lr * np.mean(error)


def with_column(X, y, w, b, lr):
    A, v = np.c_[X, np.ones(len(X))], np.append(w, b)
    z = A @ v
    p = np.where(z > 0, 1, np.exp(-abs(z))) / (1 + np.exp(-abs(z)))
    v = v - lr * A.T @ (p - y) / len(y)
    return v[:-1], v[-1]


def autograd(X, y, w, b, lr):
    w = w.clone().requires_grad_()
    b = torch.tensor(float(b), requires_grad=True)
    F.binary_cross_entropy_with_logits(X @ w + b, y.float()).backward()
    return w.detach() - lr * w.grad, b.detach() - lr * b.grad


def tensors(X, y, w, b, lr):
    error = torch.sigmoid(X @ w + b) - y
    return w - lr * (X * error[:, None]).mean(0), b - lr * error.mean()


def one_after_the_other(X, y, w, b, lr):
    def p(w, b):
        return 0.5 * (1 + np.tanh((X @ w + b) / 2))

    w = w - lr * X.T @ (p(w, b) - y) / len(y)
    b = b - lr * (p(w, b) - y).mean()
    return w, b


def squared(X, y, w, b, lr):
    w, b = torch.tensor(w, requires_grad=True), torch.tensor(float(b), requires_grad=True)
    ((torch.sigmoid(torch.tensor(X) @ w + b) - torch.tensor(y)) ** 2).mean().backward()
    return (w - lr * w.grad).detach(), (b - lr * b.grad).detach()


def gradients(X, y, w, b, lr):
    e = 0.5 * (1 + np.tanh((X @ w + b) / 2)) - y
    return X.T @ e / len(y), e.mean()


def only_w(X, y, w, b, lr):
    e = 0.5 * (1 + np.tanh((X @ w + b) / 2)) - y
    return w - lr * X.T @ e / len(y), b


def b_is_a_sum(X, y, w, b, lr):
    e = 0.5 * (1 + np.tanh((X @ w + b) / 2)) - y
    return w - lr * X.T @ e / len(y), b - lr * e.sum()


def framework(X, y, w, b, lr):
    w = torch.tensor(w, requires_grad=True)
    b = torch.tensor(float(b), dtype=w.dtype, requires_grad=True)
    z = torch.tensor(X) @ w + b
    F.binary_cross_entropy_with_logits(z, torch.tensor(y).to(z.dtype)).backward()
    return w - lr * w.grad, b - lr * b.grad


RIGHT = [loops, arrays, with_column, autograd, tensors]
WRONG = {"LOGSTEP-04": [squared], "LOGSTEP-05": [only_w], "LOGSTEP-07": [one_after_the_other],
         "LOGSTEP-08": [gradients], "LOGSTEP-12": [b_is_a_sum]}  # fmt: skip
CODE = ("X.T @", "sigmoid(X", ".mean(", "tanh")
