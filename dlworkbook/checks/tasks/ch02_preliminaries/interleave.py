"""Puzzle ``interleave(a, b)``: two lists, entry by entry in turn.

Shapes: a (n,), b (n,) -> (2n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """interleave(a, b): the entries of a and b in turn, a first.

a and b have shape (n,). The result has shape (2n,): a[0], b[0], a[1], b[1], ..."""


def reference(a, b):
    """One entry after the other."""
    y = torch.zeros(2 * len(a))
    for i in range(len(a)):
        y[2 * i] = a[i]
        y[2 * i + 1] = b[i]
    return y


draft = Puzzle(
    "interleave", CONTRACT, reference, lambda a, b: torch.stack((a, b), 1).flatten(),
    lambda rng, n: (numbers(rng, n), numbers(rng, n)), sizes=1,
)
instead, slip = draft.instead, draft.slip

draft.probe("small", [1, 2, 3], [7, 8, 9])
draft.probe("two and two", [4, 0], [6, 5])
draft.probe("one and one", [3], [8], has="lists of one entry")
draft.probe("empty", [], [], has="empty lists")
# An unstable sort shows only on more than 16 entries.
draft.probe("long", list(range(20)), list(range(40, 60)), shown="")

slip("INTERLEAVE-01", "one behind the other",
     "The whole of b stands behind the whole of a. They should take turns.",
     "What stands at place 1, right behind the first entry of a?",
     instead(lambda a, b: torch.cat((a, b))))
slip("INTERLEAVE-02", "b comes first",
     "b begins; a should.",
     "Which list gives the first entry?",
     *draft.variants("swapped", "a", "b"))
slip("INTERLEAVE-03", "still a table",
     "The pairs are right, but the result is a table; it should be a single row of numbers.",
     "How many axes should the result have?",
     instead(lambda a, b: torch.stack((a, b), 1)), instead(lambda a, b: torch.stack((a, b))))
slip("INTERLEAVE-04", "only one of the lists",
     "One list is written down twice, the other not at all.",
     "Change an entry of b only. Does the result change?",
     draft.given(b=lambda a: a), draft.given(a=lambda b: b))

TASK = draft.task()
