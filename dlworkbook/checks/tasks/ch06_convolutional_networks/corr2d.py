"""Task ``corr2d(X, K)``: cross-correlation of a batch with several channels, valid, stride 1.

Shapes: X (B, I, H, W), K (O, I, h, w), output (B, O, H-h+1, W-w+1). Ids that begin with LAB5 are
those of the course that the labs come from; those that begin with CORR2D are our own.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...slips import Draft
from ...task import Probe, Variant
from ...values import scattered
from . import _ready_made

CONTRACT = """corr2d(X, K): two-dimensional cross-correlation, valid, stride 1, kernel not flipped.

X has shape (B, I, H, W): batch, input channels, height, width.
K has shape (O, I, h, w): output channels, input channels, kernel height, kernel width.
The output has shape (B, O, H-h+1, W-w+1), four axes also where a length is one. An
entry is the sum, over all input channels and over the window that starts at its row and column, of
input times kernel."""


def reference(X, K):
    """The definition, one window at a time."""
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for b, o, r, c in np.ndindex(Y.shape):
        Y[b, o, r, c] = (X[b, :, r : r + h, c : c + w] * K[o]).sum()
    return Y


def right(X, K):
    """The same, faster: one term for each place of the kernel (a test compares the two)."""
    h, w = K.shape[2:]
    rows, columns = X.shape[2] - h + 1, X.shape[3] - w + 1
    Y = np.zeros((X.shape[0], K.shape[0], rows, columns))
    for i, j in np.ndindex(h, w):
        Y += np.einsum("birc,oi->borc", X[:, :, i : i + rows, j : j + columns], K[:, :, i, j])
    return Y


def products(X, K):
    """Input times kernel before any sum: (B, O, I, H-h+1, W-w+1, h, w)."""
    windows = sliding_window_view(X, K.shape[2:], axis=(2, 3))
    return windows[:, None] * K[None, :, :, None, None]


draft = Draft(
    "corr2d", CONTRACT, reference, right=right,
    terms={
        "P": products,
        "maps": lambda X, K: products(X, K).sum((-1, -2)),  # one for each input channel
    },
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip
ALL = slice(None)


def before(change):
    """Other inputs, both at once: ``change`` may raise, or hand over another pair."""
    return Variant(right, before=change)


def padded(first, second, mode="constant"):
    """Rows and columns added around X, so many as these functions of the kernel's size say."""

    def pad(X, K):
        sides = [(first(k), second(k)) for k in K.shape[2:]]
        return np.pad(X, ((0, 0), (0, 0), *sides), mode=mode)

    return given(X=pad)


def none(k):
    return 0


def all_but_one(k):
    return k - 1


def half(k):
    return k // 2


def less_than_half(k):
    return (k - 1) // 2


def part(rows, columns=ALL):
    """Part of each map."""
    return out(lambda Y: Y[:, :, rows, columns])


def zeroed(*places):
    """These places of each map set to zero."""

    def change(Y):
        Y = Y.copy()
        for rows, columns in places:
            Y[:, :, rows, columns] = 0
        return Y

    return out(change)


def only_if(fits, change):
    """Other inputs where the sizes fit, an error elsewhere."""

    def changed(X, K):
        if not fits(X, K):
            raise IndexError
        return change(X, K)

    return before(changed)


def letters(of_kernel):
    """An einsum with these letters for the axes of K; axes of length one fit everywhere."""

    def core(X, K):
        windows = sliding_window_view(X, K.shape[2:], axis=(2, 3))
        return np.einsum(f"birchw,{of_kernel}->borc", windows, K)

    return instead(core)


def swapped_loops(X, K):
    """Loops over in and out exchanged: K.shape[0] taken for I, K.shape[1] for O."""
    n_in, n_out = K.shape[:2]
    if n_in > X.shape[1]:
        raise IndexError
    return right(X[:, :n_in], K.swapaxes(0, 1)[:n_out])


def window_from_column(X, K):
    """Window for place (r, c) taken at row c and column r."""
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for b, o, r, c in np.ndindex(Y.shape):
        Y[b, o, r, c] = (X[b, :, c : c + h, r : r + w] * K[o]).sum()
    return Y


