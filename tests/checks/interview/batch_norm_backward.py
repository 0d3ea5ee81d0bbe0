"""Answers to ``batch_norm_backward``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def step_by_step(dY, X, gamma, eps):
    n = len(X)
    m = X.mean(axis=0)
    c = X - m
    v = (c**2).mean(axis=0)
    s = np.sqrt(v + eps)
    dZ = dY * gamma
    dv = (dZ * c * -0.5 / s**3).sum(axis=0)
    dc = dZ / s + dv * 2 * c / n
    return dc - dc.mean(axis=0), (dY * c / s).sum(axis=0), dY.sum(axis=0)


def short(dY, X, gamma, eps):
    n, s = len(X), np.sqrt(X.var(0) + eps)
    Z = (X - X.mean(0)) / s
    dgamma, dbeta = np.einsum("ij,ij->j", dY, Z), dY.sum(0)
    return gamma / (n * s) * (n * dY - dbeta - Z * dgamma), dgamma, dbeta


def jacobians(dY, X, gamma, eps):
    n, dX = len(X), np.zeros_like(X)
    dgamma = np.zeros(len(gamma))
    P = np.eye(n) - np.ones((n, n)) / n
    for j, g in enumerate(gamma):
        s = np.sqrt(X[:, j].var() + eps)
        z = P @ X[:, j] / s
        J = (P - np.outer(z, z) / n) / s
        dX[:, j] = g * J @ dY[:, j]
        dgamma[j] = z @ dY[:, j]
    return dX, dgamma, np.ones(n) @ dY


def autograd(dY, X, gamma, eps):
    X, gamma = X.double().requires_grad_(), gamma.double().requires_grad_()
    beta = torch.zeros_like(gamma, requires_grad=True)
    Z = (X - X.mean(0)) / (X.var(0, unbiased=False) + eps).sqrt()
    return torch.autograd.grad(gamma * Z + beta, (X, gamma, beta), dY.double())


def library(dY, X, gamma, eps):
    leaves = [torch.as_tensor(x).double().requires_grad_() for x in (X, gamma, 0 * gamma)]
    Y = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], True, eps=eps)
    Y.backward(torch.as_tensor(dY).double())
    return tuple(leaf.grad for leaf in leaves)


def frozen(dY, X, gamma, eps):
    s = np.sqrt(X.var(0) + eps)
    Z = (X - X.mean(0)) / s
    return dY * gamma / s, (dY * Z).sum(0), dY.sum(0)


def detached_variance(dY, X, gamma, eps):
    X = torch.tensor(X, requires_grad=True)
    dY, gamma = torch.tensor(dY), torch.tensor(gamma)
    Z = (X - X.mean(0)) / (X.detach().var(0, unbiased=False) + eps).sqrt()
    (gamma * Z * dY).sum().backward()
    return X.grad, (dY * Z.detach()).sum(0), dY.sum(0)


def averaged(dY, X, gamma, eps):
    dX, dgamma, dbeta = short(dY, X, gamma, eps)
    return dX, dgamma / len(X), dbeta / len(X)


def framework(dY, X, gamma, eps):
    leaves = [torch.tensor(x, requires_grad=True) for x in (X, gamma, 0 * gamma)]
    Y = F.batch_norm(leaves[0], None, None, leaves[1], leaves[2], True, eps=eps)
    Y.backward(torch.tensor(dY))
    return tuple(leaf.grad for leaf in leaves)


RIGHT = [step_by_step, short, jacobians, autograd, library]
WRONG = {"BNBACK-01": [frozen], "BNBACK-02": [detached_variance], "BNBACK-07": [averaged]}
CODE = ("sum(0)", ".var(", "mean(0)", "backward(")
