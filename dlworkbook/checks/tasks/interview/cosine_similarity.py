"""Task ``cosine_similarity(A, B)``: the cosine of the angle between every two rows.

Shapes: A (n, d), B (m, d) -> (n, m).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """cosine_similarity(A, B): the cosine of the angle between every two rows.

A has shape (n, d) and B has shape (m, d). The result has shape (n, m): entry (i, j) is the dot
product of row i of A and row j of B, divided by the product of their Euclidean lengths. If one of
the two rows holds only zeros, the entry is 0. Leave the arguments unchanged."""


def reference(A, B):
    """One pair of rows after the other."""
    S = np.zeros((len(A), len(B)))
    for i, j in np.ndindex(S.shape):
        size = math.sqrt(sum(A[i] ** 2)) * math.sqrt(sum(B[j] ** 2))
        S[i, j] = sum(A[i] * B[j]) / size if size else 0.0
    return S


def length(X):
    return np.sqrt((X * X).sum(1))


def safe(x):
    return np.where(x > 0, x, 1.0)


draft = Draft(
    "cosine_similarity", CONTRACT, reference, inputs_stay=True,
    terms={"P": lambda A, B: A @ B.T, "a": lambda A: length(A)[:, None],
           "b": lambda B: length(B), "d": lambda A: A.shape[1]},
    traits={"a row of zeros": lambda a, b: not a.all() or not b.all()},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

draft.probe("small", [[3, 4], [1, 0]], [[4, 3], [0, 2], [-1, 0]])
draft.probe("square", [[1, 2], [-2, 1]], [[2, 2], [3, -1]], has="as many rows as columns")
draft.probe("one row each", [[2, -1, 2]], [[1, 1, 4]], has="one row")
draft.probe("a row of zeros", [[0, 0], [1, 3]], [[2, 1], [0, 0], [5, 5]])
draft.probe("tiny rows", [[3e-6, 4e-6], [1, 2]], [[1e-5, 0], [2, 1]], has="very short rows")
draft.probe("general", scattered((4, 3), 1, 2.0), scattered((5, 3), 4, 3.0))
draft.probe("other numbers", scattered((4, 3), 6) + 1, scattered((5, 3), 2))

SMALL = (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)

slip("COSINE-01", "dot products", "Your result is the table of dot products: long rows win.",
     "Double a row of A. Should its similarities change?", instead(lambda P: P))
slip("COSINE-02", "only one length divides", "Only one of the two lengths divides.",
     "Double a row of A, then a row of B. Should anything change?",
     instead(lambda P, a: P / safe(a)), instead(lambda P, b: P / safe(b)))
slip("COSINE-03", "squared lengths", "The squares of the lengths divide: a root is missing.",
     "What is the similarity of a row with itself?",
     instead(lambda P, a, b: P / safe(a * b) ** 2),
     instead(lambda P, a, b: P / np.sqrt(safe(a * b))))
slip("COSINE-04", "a row of zeros gives nan",
     "Where a row holds only zeros, your result is nan: 0 is divided by 0.",
     "What does the task say about a row of zeros?",
     instead(lambda P, a, b: P / (a * b)), keeps=0.75)
slip("COSINE-05", "a distance instead of a similarity",
     "Your result is one minus the similarity, or an angle: it is 0 for equal directions.",
     "What should come out for a row and itself?",
     out(lambda S: 1 - S), out(lambda S: np.arccos(np.clip(S, -1, 1))), keeps=0.75)
slip("COSINE-06", "the result is transposed",
     "Rows and columns of your result are exchanged.",
     "Which of A and B should run down the rows?", out(lambda S: S.T), keeps=0.75)
slip("COSINE-07", "lengths of the columns",
     "The lengths are taken of the columns: each feature is scaled, not each row.",
     "How many lengths should there be for A of shape (4, 3)?",
     instead(lambda A, B: (A / safe(length(A.T))) @ (B / safe(length(B.T))).T))
slip("COSINE-08", "a correlation",
     "From each row its mean is taken first: that is the correlation, not the cosine.",
     "Add 1 to all entries of a row. May its direction change?",
     given(A=lambda A: A - A.mean(1, keepdims=True), B=lambda B: B - B.mean(1, keepdims=True)))
slip("COSINE-09", "a number added to the divisor",
     "A number is added to the product of the lengths. Very short rows then get a similarity that "
     "is too small.",
     "What is the similarity of a row of length 0.00001 with itself in your code?",
     *(instead(lambda P, a, b, e=e: P / (a * b + e)) for e in SMALL),
     *(instead(lambda P, a, b, e=e: P / np.maximum(a * b, e)) for e in (1e-8, 1e-6)),
     *(instead(lambda P, a, b, e=e: P / (a + e) / (b + e)) for e in SMALL[1:]),
     keeps=0.75)
slip("COSINE-10", "absolute values",
     "Your similarities are never negative; opposite directions should have -1.",
     "What should come out for a row and its negative?", out(abs))
slip("COSINE-11", "row by row only",
     "Row i of A meets row i of B only; every row should meet every other.",
     "How many numbers should come out for 4 and 5 rows?",
     instead(lambda A, B: np.einsum("ij,ij->i", A, B) / safe(length(A) * length(B))))
slip("COSINE-12", "sums in place of lengths",
     "The absolute entries of a row are summed for its length; Euclid's length has squares.",
     "How long is the row (3, 4)?",
     instead(lambda P, A, B: P / safe(abs(A).sum(1)[:, None] * abs(B).sum(1))))

TASK = draft.task()
