"""Puzzle ``squared_distances(X, Y)``: between every row of one table and every row of another.

Shapes: X (n, d), Y (m, d) -> (n, m).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """squared_distances(X, Y): between every row of X and every row of Y.

X has shape (n, d), Y has shape (m, d). The result has shape (n, m): entry (i, j) is the sum over k
of (X[i, k] - Y[j, k]) ** 2."""


def reference(X, Y):
    """One difference after the other."""
    D = torch.zeros(len(X), len(Y))
    for i in range(len(X)):
        for j in range(len(Y)):
            for k in range(X.shape[1]):
                D[i, j] += (X[i, k] - Y[j, k]) ** 2
    return D


draft = Puzzle(
    "squared_distances", CONTRACT, reference, lambda X, Y: ((X[:, None] - Y) ** 2).sum(2),
    lambda rng, n, m, d: (numbers(rng, n, d), numbers(rng, m, d)), sizes=3,
    without=("cdist", "pairwise_distance", "norm", "vector_norm"),
    terms={"E": lambda X, Y: X[:, None] - Y},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[0, 0], [3, 1], [2, 2]], [[3, 4], [0, 2]])
draft.probe("equally many rows", [[1, 0, 2], [4, 1, 1]], [[0, 0, 1], [2, 5, 1]],
            has="as many rows in X as in Y")
draft.probe("all alike", [[1, 2, 0], [3, 3, 1], [0, 5, 2]], [[2, 2, 1], [1, 4, 1], [0, 1, 7]],
            has="as many rows in X as in Y")
draft.probe("one column", [[1], [5]], [[2], [4], [9]], has="one column")
draft.probe("one row each", [[1, 2]], [[4, 0]], has="one row")
draft.probe("no rows in X", numbers(None, 0, 2), [[1, 2]], has="no rows")

slip("DISTANCES-01", "the root is taken",
     "These are the distances themselves; their squares are asked for.",
     "Does the task speak of a root?",
     out(lambda D: D.sqrt()))
slip("DISTANCES-02", "X runs along the columns",
     "Rows and columns are exchanged: the rows of X should run down.",
     "Which index of the result counts the rows of X?",
     out(lambda D: D.T))
slip("DISTANCES-03", "row i with row i only",
     "Each row of X meets one row of Y only, the one with the same number.",
     "How many distances should there be?",
     instead(lambda X, Y: ((X - Y) ** 2).sum(1)))
slip("DISTANCES-04", "summed over the wrong axis",
     "The sum runs over rows, and the columns are left. It should run over the columns.",
     "Which of the indices i, j and k does the result lack?",
     instead(lambda E: (E**2).sum(1)), instead(lambda E: (E**2).sum(0)))
slip("DISTANCES-05", "the square of the sum",
     "The differences are added first and squared then, so that they may cancel.",
     "What is the square of 1 - 1, and what the sum of the squares of 1 and -1?",
     instead(lambda E: E.sum(2) ** 2))
slip("DISTANCES-06", "absolute values",
     "The absolute differences are added, not their squares.",
     "What does a difference of 3 add?",
     instead(lambda E: E.abs().sum(2)))
slip("DISTANCES-07", "the mean over the columns",
     "This is the mean over the columns, where the sum is asked for.",
     "Does the result depend on a column that is equal in all rows?",
     instead(lambda E: (E**2).mean(2)))
slip("DISTANCES-08", "the mixed term is missing",
     "The squares of both are added, and the mixed term of the binomial is missing.",
     "What should the distance of a row to itself be?",
     instead(lambda X, Y: (X**2).sum(1)[:, None] + (Y**2).sum(1)))

TASK = draft.task()
