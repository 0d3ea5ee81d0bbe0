"""Task ``linear_backward(dY, X, W) -> (dX, dW, db)``: back through a fully connected layer.

Shapes: dY (n, q), X, dX (n, d), W, dW (d, q), db (q,).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """linear_backward(dY, X, W) -> (dX, dW, db): back through a fully connected layer.

The layer computes Y = X W + b for X of shape (n, d), W of shape (d, q) and b of shape (q,). dY has
shape (n, q) and holds the derivative of the loss by each entry of Y. The result is a tuple: the
derivatives of the loss by X, W and b, each in the shape of its array."""


def reference(dY, X, W):
    """Every product of the layer, one by one."""
    (n, d), q = X.shape, W.shape[1]
    dX, dW, db = np.zeros((n, d)), np.zeros((d, q)), np.zeros(q)
    for i, k in np.ndindex(n, q):
        db[k] += dY[i, k]
        for j in range(d):
            dX[i, j] += dY[i, k] * W[j, k]
            dW[j, k] += dY[i, k] * X[i, j]
    return dX, dW, db


draft = Draft(
    "linear_backward", CONTRACT, reference, outputs=("dX", "dW", "db"),
    terms={"n": lambda X: np.float64(len(X))},
    traits={"several examples": lambda X: len(X) > 1,
            "a square weight": lambda W: W.shape[0] == W.shape[1]},
)
out, result, slip = draft.out, draft.result, draft.slip

draft.probe("small", [[1, 0], [2, -1], [0, 3]], [[1], [2], [4]], [[3, 5]])
draft.probe("one example", [[1, -2]], [[3, 1, 2]], [[1, 0], [4, 2], [-1, 5]], has="one example")
draft.probe("square", [[1, 2], [0, -1]], [[3, 1], [2, 5]], [[1, 4], [-2, 0.5]],
            has="all sizes equal")
draft.probe("square weight", [[1, 2], [0, -1], [4, 1]], [[3, 1], [2, 5], [-1, 2]],
            [[1, 4], [-2, 0.5]])
draft.probe("one output", [[1], [-2]], [[3, 1, 2], [0, 1, 1]], [[1], [4], [-1]], has="one output")
draft.probe("general", scattered((5, 3), 2), scattered((5, 4), 3), scattered((4, 3), 5))
draft.probe("other numbers", scattered((5, 3), 6), scattered((5, 4), 1), scattered((4, 3), 8))

slip("LINBACK-01", "dW is transposed", "dW has its two axes exchanged.",
     "What is the shape of W, and of your dW?", result(1, lambda dW: dW.T), keeps=0.75)
slip("LINBACK-02", "W is not transposed in dX",
     "dX is the product with W as it stands; it runs only where W is square, and is wrong there.",
     "Through which entries of W does X[i, j] act?", result(0, lambda dX, dY, W: dY @ W))
slip("LINBACK-03", "means over the batch",
     "dW and db, or one of them, are divided by the number of examples. Whatever mean the loss "
     "takes is in dY already.",
     "Where would the number of examples enter the forward pass?",
     out(lambda got, n: (got[0], got[1] / n, got[2] / n)), result(1, lambda dW, n: dW / n),
     result(2, lambda db, n: db / n))
slip("LINBACK-04", "db is not summed", "db has a row for each example.",
     "What is the shape of b?", result(2, lambda db, dY: dY))
slip("LINBACK-05", "db is summed over the outputs",
     "db is summed along the outputs, not over the examples.", "What is the shape of b?",
     result(2, lambda db, dY: dY.sum(1)))
slip("LINBACK-06", "db is a single number", "db is the sum of all entries of dY.",
     "What is the shape of b?", result(2, lambda db, dY: dY.sum()))
slip("LINBACK-07", "db keeps an axis", "db has shape (1, q).", "What is the shape of b?",
     result(2, lambda db: db[None]), keeps=0.75)
slip("LINBACK-08", "the order of the results",
     "Your results are right and stand in another order.",
     "In which order does the task list them?",
     out(lambda got: (got[1], got[0], got[2])), out(lambda got: (got[1], got[2], got[0])),
     out(lambda got: (got[2], got[1], got[0])), keeps=0.75)
slip("LINBACK-09", "dX without dY", "dX is the sum over the outputs of W: dY does not enter.",
     "Double dY. What should happen to dX?",
     result(0, lambda dX, W, n: np.tile(W.sum(1), (int(n), 1))), result(0, lambda dX, W: W.T))
slip("LINBACK-10", "dW without dY", "dW is made of X alone: dY does not enter.",
     "Double dY. What should happen to dW?",
     result(1, lambda dW, X, W: np.tile(X.sum(0)[:, None], (1, W.shape[1]))),
     result(1, lambda dW, X, W: np.tile(X.mean(0)[:, None], (1, W.shape[1]))))
slip("LINBACK-11", "only one example enters dW",
     "dW is that of the first or the last example; every example adds its share.",
     "In your loop over the examples: does the line add or replace?",
     result(1, lambda dW, X, dY: np.outer(X[-1], dY[-1])),
     result(1, lambda dW, X, dY: np.outer(X[0], dY[0])))
slip("LINBACK-12", "a sign is turned", "Your results have the sign of a step, not of a slope.",
     "Is a derivative asked for, or what a step subtracts?", *draft.variants("negate"), keeps=0.75)

TASK = draft.task()
