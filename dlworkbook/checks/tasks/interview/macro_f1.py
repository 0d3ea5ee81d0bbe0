"""Task ``macro_f1(labels, guesses, c)``: the mean of the F1 of each class.

Shapes: labels, guesses (n,); c and the result are numbers.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """macro_f1(labels, guesses, c): the mean over the classes of their F1.

labels and guesses have shape (n,) and hold whole numbers from 0 to c - 1. The F1 of a class is 2 TP
/ (2 TP + FP + FN): TP counts the examples that have the class and are guessed as it, FP those that
are guessed as it and have another, FN those that have it and are guessed as another. A class that
occurs neither among the labels nor among the guesses has F1 = 0. The result is one number, the mean
over all c classes. An array of one entry is fine."""


def reference(labels, guesses, c):
    """Count for one class after the other."""
    total = 0.0
    for k in range(c):
        pairs = list(zip(labels, guesses, strict=True))
        tp = sum(t == k and g == k for t, g in pairs)
        fp = sum(t != k and g == k for t, g in pairs)
        fn = sum(t == k and g != k for t, g in pairs)
        total += 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0
    return np.float64(total / c)


def counts(labels, guesses, c):
    """TP, FP and FN of each class, in floats."""
    M = np.zeros((c, c))
    np.add.at(M, (labels, guesses), 1)
    tp = np.diag(M)
    return tp, M.sum(0) - tp, M.sum(1) - tp


def over(a, b):
    """a / b, and 0 where nothing divides."""
    return np.where(b > 0, a / np.where(b > 0, b, 1), 0.0)


def f1(tp, fp, fn):
    return over(2 * tp, 2 * tp + fp + fn)


draft = Draft(
    "macro_f1", CONTRACT, reference, use="one number", whole=("labels", "guesses", "c"),
    terms={"N": counts, "f": lambda N: f1(*N), "C": lambda c: np.float64(c),
           "support": lambda labels, c: np.bincount(labels, minlength=c),
           "seen": lambda N: sum(N) > 0},
    traits={"a class that never occurs": lambda seen: not seen.all(),
            "a class that is never right": lambda N: bool((N[0] == 0).any())},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("two classes", [0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 2)
draft.probe("three classes", [0, 0, 0, 1, 2, 2], [0, 0, 1, 1, 2, 0], 3)
draft.probe("all right", [1, 0, 2], [1, 0, 2], 3, has="no mistake")
draft.probe("one guessed for all", [0, 0, 0, 0, 1, 2], [0, 0, 0, 0, 0, 0], 3)
draft.probe("nothing right", [0, 1, 1], [1, 0, 0], 2)
draft.probe("a class that never occurs", [0, 0, 3, 3, 1], [0, 3, 3, 3, 1], 4)
draft.probe("the last class never occurs", [0, 0, 1, 1], [0, 1, 1, 1], 3)
draft.probe("general", [0, 4, 1, 1, 2, 2, 2, 3, 0, 0, 0, 1],
            [0, 4, 1, 2, 2, 2, 3, 3, 0, 1, 0, 2], 5)
draft.probe("other guesses", [0, 4, 1, 1, 2, 2, 2, 3, 0, 0, 0, 1],
            [4, 4, 1, 1, 2, 0, 2, 0, 0, 0, 0, 3], 5)

slip("MACRO-01", "the accuracy",
     "Your result is the share of right guesses: with one label for each example the F1 over all "
     "examples at once is the same. A frequent class then decides alone.",
     "Guess the frequent class always. Should your result be near 1?",
     instead(lambda N: N[0].sum() / (N[0].sum() + N[1].sum())))
slip("MACRO-02", "weighted by how often a class occurs",
     "The F1 of the classes is weighted by how often they occur; here each class counts the same.",
     "Write all examples of one class down twice. How should the mean be taken?",
     instead(lambda f, support: (f * support).sum() / support.sum()))
slip("MACRO-03", "the mean of the precisions",
     "Your result is the mean precision: misses do not count.",
     "Which error does precision not see?", instead(lambda N: over(N[0], N[0] + N[1]).mean()))
slip("MACRO-04", "the mean of the recalls",
     "Your result is the mean recall: false alarms do not count.",
     "Which error does recall not see?", instead(lambda N: over(N[0], N[0] + N[2]).mean()),
     instead(lambda N, seen, support: over(N[0], N[0] + N[2])[support > 0].mean()))
slip("MACRO-05", "the F1 of the means",
     "Precision and recall are averaged over the classes first, and their F1 is taken then.",
     "What should be averaged: two rates, or one F1 for each class?",
     instead(lambda N: (lambda p, r: over(2 * p * r, p + r))(over(N[0], N[0] + N[1]).mean(),
                                                             over(N[0], N[0] + N[2]).mean())))
slip("MACRO-06", "a class without examples gives nan",
     "Where a class has no guesses, no labels or no hit, 0 is divided by 0, and the mean is nan.",
     "For which class are all three counts 0? And precision and recall?",
     instead(lambda N: (2 * N[0] / (2 * N[0] + N[1] + N[2])).mean()),
     instead(lambda N: (lambda p, r: (2 * p * r / (p + r)).mean())(N[0] / (N[0] + N[1]),
                                                                   N[0] / (N[0] + N[2]))),
     instead(lambda N: (lambda p, r: (2 * p * r / (p + r)).mean())(over(N[0], N[0] + N[1]),
                                                                   over(N[0], N[0] + N[2]))),
     keeps=0.75)
slip("MACRO-07", "classes that never occur are left out",
     "The mean runs over the classes that occur only; the task gives the others an F1 of 0.",
     "By how many classes is your sum divided?",
     instead(lambda f, seen: f[seen].mean()), instead(lambda f, support: f[support > 0].mean()),
     keeps=0.75)
slip("MACRO-08", "the mean of precision and recall",
     "For each class precision and recall are averaged in the plain way; F1 lies nearer to the "
     "smaller of the two.",
     "Precision is 1 and recall is 0.02. Is such a class half good?",
     instead(lambda N: (over(N[0], N[0] + N[1]) + over(N[0], N[0] + N[2])).mean() / 2))
slip("MACRO-09", "hits are not counted twice",
     "Your quotient has TP once where it should stand twice: that is intersection over union.",
     "TP = FP = FN = 1. What are precision, recall and F1?",
     instead(lambda N: over(N[0], sum(N)).mean()),
     instead(lambda N: over(N[0], 2 * N[0] + N[1] + N[2]).mean()),
     instead(lambda N: over(2 * N[0], sum(N)).mean()))
slip("MACRO-10", "class 1 only",
     "Your result is the F1 of class 1, as for two classes.",
     "How many classes are there?", instead(lambda f: f[1]))
slip("MACRO-11", "one number for each class",
     "Your function returns the F1 of each class; they still have to become one number.",
     "What is macro about a macro F1?", instead(lambda f: f), keeps=0.75)
slip("MACRO-12", "the sum over the classes", "The F1 of the classes is added up, not averaged.",
     "What is the largest value that your result can have?", *draft.variants("times", "C"),
     keeps=0.75)

TASK = draft.task()
