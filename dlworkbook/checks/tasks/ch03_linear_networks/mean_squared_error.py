"""Task ``mean_squared_error(w, b, x, y)``: the mean of the squared errors of a line.

Shapes: w, b numbers, x (n,), y (n,); the result is a number. Ids that begin with LAB2 are those of
the course that the labs come from; those that begin with MSE are our own.
"""

from __future__ import annotations

import numpy as np

from ...task import Probe, Task, Variant
from ...tasks._form import FORM
from ...values import pattern
from ._line import mistake, one_number

CONTRACT = (
    """mean_squared_error(w, b, x, y): the mean over all examples of (w * x + b - y) ** 2.

w and b are numbers, x and y have shape (n,). The result is one number, without a factor 1/2. An
array of one entry is fine."""
    + FORM
)


def reference(w, b, x, y):
    """One example after the other."""
    total = 0.0
    for x_i, y_i in zip(x, y, strict=True):
        error = w * x_i + b - y_i
        total += error * error
    return np.float64(total / len(x))


def variant(before=None, core=None, after=None):
    """A wrong answer made from the right one."""
    return Variant(reference, before, core, after)


def scaled(factor):
    """A change of the output: times a factor that may depend on the number of examples."""
    return lambda L, w, b, x, y: L * factor(len(x))


def of_errors(function):
    """Another reduction of the errors to one number."""
    return lambda w, b, x, y: np.float64(function(w * x + b - y))


LAB2 = (
    mistake(
        "LAB2-06",
        "the loss is the sum, not the mean",
        "Your result is the sum of the squared errors: n times too large for n examples. A perfect "
        "fit hides it.",
        "Write every example down twice. Should the loss change?",
        variant(after=scaled(lambda n: n)),
    ),
    mistake(
        "LAB2-07",
        "half the mean squared error",
        "Your result is exactly half of the mean squared error. Both are used as a loss; this task "
        "asks for the one without the half.",
        "A single error of 2: what is the mean of its square?",
        variant(after=scaled(lambda n: 0.5)),
        keeps=0.75,
    ),
)

