"""Answers to ``one_hot``: right ones, each written on its own, and wrong ones."""

import torch
import torch.nn.functional as F


def loops(labels, c):
    return torch.tensor([[float(j == y) for j in range(c)] for y in labels]).reshape(-1, c)


def truth_values(labels, c):
    return labels[:, None] == torch.arange(c)


def rows_of_eye(labels, c):
    return torch.eye(c)[labels]


def transposed(labels, c):
    return torch.arange(c)[:, None] == labels


def from_one(labels, c):
    return (labels[:, None] == torch.arange(1, c + 1)).int()


def too_narrow(labels, c):
    return F.one_hot(labels)


def one_row(labels, c):
    row = torch.zeros(c)
    row[labels] = 1
    return row


def all_columns(labels, c):
    H = torch.zeros(len(labels), c)
    H[:, labels] = 1
    return H


def not_equal(labels, c):
    return labels[:, None] != torch.arange(c)


def framework(labels, c):
    return F.one_hot(torch.tensor(labels), c)


RIGHT = [loops, truth_values, rows_of_eye]
WRONG = {
    "ONEHOT-01": [transposed],
    "ONEHOT-02": [from_one],
    "ONEHOT-03": [too_narrow],
    "ONEHOT-04": [one_row, all_columns],
    "ONEHOT-05": [not_equal],
}
CODE = ("[:, None]", "arange", "==")
