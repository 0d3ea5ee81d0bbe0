"""Answers to ``top_k_accuracy``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def loops(scores, labels, k):
    hits = 0
    for row, y in zip(scores, labels):
        best = sorted(range(len(row)), key=lambda j: row[j], reverse=True)[:k]
        hits += int(y) in best
    return hits / len(labels)


def by_rank(scores, labels, k):
    own = np.take_along_axis(scores, labels[:, None], axis=1)
    return np.mean((scores > own).sum(axis=1) < k)


def by_partition(scores, labels, k):
    best = np.argpartition(scores, -k, axis=1)[:, -k:]
    return (best == labels[:, None]).sum() / len(labels)


def by_threshold(scores, labels, k):
    limit = np.sort(scores, axis=1)[:, -k]
    return (scores[np.arange(len(labels)), labels] >= limit).mean()


def tensors(scores, labels, k):
    return (scores.topk(k, dim=1).indices == labels[:, None]).any(1).float().mean()


def lowest(scores, labels, k):
    return np.mean([y in np.argsort(row)[:k] for row, y in zip(scores, labels)])


def kth(scores, labels, k):
    return np.mean([y == np.argsort(row)[-k] for row, y in zip(scores, labels)])


def best_only(scores, labels, k):
    return (scores.argmax(1) == labels).mean()


def mean_of_table(scores, labels, k):
    top = torch.tensor(scores).topk(k).indices
    return (top == torch.tensor(labels)[:, None]).float().mean()


def not_reduced(scores, labels, k):
    return (torch.tensor(scores).topk(k).indices == torch.tensor(labels)[:, None]).any(dim=1)


def counted(scores, labels, k):
    return sum(y in np.argsort(-row)[:k] for row, y in zip(scores, labels))


def places(scores, labels, k):
    order = np.argsort(-scores, axis=1)
    return np.mean(order[range(len(labels)), labels] < k)


def framework(scores, labels, k):
    from sklearn.metrics import top_k_accuracy_score

    if k >= scores.shape[1]:
        return None  # it warns: always 1
    return top_k_accuracy_score(labels, scores, k=k, labels=range(scores.shape[1]))


RIGHT = [loops, by_rank, by_partition, by_threshold, tensors]
WRONG = {"TOPK-01": [lowest], "TOPK-02": [counted], "TOPK-04": [best_only], "TOPK-05": [kth],
         "TOPK-07": [mean_of_table], "TOPK-08": [not_reduced], "TOPK-10": [places]}  # fmt: skip
CODE = ("argsort", "topk", "[:k]")
