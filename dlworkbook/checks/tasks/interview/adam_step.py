"""Task ``adam_step(w, g, m, v, t, lr, b1, b2, eps) -> (w, m, v)``: one step of Adam.

Shapes: w, g, m, v (d,); the rest are numbers.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """adam_step(w, g, m, v, t, lr, b1, b2, eps) -> (w, m, v): one step of Adam.

w, g, m and v have shape (d,): weights, gradient, and the running means of gradients and of their
squares before the step. t is the number of this step, counted from 1; lr, b1, b2 and eps are
numbers. The new m is b1 times the old one plus 1 - b1 times the gradient; the new v likewise, with
b2 and the square of the gradient. Both are divided by 1 - b1^t and 1 - b2^t (b to the power of t)
before w moves by -lr times the one over the root of the other plus eps, which stands outside of the
root. The result is a tuple: the new w, and the new m and v as they are kept, not divided. Leave
the arguments unchanged."""


def reference(w, g, m, v, t, lr, b1, b2, eps):
    """One weight after the other."""
    new = np.zeros((3, len(w)))
    for j in range(len(w)):
        first = b1 * m[j] + (1 - b1) * g[j]
        second = b2 * v[j] + (1 - b2) * g[j] ** 2
        step = first / (1 - b1**t) / ((second / (1 - b2**t)) ** 0.5 + eps)
        new[:, j] = w[j] - lr * step, first, second
    return new[0], new[1], new[2]


draft = Draft(
    "adam_step", CONTRACT, reference, outputs=("w", "m", "v"), inputs_stay=True, whole=("t",),
    terms={"M": lambda g, m, b1: b1 * m + (1 - b1) * g,
           "V": lambda g, v, b2: b2 * v + (1 - b2) * g * g,
           "c": lambda b1, t: 1 - b1**t, "d": lambda b2, t: 1 - b2**t},
    traits={"t = 1": lambda t: t == 1, "a later step": lambda t: t > 1,
            "a large eps": lambda eps: eps > 0.01},
)
out, given, result, slip = draft.out, draft.given, draft.result, draft.slip

B = 0.1, 0.9, 0.99
draft.probe("the first step", [1, 2], [0.5, -4], [0, 0], [0, 0], 1, *B, 1e-8)
draft.probe("the third step", [1, 2], [0.5, -4], [0.25, 1], [0.5, 8], 3, *B, 1e-8)
draft.probe("other gradients", [1, 2], [-1, 3], [0.25, 1], [0.5, 8], 3, *B, 1e-8)
draft.probe("a large eps", [1, 2, -1], [0.5, -4, 1], [0.25, 1, 0], [0.5, 8, 1], 2, 0.5, 0.5, 0.75,
            0.25)
draft.probe("a gradient of zero", [3, -1], [0, 2], [0, 1], [0, 0.5], 2, *B, 1e-3)
draft.probe("general", scattered((6,), 1), scattered((6,), 2), scattered((6,), 3),
            abs(scattered((6,), 4)) + 0.5, 5, 0.2, 0.8, 0.9, 0.01)
draft.probe("other numbers", scattered((6,), 5), scattered((6,), 6), scattered((6,), 7),
            abs(scattered((6,), 8)) + 0.5, 5, 0.2, 0.8, 0.9, 0.01)


def moved(step):
    """w with another step; the names that it needs are asked for."""
    return result(0, step)


slip("ADAM-01", "no correction of the first steps",
     "The running means are not divided: they begin at 0, and the first steps are wrong in size.",
     "After one step, m is a tenth of the gradient. What should the step be made of?",
     moved(lambda new, w, lr, eps, M, V: w - lr * M / (np.sqrt(V) + eps)))
slip("ADAM-02", "only one of the two means is corrected",
     "One of the two running means is divided before the step, the other is not.",
     "Do both begin at 0?",
     moved(lambda new, w, lr, eps, M, V, c: w - lr * M / c / (np.sqrt(V) + eps)),
     moved(lambda new, w, lr, eps, M, V, d: w - lr * M / (np.sqrt(V / d) + eps)))
slip("ADAM-03", "the corrected means are kept",
     "m and v are returned as they were divided. In the next step they would be divided again.",
     "Which m is multiplied by b1 in the next step?",
     out(lambda got, M, V, c, d: (got[0], M / c, V / d)), result(1, lambda new, c: new / c),
     result(2, lambda new, d: new / d))
slip("ADAM-04", "steps counted from zero",
     "The power is t - 1: steps are counted from 0. In the first one, 0 divides.",
     "What is t in the first step?",
     moved(lambda new, w, lr, eps, M, V, b1, b2, t: w - lr * M / (1 - np.float64(b1) ** (t - 1))
           / (np.sqrt(V / (1 - np.float64(b2) ** (t - 1))) + eps)))
slip("ADAM-05", "divided by 1 - b, without the power",
     "The means are divided by 1 - b1 and 1 - b2 in every step, not by a number that goes to 1.",
     "After many steps, should the correction still do something?",
     moved(lambda new, w, lr, eps, M, V, b1, b2: w - lr * M / (1 - b1)
           / (np.sqrt(V / (1 - b2)) + eps)))
slip("ADAM-06", "eps inside of the root", "eps stands inside of the root.",
     "What divides where v is 0?",
     moved(lambda new, w, lr, eps, M, V, c, d: w - lr * M / c / np.sqrt(V / d + eps)), keeps=0.75)
slip("ADAM-07", "the root is missing", "The step is divided by v, not by its root.",
     "Multiply the loss by 10. Should Adam's step change?",
     moved(lambda new, w, lr, eps, M, V, c, d: w - lr * M / c / (V / d + eps)))
slip("ADAM-08", "the gradient in place of its mean",
     "The step is made of the gradient itself; m does not enter it.",
     "Where does the momentum enter?",
     moved(lambda new, w, g, lr, eps, V, d: w - lr * g / (np.sqrt(V / d) + eps)))
slip("ADAM-09", "the old means are used",
     "The step is made of m and v as they were before this gradient.",
     "In the first step m and v are 0. What would the step be?",
     moved(lambda new, w, m, v, lr, eps, c, d: w - lr * m / c / (np.sqrt(v / d) + eps)),
     moved(lambda new, w, v, lr, eps, M, c, d: w - lr * M / c / (np.sqrt(v / d) + eps)))
slip("ADAM-10", "b1 and b2 are exchanged", "b1 and b2 are taken for each other.",
     "Which of the two means is the slower one?", *draft.variants("swapped", "b1", "b2"),
     keeps=0.75)
slip("ADAM-11", "the weights of the means are exchanged",
     "The gradient gets the weight b, and the old mean 1 - b.",
     "b1 is 0.9. Does one gradient change m much or little?",
     given(b1=lambda b1: 1 - b1, b2=lambda b2: 1 - b2))
slip("ADAM-12", "the gradient is not squared",
     "v is a mean of gradients, or of their absolute values: the square is missing.",
     "Can v become negative?",
     out(lambda got, w, v, lr, eps, b2, M, g, c, d: (
         w - lr * M / c / (np.sqrt((b2 * v + (1 - b2) * abs(g)) / d) + eps), M,
         b2 * v + (1 - b2) * abs(g))),
     out(lambda got, w, v, lr, eps, b2, M, g, c, d: (
         w - lr * M / c / (np.sqrt((b2 * v + (1 - b2) * g) / d) + eps), M,
         b2 * v + (1 - b2) * g)))
slip("ADAM-13", "upwards instead of downwards", "The step goes up the slope.",
     "The gradient is positive. Should the weight grow or fall?", given(lr=lambda lr: -lr),
     keeps=0.75)

TASK = draft.task()
