"""Task ``max_pool2d(X, pool_size)``: maximum over windows that do not overlap.

Shapes: X (B, C, H, W), pool_size = (h, w), output (B, C, H // h, W // w). Ids that begin with LAB5
are those of the course that the labs come from; those that begin with MAXPOOL are our own.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...slips import Draft
from ...task import Fitted
from ...values import scattered
from . import _ready_made

CONTRACT = """max_pool2d(X, pool_size): the maximum of each window, windows side by side.

X has shape (B, C, H, W): batch, channels, height, width.
pool_size is a pair (h, w): height and width of the window, which also moves by h rows and w
columns, so that no two windows overlap. Rows and columns that do not fill a whole window, at the
bottom and at the right, are dropped. The output has shape (B, C, H // h, W // w), four axes also
where a length is one; each sample and each channel is pooled on its own. Entries may be of any sign
and size that float32 holds, and fractions must survive."""


def reference(X, pool_size):
    """The definition, one window at a time."""
    (B, C, H, W), (h, w) = X.shape, pool_size
    Y = np.zeros((B, C, H // h, W // w))
    for n, c, i, j in np.ndindex(Y.shape):
        Y[n, c, i, j] = X[n, c, i * h : (i + 1) * h, j * w : (j + 1) * w].max()
    return Y


def windows(X, pool_size, step=None):
    """All windows that lie inside, ``step`` apart (the window itself): (B, C, rows, cols, h, w)."""
    down, right_ = step or pool_size
    return sliding_window_view(X, pool_size, axis=(2, 3))[:, :, ::down, ::right_]


def right(X, pool_size):
    """The same, from a view of the windows (a test compares the two)."""
    return windows(X, pool_size).max((4, 5))


FAR_BELOW = "entries far below zero"
LEFT_OVER = "rows or columns left over"

draft = Draft(
    "max_pool2d", CONTRACT, reference, right=right,
    terms={"s": lambda pool_size: pool_size, "w": windows}, whole=("pool_size",),
)
out, given, instead, slip = draft.out, draft.given, draft.instead, draft.slip


def size(change):
    """A window of another size."""
    return given(pool_size=lambda pool_size: change(*pool_size))


def with_step(change):
    """Windows of the right size, moved by other steps."""
    return instead(lambda X, s: windows(X, s, change(*s)).max((4, 5)))


def padded(first, last, value):
    """Rows and columns around X, so many as these functions of its and the window's size say."""

    def pad(X, s):
        sides = [(first(n, k), last(n, k)) for n, k in zip(X.shape[2:], s)]
        return np.pad(X, ((0, 0), (0, 0), *sides), constant_values=value)

    return given(X=pad)


def incomplete(value):
    """Incomplete windows kept, their missing places filled with ``value``."""
    return padded(lambda n, k: 0, lambda n, k: -n % k, value)


def framed(value):
    """Half a window put around X, as zeros or as something that never wins."""
    return padded(lambda n, k: k // 2, lambda n, k: k // 2, value)


def starts_from(number):
    """The search for each maximum starts from a fixed number."""
    return out(lambda Y: np.maximum(Y, number))


def start_of_the_search(outcomes):
    """``starts_from`` the one number that stands in all places where every entry is far below."""
    far = [got[0] for probe, got in outcomes if got and FAR_BELOW in probe.traits]
    if not far or not far[0].size or (far[0] != far[0].flat[0]).any() or far[0].flat[0] >= 0:
        return None
    return starts_from(far[0].flat[0])


def one_too_late(rows, columns):
    """Windows begin at index 1; what lies beyond the edge is cut off without an error."""

    def core(X, pool_size):
        (h, w), Y = pool_size, right(X, pool_size)
        for i, j in np.ndindex(Y.shape[2:]):
            top, left = i * h + rows, j * w + columns
            window = X[:, :, top : top + h, left : left + w]
            Y[:, :, i, j] = window.max((2, 3))  # a window of nothing raises
        return Y

    return instead(core)


def from_index(X, pool_size):
    """Window (i, j) starts at row i and column j."""
    rows, columns = X.shape[2] // pool_size[0], X.shape[3] // pool_size[1]
    return windows(X, pool_size, (1, 1)).max((4, 5))[:, :, :rows, :columns]


def smaller_window(X, pool_size):
    """The end of each slice one too early."""
    if min(pool_size) < 2:
        raise ValueError
    return windows(X, pool_size)[..., :-1, :-1].max((4, 5))


def largest_in_size(w):
    """The entry farthest from zero, with its sign."""
    flat = w.reshape(*w.shape[:4], -1)
    return np.take_along_axis(flat, abs(flat).argmax(-1)[..., None], -1)[..., 0]


def wrong_reshape(X, pool_size):
    """The axes of the windows in the wrong order; only where the windows fill the image."""
    (B, C, H, W), (h, w) = X.shape, pool_size
    return X.reshape(B, C, H // h, W // w, h, w).max((4, 5))


def cut_to_whole_windows(X, s):
    (h, w), (H, W) = s, X.shape[2:]
    return np.ascontiguousarray(X[:, :, : H // h * h, : W // w * w])


def from_the_end(X, s):
    """Incomplete windows dropped at the top and at the left."""
    top, left = (n % k for n, k in zip(X.shape[2:], s))
    return X[:, :, top:, left:]


def in_large_output(shape):
    """Results in the corner of an array that is too large, the rest zero."""

    def change(Y, X, s):
        large = np.zeros((*X.shape[:2], *shape(*X.shape[2:], *s)))
        large[:, :, : Y.shape[2], : Y.shape[3]] = Y
        return large

    return out(change)


def in_place_of_windows(Y, X, pool_size):
    """As large as X: each maximum written over its whole window, the rest as in X."""
    made, (h, w) = X.copy(), pool_size
    for i, j in np.ndindex(Y.shape[2:]):
        part = (slice(None), slice(None), slice(i * h, (i + 1) * h), slice(j * w, (j + 1) * w))
        made[part] = Y[:, :, i : i + 1, j : j + 1]
    return made


def at_corners(Y, X, pool_size):
    """As large as X: each maximum at the corner of its window, zeros elsewhere."""
    made, (h, w) = np.zeros(X.shape), pool_size
    made[:, :, : Y.shape[2] * h : h, : Y.shape[3] * w : w] = Y
    return made


def running(*axes):
    """The maximum is not set back when ``axes`` (of batch, channels, rows, columns) go on."""

    def change(Y):
        kept = [axis for axis in range(4) if axis not in axes]
        moved = Y.transpose(*kept, *axes)
        flat = np.maximum.accumulate(moved.reshape(*moved.shape[: len(kept)], -1), axis=-1)
        return flat.reshape(moved.shape).transpose(np.argsort((*kept, *axes)))

    return out(change)


def first_rest_zero(axis):
    """Only the first sample, or the first channel, is pooled."""

    def change(Y):
        made = np.zeros_like(Y)
        first = (slice(None),) * axis + (slice(1),)
        made[first] = Y[first]
        return made

    return out(change)


def needs(condition, core=right):
    """An answer that is right on some inputs and fails on all others."""

    def answer(X, pool_size):
        if not condition(X, pool_size):
            raise ValueError
        return core(X, pool_size)

    return answer


def only(holds):
    """Right on a batch for which ``holds(H, W, h, w)``, an error elsewhere."""
    return draft.only(lambda X, s: X.ndim == 4 and type(s) is tuple and holds(*X.shape[2:], *s))


# ---- the mistakes of the course ----------------------------------------------------------------

slip("LAB5-14", "the windows overlap (stride 1)",
     "Your window moves by one row and one column. Here it moves by its own height and width, so "
     "that no two windows share a pixel.",
     "How many windows of 2 by 2 lie side by side in a 4 by 4 image?",
     with_step(lambda h, w: (1, 1)))
slip("LAB5-16", "the average instead of the maximum",
     "Your function averages each window. The task asks for its largest entry.",
     "For a window that holds 0, 1, 4 and 5, what should come out?",
     instead(lambda w: w.mean((4, 5))), keeps=0.25)
slip("LAB5-17", "the maximum is taken over samples or channels too",
     "Your maximum runs over more than the window: it mixes channels or samples. Each channel of "
     "each sample is pooled on its own.",
     "A window of one map holds h times w numbers. Over how many numbers does your maximum run?",
     out(lambda Y: np.broadcast_to(Y.max((0, 1), keepdims=True), Y.shape)),
     out(lambda Y: np.broadcast_to(Y.max(1, keepdims=True), Y.shape)),
     out(lambda Y: np.broadcast_to(Y.max(0, keepdims=True), Y.shape)),
     out(lambda Y: Y.max((0, 1))), out(lambda Y: Y.max(1)), out(lambda Y: Y.max(0)),
     out(lambda Y: Y.max((0, 1), keepdims=True)), out(lambda Y: Y.max(1, keepdims=True)),
     out(lambda Y: Y.max(0, keepdims=True)))
slip("LAB5-19", "incomplete windows at the border are kept",
     "Your output has a window for the rows or columns left over at the border. The task drops "
     "windows that are not whole.",
     "How many whole windows of height 2 fit into 5 rows?",
     incomplete(-np.inf), incomplete(0), keeps=0.75)
slip("LAB5-21", "height and width of the window are exchanged",
     "The first number of pool_size is taken for the width and the second for the height, in the "
     "window itself or in its steps. It is the other way round.",
     "Draw a window of size (2, 3). How many rows has it?",
     size(lambda h, w: (w, h)), with_step(lambda h, w: (w, h)), keeps=0.75)

# ---- the window --------------------------------------------------------------------------------

slip("MAXPOOL-01", "windows start at the index of the output",
     "Window (i, j) of yours starts at row i and column j, so the windows overlap and never leave "
     "the top left part of the image.",
     "In which row of X does the second window from the top start, if windows are 2 rows high?",
     instead(from_index))
slip("MAXPOOL-02", "the minimum instead of the maximum",
     "Your function gives the smallest entry of each window. The task asks for the largest.",
     "For a window that holds 0, 1, 4 and 5, what should come out?",
     instead(lambda w: w.min((4, 5))), out(lambda Y: -Y), keeps=0.75)
slip("MAXPOOL-03", "the sum instead of the maximum",
     "Your function adds the entries of each window. The task asks for the largest of them.",
     "For a window that holds 0, 1, 4 and 5, what should come out?",
     instead(lambda w: w.sum((4, 5))), keeps=0.25)
slip("MAXPOOL-04", "negative maxima come out as zero",
     "A window of negative numbers gives zero: the search for the maximum starts from zero, or a "
     "ReLU has slipped in.",
     "Which number can be the start of a search for a maximum, if all entries may be negative?",
     starts_from(0), keeps=0.75)
slip("MAXPOOL-05", "the sign is not respected",
     "Your function compares absolute values. Minus 5 is smaller than 2, and the maximum of the "
     "two is 2.",
     "What should a window that holds -5 and 2 give?",
     instead(lambda w: abs(w).max((4, 5))), instead(largest_in_size), out(abs))
slip("MAXPOOL-06", "the maximum is taken along one direction of the window",
     "Your maximum runs down the window or across it, not both: an axis of the window is left in "
     "your output, or only part of the window was looked at.",
     "One window gives one number. Over which two axes does the maximum run?",
     instead(lambda w: w.max(5)), instead(lambda w: w.max(4)),
     instead(lambda w: w[..., 0, :].max(4)), instead(lambda w: w[..., 0].max(4)),
     instead(lambda X, s: windows(X, (s[0], 1)).max((4, 5))),
     instead(lambda X, s: windows(X, (1, s[1])).max((4, 5))))
slip("MAXPOOL-07", "the place of the maximum instead of its value",
     "Your output holds the place at which the maximum stands. The task asks for the value.",
     "Which of the two gives argmax, and which max?",
     instead(lambda w: w.reshape(*w.shape[:4], -1).argmax(-1).astype(float)))
slip("MAXPOOL-08", "one entry of each window instead of the largest",
     "Your function picks a fixed entry of each window, its corner. It should compare all of them.",
     "A step in a slice thins an image out. Where does your code compare numbers?",
     instead(lambda w: w[..., 0, 0]), instead(lambda w: w[..., -1, -1]),
     instead(lambda X, s: X[:, :, :: s[0], :: s[1]]), keeps=0.25)
slip("MAXPOOL-09", "one size for both directions",
     "Your function uses one of the two numbers of pool_size for rows and columns alike, so "
     "windows that are not square come out wrong.",
     "A window of size (2, 3) has 2 rows and 3 columns. Where does each number enter?",
     size(lambda h, w: (h, h)), size(lambda h, w: (w, w)), with_step(lambda h, w: (h, h)),
     with_step(lambda h, w: (w, w)), only(lambda H, W, h, w: h == w),
     by_place=True)
slip("MAXPOOL-10", "the step, or the window, is always 2",
     "Your window, or its step, is 2 whatever pool_size says.",
     "Look for a 2 in your code that should be h or w.",
     with_step(lambda h, w: (2, 2)), size(lambda h, w: (2, 2)),
     instead(lambda X, s: windows(X, (2, 2), s).max((4, 5))))
slip("MAXPOOL-11", "the last row and column of each window are left out",
     "Your windows are one row and one column too small: slices end one place too early.",
     "In a slice a:b, is entry b part of it?",
     instead(smaller_window), keeps=0.75)
slip("MAXPOOL-12", "the maximum of the whole map",
     "Your function gives the largest entry of each map, not of each window.",
     "How many numbers should come out of a 4 by 4 image with 2 by 2 windows?",
     instead(lambda X: X.max((2, 3))), instead(lambda X: X.max((2, 3), keepdims=True)),
     out(lambda Y: np.broadcast_to(Y.max((2, 3), keepdims=True), Y.shape)), keeps=0.25)
slip("MAXPOOL-13", "the axes of the windows are mixed up in a reshape",
     "Your reshape deals the pixels out in reading order, so that what you call a window is a "
     "piece of one row.",
     "Going through X in memory, which changes first: the column within a window, the window's "
     "number in its row, or the row within a window? The axes of the reshape follow this order.",
     instead(wrong_reshape),
     instead(lambda X, s: wrong_reshape(cut_to_whole_windows(X, s), s)))
slip("MAXPOOL-29", "the search for the maximum starts from a fixed number",
     "Where all entries of a window lie below a certain number, your function gives that number "
     "and not the largest entry: the search for the maximum starts from it.",
     "Is there a number below every other, or an entry of the window with which to start?",
     Fitted(right, after=starts_from(-100.0).after, fit=start_of_the_search), keeps=0.75)
slip("MAXPOOL-30", "windows begin one row or one column too late",
     "Your windows are moved by one row or one column: the first of them begins at index 1, and "
     "the last one is cut off at the edge.",
     "Which entry of X is in the corner of your first window?",
     one_too_late(1, 1), one_too_late(1, 0), one_too_late(0, 1))

# ---- the border --------------------------------------------------------------------------------

slip("MAXPOOL-14", "the last window is missing",
     "Your output has one row or one column too few: the last whole window is not used.",
     "In how many places can a window of height 2 stand in 4 rows, if windows do not overlap?",
     out(lambda Y: Y[:, :, :-1, :-1]), out(lambda Y: Y[:, :, :-1]),
     out(lambda Y: Y[:, :, :, :-1]), keeps=0.75)
slip("MAXPOOL-15", "rows and columns are dropped at the top and at the left",
     "Where windows do not fill the image, your function drops the first rows or columns. The task "
     "drops the last ones.",
     "In which corner of X does the very first window stand?",
     given(X=from_the_end), keeps=0.75)
slip("MAXPOOL-16", "a frame is put around the image",
     "Your function pads X on all sides before it pools. The task pools X as it is.",
     "Which entry of X is in the corner of the first window?",
     framed(0), framed(-np.inf))
slip("MAXPOOL-17", "fails where windows do not fill the image",
     "Your function is right when the windows fill the image exactly, and fails when rows or "
     "columns are left over.",
     "What should become of the fifth row, if windows are 2 rows high?",
     only(lambda H, W, h, w: not (H % h or W % w)),
     by_place=True, keeps=0.75)
slip("MAXPOOL-18", "the output is larger than it should be",
     "Your output array is larger than the number of windows, and holds places that no window "
     "fills.",
     "Print the shape of your output array for a 4 by 4 image and 2 by 2 windows.",
     in_large_output(lambda H, W, h, w: (H, W)),
     in_large_output(lambda H, W, h, w: (H - h + 1, W - w + 1)),
     in_large_output(lambda H, W, h, w: (-(-H // h), -(-W // w))), out(at_corners),
     out(in_place_of_windows))
slip("MAXPOOL-19", "rows and columns are exchanged",
     "Each of your output maps is transposed.",
     "When the column index of the output grows by one, which way does the window move?",
     out(lambda Y: Y.swapaxes(2, 3)), keeps=0.75)
slip("MAXPOOL-20", "works only where the output is square",
     "Your function is right when there are as many windows side by side as on top of each other, "
     "and fails when there are not: rows and columns are exchanged somewhere, or one number is "
     "used for both.",
     "Print the shape of your output array for an image of 4 rows and 6 columns.",
     out(lambda Y: np.ascontiguousarray(Y).reshape(*Y.shape[:2], *Y.shape[:1:-1])),
     only(lambda H, W, h, w: H // h == W // w),
     only(lambda H, W, h, w: H == W), by_place=True)

# ---- what becomes of the numbers ---------------------------------------------------------------

slip("MAXPOOL-21", "only the first sample or the first channel is pooled",
     "Your function works on sample 0 or channel 0 only; the others do not get an output of their "
     "own.",
     "Where does your code go through the first two axes of X?",
     out(lambda Y: np.broadcast_to(Y[:1], Y.shape)),
     out(lambda Y: np.broadcast_to(Y[:, :1], Y.shape)), first_rest_zero(0), first_rest_zero(1),
     out(lambda Y: Y[:1]), out(lambda Y: Y[:, :1]), out(lambda Y: Y[0]),
     out(lambda Y: Y[:, 0]))
slip("MAXPOOL-22", "channels are added up or averaged",
     "Your output has no channels of its own any more: they were added or averaged. Pooling never "
     "mixes channels.",
     "How many channels go in, and how many should come out?",
     out(lambda Y: Y.sum(1)), out(lambda Y: Y.sum(1, keepdims=True)),
     out(lambda Y: np.broadcast_to(Y.sum(1, keepdims=True), Y.shape)),
     out(lambda Y: Y.mean(1)), out(lambda Y: Y.mean(1, keepdims=True)))
slip("MAXPOOL-23", "the axes stand in another order",
     "Your numbers are right, and the axes of the output stand in another order than (B, C, rows, "
     "columns).",
     "In which order did you store or stack the results?",
     out(lambda Y: Y.swapaxes(0, 1)), out(lambda Y: Y.transpose(0, 2, 3, 1)),
     out(lambda Y: Y.transpose(2, 3, 0, 1)), keeps=0.75)
slip("MAXPOOL-24", "the maximum is not set back",
     "Your running maximum is not set back in time: a window still holds the maximum of the one "
     "before, if that was larger.",
     "Before which loop should the search for the maximum start afresh?",
     running(0, 1, 2, 3), running(1, 2, 3), running(2, 3), running(3), keeps=0.75)
slip("MAXPOOL-25", "whole numbers only",
     "Fractions are lost: your results are cut or rounded to whole numbers. An array made with an "
     "integer dtype cuts whatever is stored in it.",
     "Print the dtype of your output array before the loops.",
     *draft.variants("whole"), out(lambda Y: Y.astype("int64")), out(lambda Y: Y.astype("int32")),
     out(lambda Y: np.rint(Y).astype("int64")), out(lambda Y: np.floor(Y).astype("int64")),
     keeps=0.75)
slip("MAXPOOL-26", "axes of length one are dropped",
     "Your output loses an axis when there is only one sample, one channel or one window. It "
     "should always have four axes.",
     "Look for a squeeze, or for an index that is used where a slice should stand.",
     out(np.squeeze), out(lambda Y: Y[0] if len(Y) == 1 else Y),
     out(lambda Y: Y[:, 0] if Y.shape[1] == 1 else Y), keeps=0.75)
slip("MAXPOOL-27", "one map or one sample only",
     "Your function works on a single map, or on a single sample. The task gives a batch with "
     "channels: X has four axes.",
     "Keep what you have as the inner step, and go through samples and channels around it.",
     needs(lambda X, s: X.ndim == 2, lambda X, s: right(X[None, None], s)[0, 0]),
     needs(lambda X, s: X.ndim == 3, lambda X, s: right(X[None], s)[0]))
slip("MAXPOOL-28", "pool_size is taken for one number",
     "Your function takes a single number for pool_size. The task gives a pair (h, w).",
     "What does your code do with (2, 3)?",
     needs(lambda X, s: isinstance(s, int), lambda X, s: right(X, (s, s))), keeps=0.75)
draft.without("MAXPOOL-31", *_ready_made.POOLINGS)

# ---- probes ------------------------------------------------------------------------------------


def probe(name, x, pool_size, seed=0, scale=1.0, shift=0.0, contract=True):
    """Scattered numbers, and their traits."""
    words = set()
    if contract:
        (B, C, H, W), (h, w) = x, pool_size
        traits = [
            (B > 1, "more than one sample"),
            (C > 1, "more than one channel"),
            (H // h != W // w, "an output that is not square"),
            (h != w, "a window that is not square"),
            (H % h or W % w, LEFT_OVER),
            (shift < -scale, "only negative entries"),
            (shift < -1e20, FAR_BELOW),
        ]
        words = {text for holds, text in traits if holds}
    draft.probe(name, scattered(x, seed, scale) + shift, pool_size, has=words, contract=contract)


def count(name, height, width, pool_size, shown, *has, sign=1.0, start=0.0):
    """One map that holds whole numbers in reading order."""
    X = sign * np.arange(start, start + height * width).reshape(1, 1, height, width)
    text = f"X = {shown}, as {height} by {width} in reading order (one sample, one channel) and "
    draft.probe(name, X, pool_size, has=has, shown=f"{text}pool_size = {pool_size}")


count("0 to 15", 4, 4, (2, 2), "0, ..., 15")
count("-1 to -16", 4, 4, (2, 2), "-1, ..., -16", "only negative entries", sign=-1.0, start=1.0)
count("0 to 24", 5, 5, (2, 2), "0, ..., 24", LEFT_OVER)
count("0 to 23", 4, 6, (2, 3), "0, ..., 23", "a window that is not square")
draft.probe(
    "two channels", np.stack([np.arange(16.0), np.arange(100.0, 116)]).reshape(1, 2, 4, 4), (2, 2),
    has="more than one channel",
    shown="X with channels 0, ..., 15 and 100, ..., 115, each 4 by 4 in reading order (one "
    "sample), and pool_size = (2, 2)",
)
probe("three samples", (3, 1, 4, 4), (2, 2), 2)
probe("as many samples as channels", (2, 2, 4, 4), (2, 2), 4)
probe("large window", (1, 1, 6, 6), (3, 3), 5)
probe("square image, high window", (1, 1, 6, 6), (3, 2), 11)
probe("wide image, square window", (1, 2, 4, 6), (2, 2), 12)
probe("general", (5, 3, 8, 14), (4, 2), 1)
probe("general, wide window, left over", (2, 4, 9, 14), (2, 4), 3, 2.0)
probe("general, high window, left over", (3, 2, 11, 7), (4, 3), 6, 2.0)
probe("general, negative", (2, 3, 7, 6), (2, 3), 7, 1.0, -2.0)
# Below every number that somebody might think to be below all others.
probe("general, far below zero", (2, 3, 6, 9), (2, 3), 13, 1e30, -2e30)
# The same shapes as 'general' with other numbers: answers remembered by shape fail.
probe("general, other numbers", (5, 3, 8, 14), (4, 2), 9)
probe("one row at a time", (2, 2, 3, 6), (1, 2), 8)
probe("window as large as the map", (2, 3, 3, 4), (3, 4), 10)
# Outside of the contract, to recognise functions that are written for less.
probe("one map", (4, 6), (2, 3), contract=False)
probe("one map, other sizes", (6, 5), (3, 1), 13, contract=False)
probe("one sample", (2, 4, 6), (2, 3), contract=False)
probe("one sample, other sizes", (3, 6, 4), (2, 1), 14, contract=False)
probe("one number", (2, 3, 4, 6), 2, contract=False)
probe("one number, other sizes", (3, 1, 6, 3), 3, 15, contract=False)

TASK = draft.task()
