"""Answers to ``causal_window``: right ones, each written on its own, and wrong ones."""

import torch


def loops(q, k, w):
    return torch.tensor([[0 <= x - y < w for y in k] for x in q]).reshape(len(q), len(k))


def by_differences(q, k, w):
    D = q[:, None] - k
    return (D >= 0) & (w > D)


def clamped(q, k, w):
    D = q.unsqueeze(1) - k.unsqueeze(0)
    return D.clamp(0, w - 1) == D


def future(q, k, w):
    return q[:, None] - k < w


def no_window(q, k, w):
    return k <= q[:, None]


def too_wide(q, k, w):
    return (k <= q[:, None]) & (k >= q[:, None] - w)


def strict(q, k, w):
    return (k < q[:, None]) & (k > q[:, None] - w)


def band(q, k, w):
    return abs(q[:, None] - k) < w


def turned(q, k, w):
    return (k[:, None] <= q) & (k[:, None] > q - w)


def from_the_shapes(q, k, w):
    return torch.ones(len(q), len(k)).tril().triu(1 - w)


def hidden(q, k, w):
    return (k > q[:, None]) | (k <= q[:, None] - w)


RIGHT = [loops, by_differences, clamped]
WRONG = {
    "WINDOW-01": [future],
    "WINDOW-02": [no_window],
    "WINDOW-03": [too_wide],
    "WINDOW-04": [strict],
    "WINDOW-05": [band],
    "WINDOW-06": [turned],
    "WINDOW-07": [from_the_shapes],
    "WINDOW-08": [hidden],
}
CODE = ("[:, None]", "<=", "&")
