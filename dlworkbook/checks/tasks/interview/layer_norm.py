"""Task ``layer_norm(X, gamma, beta, eps)``: each row to mean 0 and variance 1, then scaled.

Shapes: X (n, d), gamma, beta (d,); eps is a number -> (n, d).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """layer_norm(X, gamma, beta, eps): layer normalisation of each row.

X has shape (n, d), gamma and beta have shape (d,), eps is a positive number. The result has shape
(n, d): from each row its mean is taken, the row is divided by the square root of its variance plus
eps, and multiplied by gamma and increased by beta, feature by feature. The variance is the mean of
the squared distances from the mean."""


def reference(X, gamma, beta, eps):
    """One row after the other."""
    Y = np.zeros(X.shape)
    for i, row in enumerate(X):
        mean = sum(row) / len(row)
        variance = sum((x - mean) ** 2 for x in row) / len(row)
        for j, x in enumerate(row):
            Y[i, j] = (x - mean) / math.sqrt(variance + eps) * gamma[j] + beta[j]
    return Y


def right(X, gamma, beta, eps, axis=1, size=None):
    """The same, along an axis; ``size`` gives the divisor from centred rows and their variance."""
    Z = X - X.mean(axis, keepdims=True)
    V = Z.var(axis, keepdims=True)
    return Z / (np.sqrt(V + eps) if size is None else size(Z, V, eps)) * gamma + beta


draft = Draft(
    "layer_norm", CONTRACT, reference, right=right, arguments=("X", "gamma", "beta", "eps"),
    terms={"d": lambda X: X.shape[1]},
    traits={"several rows": lambda X: len(X) > 1, "a row of equal entries":
            lambda X: bool((X.std(1) == 0).any()),
            "gamma that is not 1": lambda gamma: (gamma != 1).any(),
            "a large eps": lambda eps: eps > 0.01},
)  # fmt: skip
given, instead, slip = draft.given, draft.instead, draft.slip

draft.probe("plain", [[1, 3], [5, 1]], [1, 1], [0, 0], 1e-5)
draft.probe("scaled", [[1, 2, 6], [0, 3, 3]], [2, 1, -1], [0.5, 0, 3], 1e-5)
draft.probe("a large eps", [[1, 2, 6], [0, 3, 3]], [2, 1, -1], [0.5, 0, 3], 0.25)
draft.probe("equal entries", [[4, 4, 4], [1, 0, 2]], [1, 2, 3], [-1, 0, 1], 1e-5)
draft.probe("square", [[1, 0, 4], [2, 2, 8], [-3, 0, 1]], [1, 0.5, 2], [1, 2, 3], 0.1)
draft.probe("far from zero", [[101, 103, 102], [-50, -52, -57]], [1, 2, 1], [0, 0, 1], 1e-5,
            slack=4.0)
draft.probe("general", scattered((4, 6), 2, 2.0), scattered((6,), 3), scattered((6,), 5), 1e-3)
draft.probe("other numbers", scattered((4, 6), 7) + 1, scattered((6,), 1), scattered((6,), 6), 1e-3)

slip("LAYERNORM-01", "normalised over the examples",
     "Mean and variance run down the columns: that is batch normalisation.",
     "Should the result of one row depend on the others?",
     instead(lambda X, gamma, beta, eps: right(X, gamma, beta, eps, axis=0)), keeps=0.25)
slip("LAYERNORM-02", "normalised over the whole table",
     "One mean and one variance are taken of all entries; each row has its own.",
     "Should the result of one row depend on the others?",
     instead(lambda X, gamma, beta, eps: (X - X.mean()) / np.sqrt(X.var() + eps) * gamma + beta))
slip("LAYERNORM-03", "the variance is divided by d - 1",
     "Your variance is divided by one less than the number of features, as some libraries do "
     "unasked.",
     "What is the variance of the row (1, 3) in your code, and in the task?",
     instead(lambda X, gamma, beta, eps, d: right(
         X, gamma, beta, eps, size=lambda Z, V, e: np.sqrt(V * d / (d - 1) + e))), keeps=0.75)
slip("LAYERNORM-04", "eps outside of the root",
     "eps is added to the standard deviation, outside of the root.",
     "What is divided by where all entries of a row are equal?",
     instead(lambda X, gamma, beta, eps: right(
         X, gamma, beta, eps, size=lambda Z, V, e: np.sqrt(V) + e)), keeps=0.75)
slip("LAYERNORM-05", "eps is left out", "eps does not enter: equal entries give 0 / 0.",
     "What comes out for a row of equal entries?", given(eps=0.0), keeps=0.75)
slip("LAYERNORM-06", "divided by the variance", "The root is missing: the variance divides.",
     "What is the variance of each row of your result, without gamma?",
     instead(lambda X, gamma, beta, eps: right(X, gamma, beta, eps, size=lambda Z, V, e: V + e)))
slip("LAYERNORM-07", "gamma is not used", "gamma does not enter.",
     "Change gamma only. Does your result change?", given(gamma=lambda gamma: 0 * gamma + 1))
slip("LAYERNORM-08", "beta is not used", "beta does not enter.",
     "Change beta only. Does your result change?", given(beta=lambda beta: 0 * beta))
slip("LAYERNORM-09", "gamma and beta are exchanged",
     "gamma is added and beta multiplied.", "Which of the two should a fresh layer set to 1?",
     *draft.variants("swapped", "gamma", "beta"), keeps=0.75)
slip("LAYERNORM-10", "beta is scaled as well",
     "beta is added before gamma multiplies, so beta is scaled too.",
     "In which order do scale and shift stand in the task?",
     given(beta=lambda beta, gamma: beta * gamma))
slip("LAYERNORM-11", "the mean is not taken off",
     "The mean is not taken off: rows are divided only, by their standard deviation or by the root "
     "of their mean square.",
     "What is the mean of each row of your result, without gamma and beta?",
     instead(lambda X, gamma, beta, eps: X / np.sqrt((X * X).mean(1, keepdims=True) + eps) * gamma
             + beta),
     instead(lambda X, gamma, beta, eps: X / np.sqrt(X.var(1, keepdims=True) + eps) * gamma + beta))
slip("LAYERNORM-12", "not divided", "The mean is taken off, and nothing divides.",
     "What is the variance of each row of your result, without gamma?",
     instead(lambda X, gamma, beta, eps: right(X, gamma, beta, eps, size=lambda Z, V, e: 1)))

TASK = draft.task()