def first_rest_zero(Y):
    Y = Y.copy()
    Y[1:] = 0
    return Y


def square_window(axis):
    """One kernel size, taken from one axis, used for both."""

    def core(X, K):
        k = K.shape[axis]
        if k > min(K.shape[2:]):
            raise IndexError
        return right(X, K[:, :, :k, :k])

    return instead(core)


def from_index_one(rows, columns):
    """Windows counted from 1, each stored one place before: the last row or column stays empty."""

    def change(Y):
        made = np.zeros_like(Y)
        made[:, :, : Y.shape[2] - rows, : Y.shape[3] - columns] = Y[:, :, rows:, columns:]
        return made

    return out(change)


def running_sum(*axes):
    """The sum goes back to zero only when all of ``axes`` (of B, O, rows, columns) are done."""

    def change(Y):
        kept = [axis for axis in range(4) if axis not in axes]
        moved = Y.transpose(*kept, *axes)
        flat = moved.reshape(*moved.shape[: len(kept)], -1).cumsum(-1)
        return flat.reshape(moved.shape).transpose(np.argsort((*kept, *axes)))

    return out(change)


def truncated_each_channel(X, K):
    Y = np.zeros_like(right(X, K))
    for i in range(X.shape[1]):
        Y = np.trunc(Y + right(X[:, i : i + 1], K[:, i : i + 1]))
    return Y


def written_into_input(X, K):
    """Each window of X is overwritten by its product with the kernel before it is summed."""
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for b, o, r, c in np.ndindex(Y.shape):
        window = X[b, :, r : r + h, c : c + w]
        window *= K[o]
        Y[b, o, r, c] = window.sum()
    return Y


def dilated(K):
    h, w = K.shape[2:]
    big = np.zeros((*K.shape[:2], 2 * h - 1, 2 * w - 1))
    big[:, :, ::2, ::2] = K
    return big


def matrix_product(X, K):
    """window @ kernel, then the sum: possible when the kernel is square."""
    windows = sliding_window_view(X, K.shape[2:], axis=(2, 3))
    return np.einsum("birckl,oilm->borc", windows, K)


def depthwise(channel):
    """Output channel o sees input channel ``channel(o, number of input channels)`` only."""

    def core(X, K):
        seen = [channel(o, X.shape[1]) for o in range(len(K))]
        maps = [right(X[:, [i]], K[[o]][:, [i]]) for o, i in enumerate(seen)]
        return np.concatenate(maps, axis=1)

    return instead(core)


def patches_in_order(order):
    """im2col whose columns are ordered otherwise than the flattened kernel."""

    def core(X, K):
        (O, _, h, w) = K.shape
        windows = sliding_window_view(X, (h, w), axis=(2, 3))  # B I r c h w
        B, _, rows, columns = windows.shape[:4]
        flat = windows.transpose(0, 2, 3, *order).reshape(B, rows, columns, -1)
        return np.einsum("brcn,on->borc", flat, K.reshape(O, -1))

    return instead(core)


def reshaped_from(*order):
    """The axes in another order after the matrix product, reshaped straight to the final shape."""
    return out(lambda Y: np.ascontiguousarray(Y.transpose(order)).reshape(Y.shape))


def squeezed(*axes):
    """Axes of length one dropped."""
    return out(lambda Y: Y.squeeze(tuple(axis for axis in axes if Y.shape[axis] == 1)))


def matrices_only(X, K):
    if X.ndim != 2 or K.ndim != 2:
        raise ValueError
    return right(X[None, None], K[None, None])[0, 0]


def one_sample_one_output(X, K):
    if X.ndim != 3 or K.ndim != 3:
        raise ValueError
    return right(X[None], K[None])[0, 0]


def one_sample(X, K):
    if X.ndim != 3 or K.ndim != 4:
        raise ValueError
    return right(X[None], K)[0]


def only(holds):
    """Right on a batch for which this holds, an error elsewhere."""
    holds = draft.of(holds)
    return draft.only(lambda X, K: X.ndim == K.ndim == 4 and holds(X, K))


# ---- the mistakes of the course ----------------------------------------------------------------

