"""Task ``pca_reconstruct(X, k)``: the points rebuilt from their k principal components.

Shapes: X (n, d) -> (n, d).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """pca_reconstruct(X, k): the points rebuilt from k principal components.

X has shape (n, d): one point in each row; k is a whole number from 0 to d, and the k-th and the
next of the variances differ. The result has shape (n, d): of all sets of points that lie in a plane
of k dimensions, wherever it stands, the one with the smallest sum of squared distances to the rows
of X. For k = 0 that is the mean, n times. Leave the arguments unchanged."""


def reference(X, k):
    """The directions from the covariance, the largest variance first."""
    mean = sum(X) / len(X)
    covariance = sum(np.outer(x - mean, x - mean) for x in X) / len(X)
    _, vectors = np.linalg.eigh(covariance)
    Y = np.zeros(X.shape)
    for i, x in enumerate(X):
        Y[i] = mean
        for j in range(k):
            direction = vectors[:, -1 - j]
            Y[i] += sum((x - mean) * direction) * direction
    return Y


def axes(Z):
    """Directions as columns, that of the largest spread first; exact also for few points."""
    return np.linalg.eigh(Z.T @ Z)[1][:, ::-1]


def onto(Z, V):
    return Z @ V @ V.T


draft = Draft(
    "pca_reconstruct", CONTRACT, reference, inputs_stay=True, whole=("k",),
    terms={"m": lambda X: X.mean(0), "r": lambda X: X.mean(1, keepdims=True),
           "Z": lambda X: X - X.mean(0), "V": lambda Z: axes(Z),
           "s": lambda X: np.where(X.std(0) > 0, X.std(0), 1)},
    traits={"several components": lambda k: k > 1, "points far from the origin":
            lambda X: abs(X.mean(0)).max() > 3},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

draft.probe("a diagonal", [[0, 0], [2, 2], [4, 4], [1, 3]], 1)
draft.probe("far away", [[10, 5], [12, 6], [14, 9], [16, 8]], 1)
draft.probe("none", [[1, 5], [3, 1], [2, 9]], 0, has="k = 0")
draft.probe("all", [[1, 5], [3, 1], [2, 9]], 2, has="k = d")
draft.probe("square", [[1, 0, 7], [2, 5, 3], [9, 4, 6]], 1, has="as many points as features")
draft.probe("fewer points than features", [[1, 0, 7, 2], [2, 5, 3, 0], [9, 4, 6, 1]], 1)
SPREAD = np.array([3.0, 0.5, 1.5, 6.0])
draft.probe("general", scattered((9, 4), 2) * SPREAD + 1, 2)
draft.probe("other numbers", scattered((9, 4), 6) * SPREAD[::-1] - 4, 2)
draft.probe("three of four", scattered((9, 4), 1) * SPREAD - 2, 3)

slip("PCA-01", "not centred",
     "The mean is not taken off: your directions run through the origin.",
     "Move all points by the same vector. How should the result move?",
     instead(lambda X, k: onto(X, axes(X)[:, :k])))
slip("PCA-02", "the mean is not put back",
     "Your points are centred at the origin: the mean was taken off and not put back.",
     "What is the mean of your result?", out(lambda Y, m: Y - m), keeps=0.75)
slip("PCA-03", "the smallest components",
     "The directions of the smallest variances are kept.",
     "In which order does your decomposition list the variances?",
     instead(lambda Z, V, m, k: m + onto(Z, V[:, V.shape[1] - k :])))
slip("PCA-04", "the scores are returned",
     "Your result has k columns: the coordinates along the directions. They still have to become "
     "points again.",
     "How many columns should the result have?",
     instead(lambda Z, V, k: Z @ V[:, :k]), instead(lambda X, V, k: X @ V[:, :k]))
slip("PCA-05", "rows for columns",
     "The rows of the matrix of directions are taken where its columns are meant, or the other way "
     "round.",
     "Are the directions the rows or the columns of what your library gives?",
     instead(lambda Z, V, m, k: m + onto(Z, V.T[:, :k])),
     instead(lambda Z, V, m, k: m + onto(Z, V[::-1].T[:, :k])))
slip("PCA-06", "scaled to equal variances",
     "Each feature is divided by its standard deviation first. That finds other directions.",
     "Is a feature in metres to count as much as the same in millimetres?",
     instead(lambda Z, m, s, k: m + s * onto(Z / s, axes(Z / s)[:, :k])),
     instead(lambda Z, m, s, k: m + onto(Z / s, axes(Z / s)[:, :k])),
     instead(lambda Z, s, k: onto(Z / s, axes(Z / s)[:, :k])))
slip("PCA-07", "one component too many or too few",
     "One direction more or less than k is used.",
     "For k = 0 no direction should be left. Is that so?",
     instead(lambda Z, V, m, k: m + onto(Z, V[:, : k + 1])),
     instead(lambda Z, V, m, k: m + onto(Z, V[:, : max(k - 1, 0)])),
     instead(lambda Z, V, m, k: m + onto(Z, V[:, 1 : k + 1])))
slip("PCA-08", "the features with the largest variance",
     "The k features with the largest variance are kept as they are; a component is a direction "
     "and may lie between the axes.",
     "All points lie on a diagonal of the plane. How many components do you need?",
     instead(lambda X, m, k: np.where((-X.var(0)).argsort().argsort() < k, X, m)))
slip("PCA-09", "centred by rows",
     "From each row its own mean is taken: a point loses its level, and the cloud is not centred.",
     "How many means should there be, one for each point or one for each feature?",
     instead(lambda X, r, k: r + onto(X - r, axes(X - r)[:, :k])))
slip("PCA-10", "uncentred points are projected",
     "The directions are right, and the points are projected with their mean still in them.",
     "From where do you measure along a direction?",
     instead(lambda X, V, k: onto(X, V[:, :k])), instead(lambda X, V, m, k: m + onto(X, V[:, :k])))

TASK = draft.task()
