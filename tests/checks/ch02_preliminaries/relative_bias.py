"""Answers to ``relative_bias``: right ones, each written on its own, and wrong ones."""

import torch


def loops(b, n):
    return torch.tensor([[b[j - i + n - 1] for j in range(n)] for i in range(n)])


def windows(b, n):
    return b.unfold(0, n, 1).flip(0)


def counted_down(b, n):
    return b[torch.arange(n) + torch.arange(n - 1, -1, -1)[:, None]]


def no_shift(b, n):
    return b[torch.arange(n) - torch.arange(n)[:, None]]


def turned(b, n):
    return b[torch.arange(n)[:, None] - torch.arange(n) + n - 1]


def both_ways(b, n):
    return b[abs(torch.arange(n) - torch.arange(n)[:, None]) + n - 1]


def sums(b, n):
    return b.unfold(0, n, 1).clone()


RIGHT = [loops, windows, counted_down]
WRONG = {
    "RELATIVE-01": [no_shift],
    "RELATIVE-02": [turned],
    "RELATIVE-03": [both_ways],
    "RELATIVE-04": [sums],
}
CODE = ("arange", "n - 1 +", "[:, None]")
