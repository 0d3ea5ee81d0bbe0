"""Answers to ``conv2d_strided``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def loops(X, K, stride, padding):
    B, I, H, W = X.shape
    O, _, h, w = K.shape
    P = np.zeros((B, I, H + 2 * padding, W + 2 * padding))
    P[:, :, padding : padding + H, padding : padding + W] = X
    rows, cols = (P.shape[2] - h) // stride + 1, (P.shape[3] - w) // stride + 1
    Y = np.zeros((B, O, rows, cols))
    for i in range(rows):
        for j in range(cols):
            top, left = i * stride, j * stride
            patch = P[:, :, top : top + h, left : left + w]
            Y[:, :, i, j] = np.tensordot(patch, K, axes=([1, 2, 3], [1, 2, 3]))
    return Y


def shifted_sums(X, K, stride, padding):
    h, w = K.shape[2:]
    P = np.pad(X, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    rows, cols = P.shape[2] - h + 1, P.shape[3] - w + 1
    Y = 0
    for a in range(h):
        for b in range(w):
            part = P[:, :, a : a + rows : stride, b : b + cols : stride]
            Y = Y + np.einsum("birc,oi->borc", part, K[:, :, a, b])
    return Y


def unfolded(X, K, stride, padding):
    X, K = torch.as_tensor(X), torch.as_tensor(K)
    (B, _, H, _), (O, _, h, w) = X.shape, K.shape
    columns = F.unfold(X, (h, w), padding=padding, stride=stride)
    Y = K.reshape(O, -1) @ columns
    return Y.reshape(B, O, (H + 2 * padding - h) // stride + 1, -1)


def library(X, K, stride, padding):
    return F.conv2d(X, K, stride=stride, padding=padding)


def bottom_only(X, K, stride, padding):
    P = np.pad(X, [(0, 0), (0, 0), (0, padding), (0, padding)])
    return loops(P, K, stride, 0)


def no_stride(X, K, stride, padding):
    return F.conv2d(torch.tensor(X), torch.tensor(K), padding=padding)


def no_padding(X, K, stride, padding):
    return F.conv2d(torch.tensor(X), torch.tensor(K), stride=stride)


def flipped(X, K, stride, padding):
    return F.conv2d(torch.tensor(X), torch.tensor(K).flip(2, 3), stride=stride, padding=padding)


def framework(X, K, stride, padding):
    return F.conv2d(torch.tensor(X), torch.tensor(K), stride=stride, padding=padding)


RIGHT = [loops, shifted_sums, unfolded, library]
WRONG = {"CONVSTRIDE-01": [flipped], "CONVSTRIDE-02": [no_stride], "CONVSTRIDE-03": [no_padding],
         "CONVSTRIDE-04": [bottom_only]}  # fmt: skip
CODE = ("np.pad", "einsum", "unfold", "::s")
