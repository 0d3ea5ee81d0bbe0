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


def sorted_threshold(X, k):
    return X.sort(dim=1, descending=True).values[:, k - 1, None] <= X


def sorted_slice(X, k):
    return X.sort(dim=1, descending=True)[0][:, k - 1 : k] <= X


def from_the_end(X, k):
    return X.sort(dim=1).values[:, -k:][:, :1] <= X


def smallest_of_topk(X, k):
    return X.topk(k, dim=1).values.amin(1, keepdim=True) <= X


def kth_value(X, k):
    return X.kthvalue(X.shape[1] - k + 1, dim=1, keepdim=True).values <= X


def counted_larger(X, k):
    return (X[:, None] > X[:, :, None]).sum(2) < k


def unstable(X, k):
    return X.argsort(dim=1, descending=True).argsort() < k


def unstable_negative(X, k):
    return (-X).argsort(dim=1).argsort() < k


def places_of_topk(X, k):
    mask = torch.zeros(X.shape, dtype=torch.bool)
    return mask.scatter(1, X.topk(k, dim=1).indices, True)


def unstable_flipped(X, k):
    return X.argsort(dim=1).flip(1).argsort(1) < k


def unstable_once(X, k):
    return X.argsort(dim=1, descending=True) < k


def strict(X, k):
    return X.sort(dim=1, descending=True)[0][:, k, None] < X


RIGHT = [loops, scattered, by_counting]
WRONG = {
    "TOPK-01": [threshold, sorted_threshold, sorted_slice, from_the_end, smallest_of_topk,
                kth_value, counted_larger],
    "TOPK-02": [smallest],
    "TOPK-03": [once, unstable_once],
    "TOPK-04": [each_column],
    "TOPK-05": [overall],
    "TOPK-06": [right_most, unstable_flipped],
    "TOPK-07": [too_many],
    "TOPK-08": [unstable, unstable_negative, places_of_topk],
    "TOPK-09": [strict],
}
CODE = ("argsort", "stable", "< k")