slip("LAB5-01", "the kernel is flipped",
     "Your function turns the kernel by half a turn before it multiplies: that is a true "
     "convolution. The task asks for cross-correlation, where the kernel stays as it is.",
     "Which entry of the window should meet K[0, 0], the first one or the last one?",
     given(K=lambda K: K[:, :, ::-1, ::-1]))
slip("LAB5-02", "only input channel 0 is used",
     "Only the first input channel goes into your sums. A change in any other channel of X does "
     "not change your output.",
     "Every output entry is a sum over all input channels. Where does your code visit them?",
     given(X=lambda X: X[:, :1], K=lambda K: K[:, :1]))
slip("LAB5-04", "the output is one row or one column too small",
     "Your output has H - h rows or W - w columns, one too few: the last window is missing.",
     "In how many places can a window of length 2 start in a row of length 3? Count them.",
     part(slice(-1), slice(-1)), part(slice(-1)), part(ALL, slice(-1)), keeps=0.75)
slip("LAB5-06", "the kernel is indexed [in, out] instead of [out, in]",
     "Your function takes the first axis of K for the input channels and the second for the output "
     "channels. It is the other way round. With as many input as output channels this gives wrong "
     "numbers without an error.",
     "K has shape (O, I, h, w). Which of your two channel indices stands first?",
     only_if(lambda X, K: K.shape[0] == K.shape[1], lambda X, K: (X, K.swapaxes(0, 1))),
     instead(swapped_loops), letters("iohw"))
slip("LAB5-07", "rows and columns are exchanged",
     "Row and column index are exchanged: each output map is transposed.",
     "Follow one window by hand: when the column index grows by one, does the window move to the "
     "right or down?",
     out(lambda Y: Y.swapaxes(2, 3)), instead(window_from_column),
     given(X=lambda X: X.swapaxes(2, 3), K=lambda K: K.swapaxes(2, 3)), keeps=0.75)
slip("LAB5-09", "only the first sample of the batch is convolved",
     "Your function works on sample 0 of the batch only; the others do not get an output of their "
     "own.",
     "The first axis of X is the batch. Where does your code go through it?",
     out(lambda Y: np.broadcast_to(Y[:1], Y.shape)), out(first_rest_zero),
     out(lambda Y: Y[:1]), out(lambda Y: Y[0]))

# ---- samples and channels ----------------------------------------------------------------------

slip("CORR2D-01", "the input channels are not summed",
     "Your output still has an axis for the input channels: they are kept apart instead of being "
     "added up.",
     "How many numbers should one window give for one output channel, if the image has three input "
     "channels?",
     instead(lambda maps: maps), instead(lambda maps: maps.swapaxes(1, 2)))
slip("CORR2D-02", "only the last input channel is left",
     "Only the last input channel is in your output: each channel overwrites the one before, where "
     "it should be added to it.",
     "Look at the line that stores the result of one channel. Does it add or replace?",
     given(X=lambda X: X[:, -1:], K=lambda K: K[:, -1:]))
slip("CORR2D-03", "a mean instead of a sum",
     "Your function averages where it should add up: your numbers are the right ones divided by a "
     "number of entries (of the window, of the channels, or of both).",
     "Put a window of ones under a kernel of ones, 2 by 2. What should come out: 1 or 4?",
     out(lambda Y, K: Y / K[0, 0].size), out(lambda Y, K: Y / K[0].size),
     out(lambda Y, K: Y / K.shape[1]))
slip("CORR2D-04", "a maximum over the input channels",
     "Your function takes the largest of the input channels' results instead of their sum.",
     "Input channels are added up. A maximum belongs to pooling, and even there not over channels.",
     instead(lambda maps: maps.max(2)))
slip("CORR2D-05", "a maximum over the window",
     "Your function takes the largest product in the window instead of the sum of the products.",
     "Work one window by hand: multiply entry by entry, and then?",
     instead(lambda P: P.max((-1, -2)).sum(2)), instead(lambda P: P.max((-1, -2, 2))))
slip("CORR2D-06", "the input channels meet the kernel in reversed order",
     "The first input channel is multiplied with the kernel of the last one: the channels meet in "
     "reversed order.",
     "Input channel i goes with K[o, i]. Is anything in your code counted from the end?",
     given(X=lambda X: X[:, ::-1]))
