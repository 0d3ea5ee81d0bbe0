"""Puzzle ``tokens_before_end(tokens, end)``: how many tokens stand before the first end sign.

Shapes: tokens (n, T) of whole numbers -> (n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """tokens_before_end(tokens, end): how many tokens stand before the first end sign.

tokens has shape (n, T) and holds whole numbers, end is a whole number. The result has shape (n,):
entry i is the number of places in row i before the first that holds end, and T if none does."""


def reference(tokens, end):
    """One row after the other."""
    y = torch.zeros(len(tokens))
    for i in range(len(tokens)):
        for token in tokens[i]:
            if token == end:
                break
            y[i] += 1
    return y


def line(tokens, end):
    return ((tokens == end).cumsum(1) == 0).sum(1)


draft = Puzzle(
    "tokens_before_end", CONTRACT, reference, line,
    lambda rng, n, T: (whole(rng, 0, 2, n, T), 0), sizes=2, without=("argmax", "nonzero"),
    whole=("tokens", "end"), whole_results=True,
    terms={"at": lambda tokens, end: tokens == end, "none": lambda at: ~at.any(1),
           "T": lambda tokens: tokens.shape[1]},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[5, 3, 0, 4], [0, 2, 0, 7], [6, 1, 2, 3]], 0)
draft.probe("square", [[1, 9, 9], [9, 1, 1], [3, 2, 1]], 9)
draft.probe("none at all", [[1, 2, 3, 4, 5]], 0, has="a row without an end sign")
draft.probe("one column", [[0], [3]], 0, has="one column")
draft.probe("behind the end", [[4, 0, 4, 4, 4], [4, 4, 4, 4, 0]], 0)
draft.probe("no rows", whole(None, 0, 1, 0, 3), 1, has="no rows")

slip("BEFOREEND-01", "0 for a row without an end sign",
     "A row without an end sign gives 0, as if it began with one.",
     "What does your search say if it finds nothing?",
     out(lambda y, none: torch.where(none, 0, y)))
slip("BEFOREEND-02", "the end sign counts as well",
     "The end sign itself is counted.",
     "How many tokens stand before an end sign at place 0?",
     out(lambda y, none: torch.where(none, y, y + 1)), out(lambda y: y + 1))
slip("BEFOREEND-03", "everything but end signs",
     "What stands behind the first end sign is counted, too.",
     "Change a token behind the first end sign into an end sign. May the result change?",
     instead(lambda at: (~at).sum(1)))
slip("BEFOREEND-04", "the last end sign",
     "The last end sign of the row decides; the first should.",
     "From which side does your search come?",
     instead(lambda at, T: torch.where(at.any(1), T - 1 - at.flip(1).int().argmax(1), T)))
slip("BEFOREEND-05", "columns are counted",
     "The columns are counted through, one number for each. Each row is a text.",
     "Along which axis does a text run?",
     instead(lambda at: (at.cumsum(0) == 0).sum(0)))
slip("BEFOREEND-06", "end signs are counted",
     "This is the number of end signs in each row.",
     "A row whose first token is the end sign: what should come out?",
     instead(lambda at: at.sum(1)))

TASK = draft.task()
