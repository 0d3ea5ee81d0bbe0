"""Puzzle ``segment_softmax(x, seg)``: a softmax within each group.

Shapes: x (n,), seg (n,) of whole numbers -> (n,).
"""

from __future__ import annotations

import math

import torch

from ._puzzle import Puzzle, numbers, whole

CONTRACT = """segment_softmax(x, seg): a softmax within each group.

x has shape (n,), with entries between -8 and 8. seg has shape (n,) and holds for each entry the
number of its group, any whole number, in any order. The result has shape (n,): entry i is exp(x[i])
divided by the sum of exp(x[j]) over all j in the group of i."""


def reference(x, seg):
    """One entry after the other."""
    y = torch.zeros(len(x))
    for i in range(len(x)):
        total = sum(math.exp(x[j]) for j in range(len(x)) if seg[j] == seg[i])
        y[i] = math.exp(x[i]) / total
    return y


def over(same, e):
    """Each entry, divided by the sum over those that count as the same group."""
    return e / (same.float() @ e)


def line(x, seg):
    return x.exp() / ((seg[:, None] == seg).float() @ x.exp())


def runs(seg):
    """A number for each run of equal neighbours."""
    return (seg.diff(prepend=seg[:1]) != 0).cumsum(0)


draft = Puzzle(
    "segment_softmax", CONTRACT, reference, line,
    lambda rng, n: (numbers(rng, n + 3), whole(rng, -1, 1, n + 3)), sizes=1,
    without=("softmax", "log_softmax", "logsumexp", "scatter_reduce"),
    whole=("seg",),
    terms={"same": lambda seg: seg[:, None] == seg, "e": lambda x: x.exp()},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [0, 1, 0, 2], [5, 5, 8, 8])
draft.probe("groups that are torn apart", [1, 0, 0, -1, 2], [0, 1, 0, 1, 0],
            has="groups that are torn apart")
draft.probe("one group", [2, -1, 0.5], [3, 3, 3], has="a single group")
draft.probe("one entry each", [2, -1, 7], [2, 0, 1], has="groups of one entry")
draft.probe("none", [], [], has="no entries")

slip("SEGSOFT-01", "one softmax for all",
     "The sum runs over all entries; it should run over the group.",
     "What should the results of one group add up to?",
     instead(lambda e: e / e.sum()))
slip("SEGSOFT-02", "the scores are divided as they are",
     "The scores themselves are divided by their sum: the exponential is missing.",
     "What should come out for a score of 0?",
     instead(lambda x, same: over(same, x)))
slip("SEGSOFT-03", "the mean of the group",
     "The exponential is divided by the mean of its group, not by the sum.",
     "What should the results of one group add up to?",
     out(lambda y, same: y * same.sum(1)))
slip("SEGSOFT-04", "only the sum of scores",
     "The exponential of the sum of the scores stands below, where the sum of the exponentials "
     "should.",
     "For two scores of 0: is the number below 1 or 2?",
     instead(lambda x, same: (x - same.float() @ x).exp()))
slip("SEGSOFT-05", "groups end at a break",
     "Only neighbours count as a group: one that is torn apart is treated as two.",
     "Two equal numbers of a group with another one between them: do they belong together?",
     instead(lambda seg, e: over(runs(seg)[:, None] == runs(seg), e)))
slip("SEGSOFT-06", "the others of the group only",
     "The entry itself is missing in the sum below.",
     "A group of one entry: what should come out?",
     instead(lambda same, e: over(same & ~torch.eye(len(e), dtype=torch.bool), e)))

TASK = draft.task()
