"""Task ``conv2d(X, K, b)``: a convolutional layer, ``corr2d`` plus a bias per output channel.

Shapes: X (B, I, H, W), K (O, I, h, w), b (O,), output (B, O, H-h+1, W-w+1). Ids that begin with
LAB5 are those of the course that the labs come from, those that begin with CORR2D are faults of the
cross-correlation inside (see ``corr2d``), and those that begin with CONV2D are about the bias.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...helper import Helper
from ...slips import Draft
from ...task import Mistake, Probe
from ...values import is_tensor, scattered
from . import _ready_made, corr2d

CONTRACT = """conv2d(X, K, b): the forward pass of a convolutional layer, valid, stride 1.

X has shape (B, I, H, W): batch, input channels, height, width.
K has shape (O, I, h, w): output channels, input channels, kernel height, kernel width.
b has shape (O,): one number for each output channel, added to every place of its map.
The output has shape (B, O, H-h+1, W-w+1), four axes also where a length is one: the
cross-correlation of X with K (the kernel is not flipped), plus the bias, and nothing after it. You
may call your corr2d."""


def reference(X, K, b):
    """The definition, one window at a time."""
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, r, c in np.ndindex(Y.shape):
        Y[n, o, r, c] = (X[n, :, r : r + h, c : c + w] * K[o]).sum() + b[o]
    return Y


def added(maps, b):
    """b to the channels of the maps, one number each; also where a correlation lost an axis."""
    if maps.ndim == 2 and len(b) == 1:  # outside of the contract: a single map
        return maps + b
    return maps + b[:, None, None]


def right(X, K, b, correlation=corr2d.right, add=added):
    """The same, faster (a test compares the two), in pieces."""
    maps = correlation(X, K)
    if maps.ndim not in (2, 3, 4):
        raise ValueError  # an axis too many, to which no bias can be added
    return add(maps, b)


def right_corr2d(X, K):
    """A right ``corr2d``, in place of the learner's, for arrays and tensors."""
    if not is_tensor(X):
        return corr2d.right(X, np.asarray(K))
    return X.new_tensor(corr2d.right(X.detach().numpy(), np.asarray(K)))


draft = Draft(
    "conv2d", CONTRACT, reference, right=right,
    helper=Helper("corr2d", right_corr2d, frozenset(m.id for m in corr2d.TASK.mistakes)),
)
out, given, instead, pieces, slip = (
    draft.out, draft.given, draft.instead, draft.pieces, draft.slip,
)
ALL = slice(None)


def bias(change):
    """Another b."""
    return given(b=change)


def along(axis):
    """b laid along another axis of the output than that of the channels."""
    return pieces(add=lambda maps, b: maps + b.reshape(-1, *[1] * (3 - axis)))


def at_place(*place):
    """b added at some places only."""

    def add(maps, b):
        Y = maps.copy()
        Y[place] = added(maps, b)[place]
        return Y

    return pieces(add=add)


def into_input(X, K, b):
    """b added to the channels of X."""
    if len(b) not in (1, X.shape[1]):
        raise ValueError
    return corr2d.right(X + b[:, None, None], K)


# ---- the bias ----------------------------------------------------------------------------------

slip("LAB5-11", "the bias runs along rows or columns",
     "Entry k of b is added to column k (or row k, or sample k) of the output; it belongs to "
     "output channel k. Shapes that happen to fit hide this.",
     "b has shape (O,). An array of one axis is lined up with the last axis of the other. Which "
     "axis of the output is the one of the channels?",
     along(3), along(2), along(0))
slip("LAB5-12", "the bias is added once for each input channel",
     "The bias is inside the sum over input channels, and so it is added as many times as there "
     "are input channels. It is added once.",
     "A black image of two channels: what should a layer with bias 1 give, 1 or 2?",
     bias(lambda b, K: b * K.shape[1]), keeps=0.75)
slip("CONV2D-01", "the bias is missing",
     "Your output is the cross-correlation alone: b does not enter.",
     "What should come out for a black image?",
     bias(lambda b: b * 0), keeps=0.75)
slip("CONV2D-02", "the bias is added more than once",
     "The bias stands inside a loop or a sum and is added many times (once for each entry of the "
     "kernel, or for each sample, or twice). It is added once.",
     "For a black image the output should be b itself. What is yours?",
     bias(lambda b, K: b * K[0, 0].size), bias(lambda b, K: b * K[0].size),
     bias(lambda b, K: b * K.shape[3]), bias(lambda b, K: b * K.shape[2]),
     bias(lambda b, X: b * len(X)), bias(lambda b, K: b * len(K)),
     bias(lambda b: b * 2), keeps=0.75)
slip("CONV2D-03", "the bias is subtracted",
     "Your function takes b away where it should add it.",
     "What should come out for a black image?",
     bias(lambda b: -b), keeps=0.75)
slip("CONV2D-04", "the bias is multiplied",
     "Your function multiplies the maps by b where it should add it.",
     "What should come out for a black image, and what when b is all zeros?",
     pieces(add=lambda maps, b: maps * b[:, None, None]), keeps=0.75)
slip("CONV2D-05", "one bias for all channels",
     "All your output channels get the same number: one entry of b, or the mean of b.",
     "For a black image, what should channel 0 show, and what channel 1?",
     bias(lambda b: b * 0 + b[0]), bias(lambda b: b * 0 + b[-1]),
     bias(lambda b: b * 0 + b.mean()), keeps=0.75)
