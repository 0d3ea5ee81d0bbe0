"""Task ``least_squares(x, y) -> (w, b)``: the line with the least mean squared error.

Shapes: x (n,), y (n,); w and b are numbers. Ids that begin with LAB2 are those of the course that
the labs come from; those that begin with LSQ are our own.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered
from ._line import exchanged

CONTRACT = """least_squares(x, y) -> (w, b): the line w * x + b with the least squared error.

x and y have shape (n,), with n at least 2 and x not constant. The result is a pair of numbers, the
slope w first and the intercept b second: of all lines, the one for which the mean of
(w * x + b - y) ** 2 is smallest. An array of two entries, or numbers as arrays of one entry, are
fine."""


def reference(x, y):
    """Both conditions for a minimum, solved by Cramer's rule."""
    n = sum_x = sum_y = sum_xx = sum_xy = 0.0
    for x_i, y_i in zip(x, y, strict=True):
        n += 1
        sum_x += x_i
        sum_y += y_i
        sum_xx += x_i * x_i
        sum_xy += x_i * y_i
    determinant = n * sum_xx - sum_x * sum_x
    return (
        np.float64((n * sum_xy - sum_x * sum_y) / determinant),
        np.float64((sum_xx * sum_y - sum_x * sum_xy) / determinant),
    )


def spread(u, v):
    """Sum of the products of deviations from the means."""
    return ((u - u.mean()) * (v - v.mean())).sum()


