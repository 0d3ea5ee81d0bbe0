"""Answers to ``layer_norm``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def loops(X, gamma, beta, eps):
    rows = []
    for row in X:
        m = sum(row) / len(row)
        v = sum(x * x for x in row - m) / len(row)
        rows.append([g * (x - m) / math.sqrt(v + eps) + b for x, g, b in zip(row, gamma, beta)])
    return np.array(rows)


def arrays(X, gamma, beta, eps):
    mean, var = X.mean(axis=-1, keepdims=True), X.var(axis=-1, keepdims=True)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta


def transposed(X, gamma, beta, eps):
    Z = X.T - X.mean(axis=1)
    return (Z / np.sqrt((Z**2).mean(axis=0) + eps)).T * gamma + beta


def tensors(X, gamma, beta, eps):
    Z = X - X.mean(dim=1, keepdim=True)
    return torch.rsqrt(Z.pow(2).mean(1, keepdim=True) + eps) * Z * gamma + beta


def library(X, gamma, beta, eps):
    return F.layer_norm(X, X.shape[1:], gamma, beta, eps)


def unbiased(X, gamma, beta, eps):
    X, gamma, beta = map(torch.tensor, (X, gamma, beta))
    return gamma * (X - X.mean(1, keepdim=True)) / (X.var(1, keepdim=True) + eps).sqrt() + beta


def batch(X, gamma, beta, eps):
    X, gamma, beta = map(torch.tensor, (X, gamma, beta))
    return F.batch_norm(X, None, None, gamma, beta, training=True, eps=eps)


def outside(X, gamma, beta, eps):
    return gamma * (X - X.mean(1)[:, None]) / (X.std(1)[:, None] + eps) + beta


def rms(X, gamma, beta, eps):
    return gamma * X / np.sqrt((X**2).mean(axis=1, keepdims=True) + eps) + beta


def plain(X, gamma, beta, eps):
    return (X - X.mean(1)[:, None]) / np.sqrt(X.var(1) + eps)[:, None] + beta


def framework(X, gamma, beta, eps):
    return F.layer_norm(torch.tensor(X), X.shape[1:], torch.tensor(gamma), torch.tensor(beta), eps)


RIGHT = [loops, arrays, transposed, tensors, library]
WRONG = {"LAYERNORM-01": [batch], "LAYERNORM-03": [unbiased], "LAYERNORM-04": [outside],
         "LAYERNORM-07": [plain], "LAYERNORM-11": [rms]}  # fmt: skip
CODE = ("keepdim", "rsqrt", ".var(")
