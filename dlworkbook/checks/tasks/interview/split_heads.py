"""Task ``split_heads(X, h)``: features dealt out to the heads of attention.

Shapes: X (n, T, d); h is a number -> (n, h, T, d // h).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """split_heads(X, h): features dealt out to the heads of attention.

X has shape (n, T, d): n sequences of T tokens with d features; h is a whole number that divides d.
The result has shape (n, h, T, d // h): head 0 has the first d // h features of every token, head 1
the next, and so on."""


def reference(X, h):
    """One number after the other."""
    n, T, d = X.shape
    Y = np.zeros((n, h, T, d // h))
    for b, k, t, j in np.ndindex(Y.shape):
        Y[b, k, t, j] = X[b, t, k * (d // h) + j]
    return Y


def parts(X, h):
    """(n, T, h, d // h)."""
    return X.reshape(*X.shape[:2], h, -1)


draft = Draft(
    "split_heads", CONTRACT, reference, whole=("h",),
    terms={"size": lambda X, h: (X.shape[0], h, X.shape[1], X.shape[2] // h), "P": parts,
           "deal": lambda X, h: X.reshape(*X.shape[:2], X.shape[2] // h, h)},
    traits={"several sequences": lambda X: len(X) > 1,
            "as many tokens as heads": lambda X, h: X.shape[1] == h,
            "one head": lambda h: h == 1},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip


def ramp(*shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


draft.probe("one sequence", [[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]], 2)
draft.probe("six features", [[[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]], 3)
draft.probe("as many tokens as heads", ramp(1, 2, 4), 2)
draft.probe("all sizes equal", ramp(2, 2, 4), 2)
draft.probe("one head", ramp(2, 3, 4), 1)
draft.probe("heads of one feature", ramp(2, 2, 3), 3, has="one feature for each head")
draft.probe("general", scattered((2, 5, 12), 3), 4)
draft.probe("other numbers", scattered((2, 5, 12), 8), 4)

slip("SPLIT-01", "reshaped without a change of order",
     "The numbers are filled into the new shape in the order in which they lie: a head then holds "
     "features of some tokens only, all mixed.",
     "A reshape never moves a number. Which two axes have to change places?",
     instead(lambda X, size: X.reshape(size)))
slip("SPLIT-02", "the features are dealt out in turn",
     "Neighbouring features go to different heads, as cards are dealt; each head should get a run "
     "of neighbours.",
     "Which features does head 0 have in your result, and by the task?",
     instead(lambda deal: deal.transpose(0, 3, 1, 2)))
slip("SPLIT-03", "heads behind the tokens",
     "Your result has shape (n, T, h, d // h): the heads still stand behind the tokens.",
     "Over which axis would a product of two of your results sum?",
     instead(lambda P: P), keeps=0.75)
slip("SPLIT-04", "tokens and features are exchanged",
     "Within each head, tokens and features are exchanged.",
     "What are the last two axes of the result?", out(lambda Y: Y.swapaxes(2, 3)), keeps=0.75)
slip("SPLIT-05", "heads first", "The axis of the heads stands before that of the sequences.",
     "What is the first axis of the result?", out(lambda Y: Y.swapaxes(0, 1)), keeps=0.75)
slip("SPLIT-06", "d // h heads", "Your result has d // h heads of h features.",
     "For 12 features and 4 heads, how wide is a head?",
     given(h=lambda X, h: X.shape[2] // h))
slip("SPLIT-07", "the tokens are divided", "The tokens are dealt out, not the features.",
     "How many tokens does each head see?",
     instead(lambda X, h: X.reshape(len(X), h, X.shape[1] // h, -1)))
slip("SPLIT-08", "sequences and heads in one axis",
     "Sequences and heads are one axis of length n h in your result.",
     "How many axes should the result have?",
     out(lambda Y: Y.reshape(-1, *Y.shape[2:])),
     out(lambda Y: Y.swapaxes(0, 1).reshape(-1, *Y.shape[2:])), keeps=0.75)
slip("SPLIT-09", "the heads run backwards", "The first head has the last features.",
     "Which features does head 0 have?", *draft.variants("flip", 1), keeps=0.75)

TASK = draft.task()
