"""Puzzle ``sliding_windows(x, k)``: all windows of k neighbours, a row for each.

Shapes: x (n,) -> (n - k + 1, k).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """sliding_windows(x, k): all windows of k neighbours, a row for each.

x has shape (n,), k is a whole number from 1 to n. The result has shape (n - k + 1, k): row i holds
x[i], ..., x[i + k - 1]."""


def reference(x, k):
    """One entry after the other."""
    W = torch.zeros(len(x) - k + 1, k)
    for i in range(len(x) - k + 1):
        for j in range(k):
            W[i, j] = x[i + j]
    return W


def table(x, rows, k):
    """Windows that begin at the places ``rows``, round the end if need be."""
    return x[(rows[:, None] + torch.arange(k)) % len(x)]


draft = Puzzle(
    "sliding_windows", CONTRACT, reference,
    lambda x, k: x[torch.arange(len(x) - k + 1)[:, None] + torch.arange(k)],
    lambda rng, n, k: (numbers(rng, n + k), k), sizes=2,
    without=("unfold", "as_strided", "Unfold"), whole=("k",), terms={"n": lambda x: len(x)},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [1, 2, 4, 8, 16], 3)
draft.probe("square", [3, 1, 4, 1, 5], 3, has="as many windows as places in one")
draft.probe("windows of one", [2, 7, 1], 1, has="windows of one")
draft.probe("one window", [2, 7, 1], 3, has="a single window")
draft.probe("windows of two", [1, 0, 6, 2, 9, 3], 2)

slip("WINDOWS-01", "windows stand in the columns",
     "Rows and columns are exchanged: each window should be a row.",
     "How many rows should there be?",
     out(lambda W: W.T))
slip("WINDOWS-02", "the last window is missing",
     "The last window is missing.",
     "In which window is the last entry of x?",
     out(lambda W: W[:-1]))
slip("WINDOWS-03", "windows do not overlap",
     "Each window begins where the one before ends. It should begin one place further.",
     "How far apart are the first entries of two neighbouring windows?",
     out(lambda W, k: W[::k]))
slip("WINDOWS-04", "windows reach round the end",
     "There is a window for every entry, and the last ones go on at the beginning of x.",
     "At which entry does the last window begin that still fits?",
     instead(lambda x, k, n: table(x, torch.arange(n), k)))
slip("WINDOWS-05", "windows run backwards",
     "Each window is read from its end.",
     "Which entry of x stands first in the first window?",
     out(lambda W: W.flip(1)))

TASK = draft.task()
