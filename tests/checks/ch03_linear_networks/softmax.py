"""Answers to ``softmax``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import scipy.special
import torch
import torch.nn.functional as F


def vectorised(X):
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def transposed_twice(X):
    Z = X.T - X.max(1)
    return (np.exp(Z) / np.exp(Z).sum(0)).T


def row_by_row(scores):
    rows = []
    for row in scores:
        powers = [np.e ** (v - max(row)) for v in row]
        rows.append([p / sum(powers) for p in powers])
    return np.array(rows)


def by_log_sum_exp(X):
    return np.exp(X - scipy.special.logsumexp(X, axis=1)[:, None])


def by_differences(X):
    with np.errstate(over="ignore"):  # an exponential may be inf here: 1 / inf is 0
        return 1 / np.exp(X[:, None, :] - X[:, :, None]).sum(2)


def with_library(X):
    return scipy.special.softmax(X, axis=-1)


def single_precision(X):
    X = X.astype("float32")
    E = np.exp(X - np.max(X, 1).reshape(-1, 1))
    return E / np.einsum("ij->i", E)[:, None]


def torch_vectorised(X):
    E = torch.exp(X - X.max(dim=1, keepdim=True).values)
    return E / E.sum(dim=1, keepdim=True)


def torch_inside(X):
    return torch.softmax(torch.as_tensor(X), dim=1).numpy()


def torch_log(X):
    return F.log_softmax(X.clone().requires_grad_(), dim=-1).exp()


def with_a_layer(X):
    return torch.nn.Softmax(dim=1)(X)


def imported(X):
    from scipy.special import softmax as ready_made

    return ready_made(X, axis=1)


def axis_0(X):
    X = X - X.max()
    return np.exp(X) / np.sum(np.exp(X), axis=0)


def plain(X):
    e = np.exp(X)
    return e / e.sum(axis=1, keepdims=True)


def plain_torch(X):
    X_exp = torch.exp(torch.as_tensor(X))
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition


def keepdims(X):
    e = np.exp(X - X.max(axis=1, keepdims=True))
    return e / e.sum(axis=1)


def torch_keepdim(X):
    e = torch.exp(X - X.max(dim=1, keepdim=True).values)
    return e / e.sum(dim=1)


def column_maximum(X):
    e = torch.exp(X - X.max(dim=0).values)
    return e / e.sum(dim=1).unsqueeze(1)


def log_probabilities(X):
    return torch.log_softmax(torch.tensor(X), dim=1)


def whole_matrix(X):
    e = np.exp(X - np.max(X))
    return e / np.sum(e)


def global_maximum(X):
    e = np.exp(X - np.max(X))
    return e / e.sum(axis=1, keepdims=True)


def vector(X):
    out = np.zeros(X.shape)
    for j in range(X.shape[0]):
        out[j] = float(np.exp(X[j] - max(X)))
    return out / sum(out)


def loop_overwrites(X):
    out = np.zeros_like(X)
    for row in X:
        out[0] = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
        return out


def sigmoid(X):
    return torch.sigmoid(torch.tensor(X))


def clips(X):
    e = np.exp(np.clip(X, -100, 100))
    return e / e.sum(1)[:, None]


def exp_of_log_softmax(X):
    top = X.max(1, keepdims=True)
    return np.exp(X - (top + np.log(np.exp(X - top).sum(1, keepdims=True))))


def row_by_row_with_fsum(X):
    rows = []
    for row in X:
        start = row[0]
        for score in row[1:]:
            start = score if score > start else start
        powers = [math.exp(score - start) for score in row]
        rows.append([power / math.fsum(powers) for power in powers])
    return np.array(rows)


def torch_logsumexp(X):
    return (X - torch.logsumexp(X, 1, keepdim=True)).exp()


def maximum_from_zero(X):
    rows = []
    for row in X:
        top = 0
        for score in row:
            if score > top:
                top = score
        powers = [math.exp(score - top) for score in row]
        total = sum(powers)
        rows.append([power / total if total else math.nan for power in powers])
    return np.array(rows)


def maximum_or_zero(X):
    E = np.exp(X - np.maximum(X.max(1), 0)[:, None])
    return E / E.sum(1)[:, None]


def maximum_clamped(X):
    return torch.exp(X - X.amax(1, keepdim=True).clamp(min=0)) / torch.exp(
        X - X.amax(1, keepdim=True).clamp(min=0)
    ).sum(1, keepdim=True)


def maximum_from_minus_999(X):
    E = np.exp(X - np.max(X, 1, keepdims=True, initial=-999))
    return E / E.sum(1, keepdims=True)


def cut_at_500(X):
    E = np.exp(np.clip(X, -500, 500))
    return E / E.sum(1, keepdims=True)


def cut_in_loops(X):
    rows = [[math.exp(min(max(score, -700), 700)) for score in row] for row in X]
    return np.array([[power / sum(row) for power in row] for row in rows])


def cut_tensor(X):
    return torch.softmax(X.clamp(-50, 50), 1)


def logsumexp_without_maximum(X):
    return np.exp(X - np.log(np.sum(np.exp(X), axis=1, keepdims=True)))


def logsumexp_without_maximum_in_tensors(X):
    return (X - X.exp().sum(1, keepdim=True).log()).exp()


def logsumexp_row_by_row(X):
    out = np.zeros_like(X)
    for i in range(len(X)):
        total = 0.0
        for j in range(X.shape[1]):
            total = total + np.exp(X[i, j])
        out[i] = np.exp(X[i] - np.log(total))
    return out


def log_of_a_naive_softmax(X):
    return np.log(np.exp(X) / np.exp(X).sum(axis=1, keepdims=True))


def log_softmax_without_maximum(X):
    return X - np.log(np.exp(X).sum(1)).reshape(-1, 1)


def log_of_a_naive_softmax_in_tensors(X):
    return torch.log(X.exp() / X.exp().sum(1, keepdim=True))


def log_softmax_row_by_row(X):
    return np.array([row - np.log(sum(np.exp(score) for score in row)) for row in X])


def framework(X):
    return torch.softmax(torch.tensor(X), 1)


RIGHT = [
    vectorised,
    transposed_twice,
    row_by_row,
    by_log_sum_exp,
    by_differences,
    single_precision,
    torch_vectorised,
    exp_of_log_softmax,
    row_by_row_with_fsum,
    torch_logsumexp,
]
WHOLE = [vectorised, row_by_row, torch_logsumexp]  # with these the whole lab runs

WRONG = {
    "LAB3-01": [axis_0],
    "LAB3-02": [
        plain,
        plain_torch,
        logsumexp_without_maximum,
        logsumexp_without_maximum_in_tensors,
        logsumexp_row_by_row,
    ],
    "LAB3-04": [keepdims, torch_keepdim],
    "LAB3-06": [column_maximum],
    "LAB3-07": [log_probabilities],
    "SOFTMAX-01": [whole_matrix],
    "SOFTMAX-07": [sigmoid],
    "SOFTMAX-09": [loop_overwrites],
    "SOFTMAX-20": [global_maximum],
    "SOFTMAX-23": [clips, cut_at_500, cut_in_loops, cut_tensor],
    "SOFTMAX-36": [vector],
    "SOFTMAX-21": [maximum_from_zero, maximum_or_zero, maximum_clamped, maximum_from_minus_999],
    "SOFTMAX-40": [torch_inside, torch_log, with_library, with_a_layer, imported],
    ("LAB3-02", "LAB3-07"): [
        log_of_a_naive_softmax,
        log_softmax_without_maximum,
        log_of_a_naive_softmax_in_tensors,
        log_softmax_row_by_row,
    ],
}

TWO = [("LAB3-06", "SOFTMAX-30"), ("SOFTMAX-20", "SOFTMAX-34")]

COURSE = {"LAB3-01", "LAB3-02", "LAB3-04", "LAB3-06", "LAB3-07"}
CODE = ("keepdims=", ".sum(", ".mean(", "np.", "X.max")
