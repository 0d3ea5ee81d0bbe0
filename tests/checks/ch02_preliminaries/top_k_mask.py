"""Answers to ``top_k_mask``: right ones, each written on its own, and wrong ones."""

import torch


def loops(X, k):
    rows = []
    for row in X.tolist():
        best = sorted(range(len(row)), key=lambda j: (-row[j], j))[:k]
        rows.append([float(j in best) for j in range(len(row))])
    return torch.tensor(rows)


def scattered(X, k):
    best = X.argsort(dim=1, descending=True, stable=True)[:, :k]
    return torch.zeros_like(X).scatter_(1, best, 1)


def by_counting(X, k):
    j = torch.arange(X.shape[1])
    ahead = X[:, None] > X[:, :, None]
    ties = (X[:, None] == X[:, :, None]) & (j < j[:, None])
    return (ahead | ties).sum(2) < k


def threshold(X, k):
    best = X.topk(k, dim=1)[0]
    return best[:, -1:] <= X if k else torch.zeros(X.shape)


def smallest(X, k):
    return X.argsort(dim=1, stable=True).argsort(dim=1) < k


def once(X, k):
    return X.argsort(dim=1, descending=True, stable=True) < k


def each_column(X, k):
    order = X.argsort(dim=0, descending=True, stable=True)
    return order.argsort(dim=0) < k


def overall(X, k):
    best = X.flatten().argsort(descending=True, stable=True)[:k]
    mask = torch.zeros(X.numel())
    mask[best] = 1
    return mask.reshape(X.shape)


def right_most(X, k):
    return X.argsort(dim=1, stable=True).flip(1).argsort(dim=1) < k


def too_many(X, k):
    return X.argsort(dim=1, descending=True, stable=True).argsort(dim=1) <= k


RIGHT = [loops, scattered, by_counting]
WRONG = {
    "TOPK-01": [threshold],
    "TOPK-02": [smallest],
    "TOPK-03": [once],
    "TOPK-04": [each_column],
    "TOPK-05": [overall],
    "TOPK-06": [right_most],
    "TOPK-07": [too_many],
}
CODE = ("argsort", "stable", "< k")
