"""Answers to ``interleave``: right ones, each written on its own, and wrong ones."""

import torch


def loops(a, b):
    y = []
    for i in range(len(a)):
        y += [a[i], b[i]]
    return torch.tensor(y)


def written_in_turn(a, b):
    y = torch.empty(2 * len(a))
    y[::2], y[1::2] = a, b
    return y


def transposed(a, b):
    return torch.stack([a, b]).T.reshape(-1)


def joined(a, b):
    return torch.cat([a, b])


def stacked_first(a, b):
    return torch.stack([a, b]).reshape(-1)


def b_first(a, b):
    return torch.stack([b, a], 1).reshape(-1)


def table(a, b):
    return torch.stack([a, b], dim=1)


def twice(a, b):
    return a.repeat_interleave(2)


RIGHT = [loops, written_in_turn, transposed]
WRONG = {
    "INTERLEAVE-01": [joined, stacked_first],
    "INTERLEAVE-02": [b_first],
    "INTERLEAVE-03": [table],
    "INTERLEAVE-04": [twice],
}
CODE = ("stack", "flatten", "reshape")
