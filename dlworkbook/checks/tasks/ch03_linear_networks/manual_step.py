"""Task ``manual_step(W, b, X, y, y_hat, lr) -> (W, b)``: one step of softmax regression by hand.

Shapes: W (C, D), b (C,), X (B, D), y (B,) class labels, y_hat (B, C) row probabilities. Ids that
begin with LAB3 are those of the course that the labs come from; those that begin with STEP are our
own.
"""

from __future__ import annotations

import numpy as np

from ...task import Mistake, Probe, Task, Variant
from ...tasks._form import FORM
from ...values import pattern

CONTRACT = (
    """manual_step(W, b, X, y, y_hat, lr) -> (W, b): one step of softmax regression.

W has shape (C, D): a row of D weights for each of C classes, as in nn.Linear; b has shape (C,).
X has shape (B, D); y has shape (B,) and holds class labels 0 ... C-1. y_hat has shape (B, C): the
probabilities that softmax gave for X before this step. Take them as they are. The loss is the mean
cross-entropy of the batch. The result is the pair of new W and b: each moved by -lr times its
gradient. Leave the arguments unchanged, and use no automatic differentiation."""
    + FORM
)


def reference(W, b, X, y, y_hat, lr):
    """One example, one class, one feature after the other."""
    grad_W, grad_b = np.zeros(W.shape), np.zeros(b.shape)
    for i in range(len(X)):
        for k in range(len(b)):
            error = y_hat[i, k] - (1 if y[i] == k else 0)
            grad_b[k] += error / len(X)
            for j in range(X.shape[1]):
                grad_W[k, j] += error * X[i, j] / len(X)
    return W - lr * grad_W, b - lr * grad_b


def variant(before=None, core=None, after=None):
    """A wrong answer made from the right one."""
    return Variant(reference, before, core, after)


def one_hot(y, C):
    return np.eye(C)[y]


def step(W, b, X, dZ, lr):
    """The step for a gradient dZ (B, C) with respect to the scores, one example's loss each."""
    return W - lr * dZ.T @ X / len(X), b - lr * dZ.mean(0)


def of_scores(function):
    """Another gradient with respect to the scores, from (y_hat, one-hot labels)."""

    def core(W, b, X, y, y_hat, lr):
        return step(W, b, X, function(y_hat, one_hot(y, len(b))), lr)

    return variant(core=core)


def of_parts(function_W=None, function_b=None):
    """Another gradient of W or of b, from (y_hat - one-hot, X)."""

    def core(W, b, X, y, y_hat, lr):
        dZ = y_hat - one_hot(y, len(b))
        grad_W = function_W(dZ, X) if function_W else dZ.T @ X / len(X)
        grad_b = function_b(dZ, X) if function_b else dZ.mean(0)
        return W - lr * grad_W, b - lr * grad_b

    return variant(core=core)


def moved(factor_W, factor_b):
    """The right step, each part times a factor of (number of examples, of classes)."""

    def after(output, W, b, X, y, y_hat, lr):
        B, C = y_hat.shape
        return (
            W + factor_W(B, C) * (output[0] - W),
            b + factor_b(B, C) * (output[1] - b),
        )

    return variant(after=after)


def both(factor):
    """As ``moved``, with one factor for both."""
    return moved(factor, factor)


def one(B, C):
    return 1


def softmax(Z):
    """Softmax of each row."""
    E = np.exp(Z - Z.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True)


def same_shape(array, like):
    """The array, if it has the shape of the other; no silent broadcasting."""
    if array.shape != like.shape:
        raise ValueError
    return array


def mistake(id_, title, message, hint, *variants, keeps=0.5, pattern_=False):
    """A mistake with its variants as further arguments."""
    return Mistake(id_, title, message, hint, variants, pattern_, keeps)


def labels_from_columns(W, b, X, y, y_hat, lr):
    """y_hat - y with y of shape (B,): runs only if B equals C."""
    return step(W, b, X, y_hat - y, lr)


