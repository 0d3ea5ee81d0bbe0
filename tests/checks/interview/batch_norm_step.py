"""Answers to ``batch_norm_step``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def loops(X, gamma, beta, mean, var, momentum, eps):
    n, d = X.shape
    Y, means, variances = np.empty((n, d)), [], []
    for j in range(d):
        column = [X[i, j] for i in range(n)]
        m = sum(column) / n
        s = sum((x - m) ** 2 for x in column)
        Y[:, j] = [(x - m) / np.sqrt(s / n + eps) * gamma[j] + beta[j] for x in column]
        means.append(mean[j] + momentum * (m - mean[j]))
        variances.append(var[j] + momentum * (s / (n - 1) - var[j]))
    return Y, np.array(means), np.array(variances)


def arrays(X, gamma, beta, mean, var, momentum, eps):
    m, v, n = X.mean(axis=0), X.var(axis=0), len(X)
    Y = gamma * (X - m) / np.sqrt(v + eps) + beta
    return (
        Y,
        (1 - momentum) * mean + momentum * m,
        (1 - momentum) * var + momentum * v * n / (n - 1),
    )


def tensors(X, gamma, beta, mean, var, momentum, eps):
    v, m = torch.var_mean(X, dim=0, unbiased=False)
    Y = (X - m) * torch.rsqrt(v + eps) * gamma + beta
    return Y, torch.lerp(mean, m, momentum), torch.lerp(var, X.var(0), momentum)


def library(X, gamma, beta, mean, var, momentum, eps):
    mean, var = mean.clone(), var.clone()
    Y = F.batch_norm(X, mean, var, gamma, beta, True, momentum, eps)
    return Y, mean, var


def biased_kept(X, gamma, beta, mean, var, momentum, eps):
    m, v = X.mean(0), X.var(0)
    Y = gamma * (X - m) / np.sqrt(v + eps) + beta
    return Y, (1 - momentum) * mean + momentum * m, (1 - momentum) * var + momentum * v


def other_way(X, gamma, beta, mean, var, momentum, eps):
    m, v = X.mean(0), X.var(0)
    Y = gamma * (X - m) / np.sqrt(v + eps) + beta
    return (
        Y,
        momentum * mean + (1 - momentum) * m,
        momentum * var + (1 - momentum) * X.var(0, ddof=1),
    )


def in_use(X, gamma, beta, mean, var, momentum, eps):
    X, gamma, beta, mean, var = map(torch.tensor, (X, gamma, beta, mean, var))
    Y = F.batch_norm(X, mean, var, gamma, beta, False, momentum, eps)
    return Y, torch.lerp(mean, X.mean(0), momentum), torch.lerp(var, X.var(0), momentum)


def unbiased(X, gamma, beta, mean, var, momentum, eps):
    X, gamma, beta, mean, var = map(torch.tensor, (X, gamma, beta, mean, var))
    m, v = X.mean(0), X.var(0)
    Y = gamma * (X - m) / (v + eps).sqrt() + beta
    return Y, torch.lerp(mean, m, momentum), torch.lerp(var, v, momentum)


def framework(X, gamma, beta, mean, var, momentum, eps):
    X, gamma, beta, mean, var = (torch.tensor(x) for x in (X, gamma, beta, mean, var))
    Y = F.batch_norm(X, mean, var, gamma, beta, True, momentum, eps)
    return Y, mean, var


RIGHT = [loops, arrays, tensors, library]
WRONG = {"BNSTEP-02": [in_use], "BNSTEP-03": [unbiased], "BNSTEP-04": [biased_kept],
         "BNSTEP-05": [other_way]}  # fmt: skip
CODE = (".var(", "np.sqrt", "lerp")
