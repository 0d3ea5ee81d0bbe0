"""Answers to ``patches``: right ones, each written on its own, and wrong ones."""

import torch
import torch.nn.functional as F


def loops(X, p):
    H, W = X.shape
    return torch.stack([
        X[i : i + p, j : j + p].reshape(-1) for i in range(0, H, p) for j in range(0, W, p)
    ])


def unfolded(X, p):
    return F.unfold(X[None, None], p, stride=p)[0].T


def by_einsum(X, p):
    H, W = X.shape
    return torch.einsum("aibj->abij", X.reshape(H // p, p, W // p, p)).reshape(-1, p * p)


def one_line(X, p):
    return X.reshape(len(X) // p, p, -1, p).transpose(1, 2).reshape(-1, p * p)


def only_reshaped(X, p):
    return X.reshape(-1, p * p).clone()


def column_by_column(X, p):
    return F.unfold(X.T[None, None], p, stride=p)[0].T.reshape(-1, p, p).mT.flatten(1)


def turned_squares(X, p):
    return torch.stack([
        X[i : i + p, j : j + p].T.reshape(-1)
        for i in range(0, len(X), p) for j in range(0, X.shape[1], p)
    ])


def stack_of_squares(X, p):
    return torch.cat([r.reshape(p, -1, p).transpose(0, 1) for r in X.split(p)])


def columns(X, p):
    return F.unfold(X[None, None], p, stride=p)[0]


def framework(X, p):
    return F.unfold(torch.tensor(X)[None, None], p, stride=p)[0].T


RIGHT = [loops, unfolded, by_einsum, one_line]
WRONG = {
    "PATCHES-01": [only_reshaped],
    "PATCHES-02": [column_by_column],
    "PATCHES-03": [turned_squares],
    "PATCHES-04": [stack_of_squares],
    "PATCHES-05": [columns],
}
CODE = ("reshape", "transpose(", "permute")