def whole_jacobian(p, t):
    """The derivative of softmax applied to p - t as well."""
    d = p - t
    return p * (d - (p * d).sum(1, keepdims=True))


def only_chosen(p, t):
    """-1 / p at the right class, as if the derivative of softmax were 1."""
    with np.errstate(all="ignore"):
        return np.where(t == 1, -1 / p, 0.0)


def scalar_bias(reduce):
    return of_parts(None, lambda dZ, X: reduce(dZ))


def rows_for_bias(reduce):
    """A bias gradient with one entry for each example: fits only if B equals C (or 1)."""

    def core(W, b, X, y, y_hat, lr):
        dZ = y_hat - one_hot(y, len(b))
        new = b - lr * reduce(dZ)
        return step(W, b, X, dZ, lr)[0], new

    return variant(core=core)


def transposed(W, b, X, y, y_hat, lr):
    dZ = y_hat - one_hot(y, len(b))
    return W - lr * same_shape(X.T @ dZ / len(X), W), b - lr * dZ.mean(0)


def reshaped(W, b, X, y, y_hat, lr):
    dZ = y_hat - one_hot(y, len(b))
    return W - lr * (X.T @ dZ / len(X)).reshape(W.shape), b - lr * dZ.mean(0)


def own_probabilities(W, b, X, y, y_hat, lr):
    return reference(W, b, X, y, softmax(X @ W.T + b), lr)


def classes_from_labels(W, b, X, y, y_hat, lr):
    if y.max() + 1 != len(b):
        raise ValueError
    return reference(W, b, X, y, y_hat, lr)


def classes_counted(W, b, X, y, y_hat, lr):
    if len(set(y.tolist())) != len(b):
        raise ValueError
    return reference(W, b, X, y, y_hat, lr)


def one_based(W, b, X, y, y_hat, lr):
    return reference(W, b, X, (y - 1) % len(b), y_hat, lr)


def one_example(i, whole_batch):
    """Only example i counts, divided by 1 or by the size of the batch."""

    def core(W, b, X, y, y_hat, lr):
        rate = lr / len(X) if whole_batch else lr
        return reference(W, b, X[[i]], y[[i]], y_hat[[i]], rate)

    return variant(core=core)


