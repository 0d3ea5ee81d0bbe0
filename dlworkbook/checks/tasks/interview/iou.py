"""Task ``iou(A, B)``: intersection over union of every two boxes.

Shapes: A (n, 4), B (m, 4) -> (n, m).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """iou(A, B): intersection over union of every two boxes.

A has shape (n, 4) and B has shape (m, 4): a box is x1, y1, x2, y2, with x1 < x2 and y1 < y2. The
result has shape (n, m): entry (i, j) is the area that box i of A and box j of B have in common,
divided by the area that they cover together; 0 if they have none in common. Lengths are differences
of coordinates, without a pixel more."""


def reference(A, B):
    """One pair of boxes after the other."""
    Y = np.zeros((len(A), len(B)))
    for i, j in np.ndindex(Y.shape):
        a, b = A[i], B[j]
        width = min(a[2], b[2]) - max(a[0], b[0])
        height = min(a[3], b[3]) - max(a[1], b[1])
        if width > 0 and height > 0:
            both = width * height
            areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
            Y[i, j] = both / (areas - both)
    return Y


def sides(A, B, more=0.0):
    """Width and height of what two boxes have in common; negative if they lie apart."""
    a, b = A[:, None], B[None]
    return np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]) + more


def area(X, more=0.0):
    return (X[:, 2] - X[:, 0] + more) * (X[:, 3] - X[:, 1] + more)


def right(A, B, more=0.0, cut=lambda S: np.maximum(S, 0).prod(2),
          union=lambda I, a, b: a[:, None] + b - I, size=area):  # fmt: skip
    common = cut(sides(A, B, more))
    return common / union(common, size(A, more), size(B, more))


draft = Draft(
    "iou", CONTRACT, reference, right=right, arguments=("A", "B"),
    traits={"boxes that lie apart": lambda A, B: bool((sides(A, B) <= 0).any()),
            "boxes that lie apart in both directions": lambda A, B: bool(
                (sides(A, B) < 0).all(2).any())},
)
out, given, pieces, instead, slip = draft.out, draft.given, draft.pieces, draft.instead, draft.slip


def boxes(n, seed):
    corner = scattered((n, 2), seed, 2.0)
    return np.hstack([corner, corner + abs(scattered((n, 2), seed + 3)) + 1.5])


draft.probe("small", [[0, 0, 2, 2]], [[1, 1, 3, 3], [0, 0, 2, 2], [0, 0, 4, 1]])
draft.probe("apart", [[0, 0, 1, 2]], [[3, 0, 5, 2], [4, 5, 6, 8], [0.5, 4, 2, 5]])
draft.probe("one in the other", [[0, 0, 10, 4]], [[1, 1, 3, 2]])
draft.probe("they touch", [[0, 0, 2, 2], [1, 0, 2, 3]], [[2, 0, 4, 2]])
draft.probe("square", [[0, 0, 3, 2], [5, 1, 8, 9]], [[1, 1, 6, 4], [4, 0, 7, 3]],
            has="as many boxes here as there")
draft.probe("negative corners", [[-3, -2, 1, 1], [-1, -4, 2, 0]], [[-2, -1, 3, 4], [0, -3, 1, 5]])
draft.probe("general", boxes(4, 1), boxes(5, 4))
draft.probe("other numbers", boxes(4, 7), boxes(5, 2))

slip("IOU-01", "boxes that lie apart",
     "Negative sides are not cut at 0: two of them multiply to a positive area, for boxes that lie "
     "apart in both directions.",
     "What are width and height of the common area of two boxes that lie apart?",
     pieces(cut=lambda S: S.prod(2)), pieces(cut=lambda S: np.maximum(S.prod(2), 0)),
     pieces(cut=lambda S: abs(S).prod(2)), keeps=0.5)
slip("IOU-02", "the common area counts twice",
     "The common area is not taken off the sum of the two areas, where it counts twice.",
     "What should come out for a box and itself?", pieces(union=lambda I, a, b: a[:, None] + b))
slip("IOU-03", "divided by the smaller or the larger box",
     "The common area is divided by the area of one box, not by what both cover.",
     "A small box in a large one: is that a good match?",
     pieces(union=lambda I, a, b: np.minimum(a[:, None], b)),
     pieces(union=lambda I, a, b: np.maximum(a[:, None], b)),
     pieces(union=lambda I, a, b: a[:, None] + 0 * b),
     pieces(union=lambda I, a, b: 0 * a[:, None] + b))
slip("IOU-04", "one pixel more", "One is added to lengths, as for whole pixels.",
     "How long is a box from x1 = 0 to x2 = 2 by the task?",
     pieces(more=1.0), pieces(size=lambda X, more: area(X, 1.0)),
     pieces(cut=lambda S: np.maximum(S + 1, 0).prod(2)), keeps=0.75)
slip("IOU-05", "width and height for the second corner",
     "The last two numbers of a box are taken for its width and height.",
     "What are the four numbers of a box?",
     given(A=lambda A: np.hstack([A[:, :2], A[:, :2] + A[:, 2:]]),
           B=lambda B: np.hstack([B[:, :2], B[:, :2] + B[:, 2:]])))
slip("IOU-06", "the box around both",
     "The common area is divided by that of the smallest box around both.",
     "What do two boxes at opposite corners cover?",
     instead(lambda A, B: np.maximum(sides(A, B), 0).prod(2) / around(A, B)))
slip("IOU-07", "minimum and maximum are exchanged",
     "The corners of the common area are taken the wrong way round: that is the box around both.",
     "Where does the common area begin, at the smaller x1 or the larger?",
     instead(lambda A, B: around(A, B) / (area(A)[:, None] + area(B) - around(A, B))))
slip("IOU-08", "the result is transposed", "Rows and columns of your result are exchanged.",
     "Which of A and B should run down the rows?", out(lambda Y: Y.T), keeps=0.75)
slip("IOU-09", "row by row only", "Box i of A meets box i of B only.",
     "How many numbers should come out for 4 and 5 boxes?",
     instead(lambda A, B: right(A, B[: len(A)]).diagonal()))
slip("IOU-10", "areas, not a ratio", "Your result is the common area, or what both cover.",
     "Double all coordinates. Should the result change?",
     pieces(union=lambda I, a, b: 1.0), instead(lambda A, B: area(A)[:, None] + area(B)
                                                - np.maximum(sides(A, B), 0).prod(2)))
slip("IOU-11", "one minus the ratio", "Your result is 0 for a box and itself: a distance.",
     "What should come out for a box and itself?", out(lambda Y: 1 - Y), keeps=0.75)
slip("IOU-12", "the union is the common area's rest",
     "The common area is taken off twice: only what the two do not share divides.",
     "What should come out for a box and itself?",
     pieces(union=lambda I, a, b: a[:, None] + b - 2 * I))


def around(A, B):
    """Area of the smallest box around every two."""
    a, b = A[:, None], B[None]
    return (np.maximum(a[..., 2:], b[..., 2:]) - np.minimum(a[..., :2], b[..., :2])).prod(2)


TASK = draft.task()
