"""Answers to ``roc_auc``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
from sklearn.metrics import average_precision_score, roc_auc_score


def loops(scores, labels):
    positive = [s for s, y in zip(scores, labels) if y == 1]
    negative = [s for s, y in zip(scores, labels) if y == 0]
    won = 0
    for p in positive:
        for n in negative:
            won += (p > n) + 0.5 * (p == n)
    return won / (len(positive) * len(negative))


def by_ranks(scores, labels):
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = counts.cumsum() - (counts - 1) / 2
    P = labels.sum()
    return (mean_rank[place][labels == 1].sum() - P * (P + 1) / 2) / (P * (len(labels) - P))


def trapezoids(scores, labels):
    x, y = [0.0], [0.0]
    for t in sorted(set(scores.tolist()), reverse=True):
        taken = scores >= t
        x.append((taken & (labels == 0)).sum() / (labels == 0).sum())
        y.append((taken & (labels == 1)).sum() / (labels == 1).sum())
    return sum((b - a) * (u + v) / 2 for a, b, u, v in zip(x, x[1:], y, y[1:]))


def signs(scores, labels):
    D = torch.as_tensor(scores)[labels == 1, None] - torch.as_tensor(scores)[labels == 0]
    return (torch.sign(D).float().mean() + 1) / 2


def library(scores, labels):
    return roc_auc_score(labels, scores)


def searched(scores, labels):
    low = np.sort(scores[labels == 0])
    high = scores[labels == 1]
    below, not_above = np.searchsorted(low, high), np.searchsorted(low, high, "right")
    return (below + not_above).mean() / 2 / len(low)


def strict(scores, labels):
    s, t = scores[labels == 1], scores[labels == 0]
    return np.mean([a > b for a in s for b in t])


def follows_the_list(scores, labels):
    y = labels[np.argsort(-scores, kind="mergesort")]
    area = height = 0
    for one in y:
        if one:
            height += 1
        else:
            area += height
    return area / (y.sum() * (len(y) - y.sum()))


def ap(scores, labels):
    return average_precision_score(labels, scores)


def turned(scores, labels):
    return roc_auc_score(labels, -scores)


def framework(scores, labels):
    return roc_auc_score(labels, scores)


RIGHT = [loops, by_ranks, trapezoids, signs, library, searched]
WRONG = {"AUC-01": [strict], "AUC-03": [turned], "AUC-04": [follows_the_list],
         "AUC-09": [ap]}  # fmt: skip
CODE = ("argsort", "labels == 1", "np.sign")