LAB3 = (
    mistake(
        "LAB3-09",
        "the sign of the update is reversed",
        "Your step goes uphill: W and b move exactly the other way, and the loss rises.",
        "Is your error 'probability minus target' or 'target minus probability', and which sign "
        "follows from that?",
        variant(before=lambda W, b, X, y, y_hat, lr: (W, b, X, y, y_hat, -lr)),
        moved(lambda B, C: -1, one),
        moved(one, lambda B, C: -1),
    ),
    mistake(
        "LAB3-11",
        "labels are subtracted from probabilities",
        "Your error is y_hat minus y with the labels as numbers: label k is subtracted from a "
        "whole column or row. A label is a name, not a size.",
        "Which vector has a 1 at the place of the label, and which shape has it for a batch?",
        variant(core=labels_from_columns),
        variant(
            core=lambda W, b, X, y, y_hat, lr: step(W, b, X, y_hat - y[:, None], lr),
        ),
        keeps=0.25,
    ),
    mistake(
        "LAB3-12",
        "the weight gradient is transposed",
        "Your gradient of W has its two axes exchanged: (features, classes) instead of (classes, "
        "features). With as many features as classes no error shows.",
        "Row k of W belongs to class k. Which row of your gradient does?",
        variant(core=transposed),
        variant(core=reshaped),
    ),
    mistake(
        "LAB3-14",
        "the bias gradient is one number",
        "Your b moves by the same amount in every class: the errors are summed over the classes as "
        "well. For true probabilities that sum is 0, and b never moves.",
        "How many biases are there, and how many numbers should their gradient hold?",
        scalar_bias(lambda dZ: dZ.sum() / len(dZ)),
        scalar_bias(lambda dZ: dZ.sum()),
        scalar_bias(lambda dZ: dZ.mean()),
    ),
    mistake(
        "LAB3-16",
        "an extra factor y_hat * (1 - y_hat)",
        "Your error is multiplied by y_hat (1 - y_hat), the derivative of a sigmoid. For "
        "cross-entropy after softmax it cancels; with it, nothing is learned where the model is "
        "confidently wrong.",
        "Write down the derivative of the loss by one score, and simplify.",
        of_scores(lambda p, t: (p - t) * p * (1 - p)),
    ),
    mistake(
        "LAB3-17",
        "y_hat is replaced by the most probable class",
        "Your step uses only which class is the most probable, not how probable it is: examples "
        "that are classified correctly change nothing. That is the rule of the perceptron.",
        "Does your step change if y_hat goes from 0.6 to 0.9?",
        of_scores(lambda p, t: np.eye(p.shape[1])[p.argmax(1)] - t),
        of_scores(lambda p, t: np.round(p) - t),
        keeps=0.25,
    ),
    mistake(
        "LAB3-19",
        "the learning rate is left out",
        "Your step is the whole gradient: lr does not enter, at least for one of W and b.",
        "Halve lr. Do both results move half as far?",
        variant(before=lambda W, b, X, y, y_hat, lr: (W, b, X, y, y_hat, 1.0)),
        variant(core=lambda W, b, X, y, y_hat, lr: (
            reference(W, b, X, y, y_hat, 1.0)[0], reference(W, b, X, y, y_hat, lr)[1])),
        variant(core=lambda W, b, X, y, y_hat, lr: (
            reference(W, b, X, y, y_hat, lr)[0], reference(W, b, X, y, y_hat, 1.0)[1])),
    ),
)  # fmt: skip

ERRORS = (
    mistake(
        "STEP-01",
        "the target is not subtracted",
        "Your error is y_hat itself: the labels do not enter.",
        "Change a label. Does your result change?",
        of_scores(lambda p, t: p),
        keeps=0.25,
    ),
    mistake(
        "STEP-02",
        "the probabilities are not used",
        "Your error is the target alone: y_hat does not enter.",
        "If y_hat is already right, how far should W move?",
        of_scores(lambda p, t: -t),
        keeps=0.25,
    ),
    mistake(
        "STEP-03",
        "only the right class is updated",
        "Only the row of W that belongs to the label moves; the other classes must be pushed down "
        "as well.",
        "A wrong class has the probability 0.4. What is its error?",
        of_scores(lambda p, t: (p - t) * t),
        variant(
            after=lambda output, W, b, X, y, y_hat, lr: tuple(
                np.where(np.isin(np.arange(len(b)), y).reshape(-1, *[1] * (new.ndim - 1)), new, old)
                for new, old in zip(output, (W, b), strict=True)
            )
        ),
    ),
    mistake(
        "STEP-04",
        "the right class is not pushed up",
        "Only the wrong classes move; at the class of the label your error is 0.",
        "The right class has the probability 0.3. What is its error?",
        of_scores(lambda p, t: p * (1 - t)),
    ),
    mistake(
        "STEP-05",
        "the derivative of softmax is applied once more",
        "Your error, probability minus target, already contains the derivative of softmax; in your "
        "step it is multiplied in a second time.",
        "By what do you differentiate: by the probabilities or by the scores?",
        of_scores(whole_jacobian),
        of_scores(lambda p, t: (p - t) * p),
    ),
    mistake(
        "STEP-06",
        "the derivative of softmax is missing",
        "Your error is the derivative of the loss by the probabilities, minus one over y_hat at "
        "the label. The step from probabilities to scores is missing.",
        "W acts on the scores. How do the probabilities depend on them?",
        of_scores(only_chosen),
    ),
    mistake(
        "STEP-07",
        "the labels are counted from 1",
        "Each label is taken for its neighbour: your labels begin with 1, those of the task with "
        "0.",
        "Which column belongs to label 0?",
        variant(core=one_based),
        variant(core=lambda W, b, X, y, y_hat, lr: reference(W, b, X, y + 1, y_hat, lr)),
        keeps=0.75,
    ),
    mistake(
        "STEP-08",
        "y_hat is computed anew",
        "Your function computes the probabilities from W, b and X instead of using the y_hat that "
        "it is given.",
        "What should your function do if y_hat is exactly the target?",
        variant(core=own_probabilities),
        keeps=0.75,
    ),
    mistake(
        "STEP-09",
        "softmax is applied to y_hat",
        "Your function applies softmax to y_hat, which holds probabilities already.",
        "What is the softmax of the row 0, 1: still 0, 1?",
        variant(before=lambda W, b, X, y, y_hat, lr: (W, b, X, y, softmax(y_hat), lr)),
    ),
    mistake(
        "STEP-10",
        "a factor 2, as for a squared error",
        "Your step is twice as large as it should be: the 2 belongs to the squared error, not to "
        "cross-entropy.",
        "Where in the logarithm of a probability would a 2 come from?",
        both(lambda B, C: 2),
        keeps=0.75,
    ),
    mistake(
        "STEP-11",
        "absolute errors",
        "The sign of probability minus target is lost: the right class is pushed down as well.",
        "Should the weights of the right class and of a wrong one move in the same direction?",
        of_scores(lambda p, t: abs(p - t)),
    ),
    mistake(
        "STEP-12",
        "works only if the last class is among the labels",
        "Your function fails on batches in which some class does not occur: the number of classes "
        "is taken from the labels.",
        "A batch of two examples may well lack eight of ten digits. Which argument knows how many "
        "classes there are?",
        classes_from_labels,
        classes_counted,
        keeps=0.75,
        pattern_=True,
    ),
)

