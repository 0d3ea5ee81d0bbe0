"""Task ``rope(X, base)``: pairs of features turned by an angle that grows with the position.

Shapes: X (T, d) with d even; base is a number -> (T, d).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """rope(X, base): rotary position embedding.

X has shape (T, d), d even: the vectors of the positions 0 to T - 1. base is a number above 1. The
features 0 and 1 form pair 0, the features 2 and 3 pair 1, and so on. The result has shape (T, d):
at position t, pair i is turned by the angle t / base^(2 i / d) (in radians), in the direction in
which a quarter of a turn takes (1, 0) to (0, 1)."""


def reference(X, base):
    """One pair after the other."""
    T, d = X.shape
    Y = np.zeros((T, d))
    for t, i in np.ndindex(T, d // 2):
        angle = t / base ** (2 * i / d)
        a, b = X[t, 2 * i], X[t, 2 * i + 1]
        Y[t, 2 * i] = a * math.cos(angle) - b * math.sin(angle)
        Y[t, 2 * i + 1] = a * math.sin(angle) + b * math.cos(angle)
    return Y


def neighbours(X):
    return X[:, ::2], X[:, 1::2]


def woven(a, b):
    return np.stack([a, b], 2).reshape(len(a), -1)


def right(X, base, power=lambda i, d: 2 * i / d, first=0, take=neighbours, put=woven,
          turn=lambda a, b, c, s: (a * c - b * s, a * s + b * c)):  # fmt: skip
    T, d = X.shape
    t, i = np.arange(T)[:, None] + first, np.arange(d // 2)
    angle = t / np.float64(base) ** power(i, d)
    return put(*turn(*take(X), np.cos(angle), np.sin(angle)))


draft = Draft(
    "rope", CONTRACT, reference, right=right, arguments=("X", "base"),
    traits={"several pairs": lambda X: X.shape[1] > 2},
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip

draft.probe("one pair", [[1, 0], [1, 0], [2, 1]], 100)
draft.probe("two pairs", [[1, 2, 3, 4], [1, 0, 1, 0], [2, 1, -1, 3]], 100)
draft.probe("other numbers", [[0, 1, 5, -2], [2, 7, 0, 1], [3, 0, 1, -4]], 100)
draft.probe("square", scattered((4, 4), 2), 10000, has="as many positions as features")
draft.probe("one position", [[1, -2, 3, 5]], 100, has="one position")
draft.probe("general", scattered((5, 8), 3, 2.0), 16)
draft.probe("general, other numbers", scattered((5, 8), 7, 2.0), 16)
draft.probe("six features", scattered((7, 6), 5), 10000)


def halves(X):
    return np.split(X, 2, 1)


slip("ROPE-01", "halves instead of neighbours",
     "Feature i is paired with feature i + d / 2, as some libraries do. Here neighbours form a "
     "pair. Weights that were trained with the one form are wrong with the other.",
     "With which feature is feature 0 paired?",
     pieces(take=halves, put=lambda a, b: np.hstack([a, b])), keeps=0.75)
slip("ROPE-02", "turned the other way", "The pairs are turned in the other direction.",
     "Where does a quarter of a turn take (1, 0)?",
     pieces(turn=lambda a, b, c, s: (a * c + b * s, b * c - a * s)), keeps=0.75)
slip("ROPE-03", "positions counted from one", "The first position is turned already.",
     "By which angle is position 0 turned?", pieces(first=1), keeps=0.75)
slip("ROPE-04", "the exponent is half or twice as large",
     "The frequencies fall too slowly or too fast: the exponent of pair i is another.",
     "Which exponent does the last pair have for d = 8?",
     pieces(power=lambda i, d: i / d), pieces(power=lambda i, d: 4 * i / d),
     pieces(power=lambda i, d: 2 * i / (d // 2)))
slip("ROPE-05", "the features are numbered, not the pairs",
     "The exponents run over the features in place of the pairs: the two of a pair are turned by "
     "different angles, or their angles are those of other pairs.",
     "How many different angles does one position have?",
     draft.instead(lambda X, base: by_feature(X, base)))
slip("ROPE-06", "one angle for all pairs",
     "All pairs are turned by the same angle: the base does not enter.",
     "Change base only. Does your result change?", pieces(power=lambda i, d: 0 * i))
slip("ROPE-07", "the slow pairs first", "The frequencies grow with the number of the pair.",
     "Which pair turns by one radian for each position?",
     pieces(power=lambda i, d: 2 * (d // 2 - 1 - i) / d), pieces(power=lambda i, d: -2 * i / d))
slip("ROPE-08", "written over before it was read",
     "The second of a pair is computed from the first one as it is already turned.",
     "After the first assignment, is the old number still anywhere?",
     pieces(turn=lambda a, b, c, s: (a * c - b * s, (a * c - b * s) * s + b * c)))
slip("ROPE-09", "a sign is missing",
     "Both terms are added in both lines: that is no rotation, and lengths change.",
     "How long is a pair before and after?",
     pieces(turn=lambda a, b, c, s: (a * c + b * s, a * s + b * c)))
slip("ROPE-10", "sines and cosines are added",
     "Sines and cosines are added to X: that is the older encoding of positions.",
     "What comes out where X is 0?",
     draft.instead(lambda X, base: X + right(0 * X + np.tile([1.0, 0.0], X.shape[1] // 2), base)),
     draft.instead(lambda X, base: X + right(0 * X + np.tile([1.0, 0.0], X.shape[1] // 2), base,
                                             put=lambda a, b: woven(b, a))))
slip("ROPE-11", "all first ones, then all second ones",
     "The numbers are right, but all first ones of the pairs come first.",
     "Which two numbers should stand side by side?",
     pieces(put=lambda a, b: np.hstack([a, b])), keeps=0.75)
slip("ROPE-12", "pairs counted from one",
     "Each pair turns by the angle of the next one: your pairs are counted from 1.",
     "By how much is pair 0 turned at position 1?",
     pieces(power=lambda i, d: (2 * i + 2) / d))


def by_feature(X, base):
    """Each feature with an angle of its own number."""
    T, d = X.shape
    angle = np.arange(T)[:, None] / np.float64(base) ** (np.arange(d) / d)
    turned = woven(-X[:, 1::2], X[:, ::2])
    return X * np.cos(angle) + turned * np.sin(angle)


TASK = draft.task()
