"""Task ``masked_attention(Q, K, V, mask)``: scaled dot-product attention with a mask.

Shapes: Q (n, d), K (m, d), V (m, e), mask (n, m) -> (n, e).
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """masked_attention(Q, K, V, mask): scaled dot-product attention with a mask.

Q has shape (n, d), K has shape (m, d), V has shape (m, e). mask has shape (n, m) and holds 1 where
query i may look at key j, and 0 where it may not; every row has a 1. The result has shape (n, e):
row i is the sum of the rows of V, weighted by the softmax, over the keys that query i may see, of
the dot products of query and keys divided by the root of d. Dot products may be as large as
10000 or as small as -10000."""


def reference(Q, K, V, mask):
    """One query after the other; keys that are not seen do not enter at all."""
    Y = np.zeros((len(Q), V.shape[1]))
    for i, q in enumerate(Q):
        seen = [j for j in range(len(K)) if mask[i, j]]
        scores = [sum(q * K[j]) / math.sqrt(len(q)) for j in seen]
        powers = [math.exp(score - max(scores)) for score in scores]
        for j, power in zip(seen, powers, strict=True):
            Y[i] += power / sum(powers) * V[j]
    return Y


def softmax(S, axis=1):
    E = np.exp(S - S.max(axis, keepdims=True))
    return E / E.sum(axis, keepdims=True)


def hidden(S, mask):
    return np.where(mask > 0, S, -np.inf)


def right(Q, K, V, mask, size=lambda Q, V: math.sqrt(Q.shape[1]),
          weigh=lambda S, mask: softmax(hidden(S, mask))):  # fmt: skip
    return weigh(Q @ K.T / size(Q, V), mask) @ V


draft = Draft(
    "masked_attention", CONTRACT, reference, right=right, arguments=("Q", "K", "V", "mask"),
    whole=("mask",),
    terms={"W": lambda Q, K, mask: softmax(hidden(Q @ K.T / math.sqrt(Q.shape[1]), mask))},
    traits={"a mask with zeros": lambda mask: bool((mask == 0).any()),
            "large scores": lambda Q, K: abs(Q @ K.T).max() > 2000},
)
given, instead, pieces, slip = draft.given, draft.instead, draft.pieces, draft.slip

draft.probe("all is seen", [[1, 0], [0, 2]], [[1, 1], [2, 0], [0, 1]], [[1], [2], [4]],
            [[1, 1, 1], [1, 1, 1]])
draft.probe("one is hidden", [[1, 0], [0, 2]], [[1, 1], [2, 0], [0, 1]], [[1], [2], [4]],
            [[1, 0, 1], [1, 1, 0]])
draft.probe("causal, square", [[1, 2, 0], [0, 1, 1], [2, -1, 1]], [[1, 0, 1], [2, 1, 0], [0, 1, 3]],
            [[1, 2, 0], [3, 0, 1], [5, 1, -1]], [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
draft.probe("one key left", [[1, -1]], [[3, 1], [2, 2]], [[1, 5], [7, 2]], [[0, 1]])
draft.probe("negative scores", [[1, 1], [2, 1]], [[-3, -4], [-2, -6]], [[1, 0], [0, 1]],
            [[1, 1], [0, 1]], has="negative scores")
draft.probe("large scores", [[100, 0], [0, 100]], [[100, 0], [99, 1], [0, 100]], [[1], [2], [4]],
            [[0, 1, 1], [1, 1, 0]], slack=10.0)
draft.probe("very negative scores", [[100, 0], [0, 100]], [[-100, 0], [-99, -99], [0, -100]],
            [[1], [2], [4]], [[1, 1, 0], [0, 1, 1]], slack=10.0)
M, N = np.array([[1, 0, 1, 1, 0]] * 2 + [[0, 1, 1, 0, 1]]), np.array([[1, 1, 0, 1, 0]] * 3)
draft.probe("general", scattered((3, 4), 2), scattered((5, 4), 3), scattered((5, 2), 4), M)
draft.probe("other numbers", scattered((3, 4), 6), scattered((5, 4), 7), scattered((5, 2), 1), N)

slip("ATTMASK-01", "not scaled", "The dot products are not divided.",
     "Of what size are dot products of two vectors with d entries of size 1?",
     pieces(size=lambda Q, V: 1.0))
slip("ATTMASK-02", "divided by d", "The dot products are divided by d, not by its root.",
     "Of what size are dot products of two vectors with d entries of size 1?",
     pieces(size=lambda Q, V: Q.shape[1]))
slip("ATTMASK-03", "divided by the root of another size",
     "The root is that of the number of queries or keys, or of the width of V.",
     "Over how many entries does a dot product sum?",
     pieces(size=lambda Q, V: math.sqrt(V.shape[1])), pieces(size=lambda Q, V: math.sqrt(len(V))),
     pieces(size=lambda Q, V: math.sqrt(len(Q))))
slip("ATTMASK-04", "the mask is not used", "Hidden keys get weight as all others.",
     "Change mask only. Does your result change?",
     given(mask=lambda mask: 0 * mask + 1))
slip("ATTMASK-05", "the mask is turned", "What may be seen is hidden, and the other way round.",
     "What does a 1 of the mask mean?",
     pieces(weigh=lambda S, mask: softmax(np.where(mask > 0, -np.inf, S))),
     pieces(weigh=lambda S, mask: softmax(np.where(mask > 0, -1e9, S))))
slip("ATTMASK-06", "weights are cut after the softmax",
     "Weights of hidden keys are set to 0 behind the softmax: those that are left do not add up to "
     "1.",
     "What do the weights of a row add up to in your code?",
     pieces(weigh=lambda S, mask: softmax(S) * mask))
slip("ATTMASK-07", "hidden scores are set to 0",
     "Hidden keys get the score 0 instead of none: that is a score as good as others.",
     "What is the exponential of 0?",
     pieces(weigh=lambda S, mask: softmax(S * mask)))
slip("ATTMASK-08", "softmax over the queries",
     "The softmax runs down the columns: the queries compete for a key.",
     "Along which axis should the weights add up to 1?",
     pieces(weigh=lambda S, mask: np.nan_to_num(softmax(np.where(mask > 0, S, -1e9), 0))),
     pieces(weigh=lambda S, mask: softmax(hidden(S, mask), 0)))
slip("ATTMASK-09", "exp runs over",
     "Your function is right for small scores and gives nan for large ones.",
     "What may be taken off all scores of a row without a change of its softmax?",
     pieces(weigh=lambda S, mask: (lambda E: E / E.sum(1, keepdims=True))(np.exp(S) * mask)),
     keeps=0.75)
slip("ATTMASK-10", "the weights are returned", "Your result is the table of weights.",
     "What is the shape of the result?", instead(lambda W: W), keeps=0.75)
slip("ATTMASK-11", "no softmax", "The scores themselves weigh the values.",
     "Can a weight be negative?", pieces(weigh=lambda S, mask: S * mask),
     pieces(weigh=lambda S, mask: S))
slip("ATTMASK-12", "a hidden score is only a little smaller",
     "Hidden scores are made smaller by too little: they still get weight.",
     "By what factor is the weight of a hidden key smaller in your code?",
     *(pieces(weigh=lambda S, mask, e=e: softmax(S - e * (1 - mask))) for e in (1.0, 10.0, 100.0)),
     pieces(weigh=lambda S, mask: softmax(np.where(mask > 0, S, -1000.0))),
     pieces(weigh=lambda S, mask: softmax(S + mask)))
slip("ATTMASK-13", "equal weights", "All keys that are seen get the same weight.",
     "Where do the queries enter?", pieces(weigh=lambda S, mask: mask / mask.sum(1, keepdims=True)))

TASK = draft.task()
