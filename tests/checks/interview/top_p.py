"""Answers to ``top_p``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def loops(P, p):
    Y = np.zeros_like(P)
    for row, out in zip(P, Y):
        total = 0.0
        for j in np.argsort(row)[::-1]:
            out[j] = row[j]
            total += row[j]
            if total >= p:
                break
        out /= out.sum()
    return Y


def sorted_and_back(P, p):
    order = np.argsort(-P, axis=1)
    S = np.take_along_axis(P, order, axis=1)
    S = np.where(np.cumsum(S, axis=1) - S < p, S, 0)
    Y = np.empty_like(P)
    np.put_along_axis(Y, order, S / S.sum(axis=1, keepdims=True), axis=1)
    return Y


def by_threshold(P, p):
    S = -np.sort(-P, axis=1)
    last = (S.cumsum(axis=1) >= p).argmax(axis=1)
    Y = P * (S[np.arange(len(P)), last][:, None] <= P)
    return Y / Y.sum(axis=1, keepdims=True)


def tensors(P, p):
    S, order = P.sort(dim=1, descending=True)
    S = S.masked_fill(S.cumsum(1) - S >= p, 0)
    Y = torch.zeros_like(P).scatter(1, order, S)
    return Y / Y.sum(1, keepdim=True)


def by_logits(P, p):
    P = torch.as_tensor(P)
    ahead = (P[:, None] > P[:, :, None]).to(P.dtype) @ P[:, :, None]
    return P.log().masked_fill(ahead[..., 0] >= p, -torch.inf).softmax(1)


def drops_the_last(P, p):
    S, order = torch.tensor(P).sort(dim=1, descending=True)
    S[S.cumsum(1) > p] = 0
    Y = torch.zeros(P.shape, dtype=S.dtype).scatter(1, order, S)
    return Y / Y.sum(1, keepdim=True)


def shifted_too_far(P, p):
    order = np.argsort(-P, axis=1)
    S = np.take_along_axis(P, order, axis=1)
    S[S.cumsum(1) - S > p] = 0
    Y = np.empty_like(P)
    np.put_along_axis(Y, order, S / S.sum(1)[:, None], axis=1)
    return Y


def stays_sorted(P, p):
    S = -np.sort(-P, axis=1)
    S[S.cumsum(1) - S >= p] = 0
    return S / S.sum(axis=1, keepdims=True)


def mask_in_sorted_order(P, p):
    S = -np.sort(-P, axis=1)
    Y = np.where(S.cumsum(1) - S < p, P, 0)
    return Y / Y.sum(axis=1, keepdims=True)


def not_divided(P, p):
    return np.where(sorted_and_back(P, p) > 0, P, 0)


def drops_it_unless_first(P, p):
    order = (-P).argsort(1)
    S = np.take_along_axis(P, order, 1)
    keep = S.cumsum(1) <= p
    keep[:, 0] = True
    Y = np.zeros_like(P)
    np.put_along_axis(Y, order, S * keep, 1)
    return Y / Y.sum(1, keepdims=True)


RIGHT = [loops, sorted_and_back, by_threshold, tensors, by_logits]
WRONG = {"TOPP-01": [drops_the_last, drops_it_unless_first],
         "TOPP-02": [not_divided], "TOPP-05": [stays_sorted],
         "TOPP-08": [shifted_too_far]}  # fmt: skip
CODE = ("cumsum", "argsort", "sort(", "scatter")
