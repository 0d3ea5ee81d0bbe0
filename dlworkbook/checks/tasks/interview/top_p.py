"""Task ``top_p(P, p)``: nucleus sampling's distribution.

Shapes: P (n, v); p is a number -> (n, v).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft

CONTRACT = """top_p(P, p): the probabilities from which nucleus sampling draws.

P has shape (n, v): in each row the probabilities of v tokens, all different, with sum 1; p is a
number above 0 and at most 1. In each row the most probable tokens are kept until their sum reaches
p: the one with which it is reached is kept as well. All others become 0, and those that are kept
are divided by their sum. The result has shape (n, v), each token at its place."""


def reference(P, p):
    """One row after the other, the most probable token first."""
    Y = np.zeros(P.shape)
    for i, row in enumerate(P):
        total = 0.0
        for j in sorted(range(len(row)), key=lambda j: -row[j]):
            if total >= p:
                break
            Y[i, j] = row[j]
            total += row[j]
        Y[i] /= total
    return Y


def before(P):
    """For each token the sum of those that are more probable."""
    return (P[:, None, :] * (P[:, None, :] > P[:, :, None])).sum(2)


def kept(P, mask):
    return P * mask / (P * mask).sum(1, keepdims=True)


draft = Draft(
    "top_p", CONTRACT, reference, terms={"B": before, "order": lambda P: (-P).argsort(1)},
    traits={"several rows": lambda P: len(P) > 1, "a sum that is exactly p": lambda P, B, p: bool(
        (p == B + P).any()), "p = 1": lambda p: p == 1},
)
out, instead, slip = draft.out, draft.instead, draft.slip

draft.probe("in order", [[0.5, 0.3125, 0.125, 0.0625]], 0.75)
draft.probe("not in order", [[0.125, 0.5, 0.0625, 0.3125]], 0.75)
draft.probe("two rows", [[0.125, 0.5, 0.0625, 0.3125], [0.75, 0.0625, 0.15625, 0.03125]], 0.625)
draft.probe("reached exactly", [[0.25, 0.5, 0.15625, 0.09375]], 0.75)
draft.probe("one token is enough", [[0.0625, 0.15625, 0.03125, 0.75]], 0.5)
draft.probe("a small p", [[0.25, 0.5, 0.15625, 0.09375]], 0.0625)
draft.probe("p = 1", [[0.25, 0.5, 0.15625, 0.09375]], 1)
draft.probe("square", [[0.25, 0.625, 0.125], [0.375, 0.125, 0.5], [0.875, 0.03125, 0.09375]],
            0.6875)
draft.probe("ten tokens", [[0.03125, 0.21875, 0.0078125, 0.15625, 0.0625, 0.1875, 0.015625, 0.25,
                            0.046875, 0.0234375]], 0.875)
draft.probe("ten other tokens", [[0.25, 0.0078125, 0.15625, 0.0625, 0.21875, 0.03125, 0.0234375,
                                  0.1875, 0.046875, 0.015625]], 0.875)

slip("TOPP-01", "the token that reaches p is dropped",
     "The token with which the sum reaches p is dropped.",
     "p is 0.5 and the first token has 0.75. How many tokens are kept?",
     instead(lambda P, B, p: kept(P, p >= B + P)), instead(lambda P, B, p: kept(P, p > B + P)),
     instead(lambda P, B, p: kept(P, (p > B + P) | (B == 0))),
     instead(lambda P, B, p: kept(P, (p >= B + P) | (B == 0))))
slip("TOPP-02", "not divided by the sum",
     "What is kept is not divided by its sum: the rows do not add up to 1.",
     "Add up a row of your result.", instead(lambda P, B, p: P * (p > B)))
slip("TOPP-03", "a bound for single tokens",
     "Tokens are kept whose own probability is at least p, or at least p times the largest. That "
     "is another rule.",
     "Ten tokens of about a tenth each, and p = 0.9: how many are kept?",
     instead(lambda P, p: kept(P, (p <= P) | (P.max(1, keepdims=True) == P))),
     instead(lambda P, p: kept(P, p * P.max(1, keepdims=True) <= P)),
     instead(lambda P, p: kept(P, p <= P)), instead(lambda P, p: kept(P, 1 - p <= P)))
slip("TOPP-04", "in the order of the vocabulary",
     "The sum runs over the tokens in the order in which they stand, not from the most probable.",
     "Exchange two tokens. Should the set that is kept change?",
     instead(lambda P, p: kept(P, P.cumsum(1) - P < p)))
slip("TOPP-05", "in sorted order", "Your probabilities are sorted: they stand at the wrong tokens.",
     "Which token does the first entry of your result belong to?",
     instead(lambda P, B, p, order: np.take_along_axis(kept(P, p > B), order, 1)), keeps=0.75)
slip("TOPP-06", "the least probable tokens", "The tokens are summed from the least probable one.",
     "In which order does your sort leave the tokens?",
     instead(lambda P, p: kept(P, before(-P) > -p)))
slip("TOPP-07", "the mask is not put back in place",
     "The mask is made in sorted order and laid on the tokens in their own: others are kept than "
     "those that were counted.",
     "To which token does entry 0 of your mask belong?",
     instead(lambda P, B, p, order: kept(P, np.take_along_axis(p > B, order, 1))))
slip("TOPP-08", "one token too many",
     "A sum that equals p does not end your search, or one more token is kept.",
     "p is 0.75 and the two first tokens have exactly that. How many are kept?",
     instead(lambda P, B, p: kept(P, p >= B)),
     instead(lambda P, B, p: kept(P, np.isin(
         B, B[p > B]) | (np.where(p <= B, B, 9).min(1, keepdims=True) == B))), keeps=0.75)
slip("TOPP-09", "a softmax of what is kept",
     "What is kept goes through a softmax again, in place of a division by its sum.",
     "Two tokens are kept with 0.6 and 0.2. What should they become?",
     instead(lambda P, B, p: kept(np.exp(P), p > B)))
slip("TOPP-10", "only the most probable token", "One token is kept, whatever p is.",
     "Change p only. Does your result change?", instead(lambda P, B: kept(P, B == 0)))
slip("TOPP-11", "the whole table at once", "One set is kept for all rows together.",
     "What does each row of your result add up to?",
     instead(lambda P, p: kept(P.reshape(1, -1), before(P.reshape(1, -1)) < p).reshape(P.shape)))
slip("TOPP-12", "the mask is returned", "Your result says which tokens are kept.",
     "Add up a row of your result.", instead(lambda B, p: (p > B) * 1.0), keeps=0.75)

TASK = draft.task()