slip("CORR2D-07", "the output channels are added up",
     "Your function adds the output channels together; each should keep a map of its own.",
     "Two filters should give two maps. Where do the results of different filters meet?",
     out(lambda Y: Y.sum(1, keepdims=True)),
     out(lambda Y: np.broadcast_to(Y.sum(1, keepdims=True), Y.shape)), out(lambda Y: Y.sum(1)))
slip("CORR2D-08", "the first filter is used for every output channel",
     "All your output channels are alike: each uses K[0].",
     "Which index of K should change when you go on to the next output channel?",
     given(K=lambda K: np.broadcast_to(K[:1], K.shape)), given(K=lambda K: K[:1]),
     out(lambda Y: Y[:, 0]))
slip("CORR2D-09", "each output channel sees one input channel only",
     "Output channel o uses input channel o alone. That is a depthwise convolution; here each "
     "output channel sums over all input channels.",
     "For one output channel, how many input channels should go into the sum?",
     depthwise(lambda o, I: o), depthwise(lambda o, I: o % I))
slip("CORR2D-10", "batch and output channels are exchanged",
     "The first two axes of your output are exchanged: output channels first, batch second.",
     "The output has shape (B, O, ., .). Compare with the order in which you store or stack.",
     out(lambda Y: Y.swapaxes(0, 1)), keeps=0.75)
slip("CORR2D-11", "channels stand last",
     "Your output has its channels in the last axis, (B, rows, columns, O).",
     "The task puts the output channels second, right after the batch.",
     out(lambda Y: Y.transpose(0, 2, 3, 1)), keeps=0.75)
slip("CORR2D-12", "the samples of the batch are added up",
     "Samples of the batch are added to each other; each should have an output of its own.",
     "What is set back to zero when your code goes on to the next sample?",
     out(lambda Y: np.broadcast_to(Y.sum(0), Y.shape)), out(lambda Y: Y.sum(0, keepdims=True)),
     out(lambda Y: Y.sum(0)), running_sum(0))

# ---- the kernel --------------------------------------------------------------------------------

slip("CORR2D-13", "the kernel is flipped in one direction",
     "Your function reverses the kernel along one of its axes. In cross-correlation it is not "
     "reversed at all.",
     "Try a kernel with a single 1 in a corner: which corner of the window should it pick?",
     given(K=lambda K: K[:, :, ::-1]), given(K=lambda K: K[:, :, :, ::-1]))
slip("CORR2D-14", "the kernel is transposed",
     "Your kernel lies on its side: its rows meet the columns of the window. With a kernel that is "
     "not square this may stop with an error.",
     "The last two axes of K are height and width, in this order. Does your code keep it?",
     given(K=lambda K: K.swapaxes(2, 3)),
     only_if(lambda X, K: K.shape[2] == K.shape[3], lambda X, K: (X, K.swapaxes(2, 3))),
     letters("oiwh"))
slip("CORR2D-15", "one kernel size for both directions",
     "Your function uses one of the kernel's two sizes for rows and columns alike, so kernels that "
     "are not square come out wrong.",
     "A kernel of shape (3, 2) covers 3 rows and 2 columns. Where does each size enter?",
     square_window(2), square_window(3),
     only(lambda K: K.shape[2] == K.shape[3]), by_place=True)
slip("CORR2D-16", "the kernel is spread out (dilation 2)",
     "Your window skips every second row and column: that is a dilation of 2.",
     "The entries of a window are direct neighbours. Look for a step of 2 in a slice or range.",
     given(K=dilated))
slip("CORR2D-17", "the kernel is divided by its sum",
     "Your function divides by the sum of the kernel's entries, as one does for a blur. Here the "
     "kernel is used as it is.",
     "What should a kernel of twos give, compared with a kernel of ones?",
     given(K=lambda K: K / K.sum((1, 2, 3), keepdims=True)),
     given(K=lambda K: K / K.sum((2, 3), keepdims=True)),
     given(K=lambda K: K / K.sum()),
     given(K=lambda K: K / abs(K).sum((1, 2, 3), keepdims=True)))
