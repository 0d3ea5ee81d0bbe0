"""Answers to ``rope``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch


def loops(X, base):
    Y, (T, d) = X.copy(), X.shape
    for t in range(T):
        for j in range(0, d, 2):
            c, s = math.cos(t * base ** (-j / d)), math.sin(t * base ** (-j / d))
            Y[t, j : j + 2] = c * X[t, j] - s * X[t, j + 1], s * X[t, j] + c * X[t, j + 1]
    return Y


def turned_and_added(X, base):
    T, d = X.shape
    angle = np.outer(np.arange(T), base ** -(np.arange(0, d, 2) / d)).repeat(2, axis=1)
    other = np.empty_like(X)
    other[:, ::2], other[:, 1::2] = -X[:, 1::2], X[:, ::2]
    return np.cos(angle) * X + np.sin(angle) * other


def complex_numbers(X, base):
    T, d = X.shape
    z = X[:, 0::2] + 1j * X[:, 1::2]
    z = z * np.exp(1j * np.arange(T)[:, None] * float(base) ** (-2 * np.arange(d // 2) / d))
    Y = np.empty_like(X)
    Y[:, 0::2], Y[:, 1::2] = z.real, z.imag
    return Y


def matrices(X, base):
    T, d = X.shape
    angle = np.arange(T)[:, None] / float(base) ** (np.arange(d // 2) * 2 / d)
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.einsum("abti,tib->tia", R, X.reshape(T, -1, 2)).reshape(T, d)


def tensors(X, base):
    T, d = X.shape
    angle = torch.arange(T)[:, None] / base ** (torch.arange(0, d, 2) / d)
    z = torch.view_as_complex(X.reshape(T, -1, 2).contiguous())
    return torch.view_as_real(z * torch.polar(torch.ones_like(angle), angle)).flatten(1)


def half_style(X, base):
    T, d = X.shape
    angle = np.outer(np.arange(T), base ** -(np.arange(0, d, 2) / d))
    a, b = X[:, : d // 2], X[:, d // 2 :]
    c, s = np.cos(angle), np.sin(angle)
    return np.concatenate([a * c - b * s, a * s + b * c], axis=1)


def from_one(X, base):
    return loops(np.vstack([X[:1], X]), base)[1:]


def reuses(X, base):
    Y, (T, d) = X.copy(), X.shape
    for t in range(T):
        for j in range(0, d, 2):
            c, s = math.cos(t * base ** (-j / d)), math.sin(t * base ** (-j / d))
            Y[t, j] = c * Y[t, j] - s * Y[t, j + 1]
            Y[t, j + 1] = s * Y[t, j] + c * Y[t, j + 1]
    return Y


def pairs_from_one(X, base):
    T, d = X.shape
    Y = np.empty((T, d))
    for i in range(1, d // 2 + 1):
        a, b, angle = X[:, 2 * i - 2], X[:, 2 * i - 1], np.arange(T) / base ** (2 * i / d)
        Y[:, 2 * i - 2] = a * np.cos(angle) - b * np.sin(angle)
        Y[:, 2 * i - 1] = a * np.sin(angle) + b * np.cos(angle)
    return Y


RIGHT = [loops, turned_and_added, complex_numbers, matrices, tensors]
WRONG = {"ROPE-01": [half_style], "ROPE-03": [from_one], "ROPE-08": [reuses],
         "ROPE-12": [pairs_from_one]}  # fmt: skip
CODE = ("np.cos", "[:, ::2]", "outer(", "np.sin")
