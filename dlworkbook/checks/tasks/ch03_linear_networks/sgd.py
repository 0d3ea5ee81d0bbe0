"""Task ``sgd(x, y, w, b, lr, num_epochs, batch_size) -> (w, b)``: minibatch descent for a line.

Shapes: x, y (n,); the rest are numbers. Ids that begin with LAB2 are those of the course that the
labs come from; those that begin with SGD are our own.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from ...forbidden import AUTOGRAD
from ...slips import Draft
from ...values import scattered
from ._line import exchanged

CONTRACT = """sgd(x, y, w, b, lr, num_epochs, batch_size) -> (w, b): minibatch gradient descent.

x and y have shape (n,); w and b are the numbers to start from. In each of num_epochs passes the
examples are taken in the order in which they stand, batch_size at a time; the last batch is
shorter if batch_size does not divide n. For each batch, w and b both move by -lr times the gradient
of the mean, over the examples of that batch, of (w * x + b - y) ** 2. That gradient has a factor 2,
and a short batch is divided by its true size. lr stays as it is given. The result
is the last pair (w, b), also where the loss grew."""


def reference(x, y, w, b, lr, num_epochs, batch_size):
    """One example after the other, batch after batch."""
    w, b, n = np.float64(w), np.float64(b), len(x)
    for _ in range(num_epochs):
        start = 0
        while start < n:
            stop = min(start + batch_size, n)
            grad_w = grad_b = 0.0
            for i in range(start, stop):
                error = w * x[i] + b - y[i]
                grad_w += 2 * error * x[i] / (stop - start)
                grad_b += 2 * error / (stop - start)
            w, b = w - lr * grad_w, b - lr * grad_b
            start = stop
    return w, b


# ---- the same with exchangeable parts ----------------------------------------------------------


def gradient(w, b, x, y):
    """Both derivatives of the mean of squared errors."""
    error = w * x + b - y
    return 2 * (error * x).mean(), 2 * error.mean()


def together(w, b, grad, lr):
    """One step in which both derivatives, ``grad(w, b)``, belong to the same w and b."""
    grad_w, grad_b = grad(w, b)
    return w - lr * grad_w, b - lr * grad_b


def in_order(n, size):
    """The batches of one epoch, as slices."""
    return [slice(start, start + size) for start in range(0, n, size)]


def passes(w, b, grad, step, batches, rates):
    """All batches, once for each rate; ``grad(w, b, batch)``."""
    for lr in rates:
        for batch in batches:
            w, b = step(w, b, partial(grad, batch=batch), lr)
    return w, b


def descend(
    x, y, w, b, lr, num_epochs, batch_size,
    slope=gradient, step=together, batches=in_order, loop=passes,
    factor=lambda m, size, n: (1, 1), rate=lambda epoch, num_epochs: 1,
):
    """SGD in pieces.

    ``factor(m, batch_size, n)`` gives factors of both derivatives, from the sizes of the batch, of
    a full one, and of all; ``rate`` a factor of the learning rate in each epoch.
    """

    def grad(w, b, batch):
        factors = factor(len(x[batch]), batch_size, len(x))
        return [g * k for g, k in zip(slope(w, b, x[batch], y[batch]), factors, strict=True)]

    rates = [lr * rate(epoch, num_epochs) for epoch in range(num_epochs)]
    return loop(np.float64(w), np.float64(b), grad, step, batches(len(x), batch_size), rates)


draft = Draft(
    "sgd", CONTRACT, reference, right=descend, use="two numbers", outputs=("w", "b"),
    whole=("num_epochs", "batch_size"),
    traits={
        "more than one epoch": lambda num_epochs: num_epochs > 1,
        "more than one batch": lambda x, batch_size: len(x) > batch_size,
        "a batch that is not full": lambda x, batch_size: len(x) % batch_size != 0,
        "a start that is not 0": lambda w, b: w != 0 or b != 0,
    },
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip

X2, Y2, X4, Y4 = [1, 2], [5, 7], [1, 2, 3, 4], [5, 7, 9, 11]
X5, Y5 = [1, 2, 3, 4, 5], [5, 7, 9, 12, 10]


def small(name, x, y, w, b, lr, epochs, *, start, **more):
    """A probe with batches of 2 whose numbers are told; ``start`` is how w and b read."""
    shown = f"x = {x}, y = {y}, {start}, lr = {lr}, {('one epoch', 'two epochs')[epochs - 1]}"
    draft.probe(name, x, y, w, b, lr, epochs, 2, shown=f"{shown} and batch_size = 2", **more)


small("one_step", X2, Y2, 0, 0, 0.1, 1, start="w = b = 0")
small("two_batches", X4, Y4, 0, 0, 0.01, 1, start="w = b = 0")
small("uneven", X5, Y5, 0, 0, 0.01, 1, start="w = b = 0")
small("two_epochs", X5, Y5, 0, 0, 0.01, 2, start="w = b = 0")
small("at_optimum", X4, Y4, 2, 3, 0.01, 2, start="w = 2, b = 3", has="a start at the best line")
small("another start", X4, Y4, -1, 0.5, 0.02, 1, start="w = -1, b = 0.5")
draft.probe("one example at a time", X5, Y5, 0.5, -1, 0.02, 2, 1, shown="")
draft.probe("a batch larger than the data", [1, -2, 3], [0, 4, 1], 1, -0.5, 0.05, 2, 10, shown="")
draft.probe("general", scattered((8,), 1, 2.0), scattered((8,), 4) + 0.4, 0.7, -1.3, 0.05, 3, 3)
draft.probe("other numbers", scattered((8,), 3) + 1, scattered((8,), 8, 3.0),
            -1.2, 0.9, 0.04, 3, 3)
# With such a rate the loss grows: no step may be cut short, and the last pair counts.
draft.probe("a rate that is too large", [2, -3, 5, 4], [1, 4, -2, 0], 0.5, 1, 0.5, 2, 2, shown="")
draft.probe("all at once", scattered((6,), 5), scattered((6,), 2), 0.3, 0.2, 0.1, 4, 6)

# ---- the gradient and the step -----------------------------------------------------------------


def scaled(of_w=lambda m, size: 1, of_b=lambda m, size: 1):
    """The right gradient, its parts times factors of (size of the batch, batch_size)."""
    return pieces(factor=lambda m, size, n: (of_w(m, size), of_b(m, size)))


def of_errors(function):
    """A gradient that is computed from the errors and x of a batch."""
    return pieces(slope=lambda w, b, x, y: function(w * x + b - y, x))


def weight_first(w, b, grad, lr):
    w = w - lr * grad(w, b)[0]
    return w, b - lr * grad(w, b)[1]


def bias_first(w, b, grad, lr):
    b = b - lr * grad(w, b)[1]
    return w - lr * grad(w, b)[0], b


def only_weight(w, b, grad, lr):
    return together(w, b, grad, lr)[0], b


def only_bias(w, b, grad, lr):
    return w, together(w, b, grad, lr)[1]


def piling_up(w, b, grad, step, batches, rates, each_epoch=False):
    """Gradients are added to those of the batches before."""
    total = np.zeros(2)
    for lr in rates:
        if each_epoch:
            total = np.zeros(2)
        for batch in batches:
            total = total + grad(w, b, batch)
            w, b = step(w, b, lambda w, b, total=total: total, lr)
    return w, b


slip("LAB2-09", "the gradient is summed over the batch instead of averaged",
     "Your step grows with the number of examples in the batch: the gradient is their sum, where "
     "the task asks for their mean.",
     "Write every example of a batch down twice. Should the step change?",
     pieces(factor=lambda m, size, n: (m, m)), scaled(of_w=lambda m, size: m),
     scaled(of_b=lambda m, size: m))
slip("LAB2-11", "the bias gradient is computed after w was already changed",
     "Your first w is right and your first b is not: b's gradient was taken with the new w. Both "
     "gradients belong to the same point.",
     "Which value of w do you use in the line that changes b?",
     pieces(step=weight_first))
slip("LAB2-12", "the bias is never updated",
     "b stays at the value it starts with.",
     "Which line of your code changes b, and does that value reach the return?",
     pieces(step=only_weight), out(lambda line, b: (line[0], np.float64(b))))
slip("LAB2-14", "always the first batch",
     "Every step of yours uses the examples of the first batch; the others are never seen.",
     "Print the first index of each batch inside of your loop.",
     pieces(batches=lambda n, size: [slice(size)] * len(in_order(n, size))),
     pieces(batches=lambda n, size: [slice(size)] * (n // size)),
     pieces(batches=lambda n, size: [slice(size)]))
slip("LAB2-16", "the gradients accumulate",
     "Your first step is right, and every later one contains the gradients of the steps before: "
     "they are not set back to zero.",
     "What do your gradients hold at the beginning of the second batch?",
     pieces(loop=piling_up),
     pieces(loop=partial(piling_up, each_epoch=True)))
slip("SGD-01", "the factor 2 of the square is missing",
     "Your steps are half as large as they should be: this is the gradient of half the squared "
     "error. Both conventions exist; the task asks for the one with the factor 2.",
     "What is the derivative of the square of the error, with respect to the error?",
     given(lr=lambda lr: lr / 2), scaled(of_w=lambda m, size: 0.5),
     scaled(of_b=lambda m, size: 0.5), keeps=0.75)
slip("SGD-02", "uphill",
     "Your steps go in the wrong direction: the loss grows.",
     "Is the error prediction minus target or target minus prediction, and which sign follows from "
     "that?",
     given(lr=lambda lr: -lr), scaled(of_w=lambda m, size: -1),
     scaled(of_b=lambda m, size: -1))
slip("SGD-03", "the learning rate is not used",
     "Your steps are the whole gradient: lr does not enter.",
     "Halve lr. Does your result change?",
     given(lr=1.0))
slip("SGD-04", "divided by the size of the batch twice",
     "Your steps are too small by the size of the batch: a mean was taken, and divided once more.",
     "Does your code take a mean, and also divide by batch_size or len?",
     pieces(factor=lambda m, size, n: (1 / m, 1 / m)),
     pieces(factor=lambda m, size, n: (1 / size, 1 / size)))
slip("SGD-05", "x is missing in the gradient of w",
     "Your w moves by the same amount as b: the inner derivative, x, is missing.",
     "By how much does the prediction change if w grows a little?",
     of_errors(lambda e, x: (2 * e.mean(), 2 * e.mean())))
slip("SGD-06", "mean of the errors times mean of x",
     "In your gradient of w, errors and x are averaged before they are multiplied. Each error "
     "belongs to its own x.",
     "Errors 1 and -1 at x = 1 and 2: what is the mean of the products?",
     of_errors(lambda e, x: (2 * e.mean() * x.mean(), 2 * e.mean())),
     of_errors(lambda e, x: (2 * e.mean() * x.sum(), 2 * e.mean())),
     of_errors(lambda e, x: (2 * e.sum() * x.mean(), 2 * e.sum())))
slip("SGD-07", "x stands in the gradient of b",
     "Your b moves by the same amount as w: in its gradient x has no place.",
     "By how much does the prediction change if b grows a little?",
     of_errors(lambda e, x: (2 * (e * x).mean(), 2 * (e * x).mean())))
slip("SGD-08", "the bias is missing in the prediction",
     "Your errors are those of w * x: b does not enter the prediction.",
     "Start with another b. Does the step of w change?",
     pieces(slope=lambda w, b, x, y: gradient(w, 0.0, x, y)))
slip("SGD-09", "the sign of the error instead of the error",
     "The size of the errors does not count in your steps: this is the gradient of the absolute "
     "error.",
     "An error of 4 should pull four times as hard as an error of 1.",
     of_errors(lambda e, x: ((np.sign(e) * x).mean(), np.sign(e).mean())),
     of_errors(lambda e, x: (2 * (np.sign(e) * x).mean(), 2 * np.sign(e).mean())))
slip("SGD-10", "the gradient of b is computed first, and used for w",
     "Your first b is right and your first w is not: w's gradient was taken with the new b. Both "
     "gradients belong to the same point.",
     "Which value of b do you use in the line that changes w?",
     pieces(step=bias_first))
slip("SGD-11", "w is never updated",
     "w stays at the value it starts with.",
     "Which line of your code changes w, and does that value reach the return?",
     pieces(step=only_bias), out(lambda line, w: (np.float64(w), line[1])))
slip("SGD-12", "divided by the number of all examples",
     "The gradient of a batch is divided by the number of all examples instead of by the number in "
     "the batch.",
     "Over which examples does the mean of a batch run?",
     pieces(factor=lambda m, size, n: (m / n, m / n)))
slip("SGD-13", "one example of the batch counts",
     "Your step uses a single example of each batch, the first or the last, perhaps divided by the "
     "size of the batch: the others are overwritten.",
     "Look at the line inside of your inner loop: does it add or replace?",
     of_errors(lambda e, x: (2 * e[-1] * x[-1], 2 * e[-1])),
     of_errors(lambda e, x: (2 * e[0] * x[0], 2 * e[0])),
     of_errors(lambda e, x: (2 * e[-1] * x[-1] / len(e), 2 * e[-1] / len(e))))
slip("SGD-14", "brackets around the prediction are missing",
     "The sign of b is lost in your errors: 'y minus the prediction' was written without brackets, "
     "so b is added where it should be subtracted.",
     "With w = 0 and b = 1 and all y = 1 no error is left. Is that so in yours?",
     pieces(slope=lambda w, b, x, y: gradient(w, -b, x, y)))

# ---- the batches -------------------------------------------------------------------------------


def step_per_epoch(reduce):
    """One step at the end of an epoch, with the mean or the last of the batches' gradients."""

    def loop(w, b, grad, step, batches, rates):
        for lr in rates:
            reduced = reduce(np.array([grad(w, b, batch) for batch in batches]))
            w, b = step(w, b, lambda w, b, reduced=reduced: reduced, lr)
        return w, b

    return pieces(loop=loop)


