"""Puzzle ``patches(X, p)``: an image cut into squares, a row for each.

Shapes: X (H, W), both divisible by p -> (H / p * W / p, p * p).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """patches(X, p): an image cut into squares of p by p, a row for each.

X has shape (H, W), and p divides H and W. The result has shape (H / p * W / p, p * p): the squares
in reading order (the top row of squares first, from left to right), and within each square its
entries in reading order."""


def reference(X, p):
    """One square after the other."""
    H, W = X.shape
    P = torch.zeros(H // p * (W // p), p * p)
    row = 0
    for top in range(0, H, p):
        for left in range(0, W, p):
            for i in range(p):
                for j in range(p):
                    P[row, i * p + j] = X[top + i, left + j]
            row += 1
    return P


def cut(X, p, order=(0, 2, 1, 3)):
    """Axes (square row, row in it, square column, column in it), moved and made one table."""
    squares = X.reshape(len(X) // p, p, X.shape[1] // p, p).permute(order)
    return squares.reshape(-1, p * p)


draft = Puzzle(
    "patches", CONTRACT, reference, cut,
    lambda rng, h, w, p: (numbers(rng, h * p, w * p), p), sizes=3, whole=("p",),
    without=("unfold", "as_strided", "Unfold"),
)
instead, slip = draft.instead, draft.slip

draft.probe("small", [[1, 2, 3, 4], [5, 6, 7, 8]], 2)
draft.probe("square", [[1, 2, 3, 4], [5, 6, 7, 8], [9, 8, 7, 6], [5, 4, 3, 2]], 2,
            has="a square image")
draft.probe("squares of one", [[1, 2, 3], [4, 5, 6]], 1, has="squares of one entry")
draft.probe("one square", [[1, 2], [3, 4]], 2, has="a single square")

slip("PATCHES-01", "cut without moving axes",
     "The numbers are dealt out in reading order of the whole image: its axes were not moved, so a "
     "row of the result is no square.",
     "Which four entries of the image are in its upper left square?",
     instead(lambda X, p: X.reshape(-1, p * p)))
slip("PATCHES-02", "squares from top to bottom",
     "The squares come column by column; the top row of squares should come first.",
     "Which square is the second one?",
     instead(lambda X, p: cut(X, p, (2, 0, 1, 3))))
slip("PATCHES-03", "each square is transposed",
     "Each square is read column by column.",
     "Which entry of the image stands second in the first row?",
     instead(lambda X, p: cut(X, p, (0, 2, 3, 1))))
slip("PATCHES-04", "still a table of squares",
     "The squares are right and still have axes of their own; each should be one row.",
     "How many axes should the result have?",
     instead(lambda X, p: X.reshape(len(X) // p, p, -1, p).transpose(1, 2)),
     instead(lambda X, p: X.reshape(len(X) // p, p, -1, p).transpose(1, 2).flatten(0, 1)),
     instead(lambda X, p: X.reshape(len(X) // p, p, -1, p).transpose(1, 2).flatten(2)))
slip("PATCHES-05", "squares stand in the columns",
     "Rows and columns are exchanged: each square should be a row.",
     "How many rows should there be?",
     draft.out(lambda P: P.T))

TASK = draft.task()
