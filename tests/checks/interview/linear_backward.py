"""Answers to ``linear_backward``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def products(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(axis=0)


def loops(dY, X, W):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for x, g, row in zip(X, dY, dX):
        dW += np.outer(x, g)
        db += g
        for j in range(len(x)):
            row[j] = np.dot(W[j], g)
    return dX, dW, db


def sums_of_products(dY, X, W):
    return (
        np.einsum("nq,dq->nd", dY, W),
        np.einsum("nd,nq->dq", X, dY),
        np.einsum("nq->q", dY),
    )


def autograd(dY, X, W):
    X, W = X.clone().requires_grad_(), W.clone().requires_grad_()
    b = torch.zeros(W.shape[1], requires_grad=True)
    return torch.autograd.grad(X @ W + b, (X, W, b), dY)


def library(dY, X, W):
    X, W, dY = (torch.as_tensor(x).double() for x in (X, W, dY))
    layer = torch.nn.Linear(*W.shape, dtype=torch.float64)
    layer.weight.data = W.T.clone()
    X.requires_grad_()
    layer(X).backward(dY)
    return X.grad, layer.weight.grad.T, layer.bias.grad


def like_the_library(dY, X, W):
    return dY @ W.T, dY.T @ X, dY.sum(0)


def averaged(dY, X, W):
    return dY @ W.T, X.T @ dY / len(X), dY.mean(0)


def last_one(dY, X, W):
    for x, g in zip(X, dY):
        dW = x[:, None] * g
    return dY @ W.T, dW, dY.sum(0)


def kept(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(0, keepdims=True)


def framework(dY, X, W):
    X, W = torch.tensor(X, requires_grad=True), torch.tensor(W, requires_grad=True)
    b = torch.zeros(W.shape[1], dtype=W.dtype, requires_grad=True)
    F.linear(X, W.T, b).backward(torch.tensor(dY))
    return X.grad, W.grad, b.grad


RIGHT = [products, loops, sums_of_products, autograd, library]
WRONG = {"LINBACK-01": [like_the_library], "LINBACK-03": [averaged], "LINBACK-07": [kept],
         "LINBACK-11": [last_one]}  # fmt: skip
CODE = ("W.T", "X.T", "sum(0)", "einsum")
