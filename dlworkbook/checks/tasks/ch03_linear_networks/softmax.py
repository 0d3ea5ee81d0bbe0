"""Task ``softmax(X)``: each row of scores becomes a row of probabilities.

Shapes: X (n, q), output (n, q). Ids that begin with LAB3 are those of the course that the labs come
from; those that begin with SOFTMAX are our own.
"""

from __future__ import annotations

import math

import numpy as np

from ...task import Mistake, Probe, Task, Variant
from ...tasks._form import FORM
from ...values import pattern

CONTRACT = (
    """softmax(X): the softmax of each row.

X has shape (n, q): one row of q scores for each of n examples. The output has the same shape; entry
j of a row is exp(X[i, j]) divided by the sum of exp over row i. It must come out right, without inf
and nan, for scores of any size that float32 holds, such as 1000 or -1000; a
probability of 0.0001 is not rounded to 0."""
    + FORM
)


def reference(X):
    """One row after the other; the largest exponent of each row is 0."""
    Y = np.zeros(X.shape)
    for i, row in enumerate(X):
        largest = max(row)
        powers = [math.exp(value - largest) for value in row]
        for j, power in enumerate(powers):
            Y[i, j] = power / sum(powers)
    return Y


def variant(before=None, core=None, after=None):
    """A wrong answer made from the right one."""
    return Variant(reference, before, core, after)


def largest(X):
    return X.max(1, keepdims=True)


def started(number):
    """The largest score of each row, searched for from a fixed number."""
    return lambda X: np.maximum(largest(X), number)


def total(E):
    return E.sum(1, keepdims=True)


def ratio(shift, divisor=total):
    """exp(X - shift) over a sum of that."""

    def core(X):
        E = np.exp(X - shift(X))
        return E / divisor(E)

    return variant(core=core)


def zero(X):
    return 0.0


def output(function):
    """A change of the output alone."""
    return variant(after=lambda Y, X: function(Y))


def scores(function):
    """A change of the scores."""
    return variant(before=lambda X: (function(X),))


def mistake(id_, title, message, hint, *variants, keeps=0.5):
    """A mistake with its variants as further arguments."""
    return Mistake(id_, title, message, hint, variants, keeps=keeps)


def one_hot(X):
    Y = np.zeros(X.shape)
    Y[np.arange(len(X)), X.argmax(1)] = 1
    return Y


def first_row_only(Y):
    Y = Y.copy()
    Y[1:] = 0
    return Y


def last_row_only(Y):
    Y = Y.copy()
    Y[:-1] = 0
    return Y


LAB3 = (
    mistake(
        "LAB3-01",
        "normalises over the batch axis",
        "Your columns sum to 1 instead of your rows: the sum runs over the examples of the batch. "
        "A batch of one row gives ones only.",
        "X has shape (examples, classes). Along which of the two axes should the result sum to 1?",
        ratio(largest, lambda E: E.sum(0)),
        ratio(lambda X: X.max(0), lambda E: E.sum(0)),
        ratio(lambda X: X.max(), lambda E: E.sum(0)),
        ratio(zero, lambda E: E.sum(0)),
    ),
    mistake(
        "LAB3-02",
        "no maximum subtracted",
        "Your function is right for small scores, and gives nan for large ones: exp of 1000 is "
        "larger than any number that a computer holds, and exp of -1000 is rounded to 0.",
        "Softmax does not change if the same number is added to a whole row. Which number would "
        "keep every exponent in a safe range?",
        ratio(zero),
        variant(core=lambda X: np.exp(X - np.log(total(np.exp(X))))),
    ),
    mistake(
        "LAB3-04",
        "keepdims is forgotten in the sum",
        "The row sums lost their axis and are laid out as a row: shapes that are not square raise, "
        "and a square one divides column j by the sum of row j.",
        "Print the shapes of the exponentials and of their sums. How does NumPy line them up?",
        ratio(largest, lambda E: E.sum(1)),
        ratio(zero, lambda E: E.sum(1)),
        ratio(lambda X: X.max(), lambda E: E.sum(1)),
        ratio(lambda X: X.max(1), lambda E: E.sum(1)),
    ),
    mistake(
        "LAB3-06",
        "subtracts the column's maximum, sums over rows",
        "From each score the largest one of its column is subtracted, while the sums run over the "
        "rows. A batch of one row always comes out uniform.",
        "What may be subtracted without changing a row's softmax: one number per row, or one per "
        "column?",
        ratio(lambda X: X.max(0)),
    ),
    mistake(
        "LAB3-07",
        "returns logarithms of the probabilities",
        "Your results are all 0 or negative: they are the logarithms of the probabilities.",
        "Should the entries of a row sum to 1 as they stand, or only after exp?",
        output(np.log),
        variant(core=lambda X: X - largest(X) - np.log(total(np.exp(X - largest(X))))),
        keeps=0.75,
    ),
)

