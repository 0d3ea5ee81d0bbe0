"""Puzzle ``rotate_pairs(X)``: neighbours (u, v) in a row become (-v, u).

Shapes: X (n, d) with d even -> (n, d).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """rotate_pairs(X): each pair of neighbours turned by a right angle.

X has shape (n, d), with d even. In every row the columns 0 and 1 form a pair, 2 and 3 the next, and
so on. The result has shape (n, d): where X has a pair (u, v), it has (-v, u)."""


def reference(X):
    """One pair after the other."""
    Y = torch.zeros_like(X)
    for i in range(len(X)):
        for j in range(0, X.shape[1], 2):
            Y[i, j], Y[i, j + 1] = -X[i, j + 1], X[i, j]
    return Y


def pairs(first, second):
    """Columns of two tables in turn."""
    return torch.stack((first, second), 2).flatten(1)


draft = Puzzle(
    "rotate_pairs", CONTRACT, reference, lambda X: pairs(-X[:, 1::2], X[:, ::2]),
    lambda rng, n, m: (numbers(rng, n, 2 * m),), sizes=2,
    terms={"u": lambda X: X[:, ::2], "v": lambda X: X[:, 1::2],
           "half": lambda X: X.shape[1] // 2},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[1, 2, 3, 4]])
draft.probe("one pair", [[3, 1], [0, 2]], has="rows of one pair")
draft.probe("square", [[1, 0, 5, -2], [2, 7, 1, 1], [0, 3, -1, 4], [6, 2, 2, 8]])
draft.probe("no rows", numbers(None, 0, 4), has="no rows")

slip("ROTATE-01", "halves instead of neighbours",
     "The first half of a row is paired with the second half. Here the pairs are neighbours.",
     "With which column is column 0 paired?",
     instead(lambda X, half: torch.cat((-X[:, half:], X[:, :half]), 1)))
slip("ROTATE-02", "turned the other way",
     "The minus stands at the wrong one of the two: this turns in the other direction.",
     "The pair (1, 0) should become (0, 1). Does it?",
     out(lambda Y: -Y))
slip("ROTATE-03", "no minus",
     "The two of a pair are exchanged, and the minus is missing.",
     "A right angle twice turns (1, 0) into (-1, 0). Does it here?",
     instead(lambda u, v: pairs(v, u)))
slip("ROTATE-04", "written over before it was read",
     "One of the two is written over before it was read: a slice is a view of the tensor, not a "
     "copy.",
     "After the first assignment, is the old number still anywhere?",
     instead(lambda v: pairs(-v, -v)), instead(lambda u: pairs(-u, u)))
slip("ROTATE-05", "all first ones, then all second ones",
     "The numbers are right, but all first ones of the pairs come first, and all second ones "
     "behind them.",
     "Which two numbers should stand side by side?",
     instead(lambda u, v: torch.cat((-v, u), 1)))
slip("ROTATE-06", "only the sign",
     "The signs are changed, but the two of a pair keep their places.",
     "Where does u stand in the result?",
     instead(lambda u, v: pairs(-u, v)), instead(lambda u, v: pairs(u, -v)))

TASK = draft.task()
