"""Task ``knn_predict(X, y, Q, k)``: the vote of the k nearest neighbours.

Shapes: X (n, d), y (n,), Q (m, d) -> (m,).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """knn_predict(X, y, Q, k): for each row of Q the label that most of its k nearest
neighbours have.

X has shape (n, d) and holds the known examples, y has shape (n,) and holds their labels, whole
numbers from 0 on; Q has shape (m, d) and holds the queries; k is a whole number from 1 to n. The
result has shape (m,). Near means a small Euclidean distance, and no two known examples are equally
far from a query. If several labels have the most votes, the smallest of them wins."""


def reference(X, y, Q, k):
    """One query after the other."""
    found = np.zeros(len(Q))
    for i, q in enumerate(Q):
        nearest = sorted(range(len(X)), key=lambda j: sum((q - X[j]) ** 2))[:k]
        votes = [int(y[j]) for j in nearest]
        found[i] = min(set(votes), key=lambda label: (-votes.count(label), label))
    return found


def squares(X, Q):
    return ((Q[:, None] - X) ** 2).sum(2)


def most(votes):
    """Of each row the number that stands there most often, the smallest if there are several."""
    return np.array([np.bincount(row).argmax() for row in votes])


def vote(D, y, k):
    return most(y[D.argsort(1)[:, :k]])


draft = Draft(
    "knn_predict", CONTRACT, reference, whole=("y", "k"), whole_results=True,
    terms={"D": squares, "near": lambda D: D.argsort(1)},
    traits={"several neighbours": lambda k: k > 1, "several features": lambda X: X.shape[1] > 1},
)
given, instead, slip = draft.given, draft.instead, draft.slip

X5 = [[0, 0], [1, 0.5], [4, 4], [5, 3], [1, 5]]
draft.probe("one neighbour", [[0], [4], [10]], [2, 0, 1], [[1], [9], [6]], 1)
draft.probe("three of four", [[0], [1], [3], [10]], [1, 0, 1, 0], [[2.2], [9]], 3)
draft.probe("five points", X5, [0, 0, 3, 3, 1], [[0, 1], [4, 3], [1.5, 3.25]], 3)
draft.probe("five points, other labels", X5, [3, 1, 1, 2, 2], [[0, 1], [4, 3], [1.5, 3.25]], 3)
draft.probe("a tie", [[0], [2], [5], [9]], [3, 1, 0, 0], [[0.5], [6]], 2, has="a tie")
draft.probe("a tie of four", [[0], [2], [5], [9]], [3, 1, 3, 1], [[0.5], [8]], 4, has="a tie")
draft.probe("one near, two far", [[0], [4], [-6], [20]], [1, 0, 0, 1], [[0.5], [5]], 3)
draft.probe("corner or edge", [[3, 0], [2, 2.1], [9, 9]], [1, 2, 0], [[0, 0]], 1)
draft.probe("edge or corner", [[1, 3], [2.9, 2.9], [9, 9]], [1, 2, 0], [[0, 0]], 1)
draft.probe("far and parallel", [[8, 8], [1, 0], [-1, 2]], [2, 1, 0], [[0.75, 0.5], [2, 2]], 1)
draft.probe("square", [[0, 1, 7], [2, 8, 3], [5, 4, 6.5]], [1, 0, 2],
            [[1, 1, 5], [2, 7, 2], [6, 3, 9]], 1, has="as many queries as examples and features")
draft.probe("general", scattered((9, 2), 2, 3.0), np.array([0, 2, 1, 2, 0, 1, 2, 2, 0]),
            scattered((4, 2), 7, 2.5) + 0.07, 5)
draft.probe("general, other labels", scattered((9, 2), 2, 3.0),
            np.array([1, 2, 0, 0, 1, 2, 1, 0, 2]), scattered((4, 2), 7, 2.5) + 0.07, 4)

slip("KNN-01", "the farthest examples vote", "The k examples with the largest distance vote.",
     "In which order does your sort leave the distances?",
     instead(lambda D, y, k: vote(-D, y, k)), keeps=0.75)
slip("KNN-02", "only the nearest votes", "k does not enter: the nearest example decides alone.",
     "Change k only. Does a result change?", given(k=1))
slip("KNN-03", "a mean of the labels",
     "The labels of the neighbours are averaged, perhaps rounded. Labels are names: the mean of 0 "
     "and 2 is no class between them.",
     "Two neighbours have label 0 and one has label 3. Which class wins?",
     instead(lambda near, y, k: y[near[:, :k]].mean(1)),
     instead(lambda near, y, k: np.round(y[near[:, :k]].mean(1))),
     instead(lambda near, y, k: np.floor(y[near[:, :k]].mean(1))),
     instead(lambda near, y, k: np.median(y[near[:, :k]], 1)))
slip("KNN-04", "distances along the axes",
     "Your distance is a sum, or the largest, of absolute differences. Euclid's has squares.",
     "Which is nearer to the origin, (3, 0) or (2, 2.1)?",
     instead(lambda X, y, Q, k: vote(abs(Q[:, None] - X).sum(2), y, k)),
     instead(lambda X, y, Q, k: vote(abs(Q[:, None] - X).max(2), y, k)))
slip("KNN-05", "places instead of labels",
     "The numbers of the neighbours are returned or counted; it is their labels that vote.",
     "Is your result a row number, or a label?",
     instead(lambda near, k: most(near[:, :k])), instead(lambda near, k: near[:, 0]))
slip("KNN-06", "another label wins a tie",
     "Where two labels have equally many votes, the largest one, or that of the nearest neighbour, "
     "is returned.",
     "What does the task say about labels with equally many votes?",
     instead(lambda near, y, k: y.max() - most(y.max() - y[near[:, :k]])),
     instead(lambda near, y, k: np.array([max(row.tolist(), key=row.tolist().count)
                                          for row in y[near[:, :k]]])),
     keeps=0.75)
slip("KNN-07", "the nearest is left out",
     "The nearest example does not vote, as if it were the query itself.",
     "Are the queries among the known examples?",
     instead(lambda near, y, k: most(y[near[:, 1 : k + 1]])))
slip("KNN-08", "differences that are not squared",
     "Signed differences are added up: positive and negative ones cancel.",
     "How far are (1, -1) and (0, 0) from each other in your code?",
     instead(lambda X, y, Q, k: vote((Q[:, None] - X).sum(2), y, k)),
     instead(lambda X, y, Q, k: vote(abs((Q[:, None] - X).sum(2)), y, k)))
slip("KNN-09", "a dot product for a distance",
     "The largest dot products are taken for the nearest: a long vector then wins against a near "
     "one.",
     "Which of (1, 0) and (8, 8) is nearer to (0.75, 0.5)?",
     instead(lambda X, y, Q, k: vote(-Q @ X.T, y, k)))
slip("KNN-10", "one feature only",
     "The distance is taken along the first feature, or the last one, only.",
     "Over which axis do the squares have to be summed?",
     instead(lambda X, y, Q, k: vote(squares(X[:, :1], Q[:, :1]), y, k)),
     instead(lambda X, y, Q, k: vote(squares(X[:, -1:], Q[:, -1:]), y, k)))
slip("KNN-11", "all examples vote",
     "Every known example votes, however far it is: the result is the same for all queries.",
     "Where does k enter?",
     instead(lambda D, y: vote(D, y, len(y))))
slip("KNN-12", "the labels of the neighbours",
     "Your function returns the labels of all k neighbours; they still have to vote.",
     "How many numbers should come out for one query?",
     instead(lambda near, y, k: y[near[:, :k]]))

slip("KNN-13", "near votes count more",
     "Votes are weighted by how near an example is: one that is very near outvotes two others.",
     "How much is each vote worth by the task?",
     instead(lambda D, near, y, k: weighted(D, near[:, :k], y, 0.5)),
     instead(lambda D, near, y, k: weighted(D, near[:, :k], y, 1.0)))


def weighted(D, near, y, power):
    """The label with the largest sum of 1 / distance, or of 1 / its square."""
    return np.array([np.bincount(y[row], weights=(d[row] + 1e-9) ** -power).argmax()
                     for d, row in zip(D, near, strict=True)])  # fmt: skip


TASK = draft.task()
