"""Puzzle ``left_padding_mask(lengths, T)``: True where a text stands that was filled up in front.

Shapes: lengths (n,) of whole numbers up to T -> (n, T).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """left_padding_mask(lengths, T): where the tokens are, if padding stands in front.

lengths has shape (n,), with whole numbers from 0 to T. The result has shape (n, T): row i is True
in its last lengths[i] places and False before them."""


def reference(lengths, T):
    """One row after the other."""
    mask = torch.zeros(len(lengths), T, dtype=torch.bool)
    for i in range(len(lengths)):
        for j in range(T):
            mask[i, j] = j >= T - int(lengths[i])
    return mask


def line(lengths, T):
    return torch.arange(T) >= T - lengths[:, None]


draft = Puzzle(
    "left_padding_mask", CONTRACT, reference, line,
    lambda rng, n, T: (whole(rng, 0, T, n), T), sizes=2, whole=("lengths", "T"),
    whole_results=True,
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [3, 0, 1], 4)
draft.probe("as many rows as places", [2, 3, 1], 3, has="as many rows as places")
draft.probe("empty and full", [0, 5], 5, has="an empty text")
draft.probe("one row", [2], 6, has="one row")
draft.probe("no rows", [], 3, has="no rows")

slip("LEFTPAD-01", "the padding stands behind",
     "The tokens stand at the left. Here the padding comes first, and the text ends at the right.",
     "Which column should be True in every row that is not empty?",
     instead(lambda lengths, T: torch.arange(T) < lengths[:, None]))
slip("LEFTPAD-02", "the padding is marked",
     "True marks the padding; it should mark the tokens.",
     "How many entries of row i should be True?",
     out(lambda mask: ~mask))
slip("LEFTPAD-03", "one token short",
     "Each row marks one token too few: the comparison leaves out the place at which the text "
     "begins.",
     "A text that is as long as the row: how many places should be True?",
     instead(lambda lengths, T: torch.arange(T) > T - lengths[:, None]))
slip("LEFTPAD-04", "one token too many",
     "Each row marks one token too many.",
     "A text without tokens: how many places should be True?",
     instead(lambda lengths, T: torch.arange(T) >= T - lengths[:, None] - 1))
slip("LEFTPAD-05", "places run down the rows",
     "Rows and columns are exchanged: each text should have a row.",
     "Along which axis do the places run?",
     out(lambda mask: mask.T))

TASK = draft.task()
