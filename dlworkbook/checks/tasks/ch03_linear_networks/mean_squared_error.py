"""Task ``mean_squared_error(w, b, x, y)``: the mean of the squared errors of a line.

Shapes: w, b numbers, x (n,), y (n,); the result is a number. Ids that begin with LAB2 are those of
the course that the labs come from; those that begin with MSE are our own.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """mean_squared_error(w, b, x, y): the mean over all examples of (w * x + b - y) ** 2.

w and b are numbers, x and y have shape (n,). The result is one number, without a factor 1/2. An
array of one entry is fine."""


def reference(w, b, x, y):
    """One example after the other."""
    total = 0.0
    for x_i, y_i in zip(x, y, strict=True):
        error = w * x_i + b - y_i
        total += error * error
    return np.float64(total / len(x))


draft = Draft(
    "mean_squared_error", CONTRACT, reference, outputs=("the loss",), use="one number",
    terms={"n": lambda x: np.float64(len(x)), "e": lambda w, b, x, y: w * x + b - y},
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

X4, Y4 = [1, 2, 3, 4], [5, 7, 9, 11]
MISSES = "a line that misses"
draft.probe("loss_wrong", 1, 0, X4, Y4, has=MISSES)
draft.probe("loss_perfect", 2, 3, X4, Y4, has="a perfect fit")
draft.probe("too high and too low", 0.5, -1, [2, 4, 6], [1, 0, 2], has=MISSES)
draft.probe("two examples", -1.5, 0.25, [1, -3], [2, 2.5], has=(MISSES, "two examples"), shown="")
draft.probe("general", 0.7, -1.3, scattered((7,), 1, 2.0), scattered((7,), 4) + 0.4, has=MISSES)
draft.probe("other numbers", -2.2, 0.9, scattered((7,), 3) + 1, scattered((7,), 8, 3.0), has=MISSES)
# Outside of the contract, to recognise functions that are written for columns.
COLUMN, LONGER = ([[1], [2], [3]], [[5], [7], [8]]), ([[3], [-1], [0.5]], [[2], [1], [-4]])
draft.probe("loss_column", 1, 0, *COLUMN, contract=False, shown="")
draft.probe("a longer column", -0.5, 2, *LONGER, contract=False, shown="")

# ---- from errors to a number -------------------------------------------------------------------

slip("LAB2-06", "the loss is the sum, not the mean",
     "Your result is the sum of the squared errors: n times too large for n examples. A perfect "
     "fit hides it.",
     "Write every example down twice. Should the loss change?",
     out(lambda L, n: L * n))
slip("LAB2-07", "half the mean squared error",
     "Your result is exactly half of the mean squared error. Both are used as a loss; this task "
     "asks for the one without the half.",
     "A single error of 2: what is the mean of its square?",
     out(lambda L: L / 2), keeps=0.75)
slip("MSE-01", "the errors are not squared",
     "Your result is the plain mean of the errors: positive and negative ones cancel.",
     "What does your loss say about errors of +1 and -1?",
     instead(lambda e: e.mean()), instead(lambda e: -e.mean()))
slip("MSE-02", "absolute values instead of squares",
     "Your result is the mean of the absolute errors.",
     "An error of 3 counts nine times as much as an error of 1. Does it here?",
     instead(lambda e: abs(e).mean()))
slip("MSE-03", "the mean is squared, not the errors",
     "Your function takes the mean first and squares it then, so errors of opposite sign cancel "
     "before they count.",
     "In which order do square and mean stand in the name of the loss, read from the right?",
     instead(lambda e: e.mean() ** 2))
slip("MSE-04", "the root of the mean squared error",
     "Your result is the square root of the mean squared error.",
     "In which units is your result, those of y or their square?",
     out(np.sqrt), keeps=0.75)
slip("MSE-05", "the root of the sum of squares",
     "Your result is the length of the vector of errors: a norm takes a root, and no mean.",
     "What does the norm of (3, 4) give, and what is the mean of 9 and 16?",
     instead(lambda e: np.sqrt((e * e).sum())))
slip("MSE-06", "half the sum of squares",
     "Your result is half of the sum of the squared errors. The task asks for their mean.",
     "Write every example down twice. Should the loss change?",
     out(lambda L, n: L * n / 2))
slip("MSE-07", "one number for each example",
     "Your function returns the squared errors one by one; they still have to become one number.",
     "What turns n numbers into their mean?",
     instead(lambda e: e**2), keeps=0.75)
slip("MSE-08", "divided by n - 1 or n - 2",
     "Your sum of squares is divided by n - 1 or n - 2, as statistics does for an unbiased "
     "variance. Here it is the plain mean.",
     "For two examples with an error of 1 each, what is the mean of the squares?",
     *(out(lambda L, n, other=other: L * n / (n + other)) for other in (-1, -2, 1)), keeps=0.75)
slip("MSE-09", "the variance of the errors",
     "Your result is the variance of the errors: their mean is taken off before the squares, so a "
     "line that is too high everywhere seems right.",
     "All errors are 2. What is their variance, and what is the mean of their squares?",
     instead(lambda e: e.var()), instead(lambda e: e.var(ddof=1)))
slip("MSE-10", "the sign is turned",
     "Your result is minus the mean squared error. As a loss it should fall as the line gets "
     "better.",
     "May a mean of squares be negative?",
     *draft.variants("negate"), keeps=0.75)
slip("MSE-11", "divided by n twice",
     "Your result is the mean squared error divided by n once more.",
     "Does your code take a mean and divide as well?",
     *draft.variants("over", "n"), keeps=0.75)
slip("MSE-12", "every prediction against every target",
     "Your function compares each prediction with all n targets: a column met a row, and the "
     "difference became an n by n matrix.",
     "Print the shape of your errors. How many should there be?",
     instead(lambda w, b, x, y: np.mean((w * x[:, None] + b - y) ** 2)),
     instead(lambda w, b, x, y: np.sum((w * x[:, None] + b - y) ** 2) / len(x)), keeps=0.25)
slip("MSE-13", "only one example counts",
     "Your result is the squared error of a single example, the first or the last one, perhaps "
     "divided by n: the others are overwritten, or a return stands inside of the loop.",
     "Look at the line inside of your loop: does it add or replace?",
     instead(lambda e: e[-1] ** 2), instead(lambda e: e[0] ** 2),
     instead(lambda e, n: e[-1] ** 2 / n), instead(lambda e, n: e[0] ** 2 / n))
slip("MSE-14", "an example is left out",
     "The first or the last example does not enter your sum.",
     "Compare the range of your loop, or your slice, with the number of examples.",
     *draft.variants("left_out", "x", "y"),
     instead(lambda e, n: (e[:-1] ** 2).sum() / n), instead(lambda e, n: (e[1:] ** 2).sum() / n))
slip("MSE-15", "divided by the spread of y",
     "Your result is divided by the variance of y, or it is one minus that ratio (the R squared "
     "of statistics). The task asks for the plain mean.",
     "If y is measured in other units, should the mean squared error stay the same?",
     out(lambda L, y: L / y.var()), out(lambda L, y: 1 - L / y.var()))
slip("MSE-16", "works only on columns",
     "Your function needs x or y of shape (n, 1). The task gives both with shape (n,).",
     "Which line of yours asks for a second axis?",
     *draft.variants("columns", "x", "y"), keeps=0.75)

# ---- from inputs to errors ---------------------------------------------------------------------

slip("MSE-20", "the intercept is missing",
     "Your prediction is w * x: b does not enter.",
     "Change b only. Does your loss change?",
     given(b=0.0))
slip("MSE-21", "w and b are exchanged",
     "Your prediction takes b for the slope and w for the intercept.",
     "Compare the order of the parameters with that of the task: slope first.",
     *draft.variants("swapped", "w", "b"), keeps=0.75)
slip("MSE-22", "x and y are exchanged",
     "Your function predicts x from y.",
     "Which of the two is the target?",
     *draft.variants("swapped", "x", "y"))
slip("MSE-23", "brackets around the prediction are missing",
     "The sign of b is lost: 'y minus the prediction' was written without brackets, so b is added "
     "where it should be subtracted.",
     "With w = 0 and b = 1 and all y = 1 the loss is 0. Is yours?",
     given(b=lambda b: -b), keeps=0.75)
slip("MSE-24", "target and prediction are added",
     "Your errors are the sum of prediction and target instead of their difference.",
     "For a perfect fit every error should be 0.",
     given(y=lambda y: -y))
slip("MSE-25", "the slope is missing",
     "Your prediction does not use w.",
     "Change w only. Does your loss change?",
     given(w=1.0), given(w=0.0))
slip("MSE-26", "the targets are not used",
     "Your result is the mean square of the predictions: y does not enter.",
     "Change y only. Does your loss change?",
     given(y=lambda y: 0 * y), keeps=0.25)

TASK = draft.task()