slip("CORR2D-18", "the kernel is not used",
     "Your output is the plain sum of each window: the values of K do not enter.",
     "What happens to your output when K is all zeros?",
     given(K=lambda K: np.ones_like(K)))
slip("CORR2D-19", "window and kernel are added",
     "Your function adds the kernel to the window; it should multiply them entry by entry.",
     "With a kernel of zeros every output entry must be zero.",
     instead(lambda X, K: right(X, np.ones_like(K)) + K.sum((1, 2, 3))[:, None, None]))
slip("CORR2D-20", "a matrix product instead of an entrywise one",
     "Window and kernel are multiplied as matrices. They should be multiplied entry by entry.",
     "For [[1, 2], [3, 4]] with itself, is the first product 1 or 7?",
     instead(matrix_product))
slip("CORR2D-21", "patches and kernel are flattened in different orders",
     "Each patch is flattened in another order than the kernel, so that products are formed of "
     "entries that do not belong together.",
     "The kernel is flattened as (I, h, w). Which axes come last in your patches before the "
     "reshape?",
     patches_in_order((4, 5, 1)), patches_in_order((1, 5, 4)), patches_in_order((5, 4, 1)))

# ---- where windows stand -----------------------------------------------------------------------

slip("CORR2D-22", "zeros are put around the image (full)",
     "Your function pads X on all sides by one less than the kernel, which gives the 'full' "
     "output. The task wants 'valid': windows that lie inside the image.",
     "How large is your output, and how large is H - h + 1?",
     padded(all_but_one, all_but_one))
slip("CORR2D-23", "zeros are put around the image (same)",
     "Your function pads X so that the output is about as large as the input ('same'). The task "
     "wants 'valid': windows that lie inside the image.",
     "How large is your output, and how large is H - h + 1?",
     padded(less_than_half, half), padded(half, less_than_half), padded(half, half),
     padded(lambda k: 1, lambda k: 1))
slip("CORR2D-24", "zeros are put on one side of the image",
     "Your function pads X on one side only (or lets windows hang over the edge). The task wants "
     "'valid': windows that lie inside the image.",
     "Where does your last window end, and where does the image end?",
     padded(none, all_but_one), padded(all_but_one, none))
slip("CORR2D-25", "the image wraps around",
     "Windows that reach over the edge go on at the opposite side (a circular convolution). The "
     "task wants only windows that lie inside the image.",
     "Rolling an image, or a plain FFT, treats it as a ring. Which outputs are free of that?",
     padded(none, all_but_one, "wrap"), padded(all_but_one, none, "wrap"),
     padded(less_than_half, half, "wrap"), padded(half, less_than_half, "wrap"))
slip("CORR2D-26", "the last row or column stays zero",
     "The last row or column of your output is never filled: the size is right, but a loop ends "
     "one step early.",
     "Compare the end of each range with the size of the output.",
     zeroed((-1, ALL), (ALL, -1)), zeroed((-1, ALL)), zeroed((ALL, -1)), keeps=0.75)
slip("CORR2D-27", "the first row or column stays zero",
     "The first row or column of your output is never filled: a loop starts at 1.",
     "Where does the first window start?",
     zeroed((0, ALL), (ALL, 0)), zeroed((0, ALL)), zeroed((ALL, 0)), keeps=0.75)
slip("CORR2D-28", "windows start one step too late",
     "The first row or column of the right output is missing in yours: windows start at 1, not at "
     "0.",
     "Which entry of X is in the corner of your first window?",
     part(slice(1, None), slice(1, None)), part(slice(1, None)), part(ALL, slice(1, None)),
     from_index_one(1, 1), from_index_one(1, 0), from_index_one(0, 1), keeps=0.75)
slip("CORR2D-29", "results are stored one place too early",
     "Each result is stored one row up and one column to the left, and index -1 wraps to the end, "
     "so no error shows.",
     "At which index should the result of the very first window stand?",
     out(lambda Y: np.roll(Y, (-1, -1), (2, 3))))
slip("CORR2D-30", "windows do not overlap",
     "Your window moves by its own size (stride = kernel size), as in pooling. Here it moves by "
     "one.",
     "With a 3 by 3 image and a 2 by 2 kernel, how many windows are there?",
     out(lambda Y, K: Y[:, :, :: K.shape[2], :: K.shape[3]]))
