"""Puzzle ``segment_sums(X, seg, k)``: the sum of the rows of each group.

Shapes: X (n, d), seg (n,) of whole numbers below k -> (k, d).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers, whole

CONTRACT = """segment_sums(X, seg, k): the sum of the rows of each group.

X has shape (n, d). seg has shape (n,) and holds for each row the number of its group, from 0 to
k - 1, in any order. The result has shape (k, d): row g is the sum of all rows of X in group g, and
zero for a group without rows."""


def reference(X, seg, k):
    """One row after the other."""
    S = torch.zeros(k, X.shape[1])
    for i in range(len(X)):
        S[seg[i]] += X[i]
    return S


def members(seg, k):
    """(k, n): 1 where a row belongs to a group."""
    return (torch.arange(k)[:, None] == seg).float()


def overwritten(X, seg, k):
    """Only the last row of each group."""
    S = torch.zeros(k, X.shape[1])
    for row, group in zip(X, seg, strict=True):
        S[group] = row
    return S


draft = Puzzle(
    "segment_sums", CONTRACT, reference, lambda X, seg, k: members(seg, k) @ X,
    lambda rng, n, d, k: (numbers(rng, n, d), whole(rng, 0, k - 2, n), k), sizes=3,
    without=("index_add", "index_add_", "scatter_add", "scatter_add_", "bincount", "index_reduce"),
    whole=("seg", "k"), terms={"count": lambda seg, k: members(seg, k).sum(1, keepdim=True)},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[1, 10], [2, 20], [4, 40], [8, 80]], [1, 0, 1, 1], 3)
draft.probe("as many groups as rows", [[1, 2], [3, 5], [4, 7]], [2, 0, 2], 3,
            has="as many groups as rows")
draft.probe("one group", [[1, 2, 3], [5, 7, 1]], [0, 0], 1, has="a single group")
draft.probe("one row each", [[1], [2], [4]], [2, 0, 1], 3, has="one row in each group")
draft.probe("no rows", numbers(None, 0, 2), [], 2, has="no rows")

slip("SEGMENTS-01", "the last row of a group wins",
     "Of each group only one row is left: rows are stored at the group's place, one over the "
     "other, not added.",
     "Does an assignment at an index that occurs twice add or replace?",
     instead(overwritten))
slip("SEGMENTS-02", "the mean of each group",
     "This is the mean of each group; the sum is asked for.",
     "Write all rows down twice. Should the result change?",
     out(lambda S, count: S / count.clamp(min=1)), out(lambda S, count: S / count))
slip("SEGMENTS-03", "read at the group numbers",
     "Rows are read at the group numbers. The numbers say where a row goes to, not where it comes "
     "from.",
     "How many rows should come out?",
     instead(lambda X, seg: X[seg]))
slip("SEGMENTS-04", "groups without rows are left out",
     "A group without rows has no row in the result; it should have zeros.",
     "Which argument says how many groups there are?",
     out(lambda S, count: S[count[:, 0] > 0]), out(lambda S, seg: S[: seg.max() + 1]))
slip("SEGMENTS-05", "the rows are counted",
     "Rows are counted, one each; their numbers do not enter.",
     "Change an entry of X. Does the result change?",
     instead(lambda count: count), instead(lambda X, count: count.expand(-1, X.shape[1])))
slip("SEGMENTS-06", "the same sum for all",
     "Every group gets the sum of all rows: nothing says which rows belong to it.",
     "Does seg enter your result?",
     out(lambda S: S.sum(0) + 0 * S))

TASK = draft.task()
