"""Task ``manual_step(W, b, X, y, y_hat, lr) -> (W, b)``: one step of softmax regression by hand.

Shapes: W (C, D), b (C,), X (B, D), y (B,) class labels, y_hat (B, C) row probabilities. Ids that
begin with LAB3 are those of the course that the labs come from; those that begin with STEP are our
own.
"""

from __future__ import annotations

import numpy as np

from ...forbidden import AUTOGRAD
from ...slips import Draft
from ...task import Variant
from ...values import scattered

CONTRACT = """manual_step(W, b, X, y, y_hat, lr) -> (W, b): one step of softmax regression.

W has shape (C, D): a row of D weights for each of C classes, as in nn.Linear; b has shape (C,).
X has shape (B, D); y has shape (B,) and holds class labels 0 ... C-1. y_hat has shape (B, C): the
probabilities that softmax gave for X before this step. Take them as they are. The loss is the mean
cross-entropy of the batch. The result is the pair of new W and b: each moved by -lr times its
gradient. W and b may be changed in place; return both in any case. The code does without automatic
differentiation: without backward, torch.autograd and torch.func."""


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


def softmax(Z):
    """Softmax of each row."""
    E = np.exp(Z - Z.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True)


draft = Draft(
    "manual_step", CONTRACT, reference, outputs=("the new W", "the new b"), whole=("y",),
    in_place=("W", "b"),
    terms={
        "B": lambda X: len(X),
        "C": lambda b: len(b),
        "D": lambda X: X.shape[1],
        "target": lambda y, C: np.eye(C)[y],
        "dZ": lambda y_hat, target: y_hat - target,  # of the scores, one example's loss each
    },
    traits={
        "more than one example": lambda B: B > 1,
        "another number of examples than of classes": lambda B, C: B != C,
        "another number of features than of classes": lambda C, D: C != D,
        "a class without an example": lambda y, C: len(set(y.tolist())) < C,
    },
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip


def probe(name, W, b, X, y, y_hat=None, lr=0.1, shown=""):
    """A probe; without y_hat the probabilities are those of W, b and X."""
    if y_hat is None:
        y_hat = softmax(np.asarray(X) @ np.asarray(W).T + b)
    draft.probe(name, W, b, X, y, y_hat, lr, shown=shown)


def small(name, y_hat, text=""):
    """A probe with the numbers of the page."""
    told = f"W = {W3}, b = {B3}, X = {X2}, y = {Y2} and lr = 0.1, y_hat "
    probe(name, W3, B3, X2, Y2, y_hat, shown=told + (text or f"= {y_hat}"))


W3, B3 = [[0.1, -0.2], [0, 0.3], [0.2, 0.1]], [0, 0.1, -0.1]
X2, Y2 = [[1, 2], [-1, 1]], [2, 0]
small("bw", None, "the softmax of X W^T + b")
small("bw_perfect", [[0, 0, 1], [1, 0, 0]])
small("bw_rows_not_1", [[0.5, 0.3, 0.1], [0.2, 0.2, 0.2]])
probe("one example", W3, B3, [[2, -1]], [1])
probe("rows not 1, as many examples as classes", W3, B3, [[1, 2], [-1, 1], [0.5, -2]], [2, 0, 1],
      [[0.5, 0.3, 0.1], [0.2, 0.2, 0.2], [0.4, 0.1, 0.2]])


def larger(name, y, D, C, seeds, **more):
    """A probe of scattered numbers for the labels y."""
    W, b, X = (scattered(n, seed) for n, seed in zip([(C, D), (C,), (len(y), D)], seeds))
    probe(name, W, b, X, y, **more)


larger("bw_square", [2, 0, 1, 2], 3, 3, (1, 4, 2))
larger("bw_BeqC", [1, 0, 2], 3, 3, (5, 6, 7))
larger("general", [3, 0, 1, 2, 1, 0], 3, 4, (1, 4, 2), lr=0.5)
larger("other numbers", [0, 2, 2, 3, 1, 1], 3, 4, (8, 3, 5), lr=0.3)
larger("classes without examples", [1, 0, 1], 2, 5, (3, 2, 6), lr=1.5)
larger("many classes", [11, 0, 5], 2, 12, (4, 7, 1), lr=0.7)
small("confidently wrong", [[1, 0, 0], [0, 1, 0]])


def gradients(of_W=lambda dZ, X: dZ.T @ X / len(X), of_b=lambda dZ, X: dZ.mean(0)):
    """Another gradient of W or of b, from the errors dZ (B, C) and X."""
    return instead(lambda W, b, X, dZ, lr: (W - lr * of_W(dZ, X), b - lr * of_b(dZ, X)))


def errors(function):
    """Other errors, from all that ``function`` asks for; the gradients follow as they should."""
    dZ = draft.of(function)

    def core(W, b, X, y, y_hat, lr):
        wrong = dZ(W, b, X, y, y_hat, lr)
        return W - lr * wrong.T @ X / len(X), b - lr * wrong.mean(0)

    return instead(core)


def moved(of_W=lambda: 1, of_b=lambda: 1):
    """The right step, its two parts times factors."""
    of_W, of_b = draft.of(of_W), draft.of(of_b)

    def after(new, *inputs):
        W, b = inputs[:2]
        return W + of_W(*inputs) * (new[0] - W), b + of_b(*inputs) * (new[1] - b)

    return Variant(reference, after=after)


def each_moved(factor):
    """As ``moved``: both by the factor, W only, b only."""
    return moved(factor, factor), moved(of_W=factor), moved(of_b=factor)


# ---- the errors --------------------------------------------------------------------------------


def same_shape(array, like):
    """The array, if it has the shape of the other; no silent broadcasting."""
    if array.shape != like.shape:
        raise ValueError
    return array


def whole_jacobian(y_hat, dZ):
    """The derivative of softmax applied to the errors as well."""
    return y_hat * (dZ - (y_hat * dZ).sum(1, keepdims=True))


def only_chosen(y_hat, target):
    """-1 / y_hat at the right class, as if the derivative of softmax were 1."""
    with np.errstate(all="ignore"):
        return np.where(target == 1, -1 / y_hat, 0.0)


def only_rows_of_labels(new, W, b, y, C):
    """Classes that occur among the labels move, the others stay."""
    occurs = np.isin(np.arange(C), y)
    return np.where(occurs[:, None], new[0], W), np.where(occurs, new[1], b)


def rate_of_one_is_1(k):
    """The step for lr = 1 in result k, the right one in the other."""

    def core(W, b, X, y, y_hat, lr):
        return tuple(reference(W, b, X, y, y_hat, 1.0 if i == k else lr)[i] for i in (0, 1))

    return instead(core)


slip("LAB3-09", "the sign of the update is reversed",
     "Your step goes uphill: W and b move exactly the other way, and the loss rises.",
     "Is your error 'probability minus target' or 'target minus probability', and which sign "
     "follows from that?",
     given(lr=lambda lr: -lr), moved(of_W=lambda: -1), moved(of_b=lambda: -1))
slip("LAB3-11", "labels are subtracted from probabilities",
     "Your error is y_hat minus y with the labels as numbers: label k is subtracted from a whole "
     "column or row. A label is a name, not a size.",
     "Which vector has a 1 at the place of the label, and which shape has it for a batch?",
     errors(lambda y_hat, y: y_hat - y), errors(lambda y_hat, y: y_hat - y[:, None]), keeps=0.25)
slip("LAB3-12", "the weight gradient is transposed",
     "Your gradient of W has its two axes exchanged: (features, classes) instead of (classes, "
     "features). With as many features as classes no error shows.",
     "Row k of W belongs to class k. Which row of your gradient does?",
     instead(lambda W, b, X, dZ, lr: (
         W - lr * same_shape(X.T @ dZ / len(X), W), b - lr * dZ.mean(0))),
     gradients(of_W=lambda dZ, X: (X.T @ dZ / len(X)).reshape(dZ.shape[1], X.shape[1])))
slip("LAB3-14", "the bias gradient is one number",
     "Your b moves by the same amount in every class: the errors are summed over the classes as "
     "well. For true probabilities that sum is 0, and b never moves.",
     "How many biases are there, and how many numbers should their gradient hold?",
     gradients(of_b=lambda dZ, X: dZ.sum() / len(dZ)),
     gradients(of_b=lambda dZ, X: dZ.sum()), gradients(of_b=lambda dZ, X: dZ.mean()))
slip("LAB3-16", "an extra factor y_hat * (1 - y_hat)",
     "Your error is multiplied by y_hat (1 - y_hat), the derivative of a sigmoid. For "
     "cross-entropy after softmax it cancels; with it, every step is shorter by four or more, and "
     "almost nothing moves where the model is confidently wrong.",
     "Write down the derivative of the loss by one score, and simplify.",
     errors(lambda dZ, y_hat: dZ * y_hat * (1 - y_hat)))
slip("LAB3-17", "y_hat is replaced by the most probable class",
     "Your step uses only which class is the most probable, not how probable it is: examples that "
     "are classified correctly change nothing. That is the rule of the perceptron.",
     "Does your step change if y_hat goes from 0.6 to 0.9?",
     errors(lambda y_hat, C, target: np.eye(C)[y_hat.argmax(1)] - target),
     errors(lambda y_hat, target: np.round(y_hat) - target), keeps=0.25)
slip("LAB3-19", "the learning rate is left out",
     "Your step is the whole gradient: lr does not enter, at least for one of W and b.",
     "Halve lr. Do both results move half as far?",
     given(lr=1.0), rate_of_one_is_1(0), rate_of_one_is_1(1))
slip("STEP-01", "the target is not subtracted",
     "Your error is y_hat itself: the labels do not enter.",
     "Change a label. Does your result change?",
     errors(lambda y_hat: y_hat), keeps=0.25)
slip("STEP-02", "the probabilities are not used",
     "Your error is the target alone: y_hat does not enter.",
     "If y_hat is already right, how far should W move?",
     errors(lambda target: -target), keeps=0.25)
slip("STEP-03", "only the right class is updated",
     "Only the row of W that belongs to the label moves; the other classes must be pushed down as "
     "well.",
     "A wrong class has the probability 0.4. What is its error?",
     errors(lambda dZ, target: dZ * target), out(only_rows_of_labels))
slip("STEP-04", "the right class is not pushed up",
     "Only the wrong classes move; at the class of the label your error is 0.",
     "The right class has the probability 0.3. What is its error?",
     errors(lambda y_hat, target: y_hat * (1 - target)))
slip("STEP-05", "the derivative of softmax is applied once more",
     "Your error, probability minus target, already contains the derivative of softmax; in your "
     "step it is multiplied in a second time.",
     "By what do you differentiate: by the probabilities or by the scores?",
     errors(whole_jacobian), errors(lambda dZ, y_hat: dZ * y_hat))
slip("STEP-06", "the derivative of softmax is missing",
     "Your error is the derivative of the loss by the probabilities, minus one over y_hat at the "
     "label. The step from probabilities to scores is missing.",
     "W acts on the scores. How do the probabilities depend on them?",
     errors(only_chosen))
slip("STEP-07", "the labels are counted from 1",
     "Each label is taken for its neighbour: your labels begin with 1, those of the task with 0.",
     "Which column belongs to label 0?",
     given(y=lambda y, C: (y - 1) % C), given(y=lambda y: y + 1), keeps=0.75)
slip("STEP-08", "y_hat is computed anew",
     "Your function computes the probabilities from W, b and X instead of using the y_hat that it "
     "is given.",
     "What should your function do if y_hat is exactly the target?",
     given(y_hat=lambda W, b, X: softmax(X @ W.T + b)), keeps=0.75)
slip("STEP-09", "softmax is applied to y_hat",
     "Your function applies softmax to y_hat, which holds probabilities already.",
     "What is the softmax of the row 0, 1: still 0, 1?",
     given(y_hat=lambda y_hat: softmax(y_hat)))
slip("STEP-10", "a factor 2, as for a squared error",
     "Your step is twice as large as it should be: the 2 belongs to the squared error, not to "
     "cross-entropy.",
     "Where in the logarithm of a probability would a 2 come from?",
     moved(lambda: 2, lambda: 2), keeps=0.75)
slip("STEP-11", "absolute errors",
     "The sign of probability minus target is lost: the right class is pushed down as well.",
     "Should the weights of the right class and of a wrong one move in the same direction?",
     errors(lambda dZ: abs(dZ)))


def classes_from_labels(W, b, X, y, y_hat, lr):
    same_shape(np.zeros(y.max() + 1), b)
    return reference(W, b, X, y, y_hat, lr)


def classes_counted(W, b, X, y, y_hat, lr):
    same_shape(np.unique(y), b)
    return reference(W, b, X, y, y_hat, lr)


slip("STEP-12", "works only if the last class is among the labels",
     "Your function fails on batches in which some class does not occur: the number of classes is "
     "taken from the labels.",
     "A batch of two examples may well lack eight of ten digits. Which argument knows how many "
     "classes there are?",
     classes_from_labels,
     classes_counted, keeps=0.75, by_place=True)

# ---- the mean ----------------------------------------------------------------------------------


def one_example(i, whole_batch):
    """Only example i counts, divided by 1 or by the size of the batch."""
    return given(
        X=lambda X: X[[i]], y=lambda y: y[[i]], y_hat=lambda y_hat: y_hat[[i]],
        lr=lambda lr, B: lr / B if whole_batch else lr,
    )


slip("STEP-20", "the gradient is summed over the batch",
     "Your step is too large by the number of examples, at least for one of W and b: the gradient "
     "of a mean is a mean.",
     "Write every example down twice. Should the step change?",
     *each_moved(lambda B: B))
slip("STEP-21", "divided by the number of classes",
     "Your step is too small by the number of classes: the mean runs over all entries of a matrix "
     "instead of over the examples.",
     "Over what does the mean in 'mean cross-entropy' run?",
     moved(lambda C: 1 / C, lambda C: 1 / C), moved(lambda B, C: B / C, lambda B, C: B / C),
     moved(of_b=lambda C: 1 / C), moved(of_W=lambda C: 1 / C))
slip("STEP-22", "divided by the number of examples twice",
     "Your step is too small by the number of examples: a mean was taken, and divided once more.",
     "Does your code take a mean, and also divide by len(X)?",
     moved(lambda B: 1 / B, lambda B: 1 / B),
     moved(of_b=lambda B: 1 / B), moved(of_W=lambda B: 1 / B))
slip("STEP-23", "one example of the batch counts",
     "Only one example, the first or the last, enters your step; the others are overwritten.",
     "Look at the line inside of your loop over examples: does it add or replace?",
     one_example(0, whole_batch=False), one_example(-1, whole_batch=False),
     one_example(0, whole_batch=True), one_example(-1, whole_batch=True))
slip("STEP-24", "divided by the number of features",
     "Your step is divided by the number of features instead of by the number of examples.",
     "Which axis of X counts the examples?",
     *each_moved(lambda B, D: B / D)[:2])

# ---- the two results ---------------------------------------------------------------------------


def one_for_each_example(reduce):
    """A bias gradient with one entry for each example: fits only if B equals C (or 1)."""
    return instead(lambda W, b, X, dZ, lr: (W - lr * dZ.T @ X / len(X), b - lr * reduce(dZ)))


def steps(sign, rate=None):
    """The gradients (rate 1) or the steps in place of what they lead to."""

    def core(W, b, X, y, y_hat, lr):
        from_zero = reference(0 * W, 0 * b, X, y, y_hat, lr if rate is None else rate)
        return tuple(sign * part for part in from_zero)

    return instead(core)


slip("STEP-30", "the bias is never updated",
     "b stays as it is.",
     "Which line of your code changes b, and does that value reach the return?",
     moved(of_b=lambda: 0))
slip("STEP-31", "the weights are never updated",
     "W stays as it is.",
     "Which line of your code changes W, and does that value reach the return?",
     moved(of_W=lambda: 0))
slip("STEP-32", "the bias gradient has one entry for each example",
     "Your gradient of b is summed along the classes: it has one entry for each example. With as "
     "many examples as classes no error shows.",
     "b has one entry for each class. Which axis of the errors has to go?",
     one_for_each_example(lambda dZ: dZ.sum(1) / len(dZ)),
     one_for_each_example(lambda dZ: dZ.sum(1)))
slip("STEP-33", "x stands in the gradient of b",
     "Your gradient of b contains the features: that of W is summed over them. The bias is not "
     "multiplied by anything.",
     "By how much does a score change if its bias grows a little?",
     gradients(of_b=lambda dZ, X: (dZ.T @ X).sum(1) / len(X)),
     gradients(of_b=lambda dZ, X: (dZ.T @ X).mean(1) / len(X)))
slip("STEP-34", "x is missing in the gradient of W",
     "Every weight of a class moves by the same amount: the features do not enter the gradient of "
     "W.",
     "By how much does a score change if one weight grows a little?",
     gradients(of_W=lambda dZ, X: dZ.mean(0)[:, None]))
slip("STEP-35", "errors and features are averaged separately",
     "Your gradient of W is the mean error times the mean feature. Each error belongs to its own "
     "example.",
     "In which order do 'multiply' and 'mean over the batch' come?",
     gradients(of_W=lambda dZ, X: np.outer(dZ.mean(0), X.mean(0))),
     gradients(of_W=lambda dZ, X: np.outer(dZ.sum(0), X.sum(0)) / len(X)))
slip("STEP-36", "returns (b, W)",
     "Both results are right and stand in the wrong order.",
     "Look at your return.",
     out(lambda new: (new[1], new[0])), keeps=0.75)
slip("STEP-37", "returns the gradients",
     "Your function returns gradients, or steps, where the task asks for the new W and b.",
     "After a step with lr = 0, what should come back?",
     steps(-1, rate=1.0), steps(-1),
     steps(1), keeps=0.75)
slip("STEP-38", "W and b shrink as well",
     "Besides the gradient's step, your W or b is multiplied by 1 - lr, or pulled to zero: weight "
     "decay is not part of this task.",
     "If y_hat equals the target exactly, should W move?",
     out(lambda new, W, b, lr: (new[0] - lr * W, new[1] - lr * b)),
     out(lambda new, W, lr: (new[0] - lr * W, new[1])))
draft.without("STEP-40", *AUTOGRAD)

TASK = draft.task()
