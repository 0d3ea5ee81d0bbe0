"""Task ``batch_norm_step(X, gamma, beta, mean, var, momentum, eps) -> (Y, mean, var)``.

Shapes: X, Y (n, d), the other arrays (d,); momentum and eps are numbers.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """batch_norm_step(X, gamma, beta, mean, var, momentum, eps) -> (Y, mean, var): batch
normalisation in training.

X has shape (n, d), n at least 2; gamma, beta, mean and var have shape (d,), the last two being what
is kept for use; momentum and eps are numbers. Y has shape (n, d): from each feature the mean over
the batch is taken, it is divided by the square root of the variance over the batch (the mean of the
squares) plus eps, and multiplied by gamma and increased by beta. The new mean is 1 - momentum times
the old one plus momentum times that of the batch; the new var likewise, and there the variance of
the batch is divided by n - 1. Leave the arguments unchanged."""


def reference(X, gamma, beta, mean, var, momentum, eps):
    """One feature after the other."""
    n, d = X.shape
    Y, new_mean, new_var = np.zeros((n, d)), np.zeros(d), np.zeros(d)
    for j in range(d):
        m = sum(X[:, j]) / n
        squares = sum((x - m) ** 2 for x in X[:, j])
        for i in range(n):
            Y[i, j] = gamma[j] * (X[i, j] - m) / (squares / n + eps) ** 0.5 + beta[j]
        new_mean[j] = (1 - momentum) * mean[j] + momentum * m
        new_var[j] = (1 - momentum) * var[j] + momentum * squares / (n - 1)
    return Y, new_mean, new_var


draft = Draft(
    "batch_norm_step", CONTRACT, reference, outputs=("Y", "the new mean", "the new var"),
    inputs_stay=True,
    terms={"n": lambda X: len(X), "m": lambda X: X.mean(0), "v": lambda X: X.var(0),
           "u": lambda X: X.var(0, ddof=1), "p": lambda momentum: momentum,
           "Z": lambda X, m, v, eps: (X - m) / np.sqrt(v + eps)},
    traits={"a large eps": lambda eps: eps > 0.01,
            "a feature that does not vary": lambda v: bool((v == 0).any())},
)
out, given, result, slip = draft.out, draft.given, draft.result, draft.slip

draft.probe("plain", [[1, 0], [3, 4]], [1, 1], [0, 0], [0, 0], [1, 1], 0.1, 1e-5)
draft.probe("scaled", [[1, 0, 2], [3, 4, 2.5], [8, -1, 0]], [2, 1, -1], [0.5, 0, 3], [1, 2, 3],
            [2, 1, 0.5], 0.25, 1e-5)
draft.probe("a large eps", [[1, 0, 2], [3, 4, 2.5], [8, -1, 0]], [2, 1, -1], [0.5, 0, 3],
            [1, 2, 3], [2, 1, 0.5], 0.75, 0.25)
draft.probe("one feature does not vary", [[4, 1], [4, 3], [4, 8]], [1, 2], [5, 1], [0, 0], [1, 1],
            0.1, 1e-5)
draft.probe("general", scattered((5, 3), 2, 2.0), scattered((3,), 3), scattered((3,), 5),
            scattered((3,), 6), scattered((3,), 7) + 2, 0.3, 1e-3)
draft.probe("other numbers", scattered((5, 3), 6) + 1, scattered((3,), 1), scattered((3,), 8),
            scattered((3,), 2), scattered((3,), 4) + 2, 0.1, 1e-3)

slip("BNSTEP-01", "normalised row by row",
     "Y is normalised over the features of each example: that is layer normalisation.",
     "Over which axis do mean and variance run?",
     result(0, lambda Y, X, gamma, beta, eps: gamma * (X - X.mean(1, keepdims=True))
            / np.sqrt(X.var(1, keepdims=True) + eps) + beta))
slip("BNSTEP-02", "normalised with what is kept",
     "Y is computed with the kept mean and variance, or with the new ones, as in use. In training "
     "the batch's own are taken.",
     "If all kept means are 0 and the batch lies far from 0, what is the mean of Y?",
     result(0, lambda Y, X, gamma, beta, mean, var, eps: gamma * (X - mean) / np.sqrt(var + eps)
            + beta),
     out(lambda got, X, gamma, beta, eps: (gamma * (X - got[1]) / np.sqrt(got[2] + eps) + beta,
                                           *got[1:])))
slip("BNSTEP-03", "n - 1 in Y", "The variance that divides in Y is itself divided by n - 1.",
     "Which of the two variances of the task belongs into Y?",
     result(0, lambda Y, X, gamma, beta, m, u, eps: gamma * (X - m) / np.sqrt(u + eps) + beta),
     keeps=0.75)
slip("BNSTEP-04", "n in the kept variance",
     "The variance that is kept is divided by n; the task keeps the one divided by n - 1.",
     "Which of the two variances of the task is to be kept?",
     result(2, lambda new, var, v, p: (1 - p) * var + p * v), keeps=0.75)
slip("BNSTEP-05", "momentum at the other term",
     "momentum multiplies the old value, and 1 - momentum that of the batch.",
     "With a momentum of 0.1, should one batch change the mean much or little?",
     out(lambda got, mean, var, m, u, p: (got[0], p * mean + (1 - p) * m, p * var + (1 - p) * u)),
     keeps=0.75)
slip("BNSTEP-06", "the kept values are those of the batch",
     "The new mean and variance are those of this batch alone, or the old ones are returned.",
     "Where does momentum enter?",
     out(lambda got, m, u: (got[0], m, u)), out(lambda got, m, v: (got[0], m, v)),
     out(lambda got, mean, var: (got[0], mean, var)))
slip("BNSTEP-07", "the standard deviation is kept",
     "What is kept in place of the variance is its root.",
     "In which units is a variance?",
     result(2, lambda new, var, u, p: (1 - p) * var + p * np.sqrt(u)),
     result(2, lambda new, var, v, p: (1 - p) * var + p * np.sqrt(v)))
slip("BNSTEP-08", "gamma and beta do not enter", "Y is normalised, and not scaled and shifted.",
     "Change gamma and beta only. Does Y change?", result(0, lambda Y, Z: Z))
slip("BNSTEP-09", "gamma and beta are exchanged", "gamma is added and beta multiplied.",
     "Which of the two should a fresh layer set to 1?",
     result(0, lambda Y, Z, gamma, beta: Z * beta + gamma), keeps=0.75)
slip("BNSTEP-10", "eps in the wrong place",
     "eps stands outside of the root, or nowhere.",
     "What is divided by where a feature does not vary?",
     result(0, lambda Y, X, gamma, beta, m, v, eps: gamma * (X - m) / (np.sqrt(v) + eps) + beta),
     result(0, lambda Y, X, gamma, beta, m, v: gamma * (X - m) / np.sqrt(v) + beta), keeps=0.75)
slip("BNSTEP-11", "the new mean is forgotten, or the new variance",
     "Only one of the two kept values is moved on.", "How many things does a layer keep for use?",
     result(1, lambda new, mean: mean), result(2, lambda new, var: var))
slip("BNSTEP-12", "the whole table at once",
     "One mean and one variance are taken of all entries of X.",
     "How many means should there be for 3 features?",
     result(0, lambda Y, X, gamma, beta, eps: gamma * (X - X.mean()) / np.sqrt(X.var() + eps)
            + beta))

TASK = draft.task()
