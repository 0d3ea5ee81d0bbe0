"""Answers to ``macro_f1``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
from sklearn.metrics import f1_score


def loops(labels, guesses, c):
    scores = []
    for k in range(c):
        tp = fp = fn = 0
        for t, g in zip(labels, guesses):
            tp += int(t == k and g == k)
            fp += int(t != k and g == k)
            fn += int(t == k and g != k)
        p = tp / (tp + fp) if tp + fp else 0.0
        r = tp / (tp + fn) if tp + fn else 0.0
        scores.append(2 * p * r / (p + r) if p + r else 0.0)
    return sum(scores) / c


def from_table(labels, guesses, c):
    M = np.bincount(labels * c + guesses, minlength=c * c).reshape(c, c)
    both = M.sum(axis=0) + M.sum(axis=1)
    return np.mean(2 * M.diagonal() / np.maximum(both, 1))


def with_sets(labels, guesses, c):
    total = 0
    for k in range(c):
        has, said = set(np.flatnonzero(labels == k)), set(np.flatnonzero(guesses == k))
        total += 2 * len(has & said) / ((len(has) + len(said)) or 1)
    return total / c


def tensors(labels, guesses, c):
    T = torch.eye(c)[torch.as_tensor(labels)]
    G = torch.eye(c)[torch.as_tensor(guesses)]
    return (2 * (T * G).sum(0) / (T + G).sum(0).clamp(min=1)).mean()


def library(labels, guesses, c):
    return f1_score(labels, guesses, labels=range(c), average="macro", zero_division=0)


def accuracy(labels, guesses, c):
    return (labels == guesses).mean()


def micro(labels, guesses, c):
    return f1_score(labels, guesses, average="micro")


def weighted(labels, guesses, c):
    return f1_score(labels, guesses, average="weighted", zero_division=0)


def occurring(labels, guesses, c):
    return f1_score(labels, guesses, average="macro", zero_division=0)


def jaccard(labels, guesses, c):
    M = np.bincount(labels * c + guesses, minlength=c * c).reshape(c, c)
    tp = M.diagonal()
    return np.mean(tp / np.maximum(M.sum(0) + M.sum(1) - tp, 1))


def undefined(labels, guesses, c):
    M = torch.zeros(c, c)
    for t, g in zip(labels, guesses):
        M[t, g] += 1
    p, r = M.diag() / M.sum(0), M.diag() / M.sum(1)
    return (2 * p * r / (p + r)).mean()


def framework(labels, guesses, c):
    return f1_score(labels, guesses, labels=range(c), average="macro", zero_division=0)


RIGHT = [loops, from_table, with_sets, tensors, library]
WRONG = {"MACRO-01": [accuracy, micro], "MACRO-02": [weighted], "MACRO-06": [undefined],
         "MACRO-07": [occurring], "MACRO-09": [jaccard]}  # fmt: skip
CODE = ("bincount", "diag", "np.maximum")
