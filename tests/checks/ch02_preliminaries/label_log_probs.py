"""Answers to ``label_log_probs``: right ones, each written on its own, and wrong ones."""

import torch
import torch.nn.functional as F


def loops(P, labels):
    return torch.tensor([float(P[i, y]) for i, y in enumerate(labels)])


def gathered(P, labels):
    return P.gather(1, labels[:, None])[:, 0]


def masked(P, labels):
    return (P * (labels[:, None] == torch.arange(P.shape[1]))).sum(1)


def diagonal(P, labels):
    return P[:, labels].diagonal()


def table(P, labels):
    return P[:, labels]


def rows(P, labels):
    return P[labels]


def exchanged(P, labels):
    return P[labels, range(len(P))]


def largest(P, labels):
    return P.max(dim=1).values


def losses(P, labels):
    return F.nll_loss(P, labels, reduction="none")


def loss(P, labels):
    return F.nll_loss(P, labels)


def framework(P, labels):
    return -F.nll_loss(torch.tensor(P), torch.tensor(labels), reduction="none")


RIGHT = [loops, gathered, masked, diagonal]
WRONG = {
    "LABELLOG-01": [table],
    "LABELLOG-02": [rows],
    "LABELLOG-03": [exchanged],
    "LABELLOG-04": [largest],
    "LABELLOG-05": [losses],
    "LABELLOG-06": [loss],
}
CODE = ("arange", "gather", "P[i")