draft = Draft(
    "least_squares", CONTRACT, reference, use="two numbers",
    outputs=("the slope w", "the intercept b"),
    terms={
        "n": lambda x: len(x),
        "Sxx": lambda x: spread(x, x),
        "Sxy": lambda x, y: spread(x, y),
        "Syy": lambda y: spread(y, y),
    },
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip

X4 = [1, 2, 3, 4]
ON, OFF = "points exactly on a line", "points that are not on a line"
draft.probe("ls_exact", X4, [5, 7, 9, 11], has=ON)
draft.probe("ls_noisy", X4, [5, 7, 9, 12], has=OFF)
draft.probe("two points", [1, 3], [2, -2], has=ON)
draft.probe("mean of x is 0", [-2, -1, 1, 2], [0, 3, 1, 6], has=OFF)
draft.probe("in no order", scattered((7,), 1, 3.0) + 1.3, scattered((7,), 4) * 2 - 0.7,
            has="unsorted x")
draft.probe("other numbers", scattered((7,), 3, 2.0) - 2.1, scattered((7,), 8) * 5 + 3.0,
            has="unsorted x")
draft.probe("falling, far from 0", [10, 11, 13, 14, 17], [3.5, 2.0, 2.5, -1.0, -4.0],
            has=OFF, shown="")
# Outside of the contract, to recognise functions that are written for columns.
draft.probe("a column", [[1], [2], [5]], [[5], [7], [9]], contract=False, shown="")
draft.probe("a longer column", [[3], [-1], [0.5], [7]], [[2], [1], [-4], [6]],
            contract=False, shown="")


def slope(function):
    """Another slope, with the intercept that puts the line through the means."""
    w = draft.of(function)
    return instead(lambda x, y: (w(x, y), y.mean() - w(x, y) * x.mean()))


def intercept(function):
    """The right slope with another intercept, ``function(w, x, y)``."""
    return out(lambda line, x, y: (line[0], np.float64(function(line[0], x, y))))


# ---- the slope ---------------------------------------------------------------------------------


def through_origin(x, y):
    return (x * y).sum() / (x * x).sum()


def perpendicular(Sxx, Sxy, Syy):
    """Slope of the main axis of the point cloud (distances at right angles to the line)."""
    return (Syy - Sxx + np.sqrt((Syy - Sxx) ** 2 + 4 * Sxy**2)) / (2 * Sxy)


def unbalanced(x, y):
    """Sums and means mixed, as if n were 1 in the textbook's formula."""
    return ((x * y).sum() - x.mean() * y.mean()) / ((x * x).sum() - x.mean() ** 2)


def two_squares_mixed(n, x, y):
    return (n * (x * y).sum() - x.sum() * y.sum()) / ((n - 1) * (x * x).sum())


slip("LAB2-01", "least squares without the column of ones",
     "Your line is forced through the origin: the intercept was left out of the fit, and b is 0.",
     "The points (1, 5), (2, 7), (3, 9), (4, 11) lie on a line exactly. Does yours go through "
     "them?",
     instead(lambda x, y: (through_origin(x, y), np.float64(0))))
slip("LAB2-02", "returns (b, w) instead of (w, b)",
     "Both numbers are right and stand in the wrong order: the intercept comes first.",
     "Look at your return, or at the order of the columns of your matrix.",
     out(exchanged), keeps=0.75)
slip("LAB2-04", "regresses x on y and inverts the slope",
     "Your line is the one with the least squared error in x, turned round. The task asks for the "
     "least squared error in y. Without noise the two are the same.",
     "Which of the two spreads stands below the fraction line of your slope?",
     slope(lambda Syy, Sxy: Syy / Sxy))
slip("LSQ-01", "x and y are exchanged",
     "Your line predicts x from y. The task asks for the line that predicts y from x.",
     "Of the two arguments, which one is the target?",
     *draft.variants("swapped", "x", "y"))
slip("LSQ-02", "the slope is divided by the spread of y",
     "The top of your slope is right; below it stands the spread of y instead of that of x.",
     "In which units is your slope: those of y per unit of x, or the other way round?",
     slope(lambda Sxy, Syy: Sxy / Syy))
slip("LSQ-03", "the slope is taken without subtracting the means",
     "Your slope is that of a line through the origin, and the intercept is then added on top. "
     "Slope and intercept have to be found together.",
     "Move all points up by 10. May the slope change?",
     slope(through_origin))
slip("LSQ-04", "n - 1 and n are mixed",
     "Your slope is the right one times n / (n - 1), or the inverse of that: covariance and "
     "variance are divided by different numbers.",
     "Which of NumPy's functions cov and var divides by n, and which by n - 1?",
     slope(lambda Sxy, Sxx, n: Sxy / Sxx * n / (n - 1)),
     slope(lambda Sxy, Sxx, n: Sxy / Sxx * (n - 1) / n))
slip("LSQ-05", "the correlation instead of the slope",
     "Your slope is the correlation coefficient, which has no units and lies between -1 and 1.",
     "If y is measured in millimetres instead of metres, what happens to your slope?",
     slope(lambda Sxy, Sxx, Syy: Sxy / np.sqrt(Sxx * Syy)))
slip("LSQ-06", "the covariance instead of the slope",
     "Your slope is the covariance of x and y: it is not divided by the variance of x.",
     "For points on an exact line, is your slope that of the line?",
     slope(lambda Sxy, n: Sxy / n), slope(lambda Sxy, n: Sxy / (n - 1)),
     slope(lambda Sxy: Sxy))
slip("LSQ-07", "divided by the standard deviation instead of the variance",
     "Your slope is the covariance divided by the standard deviation of x; a square is missing.",
     "Double every x. By which factor should the slope change, and by which does yours?",
     slope(lambda Sxy, n, x: Sxy / n / x.std()),
     slope(lambda Sxy, n, x: Sxy / (n - 1) / x.std(ddof=1)),
     slope(lambda Sxy, Sxx: Sxy / np.sqrt(Sxx)))
slip("LSQ-08", "sums and means are mixed",
     "In your slope the sums over all examples are used next to products of means, without the "
     "factor n that belongs between them.",
     "Write the formula once with means only and once with sums only, and compare.",
     slope(unbalanced))
slip("LSQ-09", "the square of a sum and the sum of squares are mixed up",
     "Below the fraction line of your slope, the square of the sum of x and the sum of the squares "
     "of x have been taken for each other.",
     "For x = 1, 2: the sum of the squares is 5, the square of the sum is 9. Which one do you "
     "compute where?",
     slope(two_squares_mixed))
slip("LSQ-10", "two of the points decide",
     "Your slope is that of the line through two points, the first two or the first and the last; "
     "the others do not count.",
     "Change the third point. Does your slope notice?",
     slope(lambda x, y: (y[-1] - y[0]) / (x[-1] - x[0])),
     slope(lambda x, y: (y[1] - y[0]) / (x[1] - x[0])),
     instead(lambda x, y: reference(x[[0, -1]], y[[0, -1]])),
     instead(lambda x, y: reference(x[:2], y[:2])), keeps=0.25)
slip("LSQ-11", "a mean of slopes",
     "Your slope is an average of single slopes, of y / x or of the steps from one point to the "
     "next. Least squares gives points far from the mean more weight.",
     "What happens to your slope if one x is 0, or if two neighbours have almost the same x?",
     slope(lambda x, y: (y / x).mean()),
     slope(lambda x, y: ((y[1:] - y[:-1]) / (x[1:] - x[:-1])).mean()),
     instead(lambda x, y: ((y / x).mean(), np.float64(0))))
slip("LSQ-12", "distances at right angles to the line",
     "Your line has the least squared distance at right angles (total least squares). The task "
     "measures the error along y only.",
     "In which direction is the error of a prediction measured?",
     slope(perpendicular))
slip("LSQ-13", "the sign of the slope",
     "Your slope has the wrong sign.",
     "For x = 1, 2 and y = 1, 3 the line rises. Does yours?",
     out(lambda line: (-line[0], line[1])), slope(lambda Sxy, Sxx: -Sxy / Sxx), keeps=0.75)

# ---- the intercept -----------------------------------------------------------------------------

slip("LSQ-20", "the intercept is zero",
     "Your slope is right, and the intercept is always 0.",
     "Once the slope is known, through which point must the line go?",
     intercept(lambda w, x, y: 0))
slip("LSQ-21", "the intercept is the mean of y",
     "Your slope is right, and b is the mean of y: that is the height of the line at the mean of "
     "x, not at x = 0.",
     "If you centred x first, the line is one in x minus its mean. Which value has it at x = 0?",
     intercept(lambda w, x, y: y.mean()))
slip("LSQ-22", "the intercept has the wrong sign",
     "Your slope is right, and the intercept has the wrong sign.",
     "Put the mean of x into your line. Does the mean of y come out?",
     intercept(lambda w, x, y: w * x.mean() - y.mean()), keeps=0.75)
slip("LSQ-23", "the slope is missing in the intercept",
     "Your slope is right, but the intercept is computed as if the slope were 1.",
     "Put the mean of x into your line. Does the mean of y come out?",
     intercept(lambda w, x, y: y.mean() - x.mean()), keeps=0.75)
slip("LSQ-24", "the intercept is not divided by n",
     "Your slope is right; the intercept is n times the right one, because sums stand where means "
     "should.",
     "The line passes through the means, not through the sums.",
     intercept(lambda w, x, y: y.sum() - w * x.sum()), keeps=0.75)
slip("LSQ-25", "a plus in the intercept",
     "Your slope is right; in the intercept the term with the slope is added instead of "
     "subtracted.",
     "Put the mean of x into your line. Does the mean of y come out?",
     intercept(lambda w, x, y: y.mean() + w * x.mean()), keeps=0.75)
slip("LSQ-26", "the intercept comes from one point",
     "Your slope is right, but the line is put through a single example (the first or the last) "
     "instead of through the means.",
     "Change the first y only. By how much should b change, and by how much does yours?",
     intercept(lambda w, x, y: y[0] - w * x[0]), intercept(lambda w, x, y: y[-1] - w * x[-1]))

# ---- the data and the result -------------------------------------------------------------------

slip("LSQ-30", "an example is left out",
     "One example at the end or at the beginning does not enter your sums.",
     "Compare the range of your loop, or your slice, with the number of examples.",
     *draft.variants("left_out", "x", "y"))
slip("LSQ-31", "x and y are sorted separately",
     "Sorting x and y each by itself tears the pairs apart.",
     "After your sorting, does the first y still belong to the first x?",
     given(x=lambda x: np.sort(x), y=lambda y: np.sort(y)), keeps=0.25)
slip("LSQ-32", "w and b belong to the standardised x",
     "You fitted the standardised x (mean 0, standard deviation 1), and returned the slope and "
     "intercept of that fit. The task asks for the line in x itself.",
     "Write the line with the standardised x, put in its formula, and sort by powers of x.",
     instead(lambda x, y: reference((x - x.mean()) / x.std(), y)),
     instead(lambda x, y: reference((x - x.mean()) / x.std(ddof=1), y)))
slip("LSQ-33", "whole numbers only",
     "Your results are cut or rounded to whole numbers.",
     "Which step makes integers: a dtype, int(...), or a division with two slashes?",
     *draft.variants("whole"), keeps=0.75)
slip("LSQ-34", "returns predictions",
     "Your function returns the line's values at x. The task asks for the two numbers w and b.",
     "What is the last line of the task's contract about?",
     lambda x, y: reference(x, y)[0] * x + reference(x, y)[1], keeps=0.75)
slip("LSQ-35", "works only on columns",
     "Your function needs x or y of shape (n, 1). The task gives both with shape (n,).",
     "Which line of yours asks for a second axis? One method of arrays adds it.",
     *draft.variants("columns", "x", "y"), keeps=0.75)
draft.without("LSQ-36", "np.polyfit", "np.polynomial.polynomial.polyfit", "np.linalg.lstsq",
              "scipy.linalg.lstsq", "torch.linalg.lstsq", ".fit", ".linregress",
              "scipy.stats.linregress", "scipy.optimize.curve_fit",
              "statistics.linear_regression")

TASK = draft.task()
