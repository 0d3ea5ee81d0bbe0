"""Task ``linear(X, W, b)``: a fully connected layer whose weight is stored (inputs, outputs).

Shapes: X (B, inputs), W (inputs, outputs), b (outputs,), output (B, outputs). Ids that begin with
LAB5 are those of the course that the labs come from; those that begin with LINEAR are our own.
"""

from __future__ import annotations

import numpy as np

from ...slips import Draft
from ...values import scattered

CONTRACT = """linear(X, W, b): a fully connected layer on a batch.

X has shape (B, inputs): one example in each row.
W has shape (inputs, outputs): W[i, j] is the weight from input i to output j. (nn.Linear stores
its weight the other way round, (outputs, inputs).)
b has shape (outputs,): one number for each output, the same for all examples.
The output has shape (B, outputs), two axes also where a length is one. Entry [n, j] is the
sum over i of X[n, i] W[i, j], plus b[j], and nothing comes after it."""


def reference(X, W, b):
    """The definition, one product at a time."""
    (B, inputs), outputs = X.shape, W.shape[1]
    Y = np.zeros((B, outputs))
    for n in range(B):
        for j in range(outputs):
            Y[n, j] = sum(X[n, i] * W[i, j] for i in range(inputs)) + b[j]
    return Y


def right(X, W, b):
    """The same as a matrix product (a test compares the two)."""
    return X @ W + b


draft = Draft("linear", CONTRACT, reference, right=right, terms={"XW": lambda X, W: X @ W})
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip


def numbers(inputs, outputs, seed):
    """Scattered W and b."""
    return scattered((inputs, outputs), seed + 3), scattered((outputs,), seed + 5)


def probe(name, B, inputs, outputs, seed):
    traits = [
        (B > 1, "more than one example"),
        (inputs == outputs, "as many outputs as inputs"),
        (inputs != outputs, "a weight that is not square"),
        (outputs == B, "as many examples as outputs"),
    ]
    has = [text for holds, text in traits if holds]
    draft.probe(name, scattered((B, inputs), seed), *numbers(inputs, outputs, seed), has=has)


BASIS = [[1, 0, 0], [0, 0, 1]]
draft.probe("demo", BASIS, [[0, 1], [2, 3], [4, 5]], [10, 20],
            has=("more than one example", "a weight that is not square"))
draft.probe("demo, square", BASIS, [[0, 1, 2], [3, 4, 5], [6, 7, 8]], [0, 0, 0],
            has=("more than one example", "as many outputs as inputs"))
probe("one example, one output", 1, 3, 1, seed=1)
probe("one example", 1, 2, 4, seed=2)
# Sizes that are equal on purpose: faults in the order of axes make no error here.
probe("all sizes equal", 3, 3, 3, seed=4)
probe("as many outputs as inputs", 2, 4, 4, seed=6)
probe("as many examples as outputs", 4, 3, 4, seed=7)
probe("as many examples as inputs", 3, 3, 2, seed=8)
probe("general", 2, 5, 4, seed=9)
probe("general, few outputs", 5, 4, 3, seed=10)
# The same shapes as 'general' with other numbers: answers remembered by shape fail.
probe("general, other numbers", 2, 5, 4, seed=12)
# Outside of the contract, to recognise a function that is written for less.
draft.probe("one vector", scattered((3,), 13), *numbers(3, 2, 13), contract=False)
draft.probe("one longer vector", scattered((5,), 14), *numbers(5, 3, 14), contract=False)


def fits(condition):
    """Stops where NumPy would stop, for want of fitting shapes."""
    if not condition:
        raise ValueError


# ---- the product -------------------------------------------------------------------------------


def double_transpose(X, W, b):
    """As if W were (outputs, inputs), with the outputs counted along its first axis."""
    fits(W.shape[0] == W.shape[1])
    return X @ W.T + b


def entrywise(X, W, b):
    """X * W, where that works."""
    Y = X * W
    fits(Y.shape == (len(X), len(b)))
    return Y + b