slip("CONV2D-06", "the biases of several channels are added up",
     "Each channel should get its own entry of b and no other. Yours gets a sum of several: the "
     "bias is added to the whole output inside the loop over channels, or to maps that are still "
     "growing.",
     "In the line that adds b[o], which part of the output does it change?",
     bias(lambda b: b * 0 + b.sum()), bias(lambda b: b.cumsum()),
     bias(lambda b: b[::-1].cumsum()[::-1]), keeps=0.75)
slip("CONV2D-07", "the bias runs backwards",
     "Output channel 0 gets the last entry of b.",
     "Is anything in your code counted from the end?",
     bias(lambda b: b[::-1]), keeps=0.75)
slip("CONV2D-08", "the bias is added at some places only",
     "Part of your output has its bias and part has none: it is added to one place of each map, to "
     "one sample, or to one channel.",
     "For a black image every place of map k should show b[k]. Which places do?",
     at_place(ALL, ALL, 0, 0), at_place(ALL, ALL, -1, -1),
     at_place(ALL, ALL, 0), at_place(ALL, ALL, -1),
     at_place(ALL, ALL, ALL, 0),
     at_place(ALL, ALL, ALL, -1), at_place(0), at_place(-1),
     at_place(ALL, 0), at_place(ALL, -1), keeps=0.75)
slip("CONV2D-09", "the bias is added before the multiplication",
     "Your function adds b to X or to K and correlates then. It is added to the finished maps.",
     "For a black image every place of map k should show b[k]. What does yours show?",
     instead(into_input), given(K=lambda K, b: K + b[:, None, None, None], b=lambda b: b * 0))
slip("CONV2D-10", "an activation function is applied",
     "Your output goes through an activation function. The task asks for the layer alone, whose "
     "outputs may be any numbers.",
     "For a black image and a bias of -1, what should come out?",
     out(lambda Y: np.maximum(Y, 0)), out(abs), out(lambda Y: 1 / (1 + np.exp(-Y))),
     out(np.tanh), keeps=0.75)
slip("CONV2D-11", "whole numbers only",
     "Fractions are lost: your results are cut or rounded to whole numbers. An array made with an "
     "integer dtype cuts whatever is stored in it.",
     "Print the dtype of your output array before the loops.",
     out(np.trunc), out(np.rint), out(np.floor), keeps=0.75)
slip("CONV2D-12", "axes of length one are dropped",
     "Your output loses an axis when there is only one sample or one output channel. It should "
     "always have four axes.",
     "Look for a squeeze, or for an index that is used where a slice should stand.",
     out(np.squeeze), out(lambda Y: Y[0] if len(Y) == 1 else Y),
     out(lambda Y: Y[:, 0] if Y.shape[1] == 1 else Y), keeps=0.75)

# ---- the correlation inside --------------------------------------------------------------------

# Said above with the bias in mind, or (01, 38) an axis too many, to which no bias can be added.
NOT_INHERITED = {
    "CORR2D-01", "CORR2D-33", "CORR2D-34", "CORR2D-35", "CORR2D-38", "CORR2D-40", "CORR2D-45",
}


def inherited(m: Mistake) -> Mistake:
    """A mistake of ``corr2d`` in a layer that adds its bias rightly: most of the work is done."""
    message = f"{m.message} The bias is right: this is about the cross-correlation inside."
    variants = tuple(pieces(correlation=wrong) for wrong in m.variants)
    return replace(m, message=message, variants=variants, keeps=0.75)


draft.mistakes += [inherited(m) for m in corr2d.TASK.mistakes if m.id not in NOT_INHERITED]
draft.without("CONV2D-13", *_ready_made.CONVOLUTIONS)


def with_b(probe: Probe, seed: int) -> Probe:
    """A probe of ``corr2d`` with a bias."""
    X, K = probe.inputs
    b = scattered((len(K) if K.ndim == 4 else 1,), seed, 4.0)
    shown = f"{probe.shown}, and b = [{b[0]:g}]" if probe.shown else ""
    return replace(probe, inputs=(X, K, b), shown=shown)


ZERO = Probe(
    "zero image",
    (np.zeros((1, 2, 4, 4)), scattered((3, 2, 2, 2), 1), np.array([1.0, 10, 100])),
    frozenset({"more than one input channel", "more than one output channel"}),
    "X all zeros, of shape (1, 2, 4, 4), K of shape (3, 2, 2, 2) and b = [1, 10, 100]",
)


def probe(name, x, k, seed):
    """As ``corr2d.probe``, with a bias."""
    return with_b(corr2d.probe(name, x, k, (seed, seed + 2)), seed + 4)


draft.probes += (
    with_b(corr2d.DEMO, 3),
    ZERO,
    *(with_b(p, 5 + n) for n, p in enumerate(corr2d.PROBES[1:])),
    # Sizes equal on purpose: a bias that is laid along another axis makes no error here.
    probe("as many outputs as columns", (2, 2, 5, 4), (3, 2, 2, 2), 1),
    probe("as many outputs as rows", (2, 1, 4, 6), (3, 1, 2, 2), 2),
    probe("as many outputs as samples", (3, 2, 4, 6), (3, 2, 3, 2), 3),
    # Where two such faults meet.
    probe("as many outputs as inputs, rows and columns", (2, 3, 4, 4), (3, 3, 2, 2), 4),
)

TASK = draft.task()
