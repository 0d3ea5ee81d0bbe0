"""Task ``kmeans_step(X, C)``: one round of k-means, from old centres to new ones.

Shapes: X (n, d), C (k, d) -> (k, d).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """kmeans_step(X, C): the centres after one round of k-means.

X has shape (n, d): one point in each row. C has shape (k, d): the centres before the round. Each
point belongs to the nearest centre, of equally near ones to the first. The result has shape (k, d):
row j is the mean of the points that belong to centre j; a centre to which no point belongs stays
where it was. Leave the arguments unchanged."""


def reference(X, C):
    """One centre after the other."""
    mine = [min(range(len(C)), key=lambda j: (sum((x - C[j]) ** 2), j)) for x in X]
    new = np.array(C)
    for j in range(len(C)):
        own = [x for x, owner in zip(X, mine, strict=True) if owner == j]
        if own:
            new[j] = sum(own) / len(own)
    return new


def squares(X, C):
    return ((X[:, None] - C) ** 2).sum(2)


def moved(owner, X, C, mean=lambda own: own.mean(0), empty=lambda c: c):
    """The new centres for given owners of the points."""
    return np.stack([mean(X[owner == j]) if (owner == j).any() else empty(c)
                     for j, c in enumerate(C)])  # fmt: skip


draft = Draft(
    "kmeans_step", CONTRACT, reference, inputs_stay=True,
    terms={"owner": lambda X, C: squares(X, C).argmin(1),
           "count": lambda owner, C: np.eye(len(C))[owner].sum(0)[:, None],
           "total": lambda owner, X, C: np.eye(len(C))[owner].T @ X},
    traits={"a centre without points": lambda owner, C: len(set(owner.tolist())) < len(C)},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("on a line", [[0], [2], [9], [10], [14]], [[1], [10]])
draft.probe("in the plane", [[0, 0], [2, 1], [8, 8], [9, 6], [1, 5]], [[0, 1], [8, 7]])
draft.probe("nobody comes", [[1, 0], [2, 1], [4, 5]], [[0, 1], [99, 50], [4, 4]])
draft.probe("one centre", [[1, 5], [3, -2], [8, 0.5]], [[7, 7]], has="one centre")
draft.probe("equally near", [[0], [2], [4], [7]], [[1], [3]], has="a point between two centres")
draft.probe("square", [[0, 1, 7], [2, 8, 3], [5, 4, 6]], [[4, 0, 9], [2, 6, 3], [5, 3, 7]])
draft.probe("general", scattered((11, 2), 3, 4.0), scattered((3, 2), 5, 3.0))
draft.probe("other numbers", scattered((11, 2), 6, 4.0) + 0.25, scattered((3, 2), 2, 3.0))
draft.probe("corner or edge", [[0, 0], [0.5, 0.5]], [[3, 0], [2, 2]])
draft.probe("edge or corner", [[0, 0], [0.25, 0.25]], [[3, 0], [2.5, 2.5]])
draft.probe("far from done", [[0], [3], [4], [20]], [[0], [5]])

slip("KMEANS-01", "a centre without points becomes nan",
     "A centre to which no point belongs becomes nan: a sum of nothing is divided by 0.",
     "What does the task say about a centre to which no point belongs?",
     instead(lambda owner, X, C: moved(owner, X, C, empty=lambda c: c * np.nan)), keeps=0.75)
slip("KMEANS-02", "a centre without points goes to the origin",
     "A centre to which no point belongs jumps to the origin.",
     "What does the task say about a centre to which no point belongs?",
     instead(lambda owner, X, C: moved(owner, X, C, empty=lambda c: 0 * c)), keeps=0.75)
slip("KMEANS-03", "a centre without points is dropped",
     "A centre to which no point belongs is missing from your result.",
     "How many rows should the result have?",
     instead(lambda owner, X: np.stack([X[owner == j].mean(0) for j in np.unique(owner)])),
     keeps=0.75)
slip("KMEANS-04", "sums instead of means",
     "The points of a centre are added up; their sum is not divided by their number.",
     "Write every point down twice. Should the centres move?",
     instead(lambda owner, X, C: moved(owner, X, C, mean=lambda own: own.sum(0))))
slip("KMEANS-05", "the farthest centre",
     "Each point goes to the centre that is farthest from it.",
     "Do you look for the smallest or the largest distance?",
     instead(lambda X, C: moved(squares(X, C).argmax(1), X, C)))
slip("KMEANS-06", "divided by the number of all points",
     "The sum of the points of a centre is divided by n, or by k, not by how many belong to it.",
     "Which number should the sum for a centre be divided by?",
     instead(lambda total, count, X, C: np.where(count > 0, total / len(X), C)),
     instead(lambda total, count, X, C: np.where(count > 0, total / len(C), C)),
     instead(lambda total, X: total / len(X)), instead(lambda total, C: total / len(C)))
slip("KMEANS-07", "the assignment is returned",
     "Your result says to which centre each point belongs. The round goes on: the centres move.",
     "How many rows should the result have?",
     instead(lambda owner: owner))
slip("KMEANS-08", "the mean over the features",
     "The mean runs over the features of the points: a centre becomes one number.",
     "Which axis of the points of a centre should be gone?",
     instead(lambda owner, X, C: moved(owner, X, C, mean=lambda own: own.mean() + 0 * own[0])),
     instead(lambda owner, X, C: moved(owner, X, C, mean=lambda own: own.mean(),
                                       empty=lambda c: c.mean())))
slip("KMEANS-09", "the old centre counts as a point",
     "The old centre enters the mean as if it were one of its points.",
     "A single point belongs to a centre. Where should the centre go?",
     instead(lambda total, count, C: (total + C) / (count + 1)))
slip("KMEANS-10", "half of the way",
     "The centres move to the middle between their old place and the mean.",
     "A single point belongs to a centre. Where should the centre go?",
     out(lambda Y, C: (Y + C) / 2))
slip("KMEANS-11", "medians instead of means",
     "Your centres are medians of their points.", "Where is the mean of 0, 1 and 8?",
     instead(lambda owner, X, C: moved(owner, X, C, mean=lambda own: np.median(own, 0))),
     keeps=0.75)
slip("KMEANS-12", "distances along the axes",
     "Your distance is a sum, or the largest, of absolute differences. Euclid's has squares.",
     "Which is nearer to the origin, (3, 0) or (2, 2)?",
     instead(lambda X, C: moved(abs(X[:, None] - C).sum(2).argmin(1), X, C)),
     instead(lambda X, C: moved(abs(X[:, None] - C).max(2).argmin(1), X, C)))
slip("KMEANS-13", "several rounds",
     "Your function goes on until the centres stay. Asked for is one round.",
     "How often is each point given to a centre?",
     out(lambda Y, X: draft.right(X, Y)),
     out(lambda Y, X: draft.right(X, draft.right(X, draft.right(X, draft.right(X, Y))))),
     keeps=0.75)
slip("KMEANS-14", "the last of equally near centres",
     "A point that is equally near to two centres goes to the later one.",
     "Does your comparison let an equal distance win?",
     instead(lambda X, C: moved(len(C) - 1 - squares(X, C)[:, ::-1].argmin(1), X, C)), keeps=0.75)

TASK = draft.task()