SUM = (
    mistake(
        "SOFTMAX-01",
        "normalised over the whole matrix",
        "All entries of your result together sum to 1; each row should do so by itself.",
        "How many numbers does your sum give for 2 rows: 1 or 2?",
        ratio(largest, lambda E: E.sum()),
        ratio(lambda X: X.max(), lambda E: E.sum()),
        ratio(zero, lambda E: E.sum()),
    ),
    mistake(
        "SOFTMAX-02",
        "not normalised",
        "Your exponentials are not divided by their sum: the rows do not sum to 1.",
        "Add up a row of your result.",
        ratio(largest, lambda E: 1),
        ratio(zero, lambda E: 1),
        ratio(lambda X: X.max(), lambda E: 1),
    ),
    mistake(
        "SOFTMAX-03",
        "divided by the mean instead of the sum",
        "Each row of your result sums to the number of classes: the exponentials are divided by "
        "their mean.",
        "Add up a row of your result.",
        ratio(largest, lambda E: E.mean(1, keepdims=True)),
        ratio(zero, lambda E: E.mean(1, keepdims=True)),
    ),
    mistake(
        "SOFTMAX-04",
        "divided by the largest exponential",
        "The largest entry of each of your rows is 1: the exponentials are divided by the largest "
        "one instead of by their sum.",
        "Add up a row of your result.",
        ratio(zero, lambda E: E.max(1, keepdims=True)),
    ),
    mistake(
        "SOFTMAX-05",
        "divided by the length of the row",
        "The squares of your rows sum to 1, not their entries: a norm took the place of the sum.",
        "Add up a row of your result.",
        ratio(largest, lambda E: np.sqrt((E * E).sum(1, keepdims=True))),
        ratio(zero, lambda E: np.sqrt((E * E).sum(1, keepdims=True))),
    ),
    mistake(
        "SOFTMAX-06",
        "without exponentials",
        "Your function divides the scores themselves by their sum; a negative score gives a "
        "negative 'probability'.",
        "What makes every score positive before it is divided?",
        variant(core=lambda X: X / total(X)),
        variant(core=lambda X: X / total(abs(X))),
        variant(core=lambda X: abs(X) / total(abs(X))),
    ),
    mistake(
        "SOFTMAX-07",
        "a sigmoid of each score",
        "Each of your entries depends on its own score only: this is the sigmoid, which treats the "
        "classes one by one.",
        "Raise one score. What should happen to the other entries of its row?",
        variant(core=lambda X: 1 / (1 + np.exp(-X))),
        variant(core=lambda X: (lambda S: S / total(S))(1 / (1 + np.exp(-X)))),
    ),
    mistake(
        "SOFTMAX-08",
        "only the largest is taken",
        "Your result marks the largest score of each row and forgets the rest.",
        "Two scores of 3 and 3.1: should the second class get everything?",
        variant(core=one_hot),
        variant(core=lambda X: X.argmax(1)),
        keeps=0.25,
    ),
    mistake(
        "SOFTMAX-09",
        "a loop keeps one row only",
        "Only one row of your result is filled; the others stay zero.",
        "Which index counts the rows, and where does your return stand?",
        output(first_row_only),
        output(last_row_only),
        output(lambda Y: Y[0]),
        output(lambda Y: Y[-1]),
    ),
    mistake(
        "SOFTMAX-10",
        "each entry's sum leaves the entry out",
        "Each exponential is divided by the sum of the others in its row.",
        "For two equal scores, what should both entries be?",
        ratio(largest, lambda E: total(E) - E),
        ratio(zero, lambda E: total(E) - E),
    ),
)

