"""Answers to ``queue_positions``: right ones, each written on its own, and wrong ones."""

import torch


def loops(e):
    e = e.tolist()
    return torch.tensor([e[:i].count(x) for i, x in enumerate(e)])


def running_counts(e):
    same = e[:, None] == e
    return same.cumsum(1).diagonal() - 1


def where_earlier(e):
    i = torch.arange(len(e))
    return ((e[:, None] == e) & (i < i[:, None])).sum(1)


def from_one(e):
    return (e[:, None] == e).tril().sum(1)


def behind(e):
    return (e[:, None] == e).tril(-1).sum(0)


def all_equal(e):
    return (e == e[:, None]).sum(1)


def places(e):
    return torch.arange(len(e))


def neighbour(e):
    return torch.tensor([float(i > 0 and e[i] == e[i - 1]) for i in range(len(e))])


def sorted_stably(e):
    return e.argsort(stable=True).argsort() - (e < e[:, None]).sum(1)


def sorted_somehow(e):
    first = torch.searchsorted(e.sort().values, e)
    return torch.argsort(torch.argsort(e)) - first


RIGHT = [loops, running_counts, where_earlier, sorted_stably]
WRONG = {
    "QUEUE-01": [from_one],
    "QUEUE-02": [behind],
    "QUEUE-03": [all_equal],
    "QUEUE-04": [places],
    "QUEUE-05": [neighbour],
    "QUEUE-06": [sorted_somehow],
}
CODE = ("tril", "[:, None]", "==")
