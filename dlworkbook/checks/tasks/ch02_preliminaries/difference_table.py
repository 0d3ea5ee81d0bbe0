"""Puzzle ``difference_table(a, b)``: every entry of one list minus every entry of another.

Shapes: a (n,), b (m,) -> (n, m).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """difference_table(a, b): every entry of a minus every entry of b.

a has shape (n,), b has shape (m,). The result has shape (n, m): entry (i, j) is a[i] - b[j]."""


def reference(a, b):
    """One entry after the other."""
    D = torch.zeros(len(a), len(b))
    for i in range(len(a)):
        for j in range(len(b)):
            D[i, j] = a[i] - b[j]
    return D


draft = Puzzle(
    "difference_table", CONTRACT, reference, lambda a, b: a[:, None] - b,
    lambda rng, n, m: (numbers(rng, n), numbers(rng, m)), sizes=2,
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [5, 1], [0, 2, 9])
draft.probe("equally many", [3, 0, 7], [1, 2, 5], has="as many entries in a as in b")
draft.probe("one against three", [4], [1, 4, 6], has="a list of one entry")
draft.probe("three against one", [1, 4, 6], [4], has="a list of one entry")
draft.probe("nothing against two", [], [1, 2], has="an empty list")

slip("DIFFERENCE-01", "the wrong way round",
     "The sign is turned: entries of a are taken from those of b.",
     "Which of the two is subtracted?",
     out(lambda D: -D))
slip("DIFFERENCE-02", "a runs along the columns",
     "Rows and columns are exchanged: a should run down the rows, b along a row.",
     "Which index of the result counts through a?",
     out(lambda D: D.T))
slip("DIFFERENCE-03", "one pair after the other",
     "Each entry meets its partner at the same place only. Every entry of a should meet every "
     "entry of b.",
     "How many differences should there be?",
     instead(lambda a, b: a - b))
slip("DIFFERENCE-04", "the sign is lost",
     "These are distances: the sign is lost.",
     "May an entry be negative?",
     out(lambda D: D.abs()))
slip("DIFFERENCE-05", "a sum",
     "Entries are added, where one should be taken from the other.",
     "What should an entry minus itself give?",
     instead(lambda a, b: a[:, None] + b))

TASK = draft.task()
