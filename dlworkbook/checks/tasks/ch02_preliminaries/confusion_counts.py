"""Puzzle ``confusion_counts(y, y_hat, c)``: how often each class was taken for each other.

Shapes: y (n,), y_hat (n,) of whole numbers below c -> (c, c).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """confusion_counts(y, y_hat, c): how often each class was taken for each other.

y and y_hat have shape (n,) and hold the true and the predicted class of each example, from 0 to
c - 1. The result has shape (c, c): entry (t, p) is the number of examples of the class t for which
p was predicted."""


def reference(y, y_hat, c):
    """One example after the other."""
    C = torch.zeros(c, c)
    for t, p in zip(y, y_hat, strict=True):
        C[t, p] += 1
    return C


draft = Puzzle(
    "confusion_counts", CONTRACT, reference,
    lambda y, y_hat, c: torch.eye(c)[y].T @ torch.eye(c)[y_hat],
    lambda rng, n, c: (whole(rng, 0, c - 1, 3 * n), whole(rng, 0, c - 1, 3 * n), c), sizes=2,
    without=("bincount", "histc", "index_add", "index_add_", "scatter_add", "scatter_add_",
             "index_put_", "put_"),
    whole=("y", "y_hat", "c"), whole_results=True, terms={"n": lambda y: len(y)},
)
out, slip = draft.out, draft.slip

draft.probe("small", [0, 1, 1, 2, 1], [0, 1, 2, 2, 2], 3)
draft.probe("as many classes as examples", [0, 0, 2], [1, 1, 2], 3,
            has="as many classes as examples")
draft.probe("two classes", [0, 0, 0, 1], [1, 1, 0, 1], 2)
draft.probe("a class that does not occur", [2, 2, 0], [0, 0, 2], 4,
            has="a class that does not occur")
draft.probe("one class", [0, 0], [0, 0], 1, has="one class")
draft.probe("no examples", [], [], 2, has="no examples")

slip("CONFUSION-01", "predictions in the rows",
     "Rows and columns are exchanged: the true class should choose the row.",
     "What does the sum of a row say?",
     out(lambda C: C.T))
slip("CONFUSION-02", "each pair counts once",
     "Each pair of classes counts once, however often it occurs: += at an index that occurs twice "
     "adds once.",
     "What should all entries add up to?",
     out(lambda C: C.clamp(max=1)))
slip("CONFUSION-03", "shares instead of counts",
     "These are shares; counts are asked for.",
     "Write all examples down twice. Should the result change?",
     out(lambda C: C / C.sum(1, keepdim=True)), out(lambda C, n: C / n),
     out(lambda C: C / C.sum(1, keepdim=True).clamp(min=1)))
slip("CONFUSION-04", "hits only",
     "Only the diagonal is filled: mistakes are not counted.",
     "What should all entries add up to?",
     out(lambda C: C * torch.eye(len(C))))
slip("CONFUSION-05", "every example with every other",
     "Each true class meets the predictions of all examples. An example's own two classes belong "
     "together.",
     "What should all entries add up to?",
     out(lambda C: C.sum(1)[:, None] * C.sum(0)))

TASK = draft.task()
