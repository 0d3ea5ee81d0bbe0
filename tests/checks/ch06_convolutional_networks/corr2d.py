"""Answers to ``corr2d``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def seven_loops(X, K):
    n, c_in, H, W = X.shape
    c_out, _, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for r in range(H - h + 1):
                for c in range(W - w + 1):
                    total = 0.0
                    for i in range(c_in):
                        for u in range(h):
                            for v in range(w):
                                total += X[b, i, r + u, c + v] * K[o, i, u, v]
                    out[b, o, r, c] = total
    return out


def window_at_a_time(image, kernel):
    rows = image.shape[-2] - kernel.shape[-2] + 1
    cols = image.shape[-1] - kernel.shape[-1] + 1
    result = np.empty((len(image), len(kernel), rows, cols), dtype=image.dtype)
    for r in range(rows):
        for c in range(cols):
            patch = image[:, None, :, r : r + kernel.shape[-2], c : c + kernel.shape[-1]]
            result[:, :, r, c] = (patch * kernel).sum(axis=(2, 3, 4))
    return result


def with_windows(X, K):
    return np.einsum("bipqhw,oihw->bopq", sliding_window_view(X, K.shape[2:], axis=(2, 3)), K)


def with_tensordot(X, K):
    windows = sliding_window_view(X, K.shape[2:], (2, 3))
    return np.tensordot(windows, K, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def with_strides(X, K):
    b, i, H, W = X.shape
    o, _, h, w = K.shape
    sb, si, sr, sc = X.strides
    view = as_strided(X, (b, H - h + 1, W - w + 1, i, h, w), (sb, sr, sc, si, sr, sc))
    return (view.reshape(b, H - h + 1, W - w + 1, -1) @ K.reshape(o, -1).T).transpose(0, 3, 1, 2)


def im2col(X, K):
    B, I, H, W = X.shape
    O, _, h, w = K.shape
    p, q = H - h + 1, W - w + 1
    columns = np.stack([X[:, :, u : u + p, v : v + q] for u in range(h) for v in range(w)], 2)
    return (K.reshape(O, -1) @ columns.reshape(B, I * h * w, p * q)).reshape(B, O, p, q)


def with_fft(X, K):
    s = X.shape[2:]
    spectrum = np.einsum("biuv,oiuv->bouv", np.fft.fft2(X), np.fft.fft2(K, s).conj())
    p, q = s[0] - K.shape[2] + 1, s[1] - K.shape[3] + 1
    return np.fft.ifft2(spectrum).real[:, :, :p, :q]


def single_precision(X, K):
    return im2col(X.astype("float32"), K.astype("float32")).astype("float32")


def helpers_from_d2l(X, K):
    def one(x, k):
        y = np.zeros((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1))
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                y[i, j] = (x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum()
        return y

    return np.stack([np.stack([sum(one(x, k) for x, k in zip(xs, ks)) for ks in K]) for xs in X])


def on_flipped_convolve(X, K):
    from scipy.signal import convolve2d

    return np.array(
        [
            [sum(convolve2d(x, k[::-1, ::-1], "valid") for x, k in zip(xs, ks)) for ks in K]
            for xs in X
        ]
    )


def torch_library(X, K):
    return F.conv2d(X, K)


def torch_inside(X, K):
    return F.conv2d(torch.from_numpy(X), torch.from_numpy(K)).numpy()


def torch_module_inside(X, K):
    layer = torch.nn.Conv2d(K.shape[1], K.shape[0], K.shape[2:], bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(K))
    return layer(torch.as_tensor(X).float())  # requires grad


def torch_unfold_method(X, K):
    return torch.einsum("bipqhw,oihw->bopq", X.unfold(2, K.size(2), 1).unfold(3, K.size(3), 1), K)


def torch_loops(X, K):
    Y = torch.zeros(X.size(0), K.size(0), X.size(2) - K.size(2) + 1, X.size(3) - K.size(3) + 1)
    for r in range(Y.size(2)):
        for c in range(Y.size(3)):
            patch = X[:, :, r : r + K.size(2), c : c + K.size(3)]
            Y[:, :, r, c] = torch.tensordot(patch, K, dims=([1, 2, 3], [1, 2, 3]))
    return Y


class Callable:
    """An answer may be an object."""

    def __call__(self, X, K, stride=1):
        return with_windows(X, K)


def sizes(X, K):
    return (*X.shape, K.shape[0], *K.shape[2:])


def flipped_kernel(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for i in range(h):
        for j in range(w):
            piece = X[:, :, i : i + H - h + 1, j : j + W - w + 1]
            out += np.tensordot(piece, K[:, :, h - 1 - i, w - 1 - j], (1, 1)).transpose(0, 3, 1, 2)
    return out


def first_channel(X, K):
    n, _, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = np.sum(X[b][0][i : i + h, j : j + w] * K[o][0])
    return out


def one_too_small(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h, W - w))
    for i in range(H - h):
        for j in range(W - w):
            patch = X[:, :, i : i + h, j : j + w].reshape(n, -1)
            out[:, :, i, j] = patch @ K.reshape(c_out, -1).T
    return out


def in_before_out(X, K):
    n, c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for c in range(c_in):
                for i in range(H - h + 1):
                    for j in range(W - w + 1):
                        out[b, o, i, j] += (X[b, c, i : i + h, j : j + w] * K[c, o]).sum()
    return out


def unpacks_in_before_out(X, K):
    n, _, H, W = X.shape
    c_in, c_out, h, w = K.shape
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        for c in range(c_in):
            out[b, o, i, j] += (X[b, c, i : i + h, j : j + w] * K[c, o]).sum()
    return out


def stores_transposed(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o in range(c_out):
            for i in range(H - h + 1):
                for j in range(W - w + 1):
                    out[b, o, j, i] = np.sum(X[b, :, i : i + h, j : j + w] * K[o])
    return out


def lists_of_columns(X, K):
    _n, _c_in, H, W, _c_out, h, w = sizes(X, K)
    columns = range(W - w + 1)
    return np.array(
        [
            [
                [
                    [(x[:, i : i + h, j : j + w] * k).sum() for i in range(H - h + 1)]
                    for j in columns
                ]
                for k in K
            ]
            for x in X
        ]
    )


def first_sample(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for o in range(c_out):
        for i in range(H - h + 1):
            for j in range(W - w + 1):
                out[:, o, i, j] = np.sum(X[0, :, i : i + h, j : j + w] * K[o])
    return out


def returns_in_loop(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b in range(n):
        for o, i, j in np.ndindex(*out.shape[1:]):
            out[b, o, i, j] = np.sum(X[b, :, i : i + h, j : j + w] * K[o])
        return out


def overwrites(X, K):
    n, c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        for c in range(c_in):
            out[b, o, i, j] = (X[b, c, i : i + h, j : j + w] * K[o, c]).sum()
    return out


def one_matrix(X, K):
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def integer(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1), dtype=int)
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).sum()
    return out


def mean(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).mean()
    return out


def exchanged_sizes(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, W - w + 1, H - h + 1))
    for b in range(n):
        for o in range(c_out):
            for i in range(H - h + 1):
                for j in range(W - w + 1):
                    out[b, o, i, j] = (X[b, :, i : i + h, j : j + w] * K[o]).sum()
    return out


def square_kernel(X, K):
    n, _c_in, H, W = X.shape
    c_out, k = K.shape[0], K.shape[2]
    out = np.zeros((n, c_out, H - k + 1, W - k + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + k, j : j + k] * K[o]).sum()
    return out


def accumulates(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out, total = np.zeros((n, c_out, H - h + 1, W - w + 1)), 0.0
    for b, o, i, j in np.ndindex(*out.shape):
        total += (X[b, :, i : i + h, j : j + w] * K[o]).sum()
        out[b, o, i, j] = total
    return out


def torch_padding(X, K):
    return F.conv2d(X, K, padding=(K.shape[2] // 2, K.shape[3] // 2))


def torch_flip(X, K):
    return F.conv2d(X, K.flip(2, 3))


def torch_relu(X, K):
    return F.relu(F.conv2d(X, K))


def in_place(X, K):
    n, _c_in, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        X[b, :, i : i + h, j : j + w] *= K[o]
        out[b, o, i, j] = X[b, :, i : i + h, j : j + w].sum()
    return out


def one_channel(X, K):
    n, _, H, W, c_out, h, w = sizes(X, K)
    out = np.zeros((n, c_out, H - h + 1, W - w + 1))
    for b, o, i, j in np.ndindex(*out.shape):
        out[b, o, i, j] = (X[b, :, i : i + h, j : j + w].reshape(h, w) * K[o]).sum()
    return out


def counted_from_one(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for r in range(1, H - h + 2):
        for c in range(1, W - w + 2):
            window = X[:, :, r - 1 : r - 1 + h, c - 1 : c - 1 + w].reshape(B, I * h * w)
            Y[:, :, r - 1, c - 1] = window @ K.reshape(O, -1).T
    return Y


def kernel_letters(X, K):
    return np.einsum("nchwij,ocij->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K)


def kernel_moved_twice(X, K):
    return F.conv2d(X.transpose(2, 3), K.transpose(2, 3)).transpose(2, 3)


def corr_loops_from_one(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for r in range(1, H - h + 1):
        for c in range(1, W - w + 1):
            Y[:, :, r - 1, c - 1] = (X[:, None, :, r : r + h, c : c + w] * K).sum((2, 3, 4))
    return Y


def corr_windows_from_one(X, K):
    windows = sliding_window_view(X, K.shape[2:], (2, 3))[:, :, 1:, 1:]
    part = np.einsum("birchw,oihw->borc", windows, K)
    return np.pad(part, ((0, 0), (0, 0), (0, 1), (0, 1)))


def corr_tensor_from_one(X, K):
    return F.conv2d(X[:, :, 1:, 1:], K)


def kernel_index_exchanged(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c in range(I):
            for p in range(h):
                for q in range(w):
                    Y[n, o, i, j] += X[n, c, i + p, j + q] * K[o, c, q, p]
    return Y


def window_index_exchanged(X, K):
    (B, I, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        for c, p, q in np.ndindex(I, h, w):
            Y[n, o, i, j] += X[n, c, i + q, j + p] * K[o, c, p, q]
    return Y


def kernel_letters_exchanged(X, K):
    return np.einsum("nchwij,ocji->nohw", sliding_window_view(X, K.shape[2:], (2, 3)), K)


def kernel_transposed_at_the_window(X, K):
    (B, _, H, W), (O, _, h, w) = X.shape, K.shape
    Y = np.zeros((B, O, H - h + 1, W - w + 1))
    for n, o, i, j in np.ndindex(*Y.shape):
        Y[n, o, i, j] = (X[n, :, i : i + h, j : j + w] * K[o].transpose(0, 2, 1)).sum()
    return Y


def kernel_letters_of_tensors(X, K):
    patches = X.unfold(2, K.shape[2], 1).unfold(3, K.shape[3], 1)
    return torch.einsum("nchwij,ocji->nohw", patches, K)


def framework(X, K):
    return F.conv2d(torch.tensor(X), torch.tensor(K))


RIGHT = [
    seven_loops,
    window_at_a_time,
    im2col,
    with_fft,
    single_precision,
    helpers_from_d2l,
    torch_loops,
    Callable(),
    counted_from_one,
]

WHOLE = [seven_loops, window_at_a_time, helpers_from_d2l]

WRONG = {
    "LAB5-01": [flipped_kernel, torch_flip],
    "LAB5-02": [first_channel],
    "LAB5-04": [one_too_small],
    "LAB5-06": [in_before_out, unpacks_in_before_out],
    "LAB5-07": [stores_transposed, lists_of_columns],
    "LAB5-09": [first_sample, returns_in_loop],
    "CORR2D-02": [overwrites],
    "CORR2D-03": [mean],
    "CORR2D-15": [square_kernel],
    "CORR2D-23": [torch_padding],
    "CORR2D-32": [exchanged_sizes],
    "CORR2D-33": [integer],
    "CORR2D-34": [torch_relu],
    "CORR2D-37": [accumulates],
    "CORR2D-41": [in_place],
    "CORR2D-42": [one_matrix],
    "CORR2D-43": [one_channel],
    "CORR2D-45": [
        with_windows,
        with_tensordot,
        with_strides,
        on_flipped_convolve,
        torch_library,
        torch_inside,
        torch_module_inside,
        torch_unfold_method,
        kernel_letters,
        kernel_moved_twice,
    ],
    "CORR2D-28": [corr_loops_from_one, corr_windows_from_one, corr_tensor_from_one],
    "CORR2D-14": [
        kernel_index_exchanged,
        window_index_exchanged,
        kernel_letters_exchanged,
        kernel_transposed_at_the_window,
        kernel_letters_of_tensors,
    ],
}

TWO = [
    ("LAB5-01", "LAB5-04"),
    ("LAB5-02", "CORR2D-34"),
    ("LAB5-01", "CORR2D-22"),
    ("CORR2D-03", "CORR2D-10"),
    ("LAB5-09", "CORR2D-13"),
    ("LAB5-07", "CORR2D-33"),
]

COURSE = {f"LAB5-{number}" for number in ("01", "02", "04", "06", "07", "09")}
CODE = ("einsum", "sliding_window", "F.conv2d", "[::-1", "range(H", ".sum(")
