"""Task ``gradients(W, b, X, y) -> (grad_W, grad_b)``: autograd differentiates a cross-entropy.

Shapes: W (C, D), b (C,), X (B, D), y (B,) class labels. Results have the shapes of W and b.
"""

from __future__ import annotations

import math

import numpy as np

from ...answer import LOOKING
from ...forbidden import AUTOGRAD
from ...slips import Draft
from ...values import scattered

CONTRACT = """gradients(W, b, X, y) -> (grad_W, grad_b): the gradients of a mean cross-entropy, from
autograd.

W has shape (C, D): a row of D weights for each of C classes; b has shape (C,). X has shape (B, D);
y has shape (B,) and holds class labels 0 ... C-1. The loss is the mean over the batch of the
cross-entropy of the scores X @ W.T + b. The result is the pair of its gradients by W and by b. W
and b come as tensors without a gradient, new ones in each call. The code lets autograd find the
gradients, with backward or another function of torch."""


def reference(W, b, X, y):
    """One example, one class, one feature after the other."""
    grad_W, grad_b = np.zeros(W.shape), np.zeros(b.shape)
    for x, label in zip(X, y):
        powers = [math.exp(row @ x + bias) for row, bias in zip(W, b)]
        for k, power in enumerate(powers):
            error = power / sum(powers) - (k == label)
            grad_b[k] += error / len(X)
            for j, feature in enumerate(x):
                grad_W[k, j] += error * feature / len(X)
    return grad_W, grad_b


def softmax(Z):
    """Softmax of each row."""
    E = np.exp(Z - Z.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True)


draft = Draft(
    "gradients", CONTRACT, reference, outputs=("the gradient by W", "the gradient by b"),
    whole=("y",),
    terms={
        "B": lambda X: len(X),
        "target": lambda y, b: np.eye(len(b))[y],
        "P": lambda W, b, X: softmax(X @ W.T + b),
    },
    traits={"more than one example": lambda B: B > 1},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

draft.probe(
    "bw", [[0.1, -0.2], [0, 0.3], [0.2, 0.1]], [0, 0.1, -0.1], [[1, 2], [-1, 1]], [2, 0])
draft.probe("one example", [[0.1, -0.2], [0, 0.3], [0.2, 0.1]], [0, 0.1, -0.1], [[2, -1]], [1])


def larger(name, y, D, C, seeds):
    """A probe of scattered numbers for the labels y."""
    sizes = (C, D), (C,), (len(y), D)
    draft.probe(name, *(scattered(n, seed) for n, seed in zip(sizes, seeds)), y)


larger("all sizes alike", [1, 0, 2], 3, 3, (5, 6, 7))
larger("general", [3, 0, 1, 2, 1, 0], 3, 4, (1, 4, 2))
larger("other numbers", [0, 2, 2, 3, 1, 1], 3, 4, (8, 3, 5))
larger("classes without examples", [1, 0, 1], 2, 5, (3, 2, 6))


def errors(function):
    """Other derivatives of the scores (B, C), of one example's loss each."""
    dZ = draft.of(function)

    def core(W, b, X, y):
        wrong = dZ(W, b, X, y)
        return wrong.T @ X / len(X), wrong.mean(0)

    return instead(core)


def through_softmax(P, dP):
    """Derivatives by the scores from those by their softmax."""
    return P * (dP - (P * dP).sum(1, keepdims=True))


def times(factor):
    """Both gradients times a number."""
    factor = draft.of(factor)

    def after(new, *inputs):
        return tuple(factor(*inputs) * part for part in new)

    return out(lambda new, W, b, X, y: after(new, W, b, X, y))


slip("GRAD-01", "the loss is summed over the batch",
     "Your gradients are too large by the number of examples: the loss is a sum and not a mean.",
     "Write every example down twice. Should the gradient change?",
     times(lambda B: B))
slip("GRAD-02", "softmax is applied before the loss",
     "Your loss gets probabilities where it expects scores, and so applies softmax twice.",
     "What does `F.cross_entropy` take: scores or probabilities?",
     errors(lambda P, target: through_softmax(P, softmax(P) - target)))
slip("GRAD-03", "the logarithm is missing",
     "You differentiate the probability of the right class, without its logarithm.",
     "What stands between the probability of the right class and the loss?",
     errors(lambda P, target: through_softmax(P, -target)))
slip("GRAD-04", "the gradients are counted twice",
     "Your gradients are twice as large as they should be, as after a second call of backward: it "
     "adds to what is there.",
     "How often is your loss differentiated, and into which `.grad`?",
     times(lambda: 2))
slip("GRAD-05", "the sign is reversed",
     "Your gradients point downhill: the loss has the wrong sign, or the result.",
     "A gradient points where the loss rises. Which sign has your loss?",
     times(lambda: -1), keeps=0.75)
slip("GRAD-06", "returns (grad_b, grad_W)",
     "Both results are right and stand in the wrong order.",
     "Look at your return.",
     out(lambda new: (new[1], new[0])), keeps=0.75)
slip("GRAD-07", "a step is made",
     "Your function returns W and b after a step, where their gradients are asked for.",
     "What is to come back: where the step leads, or the gradient?",
     out(lambda new, W, b: (W - new[0], b - new[1])), keeps=0.75)
slip("GRAD-08", "returns W and b",
     "Your function gives back the parameters, not their gradients.",
     "Where does a tensor keep its gradient after the walk back?",
     out(lambda new, W, b: (W, b)), keeps=0.25)


def by_hand(answer):
    """Says so where the code calls nothing that differentiates."""
    return "" if answer.used(AUTOGRAD, LOOKING) else "Your code calls nothing that differentiates."


draft.beside(
    "GRAD-20", "autograd is not used",
    "Your numbers are right, but the task is to let autograd find them.",
    "Which call walks back from the loss?",
    by_hand, keeps=0.5)

TASK = draft.task()
