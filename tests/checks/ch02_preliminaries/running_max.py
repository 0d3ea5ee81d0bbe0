"""Answers to ``running_max``: right ones, each written on its own, and wrong ones."""

import torch


def loops(x):
    return torch.stack([x[: i + 1].max() for i in range(len(x))])


def cumulative(x):
    return x.cummax(0).values


def where_earlier(x):
    i = torch.arange(len(x))
    return torch.where(i <= i[:, None], x, -torch.inf).amax(1)


def padded_with_zeros(x):
    return x.repeat(len(x), 1).tril().max(1).values


def from_here_on(x):
    i = torch.arange(len(x))
    return torch.where(i >= i[:, None], x, -torch.inf).amax(1)


def of_all(x):
    return x.max().expand(len(x)).clone()


def of_two(x):
    return torch.maximum(x, x.roll(1).index_fill(0, torch.tensor([0]), -torch.inf))


def strict(x):
    i = torch.arange(len(x))
    return torch.where(i < i[:, None], x, -torch.inf).amax(1)


def sums(x):
    return torch.cumsum(x, 0)


def framework(x):
    return torch.cummax(torch.tensor(x), 0).values


RIGHT = [loops, cumulative, where_earlier]
WRONG = {
    "RUNMAX-01": [padded_with_zeros],
    "RUNMAX-02": [from_here_on],
    "RUNMAX-03": [of_all],
    "RUNMAX-04": [of_two],
    "RUNMAX-05": [strict],
    "RUNMAX-06": [sums],
}
CODE = ("inf", "triu", "amax")
