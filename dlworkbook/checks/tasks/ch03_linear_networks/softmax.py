"""Task ``softmax(X)``: each row of scores becomes a row of probabilities.

Shapes: X (n, q), output (n, q). Ids that begin with LAB3 are those of the course that the labs come
from; those that begin with SOFTMAX are our own.
"""

from __future__ import annotations

import math

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """softmax(X): the softmax of each row.

X has shape (n, q): one row of q scores for each of n examples. The output has the same shape; entry
j of a row is exp(X[i, j]) divided by the sum of exp over row i. It must come out right, without inf
and nan, for scores of any size that float32 holds, such as 1000 or -1000; a
probability of 0.0001 is not rounded to 0. The code does without any softmax or log_softmax of a
library."""


def reference(X):
    """One row after the other; the largest exponent of each row is 0."""
    Y = np.zeros(X.shape)
    for i, row in enumerate(X):
        largest = max(row)
        powers = [math.exp(value - largest) for value in row]
        for j, power in enumerate(powers):
            Y[i, j] = power / sum(powers)
    return Y


draft = Draft(
    "softmax", CONTRACT, reference,
    traits={
        "a shape that is not square": lambda X: X.ndim != 2 or X.shape[0] != X.shape[1],
        "more than one row": lambda X: len(X) > 1,
        "scores beyond 500": lambda X: abs(X).max() > 500,
    },
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

draft.probe("sm_rect", [[1, 2, 3], [1, 1, 1]])
draft.probe("sm_square", [[1, 2, 3], [0, 0, 3], [2, 1, 0]])
draft.probe("one row", [[0.5, -1, 2]])
draft.probe("one class", [[2], [-3]])
draft.probe("negative scores", [[-1, -2], [-4, -2.5], [-3, -3]], has="negative scores", shown="")
draft.probe("general", scattered((4, 6), 1, 3.0))
draft.probe("other numbers", scattered((4, 6), 8, 2.0) + 1)
# In float32 neighbours of 1000 lie 6e-5 apart: a logarithm of the sum has no more digits.
draft.probe("sm_big", [[1000, 1001, 1002]], slack=10.0)
draft.probe("sm_gap", [[0, 1], [1000, 1001]], slack=10.0)
draft.probe("very negative", [[-1000, -1001, -1000]], slack=10.0)
draft.probe("wide rows", [[0, 2000], [2000, -2000]], slack=10.0)
draft.probe("small probabilities", [[0, -7, -9.5]])
# Beyond every number with which somebody might start a search, or at which he might cut.
draft.probe("far below zero", [[-1e19, -1.2e19]], slack=10.0, shown="X = [[-1e19, -1.2e19]]")
draft.probe("far above zero", [[1e19, 1.2e19]], slack=10.0, shown="X = [[1e19, 1.2e19]]")
draft.probe("many classes", scattered((2, 12), 5, 2.0))
# Outside of the contract, to recognise functions that are written for less.
draft.probe("a single row", [1, 2, 3], contract=False, shown="")
draft.probe("a longer single row", [0.5, -1, 2, 0, 1.25], contract=False, shown="")


def in_rows(reduce):
    """One number for each row, which stays an axis."""
    return lambda X: reduce(X, 1, keepdims=True)


def zero(X):
    return 0.0


def overall(X):
    return X.max()


def down(X):
    """The largest score of each column."""
    return X.max(0)


def lost(X):
    """The largest score of each row, laid out as a row."""
    return X.max(1)


largest, total, mean = in_rows(np.max), in_rows(np.sum), in_rows(np.mean)


def length(X):
    return np.sqrt(total(X * X))


def ratio(shift, divisor=total):
    """exp(X - shift) over a sum of that."""

    def core(X):
        E = np.exp(X - shift(X))
        return E / divisor(E)

    return instead(core)


# ---- the sum -----------------------------------------------------------------------------------


def sigmoid(X):
    return 1 / (1 + np.exp(-X))


def one_hot(X):
    return np.eye(X.shape[1])[X.argmax(1)]


def one_row(k):
    """Row k is filled, the others stay zero."""
    return out(lambda Y: Y * (np.arange(len(Y)) == k % len(Y))[:, None])


slip("LAB3-01", "normalises over the batch axis",
     "Your columns sum to 1 instead of your rows: the sum runs over the examples of the batch. A "
     "batch of one row gives ones only.",
     "X has shape (examples, classes). Along which of the two axes should the result sum to 1?",
     *(ratio(shift, lambda E: E.sum(0)) for shift in (largest, down, overall, zero)))
slip("LAB3-02", "no maximum subtracted",
     "Your function is right for small scores, and gives nan for large ones: exp of 1000 is larger "
     "than any number that a computer holds, and exp of -1000 is rounded to 0.",
     "Softmax does not change if the same number is added to a whole row. Which number would keep "
     "every exponent in a safe range?",
     ratio(zero),
     instead(lambda X: np.exp(X - np.log(total(np.exp(X))))))
slip("LAB3-04", "keepdims is forgotten in the sum",
     "The row sums lost their axis and are laid out as a row: shapes that are not square raise, "
     "and a square one divides column j by the sum of row j.",
     "Print the shapes of the exponentials and of their sums. How does NumPy line them up?",
     *(ratio(shift, lambda E: E.sum(1)) for shift in (largest, zero, overall, lost)))
slip("LAB3-06", "subtracts the column's maximum, sums over rows",
     "From each score the largest one of its column is subtracted, while the sums run over the "
     "rows. A batch of one row always comes out uniform.",
     "What may be subtracted without changing a row's softmax: one number per row, or one per "
     "column?",
     ratio(down))
slip("LAB3-07", "returns logarithms of the probabilities",
     "Your results are all 0 or negative: they are the logarithms of the probabilities.",
     "Should the entries of a row sum to 1 as they stand, or only after exp?",
     out(np.log),
     instead(lambda X: X - largest(X) - np.log(total(np.exp(X - largest(X))))), keeps=0.75)
slip("SOFTMAX-01", "normalised over the whole matrix",
     "All entries of your result together sum to 1; each row should do so by itself.",
     "How many numbers does your sum give for 2 rows: 1 or 2?",
     *(ratio(shift, np.sum) for shift in (largest, overall, zero)))
slip("SOFTMAX-02", "not normalised",
     "Your exponentials are not divided by their sum: the rows do not sum to 1.",
     "Add up a row of your result.",
     *(ratio(shift, lambda E: 1) for shift in (largest, zero, overall)))
slip("SOFTMAX-03", "divided by the mean instead of the sum",
     "Each row of your result sums to the number of classes: the exponentials are divided by their "
     "mean.",
     "Add up a row of your result.",
     ratio(largest, mean), ratio(zero, mean))
slip("SOFTMAX-04", "divided by the largest exponential",
     "The largest entry of each of your rows is 1: the exponentials are divided by the largest one "
     "instead of by their sum.",
     "Add up a row of your result.",
     ratio(zero, largest))
slip("SOFTMAX-05", "divided by the length of the row",
     "The squares of your rows sum to 1, not their entries: a norm took the place of the sum.",
     "Add up a row of your result.",
     ratio(largest, length), ratio(zero, length))
slip("SOFTMAX-06", "without exponentials",
     "Your function divides the scores themselves by their sum; a negative score gives a negative "
     "'probability'.",
     "What makes every score positive before it is divided?",
     instead(lambda X: X / total(X)), instead(lambda X: X / total(abs(X))),
     instead(lambda X: abs(X) / total(abs(X))))
slip("SOFTMAX-07", "a sigmoid of each score",
     "Each of your entries depends on its own score only: this is the sigmoid, which treats the "
     "classes one by one.",
     "Raise one score. What should happen to the other entries of its row?",
     instead(sigmoid),
     instead(lambda X: sigmoid(X) / total(sigmoid(X))))
slip("SOFTMAX-08", "only the largest is taken",
     "Your result marks the largest score of each row and forgets the rest.",
     "Two scores of 3 and 3.1: should the second class get everything?",
     instead(one_hot), instead(lambda X: X.argmax(1)), keeps=0.25)
slip("SOFTMAX-09", "a loop keeps one row only",
     "Only one row of your result is filled; the others stay zero.",
     "Which index counts the rows, and where does your return stand?",
     one_row(0), one_row(-1), out(lambda Y: Y[0]), out(lambda Y: Y[-1]))
slip("SOFTMAX-10", "each entry's sum leaves the entry out",
     "Each exponential is divided by the sum of the others in its row.",
     "For two equal scores, what should both entries be?",
     ratio(largest, lambda E: total(E) - E), ratio(zero, lambda E: total(E) - E))

# ---- the shift ---------------------------------------------------------------------------------


def started(number):
    """The largest score of each row, searched for from a fixed number."""
    return lambda X: np.maximum(largest(X), number)


def finite(X):
    """Exponentials with the largest number in place of inf."""
    return np.nan_to_num(np.exp(X))


slip("SOFTMAX-20", "one maximum for the whole matrix",
     "Your function subtracts the largest score of the whole batch. A row that lies far below it "
     "becomes zeros, and its sum too.",
     "Each row may be moved by a number of its own. What is left of a row around 0 if 1000 is "
     "subtracted?",
     ratio(overall), keeps=0.75)
slip("SOFTMAX-21", "something else than the maximum is subtracted",
     "Your function subtracts the mean, the smallest or the largest absolute score of a row, or a "
     "maximum that is searched for from a fixed number such as 0. That is allowed, but does not "
     "keep the exponents in a safe range for every row.",
     "For the scores 0 and 2000, and for -1000 and -1001: which exponents are left after your "
     "subtraction?",
     ratio(mean), ratio(lambda X: largest(abs(X))),
     ratio(total),
     *(ratio(started(number)) for number in (0, -999, -1e6)), keeps=0.75)
slip("SOFTMAX-22", "keepdims is forgotten in the maximum",
     "The row maxima lost their axis and are laid out as a row: shapes that are not square raise, "
     "and in a square one column j loses the maximum of row j.",
     "Print the shapes of X and of its row maxima. How does NumPy line them up?",
     ratio(lost))
slip("SOFTMAX-23", "large scores are cut off",
     "Your function cuts scores at a limit, so that different large scores count as equal.",
     "Which probabilities do you give for 1000, 1001, 1002, and which for 0, 1, 2?",
     given(X=lambda X: np.clip(X, -500, 500)), given(X=lambda X: np.minimum(X, 500)),
     given(X=lambda X: np.clip(X, -20, 20)), given(X=lambda X: np.minimum(X, 20)),
     given(X=lambda X: np.clip(X, -1e4, 1e4)), keeps=0.75)
slip("SOFTMAX-24", "nan is replaced afterwards",
     "Your function repairs inf or nan after the overflow. The numbers that would belong there are "
     "lost by then.",
     "Prevent the overflow: what may be done to a row of scores before exp?",
     instead(lambda X: np.nan_to_num(np.exp(X) / total(np.exp(X)))),
     instead(lambda X: finite(X) / total(finite(X))),
     instead(lambda X: finite(X) / (total(finite(X)) + 1e-8)), keeps=0.75)

# ---- the scores and the result -----------------------------------------------------------------

slip("SOFTMAX-30", "a minus in the exponent",
     "Your largest probabilities belong to the smallest scores: the exponent has the wrong sign.",
     "In the scores 1, 2, 3, which class should be the most probable?",
     given(X=lambda X: -X),
     instead(lambda X: np.exp(-X) / total(np.exp(-X))))
slip("SOFTMAX-31", "the scores are divided before exp",
     "Your scores are scaled before the exponential: divided by the row's maximum, sum, length or "
     "spread, or by the root of the number of classes. Softmax only allows adding.",
     "Which ratio should the probabilities of scores 2 and 1 have?",
     given(X=lambda X: X / abs(largest(X))), given(X=lambda X: X / largest(X)),
     given(X=lambda X: X / X.max()), given(X=lambda X: X / total(X)),
     given(X=lambda X: X / length(X)),
     given(X=lambda X: (X - mean(X)) / X.std(1, keepdims=True)),
     given(X=lambda X: X / np.sqrt(X.shape[1])))
slip("SOFTMAX-32", "another base than e",
     "Your powers have another base than e, 2 or 10 for example.",
     "Which ratio should the probabilities of scores 2 and 1 have?",
     given(X=lambda X: X * math.log(2)), given(X=lambda X: X * math.log(10)),
     instead(lambda X: 2.0**X / total(2.0**X)),
     instead(lambda X: 10.0**X / total(10.0**X)), keeps=0.75)
slip("SOFTMAX-33", "softmax is applied twice",
     "Your rows sum to 1 but are almost uniform: softmax was applied to probabilities.",
     "What goes into your function, scores or something that is normalised already?",
     out(reference), keeps=0.75)
slip("SOFTMAX-34", "the result is rounded",
     "Your probabilities are rounded, so that small ones become 0.",
     "Rounding is for printing. Where does your code round, or which dtype holds the result?",
     *(out(lambda Y, digits=digits: np.round(Y, digits)) for digits in (2, 3, 4, 0)),
     out(np.trunc), keeps=0.75)
slip("SOFTMAX-35", "the result is transposed",
     "Rows and columns of your result are exchanged.",
     "The output has the shape of X: one row for each example.",
     *draft.variants("transposed"), keeps=0.75)
slip("SOFTMAX-36", "one row only",
     "Your function works on a single row of scores, without a batch.",
     "Keep what you have as the inner step, and go through the rows around it.",
     *draft.variants("single", "X"))
draft.without(
    "SOFTMAX-40", ".softmax", ".log_softmax", "torch.softmax", "torch.log_softmax", "F.softmax",
    "F.log_softmax", "nn.Softmax", "nn.LogSoftmax", "scipy.special.softmax",
    "scipy.special.log_softmax")

TASK = draft.task()