slip("CORR2D-31", "stride 2",
     "Your window moves by two. Here it moves by one.",
     "Look for a step of 2 in a range or slice.",
     out(lambda Y: Y[:, :, ::2, ::2]))
slip("CORR2D-32", "works only on square images",
     "Your function is right when the image is as high as it is wide, and fails when it is not: "
     "height and width are exchanged somewhere, or one is used for both.",
     "Print the shape of your output array for an image of 4 rows and 5 columns, before the loops.",
     out(lambda Y: np.ascontiguousarray(Y).reshape(*Y.shape[:2], *Y.shape[:1:-1])),
     only(lambda X: X.shape[2] == X.shape[3]),
     only(lambda X, K: X.shape[2] - K.shape[2] == X.shape[3] - K.shape[3]), by_place=True)

# ---- what becomes of the numbers ---------------------------------------------------------------

slip("CORR2D-33", "whole numbers only",
     "Fractions are lost: your results are cut or rounded to whole numbers. An array made with an "
     "integer dtype cuts whatever is stored in it.",
     "Print the dtype of your output array before the loops.",
     out(np.trunc), instead(truncated_each_channel), out(np.rint), out(np.floor),
     given(X=lambda X: np.trunc(X), K=lambda K: np.trunc(K)), keeps=0.75)
slip("CORR2D-34", "negative results are set to zero",
     "Negative results come out as zero: a ReLU has slipped in.",
     "Cross-correlation is linear: minus X must give minus the output.",
     out(lambda Y: np.maximum(Y, 0)),
     instead(lambda maps: np.maximum(maps, 0).sum(2)))
slip("CORR2D-35", "the sign is lost",
     "Your function takes an absolute value: no result of yours is negative.",
     "Cross-correlation is linear: minus X must give minus the output.",
     out(abs), instead(lambda maps: abs(maps).sum(2)))
slip("CORR2D-36", "the output does not start from zero",
     "Every entry of your output is too large by one: sums start from an array of ones.",
     "What is in your output array before the first addition?",
     out(lambda Y: Y + 1), instead(lambda X, K: right(X, K) + K.shape[1]), keeps=0.75)
slip("CORR2D-37", "the sum is not set back to zero",
     "Your running sum is not set back to zero in time: an output entry still holds what was "
     "summed for the one before.",
     "Before which loop should the sum become zero again?",
     running_sum(0, 1, 2, 3), running_sum(1, 2, 3), running_sum(0, 1), running_sum(2, 3),
     running_sum(1), running_sum(3), keeps=0.75)
slip("CORR2D-38", "the window is not summed along one axis",
     "Your output still has an axis of the window: the products are added along one of its two "
     "axes, not along both.",
     "One window and one filter give a single number. Over which axes do you sum?",
     instead(lambda P: P.sum((2, -2))), instead(lambda P: P.sum((2, -1))),
     instead(lambda P: P.sum(2)))
slip("CORR2D-39", "reshaped where axes should be moved",
     "Your numbers are right but stand in the wrong places: a reshape was used where axes have to "
     "be moved, so the numbers are dealt out in the wrong order.",
     "Write down the shape right after your matrix product. Which axis should go where?",
     reshaped_from(0, 2, 3, 1), reshaped_from(1, 0, 2, 3))
slip("CORR2D-40", "axes of length one are dropped",
     "Your output loses an axis when there is only one sample or one output channel. It should "
     "always have four axes.",
     "Look for a squeeze, or for an index that is used where a slice should stand.",
     squeezed(0, 1, 2, 3), squeezed(0), squeezed(1), squeezed(0, 1), keeps=0.75)
slip("CORR2D-41", "the products are written into X",
     "Your function overwrites X while it works: windows overlap, so the next one finds numbers "
     "that are already multiplied.",
     "A slice of an array is a view of it. An operation in place, such as *=, changes X itself.",
     instead(written_into_input))
