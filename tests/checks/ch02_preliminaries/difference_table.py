"""Answers to ``difference_table``: right ones, each written on its own, and wrong ones."""

import torch


def loops(a, b):
    return torch.tensor([[x - y for y in b] for x in a]).reshape(len(a), len(b))


def unsqueezed(a, b):
    return a.unsqueeze(1) - b.unsqueeze(0)


def by_einsum(a, b):
    ones = torch.ones_like
    return torch.einsum("i,j->ij", a, ones(b)) - torch.einsum("i,j->ij", ones(a), b)


def turned(a, b):
    return b - a[:, None]


def columns(a, b):
    return a - b[:, None]


def pairwise(a, b):
    return a - b


def distances(a, b):
    return abs(a[:, None] - b)


def sums(a, b):
    return a.reshape(-1, 1) + b


def framework(a, b):
    return torch.sub(torch.tensor(a)[:, None], torch.tensor(b))


RIGHT = [loops, unsqueezed, by_einsum]
WRONG = {
    "DIFFERENCE-01": [turned],
    "DIFFERENCE-02": [columns],
    "DIFFERENCE-03": [pairwise],
    "DIFFERENCE-04": [distances],
    "DIFFERENCE-05": [sums],
}
CODE = ("[:, None]", "unsqueeze", "a[i]")
