"""Answers to ``segment_softmax``: right ones, each written on its own, and wrong ones."""

import torch


def loops(x, seg):
    y = torch.zeros(len(x))
    for group in seg.unique():
        y[seg == group] = x[seg == group].softmax(0)
    return y


def by_a_mask(x, seg):
    same = seg[:, None] == seg
    return torch.where(same, x, -torch.inf).softmax(1).diagonal()


def less_the_largest(x, seg):
    same = seg[:, None] == seg
    top = torch.where(same, x, -torch.inf).logsumexp(1)
    return (x - top).exp()


def for_all(x, seg):
    return torch.softmax(x, 0)


def no_exponential(x, seg):
    return x / ((seg[:, None] == seg).float() @ x)


def means(x, seg):
    same = (seg[:, None] == seg).float()
    return x.exp() / (same @ x.exp() / same.sum(1))


def late_exponential(x, seg):
    return x.exp() / ((seg[:, None] == seg).float() @ x).exp()


def neighbours(x, seg):
    y, start = torch.zeros(len(x)), 0
    for i in range(1, len(x) + 1):
        if i == len(x) or seg[i] != seg[start]:
            y[start:i] = x[start:i].softmax(0)
            start = i
    return y


def without_itself(x, seg):
    return x.exp() / ((seg[:, None] == seg).float() @ x.exp() - x.exp())


RIGHT = [loops, by_a_mask, less_the_largest]
WRONG = {
    "SEGSOFT-01": [for_all],
    "SEGSOFT-02": [no_exponential],
    "SEGSOFT-03": [means],
    "SEGSOFT-04": [late_exponential],
    "SEGSOFT-05": [neighbours],
    "SEGSOFT-06": [without_itself],
}
CODE = ("[:, None]", "@", "exp(x")
