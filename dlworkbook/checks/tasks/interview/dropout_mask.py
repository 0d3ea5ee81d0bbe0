"""Task ``dropout_mask(X, u, p)``: dropout in training, with the random numbers given.

Shapes: X, u (n, d); p is a number -> (n, d).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """dropout_mask(X, u, p): dropout in training, with the random numbers given.

X and u have shape (n, d); the entries of u are drawn evenly from 0 up to, and without, 1. p is a
number from 0 to 1, the rate. The result has shape (n, d): an entry of X is dropped, that is 0,
where that of u is smaller than p. All others are divided by 1 - p, so that the mean over all draws
is X. For p = 1 everything is dropped."""


def reference(X, u, p):
    """One entry after the other."""
    Y = np.zeros(X.shape)
    for i, j in np.ndindex(X.shape):
        if u[i, j] >= p:
            Y[i, j] = X[i, j] / (1 - p)
    return Y


draft = Draft(
    "dropout_mask", CONTRACT, reference,
    terms={"keep": lambda u, p: (u >= p) * 1.0},
    traits={"a rate of 0": lambda p: p == 0, "a rate of 1": lambda p: p == 1},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

X2, U2 = [[1, 2, 3], [4, -5, 6]], [[0.1, 0.6, 0.3], [0.9, 0.7, 0.2]]
draft.probe("a quarter", X2, U2, 0.25)
draft.probe("a half", X2, U2, 0.5)
draft.probe("most", X2, U2, 0.8)
draft.probe("nothing", X2, U2, 0)
draft.probe("everything", X2, U2, 1)
draft.probe("square", [[1, 2], [3, 5]], [[0.125, 0.75], [0.5, 0.25]], 0.5,
            has="a draw that equals p")
draft.probe("other draws", X2, [[0.4, 0.2, 0.95], [0.05, 0.35, 0.5]], 0.25)

slip("DROPOUT-01", "not scaled",
     "What is kept is not scaled: in training the mean of an entry is smaller than in use.",
     "p is 0.5. What is the mean of an entry over all draws?",
     instead(lambda X, keep: X * keep))
slip("DROPOUT-02", "divided by p",
     "What is kept is divided by the rate, not by the share that is kept.",
     "p is 0.1: nearly all is kept. By how much should it grow?",
     instead(lambda X, keep, p: X * keep / p),
     instead(lambda X, keep, p: X * keep / p if p else X * keep))
slip("DROPOUT-03", "multiplied by the share that is kept",
     "What is kept is multiplied by the share that is kept, as old papers did in use. In training "
     "it has to grow.",
     "p is 0.5. What is the mean of an entry over all draws?",
     instead(lambda X, keep, p: X * keep * (1 - p)))
slip("DROPOUT-04", "p is the share that is kept",
     "Entries are kept with probability p; here p is the rate at which they are dropped.",
     "p is 0. How much should be dropped?",
     instead(lambda X, u, p: X * (u < p) / p if p else 0 * X),
     instead(lambda X, u, p: X * (u < p) / p), given(p=lambda p: 1 - p),
     instead(lambda X, u, p: X * (u < p)))
slip("DROPOUT-05", "the comparison is turned",
     "The entries that should be dropped are kept, and the others dropped; the scale is right.",
     "p is 0.1. How many entries should be 0?",
     instead(lambda X, u, p: X * (u < p) / (1 - p)),
     instead(lambda X, u, p: X * (u < p) / (1 - p) if p < 1 else 0 * X))
slip("DROPOUT-06", "the rate 1 gives nan",
     "For p = 1 your result is nan or infinite: 0 is divided by 0.",
     "How much is kept for p = 1?", instead(lambda X, keep, p: X * keep / np.float64(1 - p)),
     keeps=0.75)
slip("DROPOUT-07", "a draw that equals p is dropped",
     "An entry whose draw equals p is dropped; it should be kept.",
     "Does the task say smaller, or smaller or equal?",
     instead(lambda X, u, p: X * (u > p) / (1 - p) if p < 1 else 0 * X), keeps=0.75)
slip("DROPOUT-08", "whole rows are dropped",
     "One draw decides for a whole row, or for a whole column.",
     "How many draws are there?",
     instead(lambda X, u, p: X * (u[:, :1] >= p) / (1 - p) if p < 1 else 0 * X),
     instead(lambda X, u, p: X * (u[:1] >= p) / (1 - p) if p < 1 else 0 * X))
slip("DROPOUT-09", "nothing is dropped", "X comes back as it is, or scaled only.",
     "Where does u enter?", instead(lambda X: X), instead(lambda X, p: X * (1 - p)))
slip("DROPOUT-10", "the mask is returned", "Your result does not hold X: it is the mask.",
     "Double X. Should the result change?",
     instead(lambda keep: keep),
     instead(lambda keep, p: keep / (1 - p) if p < 1 else keep))

TASK = draft.task()