REDUCTION = (
    mistake(
        "MSE-01",
        "the errors are not squared",
        "Your result is the plain mean of the errors: positive and negative ones cancel.",
        "What does your loss say about errors of +1 and -1?",
        variant(core=of_errors(np.mean)),
        variant(core=of_errors(lambda e: -np.mean(e))),
    ),
    mistake(
        "MSE-02",
        "absolute values instead of squares",
        "Your result is the mean of the absolute errors.",
        "An error of 3 counts nine times as much as an error of 1. Does it here?",
        variant(core=of_errors(lambda e: abs(e).mean())),
    ),
    mistake(
        "MSE-03",
        "the mean is squared, not the errors",
        "Your function takes the mean first and squares it then, so errors of opposite sign cancel "
        "before they count.",
        "In which order do square and mean stand in the name of the loss, read from the right?",
        variant(core=of_errors(lambda e: e.mean() ** 2)),
    ),
    mistake(
        "MSE-04",
        "the root of the mean squared error",
        "Your result is the square root of the mean squared error.",
        "In which units is your result, those of y or their square?",
        variant(after=lambda L, *inputs: np.sqrt(L)),
        keeps=0.75,
    ),
    mistake(
        "MSE-05",
        "the root of the sum of squares",
        "Your result is the length of the vector of errors: a norm takes a root, and no mean.",
        "What does the norm of (3, 4) give, and what is the mean of 9 and 16?",
        variant(core=of_errors(lambda e: np.sqrt((e * e).sum()))),
    ),
    mistake(
        "MSE-06",
        "half the sum of squares",
        "Your result is half of the sum of the squared errors. The task asks for their mean.",
        "Write every example down twice. Should the loss change?",
        variant(after=scaled(lambda n: n / 2)),
    ),
    mistake(
        "MSE-07",
        "one number for each example",
        "Your function returns the squared errors one by one; they still have to become one "
        "number.",
        "What turns n numbers into their mean?",
        variant(core=lambda w, b, x, y: (w * x + b - y) ** 2),
        keeps=0.75,
    ),
    mistake(
        "MSE-08",
        "divided by n - 1 or n - 2",
        "Your sum of squares is divided by n - 1 or n - 2, as statistics does for an unbiased "
        "variance. Here it is the plain mean.",
        "For two examples with an error of 1 each, what is the mean of the squares?",
        variant(after=scaled(lambda n: n / (n - 1))),
        variant(after=lambda L, w, b, x, y: np.float64(L * len(x)) / np.float64(len(x) - 2)),
        variant(after=scaled(lambda n: n / (n + 1))),
        keeps=0.75,
    ),
    mistake(
        "MSE-09",
        "the variance of the errors",
        "Your result is the variance of the errors: their mean is taken off before the squares, so "
        "a line that is too high everywhere seems right.",
        "All errors are 2. What is their variance, and what is the mean of their squares?",
        variant(core=of_errors(lambda e: e.var())),
        variant(core=of_errors(lambda e: e.var(ddof=1))),
    ),
    mistake(
        "MSE-10",
        "the sign is turned",
        "Your result is minus the mean squared error. As a loss it should fall as the line gets "
        "better.",
        "May a mean of squares be negative?",
        variant(after=scaled(lambda n: -1)),
        keeps=0.75,
    ),
    mistake(
        "MSE-11",
        "divided by n twice",
        "Your result is the mean squared error divided by n once more.",
        "Does your code take a mean and divide as well?",
        variant(after=scaled(lambda n: 1 / n)),
        keeps=0.75,
    ),
    mistake(
        "MSE-12",
        "every prediction against every target",
        "Your function compares each prediction with all n targets: a column met a row, and the "
        "difference became an n by n matrix.",
        "Print the shape of your errors. How many should there be?",
        variant(core=lambda w, b, x, y: np.mean((w * x[:, None] + b - y) ** 2)),
        variant(core=lambda w, b, x, y: np.sum((w * x[:, None] + b - y) ** 2) / len(x)),
        keeps=0.25,
    ),
    mistake(
        "MSE-13",
        "only one example counts",
        "Your result is the squared error of a single example, the first or the last one, perhaps "
        "divided by n: the others are overwritten, or a return stands inside of the loop.",
        "Look at the line inside of your loop: does it add or replace?",
        variant(core=of_errors(lambda e: e[-1] ** 2)),
        variant(core=of_errors(lambda e: e[0] ** 2)),
        variant(core=of_errors(lambda e: e[-1] ** 2 / len(e))),
        variant(core=of_errors(lambda e: e[0] ** 2 / len(e))),
    ),
    mistake(
        "MSE-14",
        "an example is left out",
        "The first or the last example does not enter your sum.",
        "Compare the range of your loop, or your slice, with the number of examples.",
        variant(before=lambda w, b, x, y: (w, b, x[:-1], y[:-1])),
        variant(before=lambda w, b, x, y: (w, b, x[1:], y[1:])),
        variant(core=of_errors(lambda e: (e[:-1] ** 2).sum() / len(e))),
        variant(core=of_errors(lambda e: (e[1:] ** 2).sum() / len(e))),
    ),
    mistake(
        "MSE-15",
        "divided by the spread of y",
        "Your result is divided by the variance of y, or it is one minus that ratio (the R squared "
        "of statistics). The task asks for the plain mean.",
        "If y is measured in other units, should the mean squared error stay the same?",
        variant(after=lambda L, w, b, x, y: L / y.var()),
        variant(after=lambda L, w, b, x, y: 1 - L / y.var()),
    ),
    mistake(
        "MSE-16",
        "works only on columns",
        "Your function needs x or y of shape (n, 1). The task gives both with shape (n,).",
        "Which line of yours asks for a second axis?",
        lambda w, b, x, y: columns_only(w, b, x, y),
        keeps=0.75,
    ),
)


def columns_only(w, b, x, y):
    """Right for x and y of shape (n, 1), and for nothing else."""
    if x.ndim != 2 or y.ndim != 2:
        raise IndexError
    return reference(w, b, x[:, 0], y[:, 0])