MEAN = (
    mistake(
        "STEP-20",
        "the gradient is summed over the batch",
        "Your step is too large by the number of examples, at least for one of W and b: the "
        "gradient of a mean is a mean.",
        "Write every example down twice. Should the step change?",
        both(lambda B, C: B),
        moved(lambda B, C: B, one),
        moved(one, lambda B, C: B),
    ),
    mistake(
        "STEP-21",
        "divided by the number of classes",
        "Your step is too small by the number of classes: the mean runs over all entries of a "
        "matrix instead of over the examples.",
        "Over what does the mean in 'mean cross-entropy' run?",
        both(lambda B, C: 1 / C),
        both(lambda B, C: B / C),
        moved(one, lambda B, C: 1 / C),
        moved(lambda B, C: 1 / C, one),
    ),
    mistake(
        "STEP-22",
        "divided by the number of examples twice",
        "Your step is too small by the number of examples: a mean was taken, and divided once "
        "more.",
        "Does your code take a mean, and also divide by len(X)?",
        both(lambda B, C: 1 / B),
        moved(one, lambda B, C: 1 / B),
        moved(lambda B, C: 1 / B, one),
    ),
    mistake(
        "STEP-23",
        "one example of the batch counts",
        "Only one example, the first or the last, enters your step; the others are overwritten.",
        "Look at the line inside of your loop over examples: does it add or replace?",
        one_example(0, False),
        one_example(-1, False),
        one_example(0, True),
        one_example(-1, True),
    ),
    mistake(
        "STEP-24",
        "divided by the number of features",
        "Your step is divided by the number of features instead of by the number of examples.",
        "Which axis of X counts the examples?",
        variant(
            after=lambda output, W, b, X, y, y_hat, lr: tuple(
                old + (new - old) * len(X) / X.shape[1]
                for new, old in zip(output, (W, b), strict=True)
            )
        ),
        variant(
            after=lambda output, W, b, X, y, y_hat, lr: (
                W + (output[0] - W) * len(X) / X.shape[1],
                output[1],
            )
        ),
    ),
)

