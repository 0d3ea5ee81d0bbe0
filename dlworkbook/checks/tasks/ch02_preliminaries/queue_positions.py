"""Puzzle ``queue_positions(e)``: how many earlier entries name the same thing.

Shapes: e (n,) of whole numbers -> (n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, whole

CONTRACT = """queue_positions(e): each entry's place in the queue of those that are equal to it.

e has shape (n,) and holds whole numbers. The result has shape (n,): entry i is the number of
earlier entries, with an index below i, that equal e[i]."""


def reference(e):
    """One entry after the other."""
    y = torch.zeros(len(e))
    for i in range(len(e)):
        for j in range(i):
            y[i] += e[j] == e[i]
    return y


draft = Puzzle(
    "queue_positions", CONTRACT, reference, lambda e: (e[:, None] == e).tril(-1).sum(1),
    lambda rng, n: (whole(rng, -1, 1, n + 3),), sizes=1, whole=("e",), whole_results=True,
    terms={"same": lambda e: e[:, None] == e},
)
out, instead, slip = draft.out, draft.instead, draft.slip


def sorted_places(e, stable):
    """From a sort: how far behind the first of its kind each entry stands in it."""
    return e.argsort(stable=stable).argsort() - (e < e[:, None]).sum(1)


draft.probe("small", [7, 4, 7, 7, 4], shown="e = [7, 4, 7, 7, 4]")
draft.probe("all equal", [3, 3, 3, 3], has="all entries equal")
draft.probe("all different", [5, 1, 3], has="all entries different")
draft.probe("one entry", [2], has="a single entry")
draft.probe("none", [], has="no entries")
draft.probe("many", [5 * j * j % 3 for j in range(40)], has="more than 16 entries", shown="")

slip("QUEUE-01", "counted from one",
     "Each entry counts itself: the first of its kind should have 0 before it.",
     "How many earlier entries does the very first one have?",
     out(lambda y: y + 1))
slip("QUEUE-02", "those behind are counted",
     "The equal entries behind are counted, not those before.",
     "What should stand at the last entry of a kind that occurs three times?",
     instead(lambda same: same.triu(1).sum(1)))
slip("QUEUE-03", "all of a kind are counted",
     "All equal entries are counted, wherever they stand.",
     "Do the first and the last of a kind get the same number?",
     instead(lambda same: same.sum(1)), instead(lambda same: same.sum(1) - 1))
slip("QUEUE-04", "earlier entries of any kind",
     "All earlier entries are counted, equal or not.",
     "Does it matter what the entries are?",
     instead(lambda e: torch.arange(len(e))))
slip("QUEUE-05", "only the neighbour",
     "Only the entry right before is looked at.",
     "May other entries stand between two equal ones?",
     instead(lambda same: same.tril(-1).triu(-1).sum(1)))
slip("QUEUE-06", "equal entries in any order",
     "The sort that your line rests on may exchange equal entries, and their order is what is "
     "asked for. In short lists it happens not to.",
     "What does the sort promise for equal entries, and from which length on do you see it?",
     instead(lambda e: sorted_places(e, False)))

TASK = draft.task()
