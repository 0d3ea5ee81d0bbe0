"""Task ``top_k_accuracy(scores, labels, k)``: how often the label is among the k best.

Shapes: scores (n, q), labels (n,); k and the result are numbers.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """top_k_accuracy(scores, labels, k): the share of examples whose label is among the k
best.

scores has shape (n, q), the q scores of a row being different; labels has shape (n,) and holds
whole numbers from 0 to q - 1; k is a whole number from 1 to q. The result is one number from 0 to
1: the share of rows in which the score of the label is one of the k largest. An array of one entry
is fine."""


def reference(scores, labels, k):
    """Count for each label how many scores of its row are better."""
    hits = 0
    for row, label in zip(scores, labels, strict=True):
        better = sum(value > row[int(label)] for value in row)
        hits += better < k
    return np.float64(hits / len(labels))


def hit(order, labels):
    """Which rows of places hold their label."""
    return (order == labels[:, None]).any(1)


draft = Draft(
    "top_k_accuracy", CONTRACT, reference, use="one number", whole=("labels", "k"),
    terms={"n": lambda labels: np.float64(len(labels)), "q": lambda scores: scores.shape[1],
           "best": lambda scores: (-scores).argsort(1),
           "down": lambda scores: (-scores).argsort(0), "K": lambda k: np.float64(k)},
    traits={"k larger than 1": lambda k: k > 1},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

S4 = [[0.1, 0.5, 0.2, 0.3], [4, 1, 2, 3], [-1, -2, -4, -3], [0, 9, 5, 7], [2, 3, 1, 0]]
draft.probe("the best one", [[1, 3, 2], [5, 4, 0], [0, 1, 2]], [1, 1, 0], 1)
draft.probe("two of three", [[1, 3, 2], [5, 4, 0], [0, 1, 2]], [1, 1, 0], 2)
draft.probe("two of four", S4, [3, 0, 1, 0, 2], 2)
draft.probe("other labels", S4, [1, 2, 2, 3, 0], 2)
draft.probe("labels in order", S4, [1, 0, 0, 1, 3], 2)
draft.probe("three of four", S4, [0, 1, 2, 0, 2], 3)
draft.probe("all of them", [[1, 3, 2], [5, 4, 0]], [0, 2], 3, has="k equal to the classes")
draft.probe("general", scattered((7, 9), 3, 2.0), np.array([0, 8, 3, 3, 5, 1, 6]), 3)
draft.probe("general, more", scattered((7, 9), 3, 2.0), np.array([7, 4, 2, 5, 5, 0, 2]), 4)
draft.probe("as many rows as classes", scattered((5, 5), 2), np.array([4, 0, 2, 3, 1]), 2)

slip("TOPK-01", "the k smallest",
     "The k smallest scores are looked through.", "In which order does your sort leave the scores?",
     instead(lambda scores, labels, k: hit(scores.argsort(1)[:, :k], labels).mean()))
slip("TOPK-02", "a count, not a share", "Your result counts the hits: a share is asked for.",
     "Write every example down twice. Should the result change?", *draft.variants("times", "n"),
     keeps=0.75)
slip("TOPK-03", "the error rate", "Your result is the share of misses.",
     "If every label is hit, what should come out?", out(lambda y: 1 - y), keeps=0.75)
slip("TOPK-04", "only the best one counts", "k does not enter: only the largest score is compared.",
     "Let k be the number of classes. What should come out?", given(k=1))
slip("TOPK-05", "only the k-th best counts",
     "The label is compared with the one at the k-th place only, not with all down to it.",
     "k is 2, and the label has the largest score. Is that a hit?",
     instead(lambda best, labels, k: (best[:, k - 1] == labels).mean()))
slip("TOPK-06", "the best examples of each class",
     "The largest scores are looked for down the columns: examples compete with each other.",
     "Along which axis do the classes run?",
     instead(lambda down, labels, k: hit(down.T[: len(labels), :k], labels).mean()),
     instead(lambda down, labels, k: hit(down[:k].T, labels).mean()))
slip("TOPK-07", "divided by k as well",
     "The hits are divided by n times k: of the k guesses of a row at most one can be right.",
     "If every label is hit, what should come out?", *draft.variants("over", "K"))
slip("TOPK-08", "yes or no for each row",
     "Your function returns the hits one by one; they still have to become one number.",
     "How do you get a share from a list of yes and no?",
     instead(lambda best, labels, k: hit(best[:, :k], labels)), keeps=0.75)
slip("TOPK-09", "one place too many or too few",
     "One place more or less than k is looked through.",
     "How many places does your slice have for k = 1?",
     instead(lambda best, labels, k: hit(best[:, : k + 1], labels).mean()),
     instead(lambda best, labels, k: hit(best[:, : k - 1], labels).mean()),
     instead(lambda best, labels, k: hit(best[:, 1:k], labels).mean()),
     instead(lambda best, labels, k: hit(best[:, 1 : k + 1], labels).mean()))
slip("TOPK-10", "places taken for ranks",
     "The sorted list of places is read at the label and compared with k. That entry says which "
     "class stands at that rank, not which rank the class has.",
     "What does entry 0 of the sorted places say?",
     instead(lambda best, labels, k: (best[np.arange(len(labels)), labels] < k).mean()))
slip("TOPK-11", "any label of the batch counts",
     "A row counts as a hit if its best classes hold the label of any row.",
     "How many labels should each row be compared with?",
     instead(lambda best, labels, k: np.isin(best[:, :k], labels).any(1).mean()),
     instead(lambda best, labels, k: np.isin(labels, best[:, :k]).mean()))

TASK = draft.task()
