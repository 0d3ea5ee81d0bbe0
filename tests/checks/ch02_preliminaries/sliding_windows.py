"""Answers to ``sliding_windows``: right ones, each written on its own, and wrong ones."""

import torch


def loops(x, k):
    return torch.stack([x[i : i + k] for i in range(len(x) - k + 1)])


def unfolded(x, k):
    return x.unfold(0, k, 1).clone()


def table_of_indices(x, k):
    starts = torch.arange(len(x) - k + 1)
    return x[starts.unsqueeze(1) + torch.arange(k)]


def columns(x, k):
    return x[torch.arange(k)[:, None] + torch.arange(len(x) - k + 1)]


def one_short(x, k):
    return x[torch.arange(len(x) - k)[:, None] + torch.arange(k)]


def apart(x, k):
    return x.unfold(0, k, k).clone()


def chunks(x, k):
    return x[: len(x) // k * k].reshape(-1, k).clone()


def around(x, k):
    return torch.stack([x.roll(-j) for j in range(k)], 1)


def backwards(x, k):
    return x.unfold(0, k, 1).flip(1)


def framework(x, k):
    return torch.tensor(x).unfold(0, k, 1)


RIGHT = [loops, unfolded, table_of_indices]
WRONG = {
    "WINDOWS-01": [columns],
    "WINDOWS-02": [one_short],
    "WINDOWS-03": [apart, chunks],
    "WINDOWS-04": [around],
    "WINDOWS-05": [backwards],
}
CODE = ("arange", "unfold", "[:, None]")
