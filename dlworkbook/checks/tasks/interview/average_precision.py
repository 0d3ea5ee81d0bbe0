"""Task ``average_precision(scores, hits, objects)``: the area under precision over recall.

Shapes: scores, hits (n,); objects and the result are numbers.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """average_precision(scores, hits, objects): average precision of a detector.

scores and hits have shape (n,): for each box its score, all different, and 1 if it found an object,
0 if not. objects is the number of all objects, found or not, at least the number of hits and at
least 1. The boxes are gone through from the largest score. After each, precision is the share of
hits among the boxes so far, recall the share of the objects that are found. To each recall belongs
the largest precision that is reached there or at any larger recall. The result is the area under
that curve from recall 0 to 1 (beyond the last recall it is 0), a number."""


def reference(scores, hits, objects):
    """Every hit adds 1 / objects, times the best precision from there on."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    precision, found = [], 0
    for place, i in enumerate(order):
        found += int(hits[i])
        precision.append(found / (place + 1))
    area = 0.0
    for place, i in enumerate(order):
        if hits[i]:
            area += max(precision[place:]) / objects
    return np.float64(area)


def curve(scores, hits):
    """Hits in order, precision, and the number found, after each box."""
    y = hits[(-scores).argsort()].astype(float)
    found = y.cumsum()
    return y, found / np.arange(1, len(y) + 1), found


def envelope(p):
    return np.maximum.accumulate(p[::-1])[::-1]


def right(scores, hits, objects, smooth=envelope, of=curve):
    y, p, _ = of(scores, hits)
    return np.float64((smooth(p) * y).sum() / objects)


draft = Draft(
    "average_precision", CONTRACT, reference, right=right,
    arguments=("scores", "hits", "objects"), use="one number", whole=("hits", "objects"),
    terms={"c": curve, "n": lambda scores: np.float64(len(scores))},
    traits={"objects that are missed": lambda hits, objects: hits.sum() < objects,
            "boxes in order of score": lambda scores: bool((np.diff(scores) < 0).all()),
            "no hit": lambda hits: not hits.any()},
)
out, given, pieces, instead, slip = draft.out, draft.given, draft.pieces, draft.instead, draft.slip

draft.probe("in order, all found", [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1], 3)
draft.probe("some are missed", [0.9, 0.8, 0.7, 0.6], [1, 0, 1, 1], 5)
draft.probe("not in order", [0.3, 0.9, 0.5, 0.7, 0.1], [1, 1, 1, 0, 0], 4)
draft.probe("not in order, other hits", [0.3, 0.9, 0.5, 0.7, 0.1], [1, 0, 1, 0, 1], 4)
draft.probe("perfect", [0.5, 0.25], [1, 1], 2)
draft.probe("nothing found", [0.5, 0.25], [0, 0], 2)
draft.probe("one box", [0.5], [1], 3)
draft.probe("first a miss", [0.9, 0.8, 0.7], [0, 1, 1], 2)
draft.probe("many", [0.91, 0.15, 0.33, 0.78, 0.66, 0.42, 0.87, 0.29, 0.54, 0.71],
            [1, 1, 0, 0, 1, 1, 1, 0, 0, 1], 8)
draft.probe("many, other hits", [0.91, 0.15, 0.33, 0.78, 0.66, 0.42, 0.87, 0.29, 0.54, 0.71],
            [0, 1, 1, 1, 0, 1, 0, 1, 1, 0], 8)


def points(c, objects, count):
    """The mean of the envelope at so many recalls from 0 to 1."""
    _, p, found = c
    recalls = np.linspace(0, 1, count)
    return np.mean([p[found / objects >= r - 1e-9].max(initial=0.0) for r in recalls])


def trapezoids(p, r):
    return ((p[1:] + p[:-1]) / 2 * np.diff(r)).sum()


slip("AP-01", "divided by the objects that were found",
     "Recall counts the objects that were found as all: missed ones cost nothing.",
     "One box, one hit, three objects: what should come out?",
     out(lambda area, hits, objects: area * objects / hits.sum()),
     out(lambda area, hits, objects: area * objects / max(hits.sum(), 1)))
slip("AP-02", "not sorted", "The boxes are gone through in the order in which they stand.",
     "Change scores only. Does your result change?",
     given(scores=lambda scores: -np.arange(len(scores))))
slip("AP-03", "the smallest score first", "The boxes are gone through from the smallest score.",
     "In which order does your sort leave the scores?", given(scores=lambda scores: -scores))
slip("AP-04", "the precision as it stands",
     "To each recall you take the precision at that place; a larger one at a larger recall is "
     "not taken.",
     "A miss, then two hits: what is the best precision at the recall of one half?",
     pieces(smooth=lambda p: p), keeps=0.75)
slip("AP-05", "the largest precision up to there",
     "To each recall you take the largest precision up to there; it should be from there on.",
     "In which direction does your running maximum go?",
     pieces(smooth=np.maximum.accumulate))
slip("AP-06", "eleven points",
     "Your result is the mean over 11 (or 101) fixed recalls, as older benchmarks have it.",
     "Is an area asked for, or a mean over points?",
     instead(lambda c, objects: points(c, objects, 11)),
     instead(lambda c, objects: points(c, objects, 101)), keeps=0.75)
slip("AP-07", "the mean over all boxes",
     "The precisions of all boxes are averaged; misses do not move the recall and add no area.",
     "How wide is the strip under the curve that a miss adds?",
     instead(lambda c, n: c[1].mean()), instead(lambda c, n: envelope(c[1]).mean()))
slip("AP-08", "divided by the number of boxes", "The sum is divided by the number of boxes.",
     "Add a box with a tiny score that hits nothing. How much should the result change?",
     out(lambda area, objects, n: area * objects / n))
slip("AP-09", "trapezoids",
     "Strips under the curve are cut off slantwise, by trapezoids; the curve has steps.",
     "What is the precision between two recalls?",
     instead(lambda c, objects: trapezoids(c[1], c[2] / objects)),
     instead(lambda c, objects: trapezoids(np.append(1.0, c[1]), np.append(0, c[2]) / objects)))
slip("AP-10", "precision and recall at the end",
     "Your result is the precision, or the recall, after all boxes.",
     "Change scores only. Should your result change?",
     instead(lambda c: c[1][-1]), instead(lambda c, objects: c[2][-1] / objects))
slip("AP-11", "the first strip is missing",
     "The area begins at the first recall, not at 0: the strip of the first hit is lost.",
     "From which recall to which does the first hit reach?",
     out(lambda area, c, objects: area - (envelope(c[1]) * (c[2] == 1) * c[0]).sum() / objects),
     instead(lambda c, objects: (envelope(c[1])[1:] * np.diff(c[2])).sum() / objects))
slip("AP-12", "places counted from zero",
     "Precision divides by the number of boxes before this one.",
     "What is the precision after one hit?",
     pieces(of=lambda scores, hits: (lambda y, p, f: (y, f / np.maximum(np.arange(len(y)), 1), f))(
         *curve(scores, hits))),
     pieces(of=lambda scores, hits: (lambda y, p, f: (y, f / (np.arange(len(y)) + 2), f))(
         *curve(scores, hits))))

TASK = draft.task()
