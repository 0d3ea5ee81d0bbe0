"""Answers to ``split_heads``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def loops(X, h):
    n, T, d = X.shape
    w = d // h
    Y = np.zeros((n, h, T, w))
    for k in range(h):
        Y[:, k] = X[:, :, k * w : (k + 1) * w]
    return Y


def transposed(X, h):
    n, T, d = X.shape
    return X.reshape(n, T, h, d // h).transpose(0, 2, 1, 3)


def stacked(X, h):
    return np.stack(np.split(X, h, axis=-1), axis=1)


def tensors(X, h):
    return X.unflatten(2, (h, -1)).transpose(1, 2)


def chunks(X, h):
    return torch.stack(torch.as_tensor(X).chunk(h, dim=-1), dim=1)


def by_columns(X, h):
    return np.moveaxis(X, 2, 1).reshape(len(X), h, -1, X.shape[1]).swapaxes(2, 3)


def viewed(X, h):
    return X.view(len(X), h, X.shape[1], -1)


def reshaped(X, h):
    return X.reshape(len(X), h, X.shape[1], -1)


def dealt(X, h):
    return np.stack([X[:, :, k::h] for k in range(h)], axis=1)


def not_moved(X, h):
    return X.reshape(*X.shape[:2], h, -1)


RIGHT = [loops, transposed, stacked, tensors, chunks, by_columns]
WRONG = {"SPLIT-01": [viewed, reshaped], "SPLIT-02": [dealt], "SPLIT-03": [not_moved]}
CODE = ("transpose", "swapaxes", "chunk(")