def wrong_side(X, W, b):
    """W X, where that works."""
    Y = W @ X
    fits(Y.shape[1] == len(b))
    return Y + b


slip("LAB5-22", "the weight is transposed",
     "Your function turns W over before it multiplies. W is stored as (inputs, outputs) here, so "
     "it already stands the right way. With as many outputs as inputs this gives wrong numbers "
     "without an error.",
     "X has shape (B, inputs). Which axis of W has to meet the axis `inputs` of X?",
     instead(double_transpose))
slip("LINEAR-01", "the weight is reshaped, then transposed",
     "Your function reshapes W to (outputs, inputs) and transposes it: the shape is right again "
     "and the numbers stand in other places. A reshape does not turn a matrix over.",
     "Write down W = [[0, 1], [2, 3], [4, 5]] after the reshape to (2, 3). Which number is the "
     "weight from input 2 to output 0?",
     instead(lambda X, W, b: X @ W.reshape(W.shape[::-1]).T + b))
slip("LINEAR-02", "an entrywise product",
     "Your function multiplies X and W entry by entry. The task asks for the product of matrices, "
     "which sums over the inputs.",
     "Each output is a sum of as many products as there are inputs. Where is your sum?",
     instead(entrywise), keeps=0.25)
slip("LINEAR-03", "the factors stand in the wrong order",
     "Your function multiplies W by X. The examples are the rows of X, so X stands first.",
     "In a product of matrices, which axes meet? Write down both shapes.",
     instead(wrong_side))
slip("LINEAR-04", "an input is left out",
     "One of the inputs does not enter your sums.",
     "With 3 inputs, how many products does each output sum?",
     instead(lambda X, W, b: X[:, :-1] @ W[:-1] + b),
     instead(lambda X, W, b: X[:, 1:] @ W[1:] + b), keeps=0.75)
slip("LINEAR-05", "only one input is left",
     "Each output holds the product of a single input: products overwrite each other where they "
     "should be added, or the loop ends after the first.",
     "Look at the line that stores a product. Does it add or replace?",
     instead(lambda X, W, b: X[:, -1:] @ W[-1:] + b),
     instead(lambda X, W, b: X[:, :1] @ W[:1] + b))
slip("LINEAR-06", "a mean instead of a sum",
     "Your numbers are divided by the number of inputs, or of examples. Products are added here "
     "and nothing is averaged.",
     "One example of three ones, a weight of ones: what should come out, 1 or 3?",
     instead(lambda XW, W, b: XW / len(W) + b), out(lambda Y: Y / len(Y)),
     instead(lambda XW, W, b: (XW + b) / len(W)))

# ---- the bias ----------------------------------------------------------------------------------


def down_the_batch(XW, b):
    """b as a column: each example gets a number of its own."""
    fits(len(b) in (1, len(XW)))
    return XW + b[:, None]


def into_inputs(X, W, b):
    """b added to the inputs, before the product."""
    fits(len(b) == X.shape[1])
    return (X + b) @ W


slip("LINEAR-07", "the bias is missing",
     "Your output is the matrix product alone: b does not enter.",
     "What should come out when X is all zeros?",
     *draft.variants("zero", "b"), keeps=0.75)
slip("LINEAR-08", "the bias is subtracted",
     "Your function takes b away where it should add it.",
     "What should come out when X is all zeros?",
     *draft.variants("minus", "b"), keeps=0.75)
slip("LINEAR-09", "the bias runs down the batch",
     "Entry k of b is added to example k; it belongs to output k. With as many examples as outputs "
     "this gives wrong numbers without an error.",
     "b has shape (outputs,). To which axis of the product does it belong?",
     instead(down_the_batch), keeps=0.75)
slip("LINEAR-10", "one bias for all outputs",
     "Your function adds the same number to all outputs: one entry of b, or their sum or mean.",
     "With X all zeros, what should output 0 be, and what output 1?",
     given(b=lambda b: b * 0 + b[0]), given(b=lambda b: b * 0 + b[-1]),
     given(b=lambda b: b * 0 + b.sum()), given(b=lambda b: b * 0 + b.mean()))
