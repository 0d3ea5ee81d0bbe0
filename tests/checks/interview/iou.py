"""Answers to ``iou``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def loops(A, B):
    Y = np.zeros((len(A), len(B)))
    for i, (a, b, c, d) in enumerate(A):
        for j, (e, f, g, h) in enumerate(B):
            w, v = max(0, min(c, g) - max(a, e)), max(0, min(d, h) - max(b, f))
            Y[i, j] = w * v / ((c - a) * (d - b) + (g - e) * (h - f) - w * v)
    return Y


def arrays(A, B):
    low = np.maximum(A[:, None, :2], B[:, :2])
    high = np.minimum(A[:, None, 2:], B[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=-1)
    area_a, area_b = np.prod(A[:, 2:] - A[:, :2], 1), np.prod(B[:, 2:] - B[:, :2], 1)
    return both / (area_a[:, None] + area_b - both)


def column_by_column(A, B):
    x1, y1, x2, y2 = A.T[:, :, None]
    X1, Y1, X2, Y2 = B.T[:, None, :]
    w = np.where((x1 < X2) & (x2 > X1), np.minimum(x2, X2) - np.maximum(x1, X1), 0)
    h = np.where((y1 < Y2) & (y2 > Y1), np.minimum(y2, Y2) - np.maximum(y1, Y1), 0)
    return w * h / ((x2 - x1) * (y2 - y1) + (X2 - X1) * (Y2 - Y1) - w * h)


def tensors(A, B):
    high = torch.minimum(A[:, None, 2:], B[:, 2:])
    both = (high - torch.maximum(A[:, None, :2], B[:, :2])).clamp(min=0).prod(2)
    area = [(X[:, 2] - X[:, 0]) * (X[:, 3] - X[:, 1]) for X in (A, B)]
    return both / (area[0][:, None] + area[1] - both)


def not_cut(A, B):
    side = np.minimum(A[:, None, 2:], B[:, 2:]) - np.maximum(A[:, None, :2], B[:, :2])
    both = side[..., 0] * side[..., 1]
    area = [(X[:, 2] - X[:, 0]) * (X[:, 3] - X[:, 1]) for X in (A, B)]
    return both / (area[0][:, None] + area[1] - both)


def whole_pixels(A, B):
    side = np.minimum(A[:, None, 2:], B[:, 2:]) - np.maximum(A[:, None, :2], B[:, :2]) + 1
    both = np.maximum(side, 0).prod(2)
    area = [(X[:, 2] - X[:, 0] + 1) * (X[:, 3] - X[:, 1] + 1) for X in (A, B)]
    return both / (area[0][:, None] + area[1] - both)


def counted_twice(A, B):
    Y = loops(A, B)
    return Y / (1 + Y)


RIGHT = [loops, arrays, column_by_column, tensors]
WRONG = {"IOU-01": [not_cut], "IOU-02": [counted_twice], "IOU-04": [whole_pixels]}
CODE = ("np.minimum", "np.maximum", "clamp", "clip")