PARTS = (
    mistake(
        "STEP-30",
        "the bias is never updated",
        "b stays as it is.",
        "Which line of your code changes b, and does that value reach the return?",
        moved(one, lambda B, C: 0),
    ),
    mistake(
        "STEP-31",
        "the weights are never updated",
        "W stays as it is.",
        "Which line of your code changes W, and does that value reach the return?",
        moved(lambda B, C: 0, one),
    ),
    mistake(
        "STEP-32",
        "the bias gradient has one entry for each example",
        "Your gradient of b is summed along the classes: it has one entry for each example. With "
        "as many examples as classes no error shows.",
        "b has one entry for each class. Which axis of the errors has to go?",
        rows_for_bias(lambda dZ: dZ.sum(1) / len(dZ)),
        rows_for_bias(lambda dZ: dZ.sum(1)),
    ),
    mistake(
        "STEP-33",
        "x stands in the gradient of b",
        "Your gradient of b contains the features: that of W is summed over them. The bias is not "
        "multiplied by anything.",
        "By how much does a score change if its bias grows a little?",
        of_parts(None, lambda dZ, X: (dZ.T @ X).sum(1) / len(X)),
        of_parts(None, lambda dZ, X: (dZ.T @ X).mean(1) / len(X)),
    ),
    mistake(
        "STEP-34",
        "x is missing in the gradient of W",
        "Every weight of a class moves by the same amount: the features do not enter the gradient "
        "of W.",
        "By how much does a score change if one weight grows a little?",
        of_parts(lambda dZ, X: dZ.mean(0)[:, None] + 0 * X[:1], None),
    ),
    mistake(
        "STEP-35",
        "errors and features are averaged separately",
        "Your gradient of W is the mean error times the mean feature. Each error belongs to its "
        "own example.",
        "In which order do 'multiply' and 'mean over the batch' come?",
        of_parts(lambda dZ, X: np.outer(dZ.mean(0), X.mean(0)), None),
        of_parts(lambda dZ, X: np.outer(dZ.sum(0), X.sum(0)) / len(X), None),
    ),
    mistake(
        "STEP-36",
        "returns (b, W)",
        "Both results are right and stand in the wrong order.",
        "Look at your return.",
        variant(after=lambda output, *inputs: (output[1], output[0])),
        keeps=0.75,
    ),
    mistake(
        "STEP-37",
        "returns the gradients",
        "Your function returns gradients, or steps, where the task asks for the new W and b.",
        "After a step with lr = 0, what should come back?",
        variant(
            core=lambda W, b, X, y, y_hat, lr: [
                -new for new in reference(0 * W, 0 * b, X, y, y_hat, 1.0)
            ]
        ),
        variant(
            core=lambda W, b, X, y, y_hat, lr: [
                -new for new in reference(0 * W, 0 * b, X, y, y_hat, lr)
            ]
        ),
        variant(core=lambda W, b, X, y, y_hat, lr: reference(0 * W, 0 * b, X, y, y_hat, lr)),
        keeps=0.75,
    ),
    mistake(
        "STEP-38",
        "W and b shrink as well",
        "Besides the gradient's step, your W or b is multiplied by 1 - lr, or pulled to zero: "
        "weight decay is not part of this task.",
        "If y_hat equals the target exactly, should W move?",
        variant(
            after=lambda output, W, b, X, y, y_hat, lr: (output[0] - lr * W, output[1] - lr * b)
        ),
        variant(after=lambda output, W, b, X, y, y_hat, lr: (output[0] - lr * W, output[1])),
    ),
)


