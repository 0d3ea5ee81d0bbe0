"""Task ``roc_auc(scores, labels)``: the area under the ROC curve, with ties.

Shapes: scores, labels (n,); the result is a number.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """roc_auc(scores, labels): the area under the ROC curve.

scores and labels have shape (n,); a label is 1 for a positive and 0 for a negative example, and
each of the two occurs. The result is one number: the share of the pairs of a positive and a
negative example in which the positive one has the larger score, a pair of equal scores counting
half. An array of one entry is fine."""


def reference(scores, labels):
    """Count all pairs."""
    won, pairs = 0.0, 0
    for s, one in zip(scores, labels, strict=True):
        for t, other in zip(scores, labels, strict=True):
            if one == 1 and other == 0:
                pairs += 1
                won += 1.0 if s > t else 0.5 if s == t else 0.0
    return np.float64(won / pairs)


def pairs(scores, labels):
    """Each positive score less each negative one."""
    return scores[labels == 1][:, None] - scores[labels == 0]


def curve(scores, labels, flip=False):
    """The area under steps that follow the sorted list, whatever is equal in it."""
    order = (-scores).argsort(kind="stable")
    y = labels[order[::-1] if flip else order]
    up, right_ = np.cumsum(y) / y.sum(), (1 - y) / (1 - y).sum()
    return (up * right_).sum()


draft = Draft(
    "roc_auc", CONTRACT, reference, use="one number", whole=("labels",),
    terms={"D": pairs, "P": lambda labels: labels.sum() / len(labels)},
    traits={"equal scores": lambda scores: len(set(scores.tolist())) < len(scores)},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("three", [0.2, 0.9, 0.5], [0, 1, 1])
draft.probe("one pair is wrong", [1, 4, 3, 2], [0, 1, 0, 1])
draft.probe("all wrong", [1, 2], [1, 0])
draft.probe("a tie", [1, 2, 2], [0, 1, 0], has="equal scores")
draft.probe("a tie, the negative one first", [1, 2, 2], [0, 0, 1])
draft.probe("a tie in the middle", [3, 2, 2, 1, 2], [1, 0, 1, 0, 1], has="equal scores")
draft.probe("all equal", [3, 3, 3, 3, 3], [1, 0, 0, 1, 0])
draft.probe("negative scores", [-1, -5, -2, -0.5, -4, -3], [1, 0, 0, 0, 1, 0])
draft.probe("general", scattered((14,), 2, 3.0),
            np.array([0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]))
draft.probe("other labels", scattered((14,), 2, 3.0),
            np.array([1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0]))

slip("AUC-01", "equal scores count nothing",
     "Pairs of equal scores count as lost; they count half.",
     "A model gives all examples the same score. What should come out?",
     instead(lambda D: (D > 0).mean()), keeps=0.75)
slip("AUC-02", "equal scores count as won",
     "Pairs of equal scores count as won; they count half.",
     "A model gives all examples the same score. What should come out?",
     instead(lambda D: (D >= 0).mean()), keeps=0.75)
slip("AUC-03", "negative above positive",
     "Your result is the share of pairs in which the negative example wins: 1 less the area.",
     "A perfect order: is your result 1?", out(lambda a: 1 - a), keeps=0.75)
slip("AUC-04", "equal scores in the order of the list",
     "The curve follows the sorted list example by example. Among equal scores their order in the "
     "list decides, which says nothing about the model.",
     "Reverse both lists. Should the result change?",
     instead(lambda scores, labels: curve(scores, labels)),
     instead(lambda scores, labels: 1 - curve(-scores, labels)),
     keeps=0.75)
slip("AUC-05", "divided by all pairs",
     "The won pairs are divided by the number of pairs of any two examples, or by n squared.",
     "How many pairs of a positive and a negative example are there?",
     instead(lambda D, labels: ((D > 0) + (D == 0) / 2).sum() / len(labels) ** 2),
     instead(lambda D, labels: 2 * ((D > 0) + (D == 0) / 2).sum()
             / (len(labels) * (len(labels) - 1))))
slip("AUC-06", "a count, not a share", "Your result counts the won pairs.",
     "Write every example down twice. Should the result change?",
     instead(lambda D: ((D > 0) + (D == 0) / 2).sum()), keeps=0.75)
slip("AUC-07", "the accuracy at one half",
     "Your result is the accuracy at a fixed threshold, 0.5 or 0. The area has no threshold.",
     "Add 10 to all scores. Should the result change?",
     *(instead(lambda scores, labels, t=t: ((scores > t) == labels).mean()) for t in (0.5, 0.0)),
     *(instead(lambda scores, labels, t=t: ((scores >= t) == labels).mean()) for t in (0.5, 0.0)))
slip("AUC-08", "the difference of the means",
     "Your result is how far the mean scores of the two groups lie apart. The area counts who is "
     "ahead, not by how much.",
     "Square all scores that are positive. Should the result change?",
     instead(lambda D: D.mean()))
slip("AUC-09", "average precision",
     "Your result is the area under precision over recall.",
     "Which two rates span the ROC curve?",
     instead(lambda scores, labels: precision(scores, labels)))
slip("AUC-10", "twice the area less one",
     "Your result is 0 for a model that guesses: it was stretched to reach from -1 to 1.",
     "A model gives all examples the same score. What should come out?",
     out(lambda a: 2 * a - 1), keeps=0.75)


def precision(scores, labels):
    """The mean over the positives of the precision at their place; equal scores at once."""
    places = [scores >= s for s in scores[labels == 1]]
    return np.mean([labels[place].mean() for place in places])


TASK = draft.task()
