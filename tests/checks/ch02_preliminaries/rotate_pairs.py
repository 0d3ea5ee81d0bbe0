"""Answers to ``rotate_pairs``: right ones, each written on its own, and wrong ones."""

import torch


def loops(X):
    rows = [[z for u, v in zip(r[::2], r[1::2]) for z in (-v, u)] for r in X]
    return torch.tensor(rows).reshape(X.shape)


def a_copy(X):
    Y = X.clone()
    Y[:, ::2], Y[:, 1::2] = -X[:, 1::2], X[:, ::2]
    return Y


def by_a_matrix(X):
    turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    return (X.reshape(len(X), X.shape[1] // 2, 2) @ turn).reshape(X.shape)


def complex_numbers(X):
    z = torch.view_as_complex(X.reshape(len(X), X.shape[1] // 2, 2).contiguous()) * 1j
    return torch.view_as_real(z).reshape(X.shape)


def halves(X):
    u, v = X.chunk(2, dim=1)
    return torch.cat((-v, u), dim=1)


def other_way(X):
    return torch.stack((X[:, 1::2], -X[:, ::2]), dim=2).flatten(1)


def exchanged(X):
    return torch.stack((X[:, 1::2], X[:, ::2]), dim=2).flatten(1)


def overwritten(X):
    Y = X.clone()
    Y[:, ::2] = -Y[:, 1::2]
    Y[:, 1::2] = Y[:, ::2]
    return Y


def overwritten_with_a_view(X):
    Y = X.clone()
    u = Y[:, ::2]
    Y[:, ::2] = -Y[:, 1::2]
    Y[:, 1::2] = u
    return Y


def grouped(X):
    return torch.stack((-X[:, 1::2], X[:, ::2]), dim=1).flatten(1)


def signs(X):
    Y = X.clone()
    Y[:, ::2] *= -1
    return Y


RIGHT = [loops, a_copy, by_a_matrix, complex_numbers]
WRONG = {
    "ROTATE-01": [halves],
    "ROTATE-02": [other_way],
    "ROTATE-03": [exchanged],
    "ROTATE-04": [overwritten, overwritten_with_a_view],
    "ROTATE-05": [grouped],
    "ROTATE-06": [signs],
}
CODE = ("stack", "flatten", "::2")
