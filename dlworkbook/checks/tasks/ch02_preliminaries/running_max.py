"""Puzzle ``running_max(x)``: the largest entry so far.

Shapes: x (n,) -> (n,).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """running_max(x): the largest entry so far.

x has shape (n,), with n at least 1, and finite entries of any sign. The result has shape (n,):
entry i is the largest of x[0], ..., x[i]."""


def reference(x):
    """One entry after the other."""
    y = x.clone()
    for i in range(1, len(x)):
        y[i] = max(y[i - 1], x[i])
    return y


def line(x):
    return (x + torch.full((len(x), len(x)), -torch.inf).triu(1)).amax(1)


draft = Puzzle(
    "running_max", CONTRACT, reference, line, lambda rng, n: (numbers(rng, n + 3) - 1,), sizes=1,
    without=("cummax", "logcumsumexp", "accumulate"), terms={"n": lambda x: len(x)},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [-3, -5, 1, 0, 4], shown="x = [-3, -5, 1, 0, 4]")
draft.probe("negative", [-4, -2, -3, -1.5], has="negative entries only",
            shown="x = [-4, -2, -3, -1.5]")
draft.probe("falling", [6, 5, 2, 1], has="falling entries")
draft.probe("one entry", [-7], has="a single entry")

slip("RUNMAX-01", "zeros beat negative entries",
     "What comes later counts as 0, and 0 is larger than any negative entry.",
     "Which number never wins a maximum?",
     instead(lambda x, n: x.expand(n, n).tril().amax(1)))
slip("RUNMAX-02", "the largest from here on",
     "The largest of the entries from i on; it should be the largest up to i.",
     "What should the first entry of the result be?",
     out(lambda y, x: line(x.flip(0)).flip(0)))
slip("RUNMAX-03", "the largest of all",
     "This is the largest of all entries, at every place.",
     "What should the first entry of the result be?",
     out(lambda y: y.amax() + 0 * y), out(lambda y: y.amax()))
slip("RUNMAX-04", "the largest of two neighbours",
     "Each entry is compared with the one before it only.",
     "A large entry stands two places before. Does it count?",
     instead(lambda x: torch.cat((x[:1], torch.maximum(x[1:], x[:-1])))))
slip("RUNMAX-05", "the entry itself is left out",
     "The entry at the place itself does not count.",
     "What should come out where x has its largest entry?",
     instead(lambda x: torch.cat((x[:1], line(x)[:-1]))),
     instead(lambda x: torch.cat((x.new_full((1,), -torch.inf), line(x)[:-1]))))
slip("RUNMAX-06", "the running sum",
     "This is the sum of the entries so far.",
     "May a maximum be larger than every entry?",
     instead(lambda x: x.cumsum(0)))

TASK = draft.task()