SHIFT = (
    mistake(
        "SOFTMAX-20",
        "one maximum for the whole matrix",
        "Your function subtracts the largest score of the whole batch. A row that lies far below "
        "it becomes zeros, and its sum too.",
        "Each row may be moved by a number of its own. What is left of a row around 0 if 1000 is "
        "subtracted?",
        ratio(lambda X: X.max()),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-21",
        "something else than the maximum is subtracted",
        "Your function subtracts the mean, the smallest or the largest absolute score of a row, or "
        "a maximum that is searched for from a fixed number such as 0. That is allowed, but does "
        "not keep the exponents in a safe range for every row.",
        "For the scores 0 and 2000, and for -1000 and -1001: which exponents are left after your "
        "subtraction?",
        ratio(lambda X: X.mean(1, keepdims=True)),
        ratio(lambda X: abs(X).max(1, keepdims=True)),
        ratio(lambda X: X.sum(1, keepdims=True)),
        *(ratio(started(number)) for number in (0, -999, -1e6)),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-22",
        "keepdims is forgotten in the maximum",
        "The row maxima lost their axis and are laid out as a row: shapes that are not square "
        "raise, and in a square one column j loses the maximum of row j.",
        "Print the shapes of X and of its row maxima. How does NumPy line them up?",
        ratio(lambda X: X.max(1)),
    ),
    mistake(
        "SOFTMAX-23",
        "large scores are cut off",
        "Your function cuts scores at a limit, so that different large scores count as equal.",
        "Which probabilities do you give for 1000, 1001, 1002, and which for 0, 1, 2?",
        scores(lambda X: np.clip(X, -500, 500)),
        scores(lambda X: np.minimum(X, 500)),
        scores(lambda X: np.clip(X, -20, 20)),
        scores(lambda X: np.minimum(X, 20)),
        scores(lambda X: np.clip(X, -1e4, 1e4)),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-24",
        "nan is replaced afterwards",
        "Your function repairs inf or nan after the overflow. The numbers that would belong there "
        "are lost by then.",
        "Prevent the overflow: what may be done to a row of scores before exp?",
        variant(core=lambda X: np.nan_to_num(np.exp(X) / total(np.exp(X)))),
        variant(core=lambda X: (lambda E: E / total(E))(np.nan_to_num(np.exp(X)))),
        variant(core=lambda X: (lambda E: E / (total(E) + 1e-8))(np.nan_to_num(np.exp(X)))),
        keeps=0.75,
    ),
)

SCORES = (
    mistake(
        "SOFTMAX-30",
        "a minus in the exponent",
        "Your largest probabilities belong to the smallest scores: the exponent has the wrong "
        "sign.",
        "In the scores 1, 2, 3, which class should be the most probable?",
        scores(lambda X: -X),
        variant(core=lambda X: np.exp(-X) / total(np.exp(-X))),
    ),
    mistake(
        "SOFTMAX-31",
        "the scores are divided before exp",
        "Your scores are scaled before the exponential: divided by the row's maximum, sum, length "
        "or spread, or by the root of the number of classes. Softmax only allows adding.",
        "Which ratio should the probabilities of scores 2 and 1 have?",
        scores(lambda X: X / abs(largest(X))),
        scores(lambda X: X / largest(X)),
        scores(lambda X: X / X.max()),
        scores(lambda X: X / total(X)),
        scores(lambda X: X / np.sqrt((X * X).sum(1, keepdims=True))),
        scores(lambda X: (X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)),
        scores(lambda X: X / np.sqrt(X.shape[1])),
    ),
    mistake(
        "SOFTMAX-32",
        "another base than e",
        "Your powers have another base than e, 2 or 10 for example.",
        "Which ratio should the probabilities of scores 2 and 1 have?",
        scores(lambda X: X * math.log(2)),
        scores(lambda X: X * math.log(10)),
        variant(core=lambda X: 2.0**X / total(2.0**X)),
        variant(core=lambda X: 10.0**X / total(10.0**X)),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-33",
        "softmax is applied twice",
        "Your rows sum to 1 but are almost uniform: softmax was applied to probabilities.",
        "What goes into your function, scores or something that is normalised already?",
        output(reference),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-34",
        "the result is rounded",
        "Your probabilities are rounded, so that small ones become 0.",
        "Rounding is for printing. Where does your code round, or which dtype holds the result?",
        output(lambda Y: np.round(Y, 2)),
        output(lambda Y: np.round(Y, 3)),
        output(lambda Y: np.round(Y, 4)),
        output(np.round),
        output(np.trunc),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-35",
        "the result is transposed",
        "Rows and columns of your result are exchanged.",
        "The output has the shape of X: one row for each example.",
        output(lambda Y: Y.T),
        keeps=0.75,
    ),
    mistake(
        "SOFTMAX-36",
        "one row only",
        "Your function works on a single row of scores, without a batch.",
        "Keep what you have as the inner step, and go through the rows around it.",
        lambda X: single_row(X),
    ),
)


