"""Answers to ``linear``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def linear_matmul(X, W, b):
    return np.dot(X, W) + b


def linear_loops(inputs, weight, bias):
    out = np.zeros((inputs.shape[0], weight.shape[1]))
    for n in range(inputs.shape[0]):
        for j in range(weight.shape[1]):
            out[n, j] = bias[j]
            for i in range(weight.shape[0]):
                out[n, j] += inputs[n, i] * weight[i, j]
    return out


def linear_transposed_twice_float32(X, W, b):
    X, W, b = (a.astype("float32") for a in (X, W, b))
    return (W.T @ X.T + b[:, None]).T


def linear_outer(X, W, b):
    return b + sum(X[:, i : i + 1] * W[i : i + 1] for i in range(len(W)))


def linear_torch(X, W, b):
    return F.linear(X, W.T, b)


def linear_addmm(X, W, b):
    return torch.addmm(b, X, W)


def linear_printed_answer(X, W, b):
    return X.dot(W.transpose()) + b


def linear_library(X, W, b):
    return F.linear(torch.from_numpy(X), torch.from_numpy(W), torch.from_numpy(b))


def linear_forgets_bias(X, W, b):
    return np.matmul(X, W)


def linear_bias_in_loop(X, W, b):
    out = np.zeros((len(X), W.shape[1]))
    for n in range(len(X)):
        for j in range(W.shape[1]):
            for i in range(W.shape[0]):
                out[n, j] += X[n, i] * W[i, j] + b[j]
    return out


def linear_bias_column(X, W, b):
    return X @ W + b.reshape(-1, 1)


def linear_columns(X, W, b):
    return W.T @ X.T + b.reshape(-1, 1)


def linear_star(X, W, b):
    return X * W + b


def linear_overwrites(X, W, b):
    out = np.zeros((len(X), W.shape[1]))
    for n in range(len(X)):
        for j in range(W.shape[1]):
            for i in range(W.shape[0]):
                out[n, j] = X[n, i] * W[i, j]
    return out + b


def linear_reshape(X, W, b):
    return X @ W.reshape(W.shape[1], W.shape[0]).T + b


def linear_with_relu(X, W, b):
    return np.where(X @ W + b > 0, X @ W + b, 0)


def framework(X, W, b):
    return F.linear(*map(torch.tensor, (X, W.T, b)))


RIGHT = [
    linear_matmul,
    linear_loops,
    linear_transposed_twice_float32,
    linear_outer,
    linear_torch,
    linear_addmm,
]

WHOLE = [linear_matmul, linear_loops, linear_outer]

WRONG = {
    "LAB5-22": [linear_printed_answer, linear_library],
    "LINEAR-07": [linear_forgets_bias],
    "LINEAR-11": [linear_bias_in_loop],
    "LINEAR-09": [linear_bias_column],
    "LINEAR-15": [linear_columns],
    "LINEAR-02": [linear_star],
    "LINEAR-05": [linear_overwrites],
    "LINEAR-01": [linear_reshape],
    "LINEAR-19": [linear_with_relu],
}

TWO = [("LINEAR-01", "LINEAR-07"), ("LINEAR-08", "LINEAR-15")]

COURSE = {"LAB5-22"}
CODE = ("einsum", "X @", "reshape(1")
