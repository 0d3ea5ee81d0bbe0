"""Task ``logistic_step(X, y, w, b, lr) -> (w, b)``: one step of gradient descent.

Shapes: X (n, d), y (n,), w (d,); b and lr are numbers.
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """logistic_step(X, y, w, b, lr) -> (w, b): one step of gradient descent for logistic
regression.

X has shape (n, d), y has shape (n,) and holds 0 and 1, w has shape (d,); b and lr are numbers. The
loss is the mean over the examples of the binary cross-entropy between y and the sigmoid of X w + b.
The result is the pair of the new w, of shape (d,), and the new b, a number: each is the old one
minus lr times the gradient of the loss. The scores may be as large as 1000 or as small as -1000.
Leave the arguments unchanged."""


def sigmoid(z):
    return 1 / (1 + np.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def reference(X, y, w, b, lr):
    """One example after the other."""
    grad_w, grad_b = np.zeros(len(w)), 0.0
    for x_i, y_i in zip(X, y, strict=True):
        error = sigmoid(sum(x_i * w) + b) - y_i
        grad_w += error * x_i / len(X)
        grad_b += error / len(X)
    return w - lr * grad_w, np.float64(b - lr * grad_b)


def squash(Z):
    return (1 + np.tanh(Z / 2)) / 2


def slope(X, y, w, b):
    return squash(X @ w + b) - y


def right(X, y, w, b, lr, error=slope):
    """The step with an error of each example."""
    e = error(X, y, w, b)
    return w - lr * X.T @ e / len(X), b - lr * e.mean()


draft = Draft(
    "logistic_step", CONTRACT, reference, right=right, use="a vector and a number",
    outputs=("w", "b"), inputs_stay=True, whole=("y",),
    terms={"n": lambda X: np.float64(len(X))},
    traits={"several examples": lambda X: len(X) > 1,
            "scores beyond 500": lambda X, w, b: abs(X @ w + b).max() > 500},
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip
instead, result = draft.instead, draft.result

X3 = [[1, 2], [0, -1], [3, 1]]
draft.probe("from zero", X3, [1, 0, 0], [0, 0], 0, 1, has="from zero")
draft.probe("small", X3, [1, 0, 1], [0.5, -1], 0.25, 0.5)
draft.probe("small, other labels", X3, [0, 0, 1], [0.5, -1], 0.25, 0.5)
draft.probe("one example", [[2, -1, 0.5]], [1], [1, 1, -2], -0.5, 0.1, has="one example")
draft.probe("square", [[1, 2], [-1, 1]], [0, 1], [1, -0.5], 0.5, 2)
draft.probe("general", scattered((6, 3), 2), np.array([1, 0, 0, 1, 1, 0]),
            scattered((3,), 5), 0.3, 0.7)
draft.probe("other numbers", scattered((6, 3), 4, 2.0), np.array([0, 0, 1, 1, 0, 1]),
            scattered((3,), 1), -0.6, 0.2)
draft.probe("large scores", [[1000, 0], [-1000, 1], [900, 1]], [0, 1, 1], [1, 2], 0, 0.01)

slip("LOGSTEP-01", "upwards instead of downwards",
     "The step goes up the slope of the loss: its sign is turned.",
     "y is 1 and the sigmoid is 0.3. Should the score grow or fall?",
     draft.given(lr=lambda lr: -lr), keeps=0.75)
slip("LOGSTEP-02", "a sum instead of a mean",
     "The gradient is the sum over the examples, n times too large.",
     "Write every example down twice. Should the step change?",
     given(lr=lambda lr, n: lr * n))
slip("LOGSTEP-03", "no sigmoid",
     "The score itself is compared with y: that is the step of linear regression.",
     "A score of 50 for an example with y = 1: how wrong is it?",
     pieces(error=lambda X, y, w, b: X @ w + b - y),
     instead(lambda X, y, w, b, lr: right(X, y, w, b, 2 * lr, lambda X, y, w, b: X @ w + b - y)))
slip("LOGSTEP-04", "the slope of a squared error",
     "A factor p (1 - p) stands in your gradient: it belongs to the squared error. In the "
     "cross-entropy it cancels.",
     "A sure and wrong example: should its gradient be nearly 0?",
     pieces(error=lambda X, y, w, b: (lambda p: (p - y) * p * (1 - p))(squash(X @ w + b))),
     pieces(error=lambda X, y, w, b: (lambda p: 2 * (p - y) * p * (1 - p))(squash(X @ w + b))))
slip("LOGSTEP-05", "b stays", "b is not moved.", "Which parameters does the model have?",
     result(1, lambda new, b: b))
slip("LOGSTEP-06", "b is left out of the scores",
     "The scores are computed without b.", "Change b only. Does w come out the same?",
     pieces(error=lambda X, y, w, b: squash(X @ w) - y))
slip("LOGSTEP-07", "b from the new w",
     "w is moved first, and the gradient of b is taken at the new w. Both belong to the old place.",
     "When is the last time that the scores are computed?",
     out(lambda new, X, y, b, lr: (new[0], b - lr * slope(X, y, new[0], b).mean())))
slip("LOGSTEP-08", "the gradients are returned",
     "Your function returns the gradients, not the new parameters.",
     "With lr = 0, what should come out?",
     out(lambda new, w, b, lr: ((w - new[0]) / lr, (b - new[1]) / lr)))
slip("LOGSTEP-09", "labels of -1 and 1",
     "Your gradient is that for labels of -1 and 1; here they are 0 and 1.",
     "What does an example with y = 0 give in your formula?",
     pieces(error=lambda X, y, w, b: -y * squash(-y * (X @ w + b))),
     pieces(error=lambda X, y, w, b: np.tanh((X @ w + b) / 2) - y))
slip("LOGSTEP-10", "probabilities are cut or rounded",
     "The classes 0 and 1 are compared with y, not the probabilities: a threshold stands where "
     "the sigmoid should.",
     "A right example with p = 0.51: does it still teach?",
     pieces(error=lambda X, y, w, b: (X @ w + b > 0) - y),
     pieces(error=lambda X, y, w, b: (X @ w + b >= 0) - y))
slip("LOGSTEP-11", "exp runs over",
     "Your function is right for small scores; for large ones exp becomes infinite, and infinite "
     "over infinite is nan.",
     "For which sign of the score is the exponential in your formula small?",
     pieces(error=lambda X, y, w, b: np.exp(X @ w + b) / (1 + np.exp(X @ w + b)) - y), keeps=0.75)
slip("LOGSTEP-12", "divided by n twice, or w and b differ",
     "The gradients of w and of b have different divisors: one of them is divided by n once too "
     "often, or not at all.",
     "Write every example down twice. Does one of the two change?",
     result(0, lambda new, w, n: w + (new - w) * n), result(1, lambda new, b, n: b + (new - b) * n),
     result(0, lambda new, w, n: w + (new - w) / n), result(1, lambda new, b, n: b + (new - b) / n))

TASK = draft.task()
