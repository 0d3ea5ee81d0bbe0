"""Task ``nms(boxes, scores, threshold)``: non-maximum suppression.

Shapes: boxes (n, 4), scores (n,); threshold is a number -> (m,) places.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """nms(boxes, scores, threshold): non-maximum suppression.

boxes has shape (n, 4), a box being x1, y1, x2, y2 with x1 < x2 and y1 < y2; scores has shape (n,),
all different; threshold is a number. The box with the largest score is kept, and every other box
whose intersection over union with it is larger than threshold is dropped; of those that are left,
the one with the largest score is kept, and so on. The result holds the places of the boxes that are
kept, whole numbers, in the order of their scores, the largest first."""


def ratio(boxes):
    """Intersection over union of every two."""
    a, b = boxes[:, None], boxes[None]
    side = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    common = np.maximum(side, 0).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return common / (area[:, None] + area - common)


def reference(boxes, scores, threshold):
    """Keep the best, drop what overlaps it, go on with the rest."""
    left = sorted(range(len(boxes)), key=lambda i: -scores[i])
    kept, R = [], ratio(boxes)
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [i for i in left if R[best, i] <= threshold]
    return np.array(kept, dtype=int)


def overlapping(boxes, scores, threshold, order=lambda s: (-s).argsort(),
                drop=lambda r, t: r > t, table=ratio, rivals=None):  # fmt: skip
    """``rivals`` chooses, from those kept and all better ones, which of them may drop a box."""
    R, kept, seen = table(boxes), [], []
    for i in order(scores):
        others = kept if rivals is None else rivals(kept, seen)
        if not any(drop(R[j, i], threshold) for j in others):
            kept.append(i)
        seen.append(i)
    return np.array(kept, dtype=int)


draft = Draft(
    "nms", CONTRACT, reference, right=overlapping, arguments=("boxes", "scores", "threshold"),
    use="a list", whole_results=True,
    traits={"several boxes": lambda boxes: len(boxes) > 1},
)
out, pieces, instead, slip = draft.out, draft.pieces, draft.instead, draft.slip

# In a row, each overlapping the next: the middle one drops the last only if it is kept itself.
CHAIN = [[0, 0, 4, 2], [1, 0, 5, 2], [2, 0, 6, 2], [9, 0, 12, 2]]
draft.probe("two and one", [[0, 0, 4, 4], [0.5, 0, 4.5, 4], [6, 1, 8, 3]], [0.6, 0.9, 0.3], 0.5)
draft.probe("a chain", CHAIN, [0.9, 0.8, 0.7, 0.6], 0.5)
draft.probe("a chain, the middle best", CHAIN, [0.7, 0.9, 0.8, 0.95], 0.5)
draft.probe("a chain, a high threshold", CHAIN, [0.7, 0.9, 0.8, 0.95], 0.7)
draft.probe("exactly the threshold", [[0, 0, 2, 2], [0, 0, 2, 1], [0, 1, 2, 2]], [0.9, 0.8, 0.7],
            0.5, has="a ratio that equals the threshold")
draft.probe("one in the other", [[0, 0, 10, 10], [2, 2, 4, 4], [0, 0, 10, 9]], [0.5, 0.9, 0.7], 0.3)
draft.probe("one box", [[1, 1, 3, 2]], [0.2], 0.5)
draft.probe("apart", [[0, 0, 1, 1], [4, 4, 6, 6], [8, 0, 9, 3], [3, 0, 5, 1]], [0.1, 0.4, 0.2, 0.3],
            0.5)
draft.probe("apart in both directions", [[0, 0, 1, 1], [2, 2, 3, 3], [5, 1, 6, 2]], [0.7, 0.9, 0.8],
            0.5)
MANY = [[0, 0, 5, 5], [1, 1, 6, 6], [0, 1, 5, 6], [7, 0, 10, 4], [7, 1, 10, 5], [8, 0, 11, 4],
        [2, 2, 7, 7], [20, 3, 22, 8], [20, 4, 22, 9]]  # fmt: skip
draft.probe("many", MANY, [0.31, 0.95, 0.52, 0.77, 0.83, 0.15, 0.64, 0.48, 0.59], 0.4)
draft.probe("many, other scores", MANY, [0.88, 0.21, 0.79, 0.35, 0.11, 0.92, 0.67, 0.73, 0.46], 0.4)
draft.probe("many, a low threshold", MANY, [0.31, 0.95, 0.52, 0.77, 0.83, 0.15, 0.64, 0.48, 0.59],
            0.05)

slip("NMS-01", "dropped boxes drop others",
     "A box that was dropped itself still drops others: in a row of boxes everything but the first "
     "one goes.",
     "Three boxes in a row, only neighbours overlap. How many should be kept?",
     pieces(rivals=lambda kept, seen: seen))
slip("NMS-02", "the smallest score first", "The boxes are gone through from the smallest score.",
     "Which box should never be dropped?", pieces(order=lambda s: s.argsort()))
slip("NMS-03", "not sorted", "The boxes are gone through in the order in which they stand.",
     "Change scores only. Does the set of boxes change?",
     pieces(order=lambda s: np.arange(len(s))))
slip("NMS-04", "places in their own order",
     "The right boxes are kept, and listed in the order of their places, or from the smallest "
     "score.",
     "In which order does the task want the places?",
     out(np.sort), *draft.variants("flip"), keeps=0.75)
slip("NMS-05", "places in the sorted list",
     "Your numbers are places in the list that was sorted by scores, not in the input.",
     "What does number 0 of your result say?",
     out(lambda kept, scores: (-scores).argsort().argsort()[kept]))
slip("NMS-06", "the comparison is turned",
     "Boxes are dropped that overlap little, and those that overlap much are kept.",
     "Two boxes far from each other: are both kept?", pieces(drop=lambda r, t: r < t),
     pieces(drop=lambda r, t: r <= t))
slip("NMS-07", "a ratio that equals the threshold drops",
     "A box whose ratio equals the threshold is dropped; it should be kept.",
     "Does the task say larger, or at least?", pieces(drop=lambda r, t: r >= t), keeps=0.75)
slip("NMS-08", "a mask is returned", "Your result says of each box whether it is kept.",
     "Are places or yes and no asked for?",
     out(lambda kept, scores: np.isin(np.arange(len(scores)), kept) * 1), keeps=0.75)
slip("NMS-09", "the boxes or scores are returned",
     "Your result holds the boxes that are kept, or their scores, not their places.",
     "Are places asked for?", out(lambda kept, boxes: boxes[kept]),
     out(lambda kept, scores: scores[kept]), keeps=0.75)
slip("NMS-10", "only the best box drops others",
     "Only the box with the largest score of all drops others; the rest are kept as they are.",
     "After the first box is kept and its neighbours are gone: what comes next?",
     pieces(rivals=lambda kept, seen: seen[:1]))
slip("NMS-11", "only the box before is compared",
     "A box is compared with the last one that was kept, or with the one before it in the list, "
     "not with all that were kept.",
     "Which boxes can drop the third one?",
     pieces(rivals=lambda kept, seen: kept[-1:]), pieces(rivals=lambda kept, seen: seen[-1:]))
slip("NMS-12", "another ratio",
     "The common area is divided by that of one box, or by the sum of both.",
     "A small box in a large one: what is their intersection over union?",
     pieces(table=lambda b: shares(b, np.minimum)), pieces(table=lambda b: shares(b, np.maximum)),
     pieces(table=lambda b: shares(b, lambda x, y: x + y)),
     pieces(table=lambda b: shares(b, lambda x, y: x + 0 * y)),
     pieces(table=lambda b: shares(b, lambda x, y: 0 * x + y)))
slip("NMS-13", "only one box", "Only the box with the largest score is returned.",
     "Two boxes far from each other: are both kept?", out(lambda kept: kept[:1]),
     out(lambda kept: kept[0]))

slip("NMS-14", "boxes that lie apart drop each other",
     "Boxes that lie apart in both directions drop each other: negative sides are not cut at 0, "
     "and two of them multiply to a positive area.",
     "What is the common area of two boxes that lie apart?", pieces(table=lambda b: not_cut(b)))


def not_cut(boxes):
    """The ratio with sides that may be negative."""
    a, b = boxes[:, None], boxes[None]
    common = (np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return common / (area[:, None] + area - common)


def shares(boxes, size):
    """The common area of every two, divided by something of their areas."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    R = ratio(boxes)
    common = R * (area[:, None] + area) / (1 + R)
    return common / size(area[:, None], area)


TASK = draft.task()
