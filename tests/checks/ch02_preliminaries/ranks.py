"""Answers to ``ranks``: right ones, each written on its own, and wrong ones."""

import torch


def loops(x):
    return torch.tensor([sum(float(other < own) for other in x) for own in x])


def searched(x):
    return torch.searchsorted(x.sort()[0], x)


def counted_down(x):
    return (x[:, None] < x).sum(0)


def argsorted(x):
    return x.argsort(stable=True)


def larger(x):
    return (x[:, None] < x).sum(1)


def with_equals(x):
    return (x <= x[:, None]).sum(1) - 1


def from_one(x):
    return (x < x[:, None]).sum(1) + 1


def equals_and_itself(x):
    return (x <= x[:, None]).sum(1)


def argsorted_twice(x):
    return x.argsort(stable=True).argsort()


def dense(x):
    return torch.unique(x, return_inverse=True)[1]


def from_the_top(x):
    return x.argsort(descending=True).argsort()


RIGHT = [loops, searched, counted_down]
WRONG = {
    "RANKS-01": [argsorted],
    "RANKS-02": [larger, from_the_top],
    "RANKS-03": [with_equals],
    "RANKS-04": [from_one],
    "RANKS-05": [argsorted_twice],
    "RANKS-06": [dense],
    ("RANKS-03", "RANKS-04"): [equals_and_itself],
}
CODE = ("[:, None]", "sum", "x[j] <")
