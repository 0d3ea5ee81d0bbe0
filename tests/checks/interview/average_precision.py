"""Answers to ``average_precision``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def area_of_strips(scores, hits, objects):
    tp = hits[np.argsort(-scores)].cumsum()
    precision = tp / np.arange(1, len(tp) + 1)
    recall = np.concatenate([[0], tp / objects])
    for i in range(len(precision) - 2, -1, -1):
        precision[i] = max(precision[i], precision[i + 1])
    return np.sum(np.diff(recall) * precision)


def from_the_end(scores, hits, objects):
    pairs = sorted(zip(scores.tolist(), hits.tolist()))
    left, found = len(pairs), sum(hit for _, hit in pairs)
    best = area = 0.0
    for _, hit in pairs:  # the smallest score first
        best = max(best, found / left)
        if hit:
            area += best / objects
            found -= 1
        left -= 1
    return area


def by_recall(scores, hits, objects):
    tp = np.cumsum(hits[scores.argsort()[::-1]])
    precision = tp / (np.arange(len(tp)) + 1)
    return sum(precision[tp >= k].max() for k in range(1, int(tp[-1]) + 1)) / objects


def tensors(scores, hits, objects):
    y = torch.as_tensor(hits)[torch.as_tensor(scores).argsort(descending=True)]
    p = y.cumsum(0) / torch.arange(1, len(y) + 1)
    return (p.flip(0).cummax(0).values.flip(0) * y).sum() / objects


def trapezoids_under_steps(scores, hits, objects):
    tp = hits[np.argsort(-scores)].cumsum()
    p = np.maximum.accumulate((tp / np.arange(1, len(tp) + 1))[::-1])[::-1]
    p, r = np.r_[p[0], p], np.r_[0, tp / objects]
    return np.sum((p[1:] + p[:-1]) / 2 * np.diff(r))  # where recall grows, both are equal


def as_it_stands(scores, hits, objects):
    y = hits[np.argsort(-scores)]
    return (y * y.cumsum() / np.arange(1, len(y) + 1)).sum() / objects


def of_those_found(scores, hits, objects):
    return from_the_end(scores, hits, hits.sum()) if hits.any() else np.nan


def in_list_order(scores, hits, objects):
    return from_the_end(np.arange(len(scores), 0, -1), hits, objects)


def with_a_corner(scores, hits, objects):
    tp = hits[np.argsort(-scores)].cumsum()
    p, r = np.r_[1, tp / np.arange(1, len(tp) + 1)], np.r_[0, tp / objects]
    return np.sum((p[1:] + p[:-1]) / 2 * np.diff(r))


def from_the_first_recall(scores, hits, objects):
    tp = hits[np.argsort(-scores)].cumsum()
    p = np.maximum.accumulate((tp / np.arange(1, len(tp) + 1))[::-1])[::-1]
    return np.sum((p[1:] + p[:-1]) / 2 * np.diff(tp / objects))


RIGHT = [area_of_strips, from_the_end, by_recall, tensors, trapezoids_under_steps]
WRONG = {"AP-01": [of_those_found], "AP-02": [in_list_order], "AP-04": [as_it_stands],
         "AP-09": [with_a_corner], "AP-11": [from_the_first_recall]}  # fmt: skip
CODE = ("cumsum", "argsort", "accumulate", "cummax")
