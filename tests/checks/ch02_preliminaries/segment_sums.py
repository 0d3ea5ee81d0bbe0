"""Answers to ``segment_sums``: right ones, each written on its own, and wrong ones."""

import torch


def loops(X, seg, k):
    S = torch.zeros(k, X.shape[1])
    for i, group in enumerate(seg.tolist()):
        S[group] = S[group] + X[i]
    return S


def added_at(X, seg, k):
    return torch.zeros(k, X.shape[1]).index_add_(0, seg, X)


def by_eye(X, seg, k):
    return torch.eye(k)[seg].T @ X


def masked(X, seg, k):
    return (X * (seg == torch.arange(k)[:, None])[:, :, None]).sum(1)


def assigned(X, seg, k):
    S = torch.zeros(k, X.shape[1])
    S[seg] += X
    return S


def means(X, seg, k):
    M = torch.eye(k)[seg].T
    return M @ X / M.sum(1, keepdim=True)


def read(X, seg, k):
    return X[seg]


def occurring(X, seg, k):
    return (seg.unique()[:, None] == seg).float() @ X


def counts(X, seg, k):
    return torch.eye(k)[seg].T @ torch.ones_like(X)


def everything(X, seg, k):
    return X.sum(0).repeat(k, 1)


def framework(X, seg, k):
    return torch.zeros(k, X.shape[1]).double().index_add_(0, torch.tensor(seg), torch.tensor(X))


RIGHT = [loops, added_at, by_eye, masked]
WRONG = {
    "SEGMENTS-01": [assigned],
    "SEGMENTS-02": [means],
    "SEGMENTS-03": [read],
    "SEGMENTS-04": [occurring],
    "SEGMENTS-05": [counts],
    "SEGMENTS-06": [everything],
}
CODE = ("arange", "@", "==")
