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


def order(X, stable=True):
    """The columns of each row, largest entry first, equal ones from left to right."""
    return X.argsort(dim=-1, descending=True, stable=stable)


def falling(X):
    """The entries of each row, largest first."""
    return X.sort(dim=1, descending=True)[0]


def at_least(X, k):
    """All entries that reach the k-th largest of their row."""
    return falling(X)[:, k - 1 : k] <= X if k else torch.zeros(X.shape, dtype=torch.bool)


def both(core):
    """A slip that sorts: equal entries in their order, and in that of an unstable sort."""
    return [draft.instead(lambda X, k, stable=stable: core(X, k, stable))
            for stable in (True, False)]


def wide(n, m):
    """Rows of few values: an unstable sort shows only on more than 16 entries."""
    return torch.tensor([[i * 5 * j * j % 3 for j in range(m)] for i in range(n)]).double().numpy()


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
draft.probe("wide", wide(3, 40), 13, has=("equal entries", "more than 16 entries in a row"))

slip("TOPK-01", "equal entries get in as well",
     "Some rows have more than k times True: all entries that equal the last one taken get in.",
     "All entries of a row are equal, and k is 1. How many should be True?",
     instead(at_least), instead(lambda X, k: falling(X)[:, k - 1 : k] <= X),
     instead(lambda X, k: falling(X)[:, [k - 1]] <= X))
slip("TOPK-02", "the smallest entries",
     "The smallest entries are marked.",
     "In which direction does your order run?",
     *both(lambda X, k, stable: X.argsort(dim=1, stable=stable).argsort() < k))
slip("TOPK-03", "places instead of ranks",
     "The list of places in sorted order is compared with k. It does not say, for each place, "
     "which rank it has.",
     "What belongs to column 0: the first entry of that list?",
     *both(lambda X, k, stable: order(X, stable) < k))
slip("TOPK-04", "along the columns",
     "The largest entries of each column are marked; every row should have its own.",
     "How many entries are True in a row?",
     instead(lambda X, k: k > order(X.T).argsort().T))
slip("TOPK-05", "of all rows together",
     "The largest entries of the whole table are marked; every row should have its own.",
     "How many entries are True in a row?",
     *both(lambda X, k, stable: (order(X.flatten(), stable).argsort() < k).reshape(X.shape)))
slip("TOPK-06", "equal entries from the right",
     "Of equal entries those further to the right are taken.",
     "All entries of a row are equal, and k is 1. Which one should be True?",
     *both(lambda X, k, stable: X.argsort(dim=1, stable=stable).flip(1).argsort() < k))
slip("TOPK-07", "one too many",
     "One entry too many is marked in each row.",
     "For k = 1, which ranks are below k?",
     *both(lambda X, k, stable: order(X, stable).argsort() <= k))
slip("TOPK-08", "equal entries in any order",
     "Of equal entries any are taken, not those further to the left: the sort may put equal ones "
     "in another order. In short rows it happens not to.",
     "What does the sort promise for equal entries, and in which lengths of rows do you see it?",
     instead(lambda X, k: order(X, False).argsort() < k),
     instead(lambda X, k: (-X).argsort(dim=1).argsort() < k),
     instead(lambda X, k: torch.zeros_like(X).scatter(1, X.topk(k, dim=1)[1], 1)))
slip("TOPK-09", "equal entries stay out",
     "Some rows have fewer than k times True: what equals the largest entry left out is left out "
     "as well.",
     "All entries of a row are equal, and k is 1. How many should be True?",
     instead(lambda X, k: falling(X)[:, k : k + 1] < X if k < X.shape[1] else order(X) >= 0),
     instead(lambda X, k: falling(X)[:, [k]] < X))

TASK = draft.task()