PREDICTION = (
    mistake(
        "MSE-20",
        "the intercept is missing",
        "Your prediction is w * x: b does not enter.",
        "Change b only. Does your loss change?",
        variant(before=lambda w, b, x, y: (w, 0.0, x, y)),
    ),
    mistake(
        "MSE-21",
        "w and b are exchanged",
        "Your prediction takes b for the slope and w for the intercept.",
        "Compare the order of the parameters with that of the task: slope first.",
        variant(before=lambda w, b, x, y: (b, w, x, y)),
        keeps=0.75,
    ),
    mistake(
        "MSE-22",
        "x and y are exchanged",
        "Your function predicts x from y.",
        "Which of the two is the target?",
        variant(before=lambda w, b, x, y: (w, b, y, x)),
    ),
    mistake(
        "MSE-23",
        "brackets around the prediction are missing",
        "The sign of b is lost: 'y minus the prediction' was written without brackets, so b is "
        "added where it should be subtracted.",
        "With w = 0 and b = 1 and all y = 1 the loss is 0. Is yours?",
        variant(before=lambda w, b, x, y: (w, -b, x, y)),
        keeps=0.75,
    ),
    mistake(
        "MSE-24",
        "target and prediction are added",
        "Your errors are the sum of prediction and target instead of their difference.",
        "For a perfect fit every error should be 0.",
        variant(before=lambda w, b, x, y: (w, b, x, -y)),
    ),
    mistake(
        "MSE-25",
        "the slope is missing",
        "Your prediction does not use w.",
        "Change w only. Does your loss change?",
        variant(before=lambda w, b, x, y: (1.0, b, x, y)),
        variant(before=lambda w, b, x, y: (0.0, b, x, y)),
    ),
    mistake(
        "MSE-26",
        "the targets are not used",
        "Your result is the mean square of the predictions: y does not enter.",
        "Change y only. Does your loss change?",
        variant(before=lambda w, b, x, y: (w, b, x, 0 * y)),
        keeps=0.25,
    ),
)


def probe(name, w, b, x, y, *traits, shown="", contract=True):
    """A probe of given numbers."""
    inputs = (float(w), float(b), np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    return Probe(name, inputs, frozenset(traits), shown, contract)


X4, Y4 = [1, 2, 3, 4], [5, 7, 9, 11]

PROBES = (
    probe(
        "loss_wrong",
        1,
        0,
        X4,
        Y4,
        "a line that misses",
        shown="w = 1, b = 0, x = [1, 2, 3, 4] and y = [5, 7, 9, 11]",
    ),
    probe(
        "loss_perfect",
        2,
        3,
        X4,
        Y4,
        "a perfect fit",
        shown="w = 2, b = 3, x = [1, 2, 3, 4] and y = [5, 7, 9, 11]",
    ),
    probe(
        "too high and too low",
        0.5,
        -1,
        [2, 4, 6],
        [1, 0, 2],
        "a line that misses",
        shown="w = 0.5, b = -1, x = [2, 4, 6] and y = [1, 0, 2]",
    ),
    probe("two examples", -1.5, 0.25, [1, -3], [2, 2.5], "a line that misses", "two examples"),
    probe(
        "general", 0.7, -1.3, pattern((7,), 1, 2.0), pattern((7,), 4) + 0.4, "a line that misses"
    ),
    probe(
        "other numbers",
        -2.2,
        0.9,
        pattern((7,), 3) + 1,
        pattern((7,), 8, 3.0),
        "a line that misses",
    ),
    probe("loss_column", 1, 0, [[1], [2], [3]], [[5], [7], [8]], contract=False),
    probe("a longer column", -0.5, 2, [[3], [-1], [0.5]], [[2], [1], [-4]], contract=False),
)

TASK = Task(
    name="mean_squared_error",
    contract=CONTRACT,
    reference=reference,
    probes=PROBES,
    mistakes=LAB2 + REDUCTION + PREDICTION,
    arguments=("w", "b", "x", "y"),
    outputs=("the loss",),
    use=one_number,
    fits=4,
)
