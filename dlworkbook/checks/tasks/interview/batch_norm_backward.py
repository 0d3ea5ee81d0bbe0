"""Task ``batch_norm_backward(dY, X, gamma, eps) -> (dX, dgamma, dbeta)``.

Shapes: dY, X, dX (n, d), gamma, dgamma, dbeta (d,); eps is a number.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """batch_norm_backward(dY, X, gamma, eps) -> (dX, dgamma, dbeta): back through batch
normalisation.

Y = gamma * Z + beta, with Z = (X - m) / sqrt(v + eps), m and v being mean and variance (the mean of
the squares) of each feature over the batch. X has shape (n, d), n at least 2, gamma has shape (d,),
eps is a number; dY has shape (n, d) and holds the derivative of the loss by each entry of Y. The
result is a tuple: the derivatives by X, of shape (n, d), where m and v depend on X as well, by
gamma and by beta, of shape (d,)."""


def reference(dY, X, gamma, eps):
    """Every derivative of an output by an input, one by one."""
    n, d = X.shape
    dX, dgamma, dbeta = np.zeros((n, d)), np.zeros(d), np.zeros(d)
    for j in range(d):
        centred = X[:, j] - sum(X[:, j]) / n
        s = (sum(centred**2) / n + eps) ** 0.5
        for i in range(n):
            dgamma[j] += dY[i, j] * centred[i] / s
            dbeta[j] += dY[i, j]
            for k in range(n):
                slope = ((i == k) - 1 / n) / s - centred[i] * centred[k] / (n * s**3)
                dX[k, j] += dY[i, j] * gamma[j] * slope
    return dX, dgamma, dbeta


def right(dY, X, gamma, eps, mean=lambda D, Z: D.mean(0), spread=lambda D, Z: Z * (D * Z).mean(0)):
    """The short form: dZ less its mean less its share along Z."""
    s = np.sqrt(X.var(0) + eps)
    Z, D = (X - X.mean(0)) / s, dY * gamma
    return (D - mean(D, Z) - spread(D, Z)) / s, (dY * Z).sum(0), dY.sum(0)


draft = Draft(
    "batch_norm_backward", CONTRACT, reference, right=right,
    arguments=("dY", "X", "gamma", "eps"), outputs=("dX", "dgamma", "dbeta"),
    terms={"n": lambda X: np.float64(len(X)), "s": lambda X, eps: np.sqrt(X.var(0) + eps)},
    traits={"gamma that is not 1": lambda gamma: (gamma != 1).any(),
            "a large eps": lambda eps: eps > 0.01},
)
out, given, pieces, result, slip = draft.out, draft.given, draft.pieces, draft.result, draft.slip

draft.probe("plain", [[1, 0], [0, 0], [0, 1]], [[1, 0], [3, 4], [2, 2.5]], [1, 1], 1e-5)
draft.probe("scaled", [[1, 2], [-1, 0.5], [0, 3]], [[1, 0], [3, 4], [8, 1]], [2, -1], 1e-5)
draft.probe("a large eps", [[1, 2], [-1, 0.5], [0, 3]], [[1, 0], [3, 4], [8, 1]], [2, -1], 0.5)
draft.probe("two examples", [[1, 0.5], [-2, 1]], [[1, 4], [3, 2]], [1, 3], 0.25, has="two examples")
draft.probe("square", [[1, 2, 0], [-1, 0.5, 1], [0, 3, 2]], [[1, 0, 2], [3, 4, 1], [8, 1, 5]],
            [0.5, 2, 3], 0.1)
draft.probe("general", scattered((6, 4), 2), scattered((6, 4), 5, 2.0), scattered((4,), 3) + 1.5,
            1e-3)
draft.probe("other numbers", scattered((6, 4), 7), scattered((6, 4), 3, 2.0),
            scattered((4,), 1) + 1.5, 1e-3)


def nothing(D, Z):
    return 0.0


slip("BNBACK-01", "mean and variance held fixed",
     "Only the direct way is taken: mean and variance are treated as numbers that do not depend "
     "on X.",
     "Add 1 to a whole column of X. How does Y change, and what do your derivatives add up to?",
     pieces(mean=nothing, spread=nothing), keeps=0.25)
slip("BNBACK-02", "the way through the variance is missing",
     "The way through the mean is there, that through the variance is missing.",
     "Multiply a centred column by 2. How does Y change?", pieces(spread=nothing))
slip("BNBACK-03", "the way through the mean is missing",
     "The way through the variance is there, that through the mean is missing.",
     "Add 1 to a whole column of X. How does Y change?", pieces(mean=nothing))
slip("BNBACK-04", "gamma does not enter dX", "dX lacks the factor gamma.",
     "Double gamma. What happens to Y, and to its slopes?", result(0, lambda dX, gamma: dX / gamma))
slip("BNBACK-05", "not divided by the standard deviation",
     "dX lacks the division by the root of the variance plus eps.",
     "A feature with a spread of 1000: does 1 more in X change Z much?",
     result(0, lambda dX, s: dX * s))
slip("BNBACK-06", "dgamma with X in place of Z",
     "dgamma is summed with X, or with the centred X, where Z stood in the forward pass.",
     "By what is gamma multiplied?",
     result(1, lambda dg, dY, X: (dY * X).sum(0)),
     result(1, lambda dg, dY, X: (dY * (X - X.mean(0))).sum(0)))
slip("BNBACK-07", "means in place of sums",
     "dgamma and dbeta, or one of them, are means over the batch; each example adds its share.",
     "The loss is what it is. How many ways lead from beta to it?",
     out(lambda got, n: (got[0], got[1] / n, got[2] / n)), result(1, lambda dg, n: dg / n),
     result(2, lambda db, n: db / n))
slip("BNBACK-08", "not summed over the batch",
     "dgamma or dbeta has a row for each example.", "What is the shape of gamma?",
     out(lambda got, dY, X, s: (got[0], dY * (X - X.mean(0)) / s, dY)),
     result(1, lambda dg, dY, X, s: dY * (X - X.mean(0)) / s), result(2, lambda db, dY: dY))
slip("BNBACK-09", "dgamma and dbeta are exchanged", "dgamma and dbeta stand in exchanged order.",
     "Which of the two does not need X?", out(lambda got: (got[0], got[2], got[1])), keeps=0.75)
slip("BNBACK-10", "sums in place of means inside dX",
     "Inside dX sums over the batch stand where means should.",
     "Write the batch down twice. By how much may one entry of dX change?",
     pieces(mean=lambda D, Z: D.sum(0), spread=lambda D, Z: Z * (D * Z).sum(0)),
     pieces(mean=lambda D, Z: D.sum(0)), pieces(spread=lambda D, Z: Z * (D * Z).sum(0)))
slip("BNBACK-11", "a sign in dX is turned",
     "One of the two corrections in dX is added where it should be taken off.",
     "Add 1 to a whole column of X. How does Y change, and what do your derivatives add up to?",
     pieces(mean=lambda D, Z: -D.mean(0)), pieces(spread=lambda D, Z: -Z * (D * Z).mean(0)))
slip("BNBACK-12", "eps does not enter", "eps is left out.",
     "Which root did the forward pass divide by?", given(eps=0.0), keeps=0.75)

TASK = draft.task()
