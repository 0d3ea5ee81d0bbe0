"""Answers to ``log_sum_exp``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch


def shifted(X):
    top = X.max(axis=1, keepdims=True)
    return (top + np.log(np.exp(X - top).sum(axis=1, keepdims=True)))[:, 0]


def pairwise(X):
    y = X[:, 0].copy()
    for column in X.T[1:]:
        y = np.logaddexp(y, column)
    return y


def one_pass(X):
    found = []
    for row in X.tolist():
        top, total = -math.inf, 0.0
        for x in row:
            if x > top:
                top, total = x, total * math.exp(top - x) + 1
            else:
                total += math.exp(x - top)
        found.append(top + math.log(total))
    return np.array(found)


def tensors(X):
    top, _ = X.max(dim=1)
    return top + (X - top[:, None]).exp().sum(dim=1).log()


def library(X):
    return torch.logsumexp(torch.as_tensor(X), 1)


def naive(X):
    return torch.log(torch.exp(X).sum(dim=1))


def forgets(X):
    return np.log(np.exp(X - X.max(1, keepdims=True)).sum(1))


def everywhere(X):
    top = X.max()
    return np.log(np.exp(X - top).sum(axis=1)) + top


def columns(X):
    return torch.logsumexp(torch.tensor(X), dim=0)


def soft(X):
    return torch.softmax(torch.tensor(X), 1)


def framework(X):
    return torch.logsumexp(torch.tensor(X), 1)


RIGHT = [shifted, pairwise, one_pass, tensors, library]
WRONG = {"LSE-01": [naive], "LSE-02": [forgets], "LSE-03": [columns], "LSE-08": [everywhere],
         "LSE-09": [soft]}  # fmt: skip
CODE = (".max(", "keepdims", "logaddexp")
