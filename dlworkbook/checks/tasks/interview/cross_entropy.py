"""Task ``cross_entropy(X, labels)``: the mean loss of scores, for scores of any size.

Shapes: X (n, q), labels (n,); the result is a number.
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """cross_entropy(X, labels): the mean cross-entropy of scores.

X has shape (n, q): q scores (not probabilities) for each of n examples. labels has shape (n,) and
holds whole numbers from 0 to q - 1. The result is one number: the mean over the examples of minus
the natural logarithm of the probability that the softmax of its row gives to its label. It must
come out right for finite scores of any size, such as 1000 or -1000. An array of one entry is
fine."""


def reference(X, labels):
    """One example after the other; the largest exponent of each row is 0."""
    loss = 0.0
    for row, label in zip(X, labels, strict=True):
        largest = max(row)
        total = sum(math.exp(value - largest) for value in row)
        loss += (math.log(total) + largest - row[int(label)]) / len(X)
    return np.float64(loss)


def log_softmax(X, axis=1):
    Z = X - X.max(axis, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis, keepdims=True))


def picked(P, labels):
    return P[np.arange(len(P)), labels]


def right(X, labels):
    return -picked(log_softmax(X), labels).mean()


draft = Draft(
    "cross_entropy", CONTRACT, reference, right=right, use="one number", whole=("labels",),
    terms={"n": lambda X: np.float64(len(X)), "q": lambda X: np.float64(X.shape[1]),
           "L": lambda X: log_softmax(X)},
    traits={"scores beyond 500": lambda X: abs(X).max() > 500},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("small", [[0, 1, 2], [1, 1, 1]], [2, 0])
draft.probe("square", [[1, 2, 0], [3, -1, 1], [0, 0.5, 1]], [1, 2, 1])
draft.probe("one example", [[0.5, -1, 2]], [1], has="one example")
draft.probe("two classes", [[2, -1], [0, 3], [1, 1.5]], [0, 0, 1])
draft.probe("general", scattered((5, 4), 1, 3.0), np.array([3, 0, 2, 2, 1]))
draft.probe("other numbers", scattered((5, 4), 8, 2.0) + 1, np.array([1, 0, 3, 2, 3]))
draft.probe("large and right", [[1000, 1001, 1002]], [1], slack=10.0)
draft.probe("very sure and wrong", [[0, 800], [30, 0]], [0, 1], slack=10.0)
draft.probe("very negative", [[-1000, -1001], [-900, -898]], [0, 0], slack=10.0)

slip("CE-01", "the sum, not the mean", "Your result is the sum of the losses, n times too large.",
     "Write every example down twice. Should the loss change?", *draft.variants("times", "n"))
slip("CE-02", "the sign is turned",
     "Your result is the mean logarithm of the probabilities; a loss is what should become small.",
     "Is the logarithm of a probability positive or negative?",
     *draft.variants("negate"), keeps=0.75)
slip("CE-03", "softmax first, logarithm next",
     "Your function is right for small scores. For large ones exp runs over, or a probability is "
     "rounded to 0, which has no finite logarithm.",
     "Write the logarithm of a quotient as a difference. Which exponential need not be taken?",
     instead(lambda X, labels: -np.log(picked(np.exp(X), labels) / np.exp(X).sum(1)).mean()),
     instead(lambda X, labels: (np.log(np.exp(X).sum(1)) - picked(X, labels)).mean()),
     instead(lambda L, labels: -np.log(np.float32(1) * picked(np.exp(L), labels)).mean()))
slip("CE-04", "probabilities without a logarithm",
     "Your loss is made of the probabilities themselves; the logarithm is missing.",
     "What does the loss become as the probability of the label goes to 0?",
     instead(lambda L, labels: -picked(np.exp(L), labels).mean()),
     instead(lambda L, labels: 1 - picked(np.exp(L), labels).mean()),
     instead(lambda L, labels: picked(np.exp(L), labels).mean()))
slip("CE-05", "scores that are not normalised",
     "The score of the label is taken as it is: the softmax is missing.",
     "Add 1 to all scores of a row. Should the loss change?",
     instead(lambda X, labels: -picked(X, labels).mean()))
slip("CE-06", "softmax over the examples",
     "The softmax runs down the columns: the examples of a batch compete with each other.",
     "Along which axis do the probabilities add up to 1?",
     instead(lambda X, labels: -picked(log_softmax(X, 0), labels).mean()))
slip("CE-07", "one loss for each example",
     "Your function returns the losses one by one; they still have to become one number.",
     "What turns n numbers into their mean?",
     instead(lambda L, labels: -picked(L, labels)), keeps=0.75)
slip("CE-08", "divided by the classes as well",
     "The mean is taken over all entries of a table of n rows and q columns, of which only n are "
     "not 0.",
     "Add a class that is never right and has a score of minus infinity. Should the loss change?",
     *draft.variants("over", "q"))
slip("CE-09", "a small number inside the logarithm",
     "A small number is added inside the logarithm, or probabilities are cut at one. The loss of a "
     "sure mistake stops growing there, and its gradient dies.",
     "What is the loss of the scores 0 and 800 if the first is right? Can yours be that large?",
     *(instead(lambda L, labels, e=e: -np.log(picked(np.exp(L), labels) + e).mean())
       for e in (1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)),
     *(instead(lambda L, labels, e=e: -np.log(np.maximum(picked(np.exp(L), labels), e)).mean())
       for e in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)), keeps=0.75)
slip("CE-10", "every example with every label",
     "Each row is read at all labels of the batch; it should be read at its own only.",
     "How many probabilities should enter for n examples?",
     instead(lambda L, labels: -L[:, labels].mean()))
slip("CE-11", "the labels are not used",
     "The largest probability of each row enters, right or wrong: the labels have no say.",
     "Change one label. Does the loss change?",
     instead(lambda L: -L.max(1).mean()))
slip("CE-12", "a softmax of the softmax",
     "The scores go through a softmax twice: first alone, and then inside the loss.",
     "Can your loss come near 0 for a very sure and right answer?",
     instead(lambda L, labels: right(np.exp(L), labels)))
slip("CE-13", "the logarithm to base 2",
     "Your losses are in bits: the logarithm is taken to base 2.",
     "What should come out for two equal scores?",
     out(lambda loss: loss / np.log(2)), keeps=0.75)
slip("CE-14", "all classes count",
     "The logarithms of all probabilities are averaged or summed, also those of wrong classes.",
     "How many probabilities should enter for n examples?",
     instead(lambda L: -L.mean()), instead(lambda L: -L.sum(1).mean()))

TASK = draft.task()