def from_the_beginning(n, size):
    return [np.arange(i, i + size) % n for i in range(0, n, size)]


def from_the_batch_before(n, size):
    return [slice(max(min(i, n - size), 0), min(i + size, n)) for i in range(0, n, size)]


def every_kth(n, size):
    return [slice(k, None, -(-n // size)) for k in range(len(in_order(n, size)))]


slip("SGD-20", "the short batch is divided by batch_size",
     "Your full batches are right; the last, short one is divided by batch_size instead of by the "
     "number of examples that it holds.",
     "How many examples are in the last batch if n = 5 and batch_size = 2?",
     pieces(factor=lambda m, size, n: (m / size, m / size)), keeps=0.75)
slip("SGD-21", "the short batch is left out",
     "The examples that do not fill a whole batch are never used.",
     "With 5 examples in batches of 2: which indices does your loop visit?",
     pieces(batches=lambda n, size: in_order(n // size * size, size)), keeps=0.75)
slip("SGD-22", "the last batch is left out",
     "Your loop stops one batch early, also where all batches are full.",
     "At which index does the last batch start, and does your range reach it?",
     pieces(batches=lambda n, size: in_order(n, size)[:-1]))
slip("SGD-23", "batches overlap",
     "Your batches start at every example instead of at every batch_size-th one.",
     "Print the first index of each batch inside of your loop.",
     pieces(batches=lambda n, size: [slice(i, i + size) for i in range(n)]),
     pieces(batches=lambda n, size: [slice(i, i + size) for i in range(n - size + 1)]))
slip("SGD-24", "the last batch is filled up",
     "Your last batch is made as long as the others, with examples of the batch before it, or from "
     "the beginning.",
     "The last batch may be short. Which indices does yours hold?",
     pieces(batches=from_the_beginning), pieces(batches=from_the_batch_before))
slip("SGD-25", "batch_size is not used: all examples at once",
     "Every step of yours uses all examples.",
     "Change batch_size. Does your result change?",
     given(batch_size=lambda x: len(x)),
     pieces(batches=lambda n, size: [slice(None)] * len(in_order(n, size))))
slip("SGD-26", "batch_size is not used: one example at a time",
     "Every step of yours uses a single example.",
     "Change batch_size. Does your result change?",
     given(batch_size=1))
slip("SGD-27", "one step for each epoch",
     "The gradients of all batches are collected, and w and b move once at the end of the epoch.",
     "How often should w and b move in one epoch?",
     step_per_epoch(lambda grads: grads.mean(0)), step_per_epoch(lambda grads: grads[-1]))
slip("SGD-28", "the batches are taken from the end",
     "Your batches come in reversed order: the last one first.",
     "The task takes the examples in the order in which they stand.",
     pieces(batches=lambda n, size: in_order(n, size)[::-1]),
     given(x=lambda x: x[::-1], y=lambda y: y[::-1]))
slip("SGD-29", "every second example, and so on",
     "Your batches take every k-th example (a step in the slice) instead of neighbours.",
     "Which indices should the first batch hold if batch_size is 2?",
     pieces(batches=every_kth))

# ---- the epochs and the result -----------------------------------------------------------------


def stale(w, b, grad, step, batches, rates, once=False):
    """The errors of all batches are computed before the epoch (or once for all epochs)."""
    old = w, b
    for lr in rates:
        if not once:
            old = w, b
        for batch in batches:
            w, b = step(w, b, lambda w, b, old=old, batch=batch: grad(*old, batch), lr)
    return w, b


def loops_exchanged(w, b, grad, step, batches, rates):
    """All epochs on the first batch, then all on the second."""
    for batch in batches:
        for lr in rates:
            w, b = step(w, b, partial(grad, batch=batch), lr)
    return w, b


def epochs_are_steps(w, b, grad, step, batches, rates):
    """One batch per epoch, the next one each time."""
    for epoch, lr in enumerate(rates):
        w, b = step(w, b, partial(grad, batch=batches[epoch % len(batches)]), lr)
    return w, b


def rate_in_each_step(function):
    """A factor of the learning rate that changes from step to step, from their number so far."""

    def loop(w, b, grad, step, batches, rates):
        for k, lr in enumerate(rates):
            for i, batch in enumerate(batches):
                factor = function(k * len(batches) + i)
                w, b = step(w, b, partial(grad, batch=batch), lr * factor)
        return w, b

    return pieces(loop=loop)


def closed_form(x, y, *rest):
    """The least-squares line."""
    w = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    return w, y.mean() - w * x.mean()


slip("SGD-40", "only one epoch counts",
     "Your result is the one after a single epoch, however many are asked for: a return stands "
     "inside of the loop, or each epoch begins again at the start.",
     "Which lines of yours stand inside of the loop over epochs that should stand outside?",
     given(num_epochs=1))
slip("SGD-41", "only one step",
     "Your result is the one after the very first batch: a return stands inside of the loop.",
     "At which indentation does your return stand?",
     given(x=lambda x, batch_size: x[:batch_size], y=lambda y, batch_size: y[:batch_size],
           num_epochs=1))
slip("SGD-42", "an epoch is taken for a step",
     "Your function makes num_epochs steps, one batch each. An epoch is a pass over all batches.",
     "How many steps do 2 epochs with 3 batches each make?",
     pieces(loop=epochs_are_steps))
slip("SGD-43", "the loops are exchanged",
     "Your function makes all epochs on the first batch, then all on the second.",
     "Which of the two loops stands outside?",
     pieces(loop=loops_exchanged))
slip("SGD-44", "the errors are computed too early",
     "All batches of an epoch use the w and b with which the epoch began: errors or gradients are "
     "computed before the loop over batches, and are out of date after the first step.",
     "Which w and b does the second batch see?",
     pieces(loop=stale), pieces(loop=partial(stale, once=True)))
slip("SGD-45", "the start values are ignored",
     "Your descent begins at 0 whatever w and b are given.",
     "Start at the right answer. Does your function stay there?",
     given(w=0.0, b=0.0), given(w=0.0),
     given(b=0.0))
slip("SGD-46", "one epoch too many or too few",
     "Your function makes one epoch more or one less than it is asked to.",
     "Where does your loop over epochs start, and where does it end?",
     given(num_epochs=lambda num_epochs: num_epochs + 1),
     given(num_epochs=lambda num_epochs: num_epochs - 1), keeps=0.75)
slip("SGD-47", "returns (b, w) instead of (w, b)",
     "Both numbers are right and stand in the wrong order.",
     "Look at your return.",
     out(exchanged), keeps=0.75)
slip("SGD-48", "x and y are exchanged",
     "Your descent fits a line that predicts x from y.",
     "Which of the two is the target?",
     *draft.variants("swapped", "x", "y"))
slip("SGD-50", "the learning rate changes",
     "Your learning rate becomes smaller from one epoch to the next, or from step to step. The "
     "task keeps it as it is given.",
     "What is lr in the second epoch, and which line of yours changes it?",
     *(pieces(rate=lambda k, n, q=q: q**k) for q in (0.9, 0.5, 0.95, 0.99, 0.1, 0.8)),
     pieces(rate=lambda k, n: 1 / (1 + k)), pieces(rate=lambda k, n: 1 / math.sqrt(1 + k)),
     pieces(rate=lambda k, n: 1 - k / n), pieces(rate=lambda k, n: 1 / (1 + 0.1 * k)),
     pieces(rate=lambda k, n: 1 / (1 + 0.01 * k)),
     *(rate_in_each_step(lambda t, q=q: q**t) for q in (0.9, 0.5, 0.95, 0.99)),
     rate_in_each_step(lambda t: 1 / (1 + t)),
     rate_in_each_step(lambda t: 1 / math.sqrt(1 + t)), keeps=0.75)
slip("SGD-49", "the closed form instead of descent",
     "Your result is the least-squares line. The task asks where the given number of steps leads, "
     "which is another point.",
     "With one epoch and a tiny lr, w and b should hardly move.",
     closed_form, keeps=0.0)
draft.without("SGD-51", *AUTOGRAD, "torch.optim.SGD", ".fit", ".partial_fit")

TASK = draft.task()