slip("LINEAR-11", "the bias is added more than once",
     "The bias stands inside a loop or a sum and is added once for each input, or for each "
     "example. It is added once for each output.",
     "With X all zeros the output should be b. What is yours?",
     given(b=lambda b, W: b * len(W)), given(b=lambda b, X: b * len(X)),
     given(b=lambda b: b * 2), keeps=0.75)
slip("LINEAR-12", "the bias is multiplied",
     "Your function multiplies by b where it should add it.",
     "What should come out when b is all zeros?",
     instead(lambda XW, b: XW * b))
slip("LINEAR-13", "the bias is added before the product",
     "Your function adds b to X or to W and multiplies then. It is added to the product.",
     "With X all zeros the output should be b. What is yours?",
     instead(into_inputs), instead(lambda X, W, b: X @ (W + b)))
slip("LINEAR-14", "the bias runs backwards",
     "Output 0 gets the last entry of b.",
     "Is anything in your code counted from the end?",
     *draft.variants("flipped", "b"), keeps=0.75)

# ---- the result --------------------------------------------------------------------------------


def softmax(Y):
    E = np.exp(Y - Y.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True)


def function(X, W, b):
    """Right for a single example, and for nothing else."""
    fits(X.ndim == 1)
    return right(X, W, b)


slip("LINEAR-15", "the output is transposed",
     "Your output has shape (outputs, B): one example in each column.",
     "The task wants one example in each row, as in X.",
     *draft.variants("transposed"), keeps=0.75)
slip("LINEAR-16", "the output is summed up",
     "Your output has too few numbers: outputs of one example, or examples of one output, are "
     "added up.",
     "Which axis of your product is the sum taken over, and which axes should be left?",
     *draft.variants("summed", 1, 0))
slip("LINEAR-17", "only the first example is used",
     "Your function works on example 0 only; the others do not get an output of their own.",
     "The first axis of X is the batch. Where does your code go through it?",
     *draft.variants("first_only"))
slip("LINEAR-18", "the sum is not set back to zero",
     "Your running sum is not set back to zero in time: an output still holds what was summed for "
     "the one before.",
     "Before which loop should the sum become zero again?",
     instead(lambda XW, b: XW.cumsum().reshape(XW.shape) + b),
     instead(lambda XW, b: XW.cumsum(1) + b), instead(lambda XW, b: XW.cumsum(0) + b),
     *draft.variants("running", 1, 0), keeps=0.75)
slip("LINEAR-19", "an activation function is applied",
     "Your output goes through an activation function. The task asks for the linear layer alone, "
     "whose outputs may be any numbers.",
     "What should come out when the product plus b is -1?",
     out(lambda Y: np.maximum(Y, 0)), out(lambda Y: 1 / (1 + np.exp(-Y))),
     out(np.tanh), out(softmax))
slip("LINEAR-20", "whole numbers only",
     "Fractions are lost: your results are cut or rounded to whole numbers. An array made with an "
     "integer dtype cuts whatever is stored in it.",
     "Print the dtype of your output array before the loops.",
     *draft.variants("whole"), keeps=0.75)
slip("LINEAR-21", "axes of length one are dropped",
     "Your output loses an axis when there is only one example or one output. It should always "
     "have two axes.",
     "Look for a squeeze, or for an index that is used where a slice should stand.",
     *draft.variants("dropped"),
     out(lambda Y: Y[0] if len(Y) == 1 else Y),
     out(lambda Y: Y[:, 0] if Y.shape[1] == 1 else Y), keeps=0.75)
slip("LINEAR-22", "one example only",
     "Your function works on a single example. The task gives a batch: X has two axes.",
     "Keep what you have as the inner step, and go through the rows of X around it.",
     function)

TASK = draft.task()