def single_row(x):
    """Right for scores of shape (q,), and for nothing else."""
    if x.ndim != 1:
        raise ValueError
    return reference(x[None])[0]


def probe(name, X, *traits, shown="", contract=True):
    """A probe with its traits."""
    X = np.asarray(X, dtype=float)
    square = X.ndim == 2 and X.shape[0] == X.shape[1]
    words = [
        (not square, "a shape that is not square"),
        (len(X) > 1, "more than one row"),
        (abs(X).max() > 500, "scores beyond 500"),
    ]
    traits = frozenset([*traits, *(text for holds, text in words if holds)])
    # In float32 neighbours of 1000 lie 6e-5 apart: a logarithm of the sum has no more digits.
    slack = 10.0 if abs(X).max() > 500 else 1.0
    return Probe(name, (X,), traits, shown, contract, slack)


PROBES = (
    probe("sm_rect", [[1, 2, 3], [1, 1, 1]], shown="X = [[1, 2, 3], [1, 1, 1]]"),
    probe(
        "sm_square",
        [[1, 2, 3], [0, 0, 3], [2, 1, 0]],
        shown="X = [[1, 2, 3], [0, 0, 3], [2, 1, 0]]",
    ),
    probe("one row", [[0.5, -1, 2]], shown="X = [[0.5, -1, 2]]"),
    probe("one class", [[2], [-3]], shown="X = [[2], [-3]]"),
    probe("negative scores", [[-1, -2], [-4, -2.5], [-3, -3]], "negative scores"),
    probe("general", pattern((4, 6), 1, 3.0)),
    probe("other numbers", pattern((4, 6), 8, 2.0) + 1),
    probe("sm_big", [[1000, 1001, 1002]], shown="X = [[1000, 1001, 1002]]"),
    probe("sm_gap", [[0, 1], [1000, 1001]], shown="X = [[0, 1], [1000, 1001]]"),
    probe("very negative", [[-1000, -1001, -1000]], shown="X = [[-1000, -1001, -1000]]"),
    probe("wide rows", [[0, 2000], [2000, -2000]], shown="X = [[0, 2000], [2000, -2000]]"),
    probe("small probabilities", [[0, -7, -9.5]], shown="X = [[0, -7, -9.5]]"),
    # Beyond every number with which somebody might start a search, or at which he might cut.
    probe("far below zero", [[-1e19, -1.2e19]], shown="X = [[-1e19, -1.2e19]]"),
    probe("far above zero", [[1e19, 1.2e19]], shown="X = [[1e19, 1.2e19]]"),
    probe("many classes", pattern((2, 12), 5, 2.0)),
    # Outside of the contract, to recognise functions that are written for less.
    probe("a single row", [1, 2, 3], contract=False),
    probe("a longer single row", [0.5, -1, 2, 0, 1.25], contract=False),
)

TASK = Task(
    name="softmax",
    contract=CONTRACT,
    reference=reference,
    probes=PROBES,
    mistakes=LAB3 + SUM + SHIFT + SCORES,
    arguments=("X",),
    fits=1,
)
