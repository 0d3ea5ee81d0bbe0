"""Puzzle ``causal_window(q, k, w)``: which keys a query may see, by their positions.

Shapes: q (n,), k (m,) of whole numbers -> (n, m).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """causal_window(q, k, w): which keys each query may see.

q has shape (n,) and k has shape (m,): the positions of queries and keys in a text, whole numbers.
w is a whole number of at least 1. The result has shape (n, m): entry (i, j) is True if the key at
k[j] is not later than the query at q[i], and one of the last w positions up to q[i], which itself
counts as one of them."""


def reference(q, k, w):
    """One pair after the other."""
    mask = torch.zeros(len(q), len(k), dtype=torch.bool)
    for i in range(len(q)):
        for j in range(len(k)):
            mask[i, j] = int(q[i]) - w < int(k[j]) <= int(q[i])
    return mask


def line(q, k, w):
    return (k <= q[:, None]) & (k > q[:, None] - w)


draft = Puzzle(
    "causal_window", CONTRACT, reference, line,
    lambda rng, n, m, w: (whole(rng, 2, 9, n), whole(rng, 0, 9, m), w - 1), sizes=3,
    whole=("q", "k", "w"), whole_results=True, terms={"gap": lambda q, k: q[:, None] - k},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [4, 2], [0, 1, 2, 3, 4], 2)
draft.probe("as many keys as queries", [0, 1, 2, 3], [0, 1, 2, 3], 2,
            has="as many keys as queries")
draft.probe("a window of one", [3, 1], [0, 1, 2, 3], 1, has="a window of one")
draft.probe("a wide window", [5, 6], [1, 4, 5, 6, 7], 20, has="a window wider than the text")
draft.probe("one query", [7], [4, 5, 6, 7, 8], 3, has="one query")
draft.probe("no keys", [1, 2], [], 2, has="no keys")

slip("WINDOW-01", "the future is seen",
     "Keys that come later than the query are seen: nothing hides them.",
     "May a query at 2 see a key at 3?",
     instead(lambda gap, w: gap < w))
slip("WINDOW-02", "the window has no end",
     "All earlier keys are seen: the window has no end on the left.",
     "Change w. Does the result change?",
     instead(lambda gap: gap >= 0))
slip("WINDOW-03", "one position too many",
     "The window is one position too wide: the query's own position counts as one of w.",
     "Which positions does a window of one hold?",
     instead(lambda gap, w: (gap >= 0) & (gap <= w)))
slip("WINDOW-04", "a query does not see its own position",
     "A query does not see the key at its own position.",
     "Is the key at the query's own position later than the query?",
     instead(lambda gap, w: (gap > 0) & (gap < w)),
     instead(lambda gap, w: (gap > 0) & (gap <= w)))
slip("WINDOW-05", "a window on both sides",
     "The window reaches as far into the future as into the past.",
     "Is the sign of the difference lost somewhere?",
     instead(lambda gap, w: gap.abs() < w))
slip("WINDOW-06", "queries run along the columns",
     "Rows and columns are exchanged: queries should run down the rows.",
     "Which index of the result counts the queries?",
     out(lambda mask: mask.T))
slip("WINDOW-07", "positions are counted anew",
     "Positions are counted from 0 along the axes. They stand in q and k, and need not begin "
     "there.",
     "Add 10 to all entries of q and of k. May the result change?",
     draft.given(q=lambda q: torch.arange(len(q)), k=lambda k: torch.arange(len(k))))
slip("WINDOW-08", "True means hidden",
     "True marks what is hidden; it should mark what is seen.",
     "How many keys should a query see with a window of one?",
     out(lambda mask: ~mask))

TASK = draft.task()
