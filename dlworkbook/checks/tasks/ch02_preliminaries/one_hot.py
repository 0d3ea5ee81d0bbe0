"""Puzzle ``one_hot(labels, c)``: a row for each label, with a single 1.

Shapes: labels (n,) of whole numbers below c -> (n, c).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """one_hot(labels, c): a row for each label, with a 1 at its place and 0 elsewhere.

labels has shape (n,) and holds whole numbers from 0 to c - 1. The result has shape (n, c); entry
(i, j) is 1 if labels[i] is j."""


def reference(labels, c):
    """One row after the other."""
    H = torch.zeros(len(labels), c)
    for i in range(len(labels)):
        H[i, labels[i]] = 1
    return H


def marks(labels, columns):
    """Rows against any columns."""
    return (labels[:, None] == columns).float()


draft = Puzzle(
    "one_hot", CONTRACT, reference, lambda labels, c: marks(labels, torch.arange(c)),
    lambda rng, n, c: (whole(rng, 0, c - 2, n), c), sizes=2, without=("one_hot", "eye"),
    whole=("labels", "c"), whole_results=True,
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [2, 0, 2], 4)
draft.probe("as many classes as labels", [1, 0, 2], 3, has="as many classes as labels")
draft.probe("one label", [1], 3, has="one label")
draft.probe("one class", [0, 0], 1, has="one class")
draft.probe("no labels", [], 2, has="no labels")

slip("ONEHOT-01", "the classes stand in the rows",
     "Rows and columns are exchanged: each label should have a row.",
     "How many rows should there be, one for each label or one for each class?",
     out(lambda H: H.T))
slip("ONEHOT-02", "classes are counted from one",
     "The 1 stands one place too far to the left: classes are counted from 0.",
     "Where does the 1 of label 0 stand?",
     instead(lambda labels, c: marks(labels, 1 + torch.arange(c))))
slip("ONEHOT-03", "the largest label decides the width",
     "The last columns are missing: a class that no label names still has a column.",
     "Which of the two arguments says how many columns there are?",
     instead(lambda labels, c: marks(labels, torch.arange(labels.max() + 1))))
slip("ONEHOT-04", "all labels in one row",
     "All labels are marked in one and the same row.",
     "What says which row a label belongs to?",
     out(lambda H: H.any(0)), out(lambda H: H.any(0) + 0 * H))
slip("ONEHOT-05", "zeros and ones are exchanged",
     "The 0 stands where the 1 should be, and the other way round.",
     "How many entries of a row are 1?",
     out(lambda H: 1 - H))

TASK = draft.task()
