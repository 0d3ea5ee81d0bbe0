"""Puzzle ``top_k_mask(X, k)``: the k largest entries of each row, and of equal ones the first.

Shapes: X (n, m) -> (n, m).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """top_k_mask(X, k): where the k largest entries of each row stand.

X has shape (n, m), k is a whole number from 0 to m. The result has shape (n, m), with k times True
in each row, at its k largest entries. Where equal entries compete for the last places, those
further to the left get them."""


def reference(X, k):
    """One row after the other: k times the first of the largest that are left."""
    mask = torch.zeros(X.shape, dtype=torch.bool)
    for i in range(len(X)):
        for _ in range(k):
            best = None
            for j in range(X.shape[1]):
                if not mask[i, j] and (best is None or X[i, j] > X[i, best]):
                    best = j
            mask[i, best] = True
    return mask


def order(X):
    """The columns of each row, largest entry first, equal ones from left to right."""
    return X.argsort(dim=-1, descending=True, stable=True)


def at_least(X, k):
    """All entries that reach the k-th largest of their row."""
    best = X.sort(dim=1, descending=True)[0]
    return best[:, k - 1 : k] <= X if k else torch.zeros(X.shape, dtype=torch.bool)


draft = Puzzle(
    "top_k_mask", CONTRACT, reference, lambda X, k: order(X).argsort() < k,
    lambda rng, n, m: ((numbers(rng, n, m) * 2).round() / 2, m // 2), sizes=2,
    without=("topk", "kthvalue", "scatter", "scatter_"), whole=("k",), whole_results=True,
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[3, 9, 4, 1], [2, 2, 8, 2]], 2)
draft.probe("square", [[1, 5, 3], [7, 2, 9], [4, 6, 5]], 1, has="as many rows as columns")
draft.probe("ties only", [[5, 5, 5, 5, 5]], 3, has="equal entries")
draft.probe("all", [[3, 1, 2], [0, -4, 7]], 3, has="all entries are taken")
draft.probe("none", [[3, 1, 2], [0, -4, 7]], 0, has="no entry is taken")
draft.probe("negative", [[-3, -1, -2, -8, -5, -4], [-1, -6, -7, -3, -9, -2]], 4)

slip("TOPK-01", "equal entries get in as well",
     "Some rows have more than k times True: all entries that equal the last one taken get in.",
     "All entries of a row are equal, and k is 1. How many should be True?",
     instead(at_least))
slip("TOPK-02", "the smallest entries",
     "The smallest entries are marked.",
     "In which direction does your order run?",
     instead(lambda X, k: X.argsort(dim=1, stable=True).argsort() < k))
slip("TOPK-03", "places instead of ranks",
     "The list of places in sorted order is compared with k. It does not say, for each place, "
     "which rank it has.",
     "What belongs to column 0: the first entry of that list?",
     instead(lambda X, k: order(X) < k))
slip("TOPK-04", "along the columns",
     "The largest entries of each column are marked; every row should have its own.",
     "How many entries are True in a row?",
     instead(lambda X, k: X.argsort(dim=0, descending=True, stable=True).argsort(dim=0) < k))
slip("TOPK-05", "of all rows together",
     "The largest entries of the whole table are marked; every row should have its own.",
     "How many entries are True in a row?",
     instead(lambda X, k: (order(X.flatten()).argsort() < k).reshape(X.shape)))
slip("TOPK-06", "equal entries from the right",
     "Of equal entries those further to the right are taken.",
     "All entries of a row are equal, and k is 1. Which one should be True?",
     instead(lambda X, k: (order(X.flip(1)).argsort() < k).flip(1)))
slip("TOPK-07", "one too many",
     "One entry too many is marked in each row.",
     "For k = 1, which ranks are below k?",
     instead(lambda X, k: order(X).argsort() <= k))

TASK = draft.task()
