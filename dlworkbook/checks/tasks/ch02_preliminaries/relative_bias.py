"""Puzzle ``relative_bias(b, n)``: a table that depends on the difference of its indices alone.

Shapes: b (2n - 1,) -> (n, n).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """relative_bias(b, n): a number for each difference of two positions.

b has shape (2n - 1,), n is a whole number of at least 1. b holds the numbers for the differences
-(n - 1), ..., 0, ..., n - 1, in this order. The result has shape (n, n): entry (i, j) is the number
for the difference j - i."""


def reference(b, n):
    """One pair of positions after the other."""
    T = torch.zeros(n, n)
    for i in range(n):
        for j in range(n):
            T[i, j] = b[n - 1 + j - i]
    return T


draft = Puzzle(
    "relative_bias", CONTRACT, reference,
    lambda b, n: b[torch.arange(n) - torch.arange(n)[:, None] + n - 1],
    lambda rng, n: (numbers(rng, 2 * n - 1), n), sizes=1, whole=("n",),
    terms={"D": lambda n: torch.arange(n) - torch.arange(n)[:, None]},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [10, 20, 30, 40, 50], 3)
draft.probe("two", [1, 5, 2], 2)
draft.probe("one", [7], 1, has="a single position")
draft.probe("four", [1, 2, 4, 8, 16, 32, 64], 4)

slip("RELATIVE-01", "a negative index counts from the end",
     "Negative differences read b from its end: a negative index is no error. Difference 0 has "
     "its number in the middle of b, not at its beginning.",
     "At which place of b is the number for difference 0?",
     instead(lambda b, D: b[D]))
slip("RELATIVE-02", "the difference is turned",
     "The difference is taken the other way round: i - j in place of j - i.",
     "Which entry of b belongs to the upper right corner?",
     out(lambda T: T.T))
slip("RELATIVE-03", "the sign of the difference is lost",
     "Both directions read the same number: the sign of the difference is lost.",
     "Are the numbers for -1 and 1 the same?",
     instead(lambda b, D: b[D.abs()]), instead(lambda b, D, n: b[D.abs() + n - 1]),
     instead(lambda b, D, n: b[n - 1 - D.abs()]))
slip("RELATIVE-04", "the sum of the positions",
     "The sum of the two positions picks the number; it should be their difference.",
     "Along which diagonals is the result constant?",
     instead(lambda b, n: b[torch.arange(n) + torch.arange(n)[:, None]]))

TASK = draft.task()
