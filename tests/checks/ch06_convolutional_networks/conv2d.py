"""Answers to ``conv2d``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view


def conv_eight_loops(X, K, b):
    n, c_in, H, W = X.shape
    c_out, _, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for s in range(n):
        for o in range(c_out):
            for r in range(H - h + 1):
                for c in range(W - w + 1):
                    out[s, o, r, c] = b[o]
                    for i in range(c_in):
                        for u in range(h):
                            for v in range(w):
                                out[s, o, r, c] += X[s, i, r + u, c + v] * K[o, i, u, v]
    return out


def conv_bias_first(images, filters, offsets):
    rows = images.shape[2] - filters.shape[2] + 1
    cols = images.shape[3] - filters.shape[3] + 1
    maps = np.ones((len(images), 1, rows, cols)) * offsets.reshape(1, -1, 1, 1)
    for u in range(filters.shape[2]):
        for v in range(filters.shape[3]):
            part = images[:, None, :, u : u + rows, v : v + cols]
            maps += (part * filters[None, :, :, u : u + 1, v : v + 1]).sum(2)
    return maps


def conv_im2col_float32(X, K, b):
    X, K, b = (a.astype("float32") for a in (X, K, b))
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    p, q = H - h + 1, W - w + 1
    columns = np.stack([X[:, :, u : u + p, v : v + q] for u in range(h) for v in range(w)], 2)
    flat = K.reshape(O, -1) @ columns.reshape(B, I * h * w, p * q) + b[:, None]
    return flat.reshape(B, O, p, q)


def conv_lists(X, K, b):
    h, w = K.shape[2:]
    return np.array(
        [
            [
                [
                    [
                        float((x[:, i : i + h, j : j + w] * k).sum() + bias)
                        for j in range(x.shape[2] - w + 1)
                    ]
                    for i in range(x.shape[1] - h + 1)
                ]
                for k, bias in zip(K, b)
            ]
            for x in X
        ]
    )


def conv_torch(X, K, b):
    return F.conv2d(X, K, b)


def conv_torch_windows(X, K, b):
    patches = X.unfold(2, K.size(2), 1).unfold(3, K.size(3), 1)
    return (patches[:, None] * K[None, :, :, None, None]).sum((2, 5, 6)) + b[:, None, None]


def corr(X, K):
    """A right correlation for the students of ``conv2d``."""
    return F.conv2d(torch.from_numpy(X), torch.from_numpy(K)).numpy()


def conv_forgets_to_reshape(X, K, b):
    return corr(X, K) + b


def conv_reshapes_for_rows(X, K, b):
    return corr(X, K) + b.reshape(-1, 1)


def conv_bias_in_channel_loop(X, K, b):
    out = np.zeros((len(X), len(K), *(X.shape[k] - K.shape[k] + 1 for k in (2, 3))))
    for n in range(len(X)):
        for o in range(len(K)):
            for i in range(K.shape[1]):
                out[n, o] += corr(X[n : n + 1, i : i + 1], K[o : o + 1, i : i + 1])[0, 0] + b[o]
    return out


def conv_bias_in_window_loop(X, K, b):
    (n, c_in, H, W), (c_out, _, h, w) = X.shape, K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for s, o, r, c in np.ndindex(*out.shape):
        for i, u, v in np.ndindex(c_in, h, w):
            out[s, o, r, c] += X[s, i, r + u, c + v] * K[o, i, u, v] + b[o]
    return out


def conv_adds_to_everything(X, K, b):
    Y = corr(X, K)
    for o in range(len(b)):
        Y += b[o]
    return Y


def conv_forgets_bias(X, K, b):
    return corr(X, K)


def conv_first_bias_only(X, K, b):
    return corr(X, K) + b[0]


def conv_integers(X, K, b):
    out = np.zeros(corr(X, K).shape, dtype=int)
    for o in range(len(K)):
        out[:, o] = corr(X, K)[:, o] + b[o]
    return out


def conv_with_relu(X, K, b):
    return F.relu(F.conv2d(torch.from_numpy(X), torch.from_numpy(K), torch.from_numpy(b)))


def conv_true_convolution(X, K, b):
    from scipy.signal import convolve2d

    maps = [[sum(map(lambda x, k: convolve2d(x, k, "valid"), xs, ks)) for ks in K] for xs in X]
    return np.array(maps) + b[None, :, None, None]


def conv_one_input_channel(X, K, b):
    return corr(X[:, 0:1], K[:, 0:1]) + b.reshape(1, len(b), 1, 1)


def conv_bias_to_first_sample(X, K, b):
    Y = corr(X, K)
    for o in range(len(b)):
        Y[0, o] += b[o]
    return Y


def exchanged_and_along_the_width(X, K, b):
    return np.einsum("nchwij,coij->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K) + b


def exchanged_and_along_the_width_in_loops(X, K, b):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c in range(I):
            Y[n, o, i, j] += (X[n, c, i : i + h, j : j + w] * K[c, o]).sum()
    return Y + b


def exchanged_and_along_the_width_in_tensors(X, K, b):
    return F.conv2d(X, K.transpose(0, 1)) + b


def framework(X, K, b):
    return F.conv2d(*map(torch.tensor, (X, K, b)))


RIGHT = [
    conv_eight_loops,
    conv_bias_first,
    conv_im2col_float32,
    conv_lists,
]

WHOLE = [conv_eight_loops, conv_bias_first, conv_lists]

WRONG = {
    "LAB5-11": [conv_forgets_to_reshape, conv_reshapes_for_rows],
    "LAB5-12": [conv_bias_in_channel_loop],
    "CONV2D-02": [conv_bias_in_window_loop],
    "CONV2D-06": [conv_adds_to_everything],
    "CONV2D-01": [conv_forgets_bias],
    "CONV2D-05": [conv_first_bias_only],
    "CONV2D-11": [conv_integers],
    "CONV2D-10": [conv_with_relu],
    "LAB5-01": [conv_true_convolution],
    "LAB5-02": [conv_one_input_channel],
    "CONV2D-08": [conv_bias_to_first_sample],
    "CONV2D-13": [conv_torch, conv_torch_windows],
    ("LAB5-06", "LAB5-11"): [
        exchanged_and_along_the_width,
        exchanged_and_along_the_width_in_loops,
        exchanged_and_along_the_width_in_tensors,
    ],
}

TWO = [("LAB5-12", "LAB5-01"), ("CONV2D-01", "LAB5-04"), ("CONV2D-03", "CONV2D-10")]

COURSE = {f"LAB5-{number}" for number in ("01", "02", "04", "06", "07", "09", "11", "12")}
CODE = ("einsum", "[::-1", "range(H", "[:, None", "reshape(1")
