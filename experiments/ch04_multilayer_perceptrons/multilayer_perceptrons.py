"""XOR from 500 starts, and a sine from 20, with ten times the steps and other rates than the page.

All starts of a kind are trained side by side, as arrays with the start as first axis. They
share nothing: the loss is summed over them, so that each has its own gradient.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

STARTS = 500
CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGET = torch.tensor([0.0, 1.0, 1.0, 0.0])
PHI = {
    "ReLU": torch.relu, "leaky ReLU": lambda a: F.leaky_relu(a, 0.1), "tanh": torch.tanh,
    "sigmoid": torch.sigmoid, "GELU": F.gelu, "Swish": F.silu,
}


def start(starts: int, inputs: int, m: int, seed: int = 0) -> list[torch.Tensor]:
    """Weights and biases as nn.Linear draws them: (S, m, d), (S, m), (S, m), (S,)."""
    torch.manual_seed(seed)
    shapes = ((starts, m, inputs), inputs), ((starts, m), inputs), ((starts, m), m), ((starts,), m)
    return [(2 * torch.rand(shape) - 1) / fan**0.5 for shape, fan in shapes]


def scores(X, params, phi):
    """(S, n), one score for each start and example."""
    W, b, w, c = params
    H = phi(torch.einsum("nd,smd->snm", X, W) + b[:, None])
    return torch.einsum("snm,sm->sn", H, w) + c[:, None]


def train(X, params, phi, loss, steps, lr):
    """Gradient descent on all examples, each start for itself."""
    params = [p.clone().requires_grad_() for p in params]
    for _ in range(steps):
        grads = torch.autograd.grad(loss(scores(X, params, phi)).mean(1).sum(), params)
        with torch.no_grad():
            for p, grad in zip(params, grads, strict=True):
                p -= lr * grad
    return [p.detach() for p in params]


def dead(params):
    """(S, m): units whose input is 0 or less at each of the four corners."""
    W, b = params[:2]
    return (torch.einsum("nd,smd->snm", CORNERS, W) + b[:, None] <= 0).all(1)


def turned(params):
    """The same starts, each dead unit with the signs of its weights and bias changed."""
    sign = torch.where(dead(params), -1.0, 1.0)
    W, b, *rest = params
    return [W * sign[..., None], b * sign, *rest]


def xor(m, name="ReLU", steps=20_000, lr=0.5, turn=False):
    """How many of the starts solve XOR, in all and among those with a dead unit."""
    params = start(STARTS, 2, m)
    stuck = dead(params).any(1)
    params = turned(params) if turn else params

    def loss(o):
        return F.binary_cross_entropy_with_logits(o, TARGET.expand_as(o), reduction="none")

    params = train(CORNERS, params, PHI[name], loss, steps, lr)
    solved = ((scores(CORNERS, params, PHI[name]) > 0) == (TARGET > 0.5)).all(1)
    return {
        "units": m, "activation": name, "steps": steps, "rate": lr, "turned": turn,
        "starts": STARTS, "solved": int(solved.sum()), "stuck": int(stuck.sum()),
        "stuck and solved": int((stuck & solved).sum()),
    }


def sine(steps, lr, m=16, starts=20):
    """Largest error on [0, 1] of each start, at 1001 places; fitted at 101."""
    X = torch.linspace(0, 1, 101)[:, None]
    y, fine = torch.sin(2 * math.pi * X[:, 0]), torch.linspace(0, 1, 1001)[:, None]
    params = train(X, start(starts, 1, m), torch.relu, lambda o: (o - y) ** 2, steps, lr)
    error = scores(fine, params, torch.relu) - torch.sin(2 * math.pi * fine[:, 0])
    return {"steps": steps, "rate": lr, "errors": error.abs().amax(1).tolist()}


def make() -> dict:
    """Rows of counts for XOR, and errors for the sine."""
    torch.set_num_threads(1)
    rows = [xor(m, steps=steps, lr=lr) for m in (2, 4, 8)
            for steps, lr in ((2000, 0.5), (20_000, 0.5), (20_000, 0.1), (20_000, 1.5))]
    rows += [xor(2, turn=True, steps=steps) for steps in (2000, 20_000)]
    rows += [xor(2, name) for name in ("leaky ReLU", "tanh", "sigmoid")]
    rows += [xor(1, name, steps=2000) for name in PHI]
    sines = [sine(steps, lr) for steps, lr in
             ((5000, 0.1), (50_000, 0.1), (50_000, 0.03), (50_000, 0.3))]
    return {"xor": rows, "sine": sines}
