"""Task ``embedding_backward(ids, dE, v)``: back through the look-up of vectors.

Shapes: ids (n,), dE (n, d); v is a number -> (v, d).
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """embedding_backward(ids, dE, v): the gradient of a table of vectors.

An embedding has a table T of shape (v, d); for ids of shape (n,), whole numbers from 0 to v - 1, it
gives E with E[i] = T[ids[i]], of shape (n, d). dE has shape (n, d) and holds the derivative of the
loss by each entry of E. The result has shape (v, d): the derivative of the loss by each entry of
T."""


def reference(ids, dE, v):
    """One word after the other adds its row."""
    G = np.zeros((v, dE.shape[1]))
    for i, word in enumerate(ids):
        for j in range(dE.shape[1]):
            G[word, j] += dE[i, j]
    return G


def counted(ids, v):
    return np.bincount(ids, minlength=v)[:, None]


def written(ids, dE, v):
    """The last row of each word stays."""
    G = np.zeros((v, dE.shape[1]))
    G[ids] = dE
    return G


draft = Draft(
    "embedding_backward", CONTRACT, reference, whole=("ids", "v"),
    terms={"count": counted, "n": lambda ids: np.float64(len(ids))},
    traits={"a word that stands there twice": lambda ids: len(set(ids.tolist())) < len(ids),
            "a word that does not occur": lambda ids, v: len(set(ids.tolist())) < v},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

draft.probe("small", [2, 0], [[1, 2], [3, 4]], 3)
draft.probe("twice", [1, 1, 0], [[1, 2], [3, 4], [5, 6]], 2)
draft.probe("three times", [2, 2, 2], [[1], [10], [100]], 4)
draft.probe("square", [1, 0, 1], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 3, has="all sizes equal")
draft.probe("general", [4, 0, 2, 4, 4, 1, 0], scattered((7, 3), 2), 6)
draft.probe("other words", [1, 5, 5, 2, 0, 3, 2], scattered((7, 3), 5), 6)

slip("EMBBACK-01", "the last one wins",
     "Where a word stands several times, only its last row is kept. A line that adds at a place "
     "named twice reads all entries before it writes any.",
     "Which row should a word have that occurs three times?", instead(written))
slip("EMBBACK-02", "the first one wins", "Where a word stands several times, only its first row is "
     "kept.", "Which row should a word have that occurs three times?",
     instead(lambda ids, dE, v: written(ids[::-1], dE[::-1], v)))
slip("EMBBACK-03", "a mean over the occurrences",
     "The rows of a word are averaged; each occurrence adds its share.",
     "The loss grows by 1 through each of two occurrences. By how much in all?",
     out(lambda G, count: G / np.maximum(count, 1)), out(lambda G, count: G / count))
slip("EMBBACK-04", "divided by the number of words",
     "Your result is divided by n. Whatever mean the loss takes is in dE already.",
     "Where would n enter the look-up?", *draft.variants("over", "n"))
slip("EMBBACK-05", "the wrong way", "Rows of dE are looked up at the ids, as in the forward pass.",
     "How many rows should the result have?",
     instead(lambda ids, dE: dE[ids % len(dE)]),
     instead(lambda ids, dE, v: np.stack([dE[word] for word in ids])))
slip("EMBBACK-06", "dE is returned", "Your function returns dE, a row for each place in the text.",
     "How many rows should the result have?", instead(lambda dE: dE))
slip("EMBBACK-07", "a number for each word", "Each word gets the sum of its rows in one number.",
     "What is the shape of the table?", out(lambda G: G.sum(1)))
slip("EMBBACK-08", "the words are counted", "Your result counts how often a word occurs; dE does "
     "not enter.", "Double dE. What should happen to the result?",
     out(lambda G, count: count + 0 * G), out(lambda G, count: count[:, 0] * 1.0))
slip("EMBBACK-09", "words that occur only", "Words that do not occur are missing from your result.",
     "How many rows should the result have?",
     instead(lambda ids, dE: reference(np.unique(ids, return_inverse=True)[1].ravel(), dE,
                                       len(set(ids.tolist())))), keeps=0.75)
slip("EMBBACK-10", "ids counted from one", "Every row stands one place too high or too low.",
     "Which row belongs to id 0?", *(out(lambda G, k=k: np.roll(G, k, 0)) for k in (1, -1)),
     keeps=0.75)

TASK = draft.task()
