"""Answers to ``dropout_mask``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def loops(X, u, p):
    return np.array([[x / (1 - p) if u >= p else 0.0 for x, u in zip(row, draws)]
                     for row, draws in zip(X, u)])  # fmt: skip


def masked(X, u, p):
    if p == 1:
        return np.zeros_like(X)
    return X * (u >= p) / (1 - p)


def chosen(X, u, p):
    return np.where(u < p, 0, X / max(1 - p, 1e-12))


def in_place(X, u, p):
    Y = X.copy()
    Y[u < p] = 0
    Y[u >= p] /= 1 - p
    return Y


def tensors(X, u, p):
    return torch.where(u < p, torch.zeros_like(X), X / (1 - p))


def plain(X, u, p):
    return X * (u >= p)


def kept_with_p(X, u, p):
    return X * (u < p) / p if p else np.zeros_like(X)


def turned(X, u, p):
    Y = np.where(u < p, X, 0)
    return Y / (1 - p) if p < 1 else 0 * Y


def divides_by_zero(X, u, p):
    return torch.tensor(X) * (torch.tensor(u) >= p) / torch.tensor(1.0 - p)


def framework(X, u, p):
    return torch.zeros(X.shape) if p == 1 else torch.tensor(X).mul(torch.tensor(u) >= p) / (1 - p)


RIGHT = [loops, masked, chosen, in_place, tensors]
WRONG = {"DROPOUT-01": [plain], "DROPOUT-04": [kept_with_p], "DROPOUT-05": [turned],
         "DROPOUT-06": [divides_by_zero]}  # fmt: skip
CODE = ("u >= p", "/ (1 - p)", "u < p", "where(")
