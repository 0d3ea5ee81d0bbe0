"""Task ``conv2d_strided(X, K, stride, padding)``: a cross-correlation with stride and padding.

Shapes: X (B, I, H, W), K (O, I, h, w); stride and padding are numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...slips import Draft
from ...values import scattered

CONTRACT = """conv2d_strided(X, K, stride, padding): the forward pass of a convolutional layer,
without a bias.

X has shape (B, I, H, W): batch, input channels, height, width. K has shape (O, I, h, w): output
channels, input channels, height, width. stride and padding are whole numbers, stride at least 1. X
gets padding rows and columns of zeros on each of its four sides; the window moves by stride, down
and to the right, and stops before it leaves. The kernel is not flipped. The output has shape (B, O,
(H + 2 padding - h) // stride + 1, (W + 2 padding - w) // stride + 1)."""


def reference(X, K, stride, padding):
    """The definition, one product at a time; what lies outside counts as 0."""
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    rows, cols = (H + 2 * padding - h) // stride + 1, (W + 2 * padding - w) // stride + 1
    Y = np.zeros((B, O, rows, cols))
    for n, o, r, c in np.ndindex(Y.shape):
        for i, a, b in np.ndindex(I, h, w):
            y, x = r * stride + a - padding, c * stride + b - padding
            if 0 <= y < H and 0 <= x < W:
                Y[n, o, r, c] += X[n, i, y, x] * K[o, i, a, b]
    return Y


def padded(X, padding):
    return np.pad(X, ((0, 0), (0, 0), *[(padding, padding)] * 2))


def corr(X, K):
    windows = sliding_window_view(X, K.shape[2:], axis=(2, 3))
    return np.einsum("birchw,oihw->borc", windows, K)


def right(X, K, stride, padding, pad=padded, product=corr,
          step=lambda Y, s: Y[:, :, ::s, ::s]):  # fmt: skip
    return step(product(pad(X, padding), K), stride)


draft = Draft(
    "conv2d_strided", CONTRACT, reference, right=right,
    arguments=("X", "K", "stride", "padding"), whole=("stride", "padding"),
    traits={"a stride above 1": lambda stride: stride > 1, "padding": lambda padding: padding > 0,
            "several input channels": lambda X: X.shape[1] > 1,
            "several output channels": lambda K: len(K) > 1,
            "a kernel that is not square": lambda K: K.shape[2] != K.shape[3]},
)
out, given, pieces, slip = draft.out, draft.given, draft.pieces, draft.slip

X4 = [[[[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 4, 0], [1, 0, 2, 5]]]]
draft.probe("plain", X4, [[[[1, 2], [0, -1]]]], 1, 0)
draft.probe("stride", X4, [[[[1, 2], [0, -1]]]], 2, 0)
draft.probe("padding", X4, [[[[1, 2], [0, -1]]]], 1, 1)
draft.probe("both", X4, [[[[1, 2, 3], [0, -1, 1], [2, 0, 1]]]], 2, 1)
draft.probe("stops before it leaves", X4, [[[[1, 2, 3], [0, -1, 1], [2, 0, 1]]]], 2, 0,
            has="a stride that does not fit")
draft.probe("channels", scattered((1, 2, 3, 4), 2), scattered((3, 2, 2, 3), 3), 1, 1)
draft.probe("a batch", scattered((2, 1, 4, 3), 4), scattered((2, 1, 3, 2), 6), 3, 2)
draft.probe("equal sizes", scattered((2, 2, 4, 4), 1), scattered((2, 2, 2, 2), 5), 2, 1)
draft.probe("general", scattered((2, 3, 6, 5), 3), scattered((4, 3, 3, 2), 2), 2, 1)
draft.probe("other numbers", scattered((2, 3, 6, 5), 8), scattered((4, 3, 3, 2), 7), 2, 1)

slip("CONVSTRIDE-01", "the kernel is flipped",
     "The kernel is turned by half a turn: that is the convolution of mathematics.",
     "Which entry of the kernel meets the upper left entry of the window?",
     given(K=lambda K: K[:, :, ::-1, ::-1]), keeps=0.75)
slip("CONVSTRIDE-02", "the stride is not used", "The window moves by 1 whatever the stride is.",
     "How many rows does your output have, and by the formula?", given(stride=1))
slip("CONVSTRIDE-03", "the padding is not used", "Nothing is padded.",
     "How many rows does your output have, and by the formula?", given(padding=0))
slip("CONVSTRIDE-04", "padded on one side only",
     "Zeros are put on one side of each axis only: above and at the left, or below and at the "
     "right.",
     "On how many sides does a picture have an edge?",
     *(pieces(pad=lambda X, p, a=a, b=b: np.pad(X, ((0, 0), (0, 0), *[(a * p, b * p)] * 2)))
       for a, b in ((1, 0), (0, 1), (2, 0), (0, 2))))
slip("CONVSTRIDE-05", "one axis is padded, or strided",
     "Stride or padding acts on the rows only, or on the columns only.",
     "Which axes of X does the window move along?",
     pieces(step=lambda Y, s: Y[:, :, ::s]), pieces(step=lambda Y, s: Y[:, :, :, ::s]),
     pieces(pad=lambda X, p: np.pad(X, ((0, 0), (0, 0), (p, p), (0, 0)))),
     pieces(pad=lambda X, p: np.pad(X, ((0, 0), (0, 0), (0, 0), (p, p)))))
slip("CONVSTRIDE-06", "the edge is repeated or mirrored",
     "What is put around X are copies of its edge, or mirrored rows; the task asks for zeros.",
     "What stands in the corner of the padded X?",
     pieces(pad=lambda X, p: np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)), mode="edge")),
     pieces(pad=lambda X, p: np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)), mode="reflect")))
slip("CONVSTRIDE-07", "the last window is lost",
     "Your output lacks its last row and its last column.",
     "H = 4, h = 3, stride 1, no padding: how many places are there?",
     out(lambda Y: Y[:, :, :-1, :-1]), keeps=0.75)
slip("CONVSTRIDE-08", "the input channels are not summed",
     "Only one input channel enters, or their mean; their products are to be summed.",
     "How many products enter one entry of the output?",
     given(X=lambda X: X[:, :1], K=lambda K: K[:, :1]),
     given(X=lambda X: X[:, -1:], K=lambda K: K[:, -1:]),
     out(lambda Y, X: Y / X.shape[1]))
slip("CONVSTRIDE-09", "only one output channel",
     "Every output channel is that of the first kernel, or there is only one.",
     "What is the second axis of your output, and which kernel does it belong to?",
     given(K=lambda K: np.repeat(K[:1], len(K), 0)), given(K=lambda K: K[:1]),
     out(lambda Y: Y.sum(1, keepdims=True)))
slip("CONVSTRIDE-10", "the kernel is transposed",
     "Rows and columns of the kernel are exchanged; where it is not square your code stops or "
     "gives another shape.",
     "Which index of the kernel runs down?", given(K=lambda K: K.swapaxes(2, 3)))
slip("CONVSTRIDE-11", "input and output channels are exchanged",
     "The two channel axes of the kernel are exchanged.",
     "Which axis of the kernel belongs to the input?", given(K=lambda K: K.swapaxes(0, 1)))
slip("CONVSTRIDE-12", "the window jumps by its own size",
     "The window moves by its own height and width, as pooling does.",
     "Where does stride enter?",
     draft.instead(lambda X, K, padding: corr(padded(X, padding), K)[
         :, :, :: K.shape[2], :: K.shape[3]]))

TASK = draft.task()
