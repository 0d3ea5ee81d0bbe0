"""Task ``log_sum_exp(X)``: the logarithm of the sum of exponentials of each row, for any size.

Shapes: X (n, q) -> (n,).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """log_sum_exp(X): the logarithm of the sum of the exponentials of each row.

X has shape (n, q), q at least 1; the result has shape (n,). It must come out right, without inf and
nan, for finite scores of any size that float32 holds, such as 1000 or -1000."""


def reference(X):
    """One row after the other; the largest exponent of each row is 0."""
    y = np.zeros(len(X))
    for i, row in enumerate(X):
        y[i] = max(row) + math.log(sum(math.exp(value - max(row)) for value in row))
    return y


def total(X, shift):
    return np.log(np.exp(X - shift).sum(1))


draft = Draft(
    "log_sum_exp", CONTRACT, reference,
    terms={"top": lambda X: X.max(1), "q": lambda X: X.shape[1]},
    traits={
        "more than one row": lambda X: len(X) > 1,
        "scores beyond 500": lambda X: abs(X).max() > 500,
    },
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[0, 1, 2], [1, 1, 1]])
draft.probe("square", [[1, 2], [3, -1]], has="as many rows as columns")
draft.probe("one score", [[2], [-3]], has="one score in a row")
draft.probe("general", scattered((4, 6), 1, 3.0))
draft.probe("other numbers", scattered((4, 6), 8, 2.0) + 1)
draft.probe("large", [[1000, 1001, 1002]], slack=10.0)
draft.probe("very negative", [[-1000, -1001, -1000]], slack=10.0)
draft.probe("far apart in a row", [[-1000, 1000, -1000, -1000, 1000]], slack=10.0)
draft.probe("rows far apart", [[0, 1], [1000, 1001]], slack=10.0)

slip("LSE-01", "no maximum is taken out",
     "Your function is right for small scores; for large ones exp runs over, and for very negative "
     "ones all exponentials become 0, whose logarithm is minus infinity.",
     "What may be taken out of all scores of a row, and put back after the logarithm?",
     instead(lambda X: np.log(np.exp(X).sum(1))))
slip("LSE-02", "the maximum is not put back",
     "The largest score was taken out of each row, and it is missing from your result.",
     "Add 5 to all scores of a row. By how much should the result change?",
     out(lambda Y, top: Y - top))
slip("LSE-03", "the sum runs down the columns",
     "Your sum runs over the rows: there is a number for each column.",
     "Which axis should be gone from the result?",
     instead(lambda X: X.max(0) + total(X.T, X.T.max(1)[:, None])))
slip("LSE-04", "one number for all",
     "All scores are put into one sum; each row should have its own.",
     "How many numbers should come out for 4 rows?",
     out(lambda Y: total(Y[None], Y.max())[0]))
slip("LSE-05", "a mean in place of the sum",
     "The exponentials of a row are averaged before the logarithm is taken.",
     "What should come out for two scores of 0: the logarithm of which number?",
     out(lambda Y, q: Y - np.log(q)))
slip("LSE-06", "the largest score only",
     "Your result is the largest score of each row; the others do not count.",
     "Two scores of 0: is their sum of exponentials 1?",
     instead(lambda top: top))
slip("LSE-07", "logarithms of the single exponentials",
     "The logarithm is taken of each exponential, which undoes it: your result is the plain sum of "
     "the scores.",
     "Which comes first, the sum or the logarithm?",
     instead(lambda X: X.sum(1)))
slip("LSE-08", "one maximum for the whole table",
     "The largest score of the whole table is taken out everywhere: in a row far below it all "
     "exponentials become 0.",
     "How many numbers are to be taken out: one, or one for each row?",
     instead(lambda X: X.max() + total(X, X.max())))
slip("LSE-09", "a softmax",
     "Your result has a number for each score: it is the softmax, or its logarithm.",
     "How many numbers should come out of a row?",
     instead(lambda X, top: np.exp(X - top[:, None] - total(X, top[:, None])[:, None])),
     instead(lambda X, top: X - top[:, None] - total(X, top[:, None])[:, None]))
slip("LSE-10", "an axis is kept",
     "Your numbers are right, and stand in a column: the summed axis was kept.",
     "What is the shape of your result?",
     out(lambda Y: Y[:, None]), keeps=0.75)
slip("LSE-11", "the logarithm is missing",
     "Your result is the sum of the exponentials itself.",
     "What should come out for a single score of 2?",
     instead(lambda X: np.exp(X).sum(1)), instead(lambda X, top: np.exp(total(X, top[:, None]))))

TASK = draft.task()
