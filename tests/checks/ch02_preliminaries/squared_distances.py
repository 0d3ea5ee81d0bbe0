"""Answers to ``squared_distances``: right ones, each written on its own, and wrong ones."""

import torch


def loops(X, Y):
    return torch.tensor([[((x - y) ** 2).sum() for y in Y] for x in X]).reshape(len(X), len(Y))


def expanded(X, Y):
    return (X**2).sum(1, keepdim=True) - 2 * X @ Y.T + (Y**2).sum(1)


def by_einsum(X, Y):
    E = X.unsqueeze(1) - Y.unsqueeze(0)
    return torch.einsum("ijk,ijk->ij", E, E)


def roots(X, Y):
    return torch.cdist(X, Y)


def turned(X, Y):
    return ((X - Y[:, None]) ** 2).sum(-1)


def row_by_row(X, Y):
    return (X - Y).pow(2).sum(-1)


def wrong_axis(X, Y):
    return ((X[:, None] - Y) ** 2).sum(1)


def late_square(X, Y):
    return (X[:, None] - Y).sum(-1) ** 2


def manhattan(X, Y):
    return (X[:, None] - Y).abs().sum(-1)


def means(X, Y):
    return (X[:, None] - Y).square().mean(-1)


def no_mixed_term(X, Y):
    return X.square().sum(1)[:, None] + Y.square().sum(1)[None]


def framework(X, Y):
    return torch.cdist(torch.tensor(X), torch.tensor(Y)) ** 2


RIGHT = [loops, expanded, by_einsum]
WRONG = {
    "DISTANCES-01": [roots],
    "DISTANCES-02": [turned],
    "DISTANCES-03": [row_by_row],
    "DISTANCES-04": [wrong_axis],
    "DISTANCES-05": [late_square],
    "DISTANCES-06": [manhattan],
    "DISTANCES-07": [means],
    "DISTANCES-08": [no_mixed_term],
}
TWO = [("DISTANCES-01", "DISTANCES-02")]
CODE = ("[:, None]", ".sum(", "** 2")
