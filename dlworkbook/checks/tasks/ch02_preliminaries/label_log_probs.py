"""Puzzle ``label_log_probs(P, labels)``: from each row the entry that its label names.

Shapes: P (n, c), labels (n,) -> (n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers, whole

CONTRACT = """label_log_probs(P, labels): from each row of P the entry of its label.

P has shape (n, c), labels has shape (n,) and holds whole numbers from 0 to c - 1. The result has
shape (n,): entry i is P[i, labels[i]]."""


def reference(P, labels):
    """One row after the other."""
    y = torch.zeros(len(P))
    for i in range(len(P)):
        y[i] = P[i, labels[i]]
    return y


def line(P, labels):
    return P[torch.arange(len(P)), labels]


draft = Puzzle(
    "label_log_probs", CONTRACT, reference, line,
    lambda rng, n, c: (numbers(rng, n, c) - 2, whole(rng, 0, c - 1, n)), sizes=2,
    without=("gather", "take_along_dim", "nll_loss", "cross_entropy"), whole=("labels",),
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[-1, -2, -3], [-4, -5, -6]], [2, 0])
draft.probe("square", [[-1, -2, -4], [-3, -7, -5], [-6, -9, -8]], [1, 2, 1],
            has="as many classes as rows")
draft.probe("one class", [[-1], [-3]], [0, 0], has="one class")
draft.probe("one row", [[-2, -1, -5]], [2], has="one row")
draft.probe("no rows", numbers(None, 0, 3), [], has="no rows")

slip("LABELLOG-01", "every row with every label",
     "Each row is read at all labels, so a table comes out. Row i should be read at its own label "
     "only.",
     "How many numbers should come out?",
     instead(lambda P, labels: P[:, labels]))
slip("LABELLOG-02", "whole rows",
     "Labels pick whole rows. A label is the number of a column.",
     "Along which axis do the classes run?",
     instead(lambda P, labels: P[labels]))
slip("LABELLOG-03", "row and column are exchanged",
     "The label picks the row, and the example the column: the two indices are exchanged.",
     "Which index of P counts the examples?",
     instead(lambda P, labels: P[labels, torch.arange(len(P))]))
slip("LABELLOG-04", "the largest entry of each row",
     "This is the largest entry of each row; the label has no say in it.",
     "Change one label. Does the result change?",
     instead(lambda P: P.amax(1)))
slip("LABELLOG-05", "the sign is turned",
     "The sign is turned, as a loss has it. Here the entries are wanted as they stand.",
     "Are the entries of P negative? And those of the result?",
     out(lambda y: -y))
slip("LABELLOG-06", "one number for all",
     "The entries are added up or averaged; each row should keep its own.",
     "How many numbers should come out?",
     out(lambda y: y.sum()), out(lambda y: y.mean()), out(lambda y: -y.mean()))

TASK = draft.task()