def probe(name, W, b, X, y, y_hat=None, lr=0.1, shown=""):
    """A probe; without y_hat the probabilities are those of W, b and X."""
    W, b, X = (np.asarray(value, dtype=float) for value in (W, b, X))
    y = np.asarray(y)
    y_hat = softmax(X @ W.T + b) if y_hat is None else np.asarray(y_hat, dtype=float)
    words = [
        (len(X) > 1, "more than one example"),
        (len(X) != len(b), "another number of examples than of classes"),
        (len(b) != X.shape[1], "another number of features than of classes"),
        (len(set(y.tolist())) < len(b), "a class without an example"),
    ]
    traits = frozenset(text for holds, text in words if holds)
    return Probe(name, (W, b, X, y, y_hat, lr), traits, shown)


W_BW, B_BW, X_BW, Y_BW = (
    [[0.1, -0.2], [0, 0.3], [0.2, 0.1]],
    [0, 0.1, -0.1],
    [[1, 2], [-1, 1]],
    [2, 0],
)
SHOWN = "W = [[0.1, -0.2], [0, 0.3], [0.2, 0.1]], b = [0, 0.1, -0.1], X = [[1, 2], [-1, 1]], "
SHOWN += "y = [2, 0] and lr = 0.1"

PROBES = (
    probe("bw", W_BW, B_BW, X_BW, Y_BW, shown=SHOWN + ", y_hat the softmax of X W^T + b"),
    probe(
        "bw_perfect",
        W_BW,
        B_BW,
        X_BW,
        Y_BW,
        [[0, 0, 1], [1, 0, 0]],
        shown=SHOWN + ", y_hat = [[0, 0, 1], [1, 0, 0]]",
    ),
    probe(
        "bw_rows_not_1",
        W_BW,
        B_BW,
        X_BW,
        Y_BW,
        [[0.5, 0.3, 0.1], [0.2, 0.2, 0.2]],
        shown=SHOWN + ", y_hat = [[0.5, 0.3, 0.1], [0.2, 0.2, 0.2]]",
    ),
    probe("one example", W_BW, B_BW, [[2, -1]], [1]),
    probe(
        "rows not 1, as many examples as classes",
        W_BW,
        B_BW,
        [[1, 2], [-1, 1], [0.5, -2]],
        [2, 0, 1],
        [[0.5, 0.3, 0.1], [0.2, 0.2, 0.2], [0.4, 0.1, 0.2]],
    ),
    probe("bw_square", pattern((3, 3), 1), pattern((3,), 4), pattern((4, 3), 2), [2, 0, 1, 2]),
    probe("bw_BeqC", pattern((3, 3), 5), pattern((3,), 6), pattern((3, 3), 7), [1, 0, 2]),
    probe(
        "general",
        pattern((4, 3), 1),
        pattern((4,), 4),
        pattern((6, 3), 2),
        [3, 0, 1, 2, 1, 0],
        lr=0.5,
    ),
    probe(
        "other numbers",
        pattern((4, 3), 8),
        pattern((4,), 3),
        pattern((6, 3), 5),
        [0, 2, 2, 3, 1, 1],
        lr=0.3,
    ),
    probe(
        "classes without examples",
        pattern((5, 2), 3),
        pattern((5,), 2),
        pattern((3, 2), 6),
        [1, 0, 1],
        lr=1.5,
    ),
    probe(
        "many classes",
        pattern((12, 2), 4),
        pattern((12,), 7),
        pattern((3, 2), 1),
        [11, 0, 5],
        lr=0.7,
    ),
    probe(
        "confidently wrong",
        W_BW,
        B_BW,
        X_BW,
        Y_BW,
        [[1, 0, 0], [0, 1, 0]],
        shown=SHOWN + ", y_hat = [[1, 0, 0], [0, 1, 0]]",
    ),
)

TASK = Task(
    name="manual_step",
    contract=CONTRACT,
    reference=reference,
    probes=PROBES,
    mistakes=LAB3 + ERRORS + MEAN + PARTS,
    arguments=("W", "b", "X", "y", "y_hat", "lr"),
    outputs=("the new W", "the new b"),
    fits=6,
    inputs_stay=True,
)
