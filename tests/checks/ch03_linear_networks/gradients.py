"""Answers to ``gradients``: right ones, each written on its own, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn


def copies(W, b, X, y):
    W, b = W.clone().requires_grad_(), b.clone().requires_grad_()
    F.cross_entropy(X @ W.T + b, y).backward()
    return W.grad, b.grad


def marked(W, b, X, y):
    for p in (W, b):
        p.requires_grad = True
    log_p = torch.log_softmax(X @ W.T + b, dim=1)
    loss = -log_p[torch.arange(len(y)), y].mean()
    loss.backward()
    return [W.grad, b.grad]


def by_grad(W, b, X, y):
    W, b = nn.Parameter(W), nn.Parameter(b)
    loss = nn.CrossEntropyLoss()(torch.nn.functional.linear(X, W, b), y)
    return torch.autograd.grad(loss, (W, b))


def functional(W, b, X, y):
    def loss(W, b):
        losses = [torch.logsumexp(W @ x + b, 0) - (W @ x + b)[k] for x, k in zip(X, y.tolist())]
        return sum(losses) / len(losses)

    return torch.func.grad(loss, argnums=(0, 1))(W, b)


def layer(W, b, X, y):
    net = nn.Linear(X.shape[1], len(b)).to(X.dtype)
    with torch.no_grad():
        net.weight.copy_(W)
        net.bias.copy_(b)
    F.nll_loss(net(X).log_softmax(1), y).backward()
    return net.weight.grad, net.bias.grad


def pulled_back(W, b, X, y):
    loss, pull = torch.func.vjp(lambda W, b: F.cross_entropy(X @ W.T + b, y), W, b)
    return pull(torch.ones_like(loss))


def new_layer(W, b, X, y):
    """A layer is made in single precision."""
    net = nn.Linear(X.shape[1], len(b))
    with torch.no_grad():
        net.weight.copy_(W)
        net.bias.copy_(b)
    nn.CrossEntropyLoss()(net(X), y).backward()
    return net.weight.grad, net.bias.grad


def summed(W, b, X, y):
    W.requires_grad_(), b.requires_grad_()
    F.cross_entropy(X @ W.T + b, y, reduction="sum").backward()
    return W.grad, b.grad


def softmax_first(W, b, X, y):
    W.requires_grad_(), b.requires_grad_()
    F.cross_entropy((X @ W.T + b).softmax(1), y).backward()
    return W.grad, b.grad


def no_logarithm(W, b, X, y):
    W.requires_grad_(), b.requires_grad_()
    F.nll_loss((X @ W.T + b).softmax(1), y).backward()
    return W.grad, b.grad


def twice(W, b, X, y):
    W.requires_grad_(), b.requires_grad_()
    for _ in range(2):
        F.cross_entropy(X @ W.T + b, y).backward()
    return W.grad, b.grad


def other_sign(W, b, X, y):
    W.requires_grad_(), b.requires_grad_()
    (-F.cross_entropy(X @ W.T + b, y)).backward()
    return W.grad, b.grad


def bias_first(W, b, X, y):
    return copies(W, b, X, y)[::-1]


def a_step(W, b, X, y):
    grad_W, grad_b = copies(W, b, X, y)
    return W - grad_W, b - grad_b


def parameters(W, b, X, y):
    W, b = nn.Parameter(W), nn.Parameter(b)
    F.cross_entropy(X @ W.T + b, y).backward()
    return W, b


def formula(W, b, X, y):
    error = ((X @ W.T + b).softmax(1) - F.one_hot(y, len(b))) / len(y)
    return error.T @ X, error.sum(0)


def framework(W, b, X, y):
    return tuple(part.numpy() for part in copies(*map(torch.as_tensor, (W, b, X, y))))


RIGHT = [copies, marked, by_grad, functional, layer, pulled_back, new_layer]
WHOLE = [marked, by_grad, functional]  # with these the whole lab runs

WRONG = {
    "GRAD-01": [summed],
    "GRAD-02": [softmax_first],
    "GRAD-03": [no_logarithm],
    "GRAD-04": [twice],
    "GRAD-05": [other_sign],
    "GRAD-06": [bias_first],
    "GRAD-07": [a_step],
    "GRAD-08": [parameters],
    "GRAD-20": [formula],
}

CODE = (".backward()", "requires_grad", "X @ W.T + b, y", ".T @")
