"""Answers to ``max_pool2d``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view


def pool_loops(X, pool_size):
    h, w = pool_size
    out = np.zeros((X.shape[0], X.shape[1], X.shape[2] // h, X.shape[3] // w))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i * h : i * h + h, j * w : j * w + w].max(axis=(2, 3))
    return out


def pool_search(images, size):
    n, c, H, W = images.shape
    result = np.full((n, c, H // size[0], W // size[1]), -np.inf)
    for s in range(n):
        for k in range(c):
            for r in range(H // size[0] * size[0]):
                for q in range(W // size[1] * size[1]):
                    place = s, k, r // size[0], q // size[1]
                    if images[s, k, r, q] > result[place]:
                        result[place] = images[s, k, r, q]
    return result


def pool_reshape_float32(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    X = X.astype("float32")[:, :, : H - H % h, : W - W % w]
    return X.reshape(B, C, H // h, h, W // w, w).max(axis=5).max(axis=3)


def pool_slices(X, pool_size):
    (H, W), (h, w) = X.shape[2:], pool_size
    best = None
    for u in range(h):
        for v in range(w):
            part = X[:, :, u : H - H % h : h, v : W - W % w : w]
            best = part if best is None else np.maximum(best, part)
    return best.copy()


def pool_torch(X, pool_size):
    return F.max_pool2d(X, pool_size)


def pool_torch_amax(X, pool_size):
    return (
        X.unfold(2, pool_size[0], pool_size[0]).unfold(3, pool_size[1], pool_size[1]).amax((4, 5))
    )


def pool_stride_one(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] - h + 1, X.shape[3] - w + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i : i + h, j : j + w].max((2, 3))
    return out


def pool_forgets_times(X, pool_size):
    out = np.zeros((*X.shape[:2], X.shape[2] // pool_size[0], X.shape[3] // pool_size[1]))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = X[:, :, i : i + pool_size[0], j : j + pool_size[1]]
            out[:, :, i, j] = window.max((2, 3))
    return out


def pool_average(X, pool_size):
    return F.avg_pool2d(torch.from_numpy(X), pool_size)


def pool_one_maximum(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = np.max(X[:, :, i * h : (i + 1) * h, j * w : (j + 1) * w])
    return out


def pool_ceil(X, pool_size):
    return F.max_pool2d(torch.from_numpy(X), pool_size, ceil_mode=True)


def pool_exchanged(X, pool_size):
    w, h = pool_size
    return F.max_pool2d(torch.from_numpy(X), (h, w))


def pool_from_zero(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for n, c, i, j in np.ndindex(*out.shape):
        best = 0
        for u in range(h):
            for v in range(w):
                if X[n, c, i * h + u, j * w + v] > best:
                    best = X[n, c, i * h + u, j * w + v]
        out[n, c, i, j] = best
    return out


def pool_builtin_max_of_rows(X, pool_size):
    h, w = pool_size
    out = np.zeros((*X.shape[:2], X.shape[2] // h, X.shape[3] // w))
    for n, c, i, j in np.ndindex(*out.shape):
        out[n, c, i, j] = max(X[n, c, i * h, j * w : (j + 1) * w])
    return out


def pool_indivisible(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    return X.reshape(B, C, H // h, h, W // w, w).max((3, 5))


def pool_wrong_axes(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    X = X[:, :, : H // h * h, : W // w * w]
    return X.reshape(B, C, H // h, W // w, h, w).max((4, 5))


def pool_one_number(X, pool_size):
    out = np.zeros((*X.shape[:2], X.shape[2] // pool_size, X.shape[3] // pool_size))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            rows = slice(i * pool_size, (i + 1) * pool_size)
            out[:, :, i, j] = X[:, :, rows, j * pool_size : (j + 1) * pool_size].max((2, 3))
    return out


def pool_first_size_twice(X, pool_size):
    p = pool_size[0]
    out = np.zeros((*X.shape[:2], X.shape[2] // p, X.shape[3] // p))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = X[:, :, i * p : i * p + p, j * p : j * p + p].max((2, 3))
    return out


def pool_integers(X, pool_size):
    out = np.zeros(F.max_pool2d(torch.from_numpy(X), pool_size).shape, dtype=np.int64)
    out[...] = F.max_pool2d(torch.from_numpy(X), pool_size).numpy()
    return out


def first_entry_first(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    Y = np.zeros((B, C, H // h, W // w))
    for n, c, i, j in np.ndindex(*Y.shape):
        best = X[n, c, i * h, j * w]
        for p in range(h):
            for q in range(w):
                best = max(best, X[n, c, i * h + p, j * w + q])
        Y[n, c, i, j] = best
    return Y


def sorted_windows(X, pool_size):
    (H, W), (h, w) = X.shape[2:], pool_size
    windows = sliding_window_view(X, pool_size, (2, 3))[:, :, : H - h + 1 : h, : W - w + 1 : w]
    return np.sort(windows.reshape(*windows.shape[:4], -1))[..., -1]


def pool_slices_from_one(X, pool_size):
    (B, C, H, W), (h, w) = X.shape, pool_size
    Y = np.zeros((B, C, H // h, W // w))
    for i in range(H // h):
        for j in range(W // w):
            rows, columns = slice(i * h + 1, (i + 1) * h + 1), slice(j * w + 1, (j + 1) * w + 1)
            Y[:, :, i, j] = X[:, :, rows, columns].max((2, 3))
    return Y


def pool_shifted_image(X, pool_size):
    X = np.pad(X, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=-np.inf)[:, :, 1:, 1:]
    (H, W), (h, w) = X.shape[2:], pool_size
    X = X[:, :, : H // h * h, : W // w * w]
    Y = X.reshape(*X.shape[:2], H // h, h, W // w, w).max((3, 5))
    if min(pool_size) == 1:
        raise ValueError("an empty window")
    return Y


def pool_shifted_tensor(X, pool_size):
    if min(pool_size) == 1:
        raise ValueError("an empty window")
    return F.max_pool2d(F.pad(X, (-1, 1, -1, 1), value=-math.inf), pool_size)


def framework(X, pool_size):
    return F.max_pool2d(torch.tensor(X), pool_size)


RIGHT = [
    pool_loops,
    pool_search,
    pool_reshape_float32,
    pool_slices,
    first_entry_first,
]

WHOLE = [pool_loops, pool_search, pool_slices]

WRONG = {
    "LAB5-14": [pool_stride_one],
    "MAXPOOL-01": [pool_forgets_times],
    "LAB5-16": [pool_average],
    "LAB5-17": [pool_one_maximum],
    "LAB5-19": [pool_ceil],
    "LAB5-21": [pool_exchanged],
    "MAXPOOL-04": [pool_from_zero],
    "MAXPOOL-06": [pool_builtin_max_of_rows],
    "MAXPOOL-17": [pool_indivisible],
    "MAXPOOL-13": [pool_wrong_axes],
    "MAXPOOL-28": [pool_one_number],
    "MAXPOOL-09": [pool_first_size_twice],
    "MAXPOOL-25": [pool_integers],
    "MAXPOOL-31": [pool_torch, pool_torch_amax, sorted_windows],
    "MAXPOOL-30": [pool_slices_from_one, pool_shifted_image, pool_shifted_tensor],
}

TWO = [("LAB5-16", "LAB5-21"), ("LAB5-17", "LAB5-19"), ("MAXPOOL-02", "MAXPOOL-25")]

COURSE = {f"LAB5-{number}" for number in ("14", "16", "17", "19", "21")}
CODE = (".max(", "range(H", "[:, None", "// h")