slip("CORR2D-42", "one sample or one channel only",
     "Your function works on a single matrix, or on a single sample. The task gives a batch with "
     "channels: X and K have four axes each.",
     "Keep what you have as the inner step, and go through samples and channels around it.",
     matrices_only, one_sample_one_output, one_sample)
slip("CORR2D-43", "works only for one input channel",
     "Your function is right for images of one channel, and fails as soon as there are more.",
     "Print the shapes of the window and of K[o] for an image of two channels.",
     only(lambda X: X.shape[1] == 1), by_place=True)
slip("CORR2D-44", "works only for one sample",
     "Your function is right for a batch of one, and fails as soon as there are more samples.",
     "Where does your code go through the first axis of X?",
     only(lambda X: X.shape[0] == 1), by_place=True)
draft.without("CORR2D-45", *_ready_made.CONVOLUTIONS)

# ---- probes; ``conv2d`` makes its own from them ------------------------------------------------


def probe(name, x, k, seeds=(0, 1), contract=True):
    """Scattered numbers of these shapes, and their traits."""
    traits = []
    if contract:
        (B, I, H, W), (O, _, h, w) = x, k
        traits = [
            (B > 1, "more than one sample"),
            (I > 1, "more than one input channel"),
            (O > 1, "more than one output channel"),
            (H != W, "an image that is not square"),
            (h != w, "a kernel that is not square"),
            (h * w == 1, "a kernel of one entry"),
            ((H - h) + (W - w) == 0, "a kernel as large as the image"),
        ]
    words = frozenset(text for holds, text in traits if holds)
    return Probe(name, (scattered(x, seeds[0]), scattered(k, seeds[1])), words, contract=contract)


DEMO = Probe(
    "demo",
    (np.arange(1.0, 10).reshape(1, 1, 3, 3), np.arange(1.0, 5).reshape(1, 1, 2, 2)),
    shown="X = [[1, 2, 3], [4, 5, 6], [7, 8, 9]] and K = [[1, 2], [3, 4]] "
    "(one sample, one channel each)",
)

PROBES = (
    DEMO,
    # Single-channel, not square; then each axis alone, so that a report can say which one matters.
    probe("one channel, not square", (1, 1, 4, 6), (1, 1, 3, 2)),
    probe("two input channels", (1, 2, 4, 4), (1, 2, 2, 2)),
    probe("three output channels", (1, 1, 4, 4), (3, 1, 2, 2), (3, 5)),
    probe("three samples", (3, 1, 4, 4), (1, 1, 2, 2), (2, 4)),
    # As many of everything: faults in the order of axes make no error here, only wrong numbers.
    probe("as many outputs as inputs", (1, 2, 4, 4), (2, 2, 2, 2), (4, 7)),
    probe("two of each, square", (2, 2, 5, 5), (2, 2, 3, 3), (1, 6)),
    # No two sizes alike, a high kernel and a wide one.
    probe("all sizes different", (1, 4, 6, 7), (5, 4, 3, 2), (0, 2)),
    probe("general", (2, 2, 4, 5), (3, 2, 3, 2)),
    probe("general, wide kernel", (3, 2, 6, 5), (4, 2, 2, 3), (5, 3)),
    # The same shapes as 'general' with other numbers: answers remembered by shape fail.
    probe("general, other numbers", (2, 2, 4, 5), (3, 2, 3, 2), (8, 9)),
    probe("one-entry kernel", (2, 3, 3, 4), (4, 3, 1, 1), (1, 3)),
    probe("kernel as large as the image", (2, 2, 3, 4), (3, 2, 3, 4), (6, 1)),
    # Outside of the contract, to recognise functions that are written for less.
    probe("two matrices", (4, 5), (3, 2), contract=False),
    probe("two matrices, other sizes", (5, 3), (2, 2), (2, 4), contract=False),
    probe("one sample, one filter", (2, 4, 5), (2, 3, 2), contract=False),
    probe("one sample, one filter, other sizes", (3, 3, 6), (3, 2, 3), (2, 4), contract=False),
    probe("one sample", (2, 4, 5), (3, 2, 3, 2), contract=False),
    probe("one sample, other sizes", (3, 3, 6), (2, 3, 2, 3), (2, 4), contract=False),
)
draft.probes += PROBES

TASK = draft.task()
