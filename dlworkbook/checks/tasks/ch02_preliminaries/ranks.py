"""Puzzle ``ranks(x)``: how many entries are smaller.

Shapes: x (n,) -> (n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """ranks(x): for each entry, how many entries are smaller.

x has shape (n,). The result has shape (n,): entry i is the number of j with x[j] < x[i]. Equal
entries have equal ranks."""


def reference(x):
    """One entry after the other."""
    y = torch.zeros(len(x))
    for i in range(len(x)):
        for other in x:
            y[i] += other < x[i]
    return y


draft = Puzzle(
    "ranks", CONTRACT, reference, lambda x: (x < x[:, None]).sum(1),
    lambda rng, n: ((numbers(rng, n + 3) * 2).round() / 2,), sizes=1,
    without=("sort", "argsort", "topk", "unique", "searchsorted", "msort", "kthvalue"),
    whole_results=True,
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [3, 9, 0.5, 4], shown="x = [3, 9, 0.5, 4]")
draft.probe("ties", [5, 2, 5, 7, 2, 1], has="equal entries", shown="x = [5, 2, 5, 7, 2, 1]")
draft.probe("all equal", [1, 1, 1], has="equal entries")
draft.probe("one entry", [-4], has="a single entry")
draft.probe("none", [], has="no entries")

slip("RANKS-01", "the places in sorted order",
     "This is the list of places to read x in order (what argsort gives). Asked for is the place "
     "at which each entry would stand.",
     "Does the number at place i belong to the entry at place i?",
     instead(lambda x: x.argsort(stable=True)))
slip("RANKS-02", "how many are larger",
     "The larger entries are counted; the smaller ones should be.",
     "Which rank has the smallest entry?",
     instead(lambda x: (x > x[:, None]).sum(1)),
     instead(lambda x: (-x).argsort(stable=True).argsort()))
slip("RANKS-03", "equal entries count as smaller",
     "Equal entries are counted as if they were smaller.",
     "All entries are equal. How many are smaller than the first?",
     instead(lambda x: (x <= x[:, None]).sum(1) - 1))
slip("RANKS-04", "counted from one",
     "The ranks begin at 1; the smallest entry has no smaller one.",
     "How many entries are smaller than the smallest?",
     out(lambda y: y + 1))
slip("RANKS-05", "ties are broken by place",
     "Equal entries get different ranks, in the order in which they stand.",
     "Two entries are equal. Is one of them smaller?",
     instead(lambda x: x.argsort(stable=True).argsort()))
slip("RANKS-06", "each value counts once",
     "Of equal smaller entries only one is counted.",
     "Two entries are equal, and smaller than a third. How many are smaller than that?",
     instead(lambda x: x.unique(return_inverse=True)[1]))

TASK = draft.task()
