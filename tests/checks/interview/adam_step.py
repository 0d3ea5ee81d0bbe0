"""Answers to ``adam_step``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch


def arrays(w, g, m, v, t, lr, b1, b2, eps):
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def loops(w, g, m, v, t, lr, b1, b2, eps):
    w, m, v = w.copy(), m.copy(), v.copy()
    for i in range(len(w)):
        m[i] += (1 - b1) * (g[i] - m[i])
        v[i] += (1 - b2) * (g[i] * g[i] - v[i])
        w[i] -= lr * (m[i] / (1 - b1**t)) / (math.sqrt(v[i] / (1 - b2**t)) + eps)
    return w, m, v


def rate_first(w, g, m, v, t, lr, b1, b2, eps):
    m, v = m * b1 + g * (1 - b1), v * b2 + g * g * (1 - b2)
    root = math.sqrt(1 - b2**t)
    rate = lr * root / (1 - b1**t)
    return w - rate * m / (v**0.5 + eps * root), m, v


def tensors(w, g, m, v, t, lr, b1, b2, eps):
    m = torch.lerp(m, g, 1 - b1)
    v = (v * b2).addcmul(g, g, value=1 - b2)
    return w.addcdiv(m / (1 - b1**t), (v / (1 - b2**t)).sqrt() + eps, value=-lr), m, v


def library(w, g, m, v, t, lr, b1, b2, eps):
    p = torch.nn.Parameter(torch.as_tensor(w).double().clone())
    adam = torch.optim.Adam([p], lr, (b1, b2), eps)
    adam.state[p] = {"step": torch.tensor(float(t - 1)),
                     "exp_avg": torch.as_tensor(m).double().clone(),
                     "exp_avg_sq": torch.as_tensor(v).double().clone()}  # fmt: skip
    p.grad = torch.as_tensor(g).double()
    adam.step()
    return p.detach(), adam.state[p]["exp_avg"], adam.state[p]["exp_avg_sq"]


def no_correction(w, g, m, v, t, lr, b1, b2, eps):
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return w - lr * m / (np.sqrt(v) + eps), m, v


def keeps_corrected(w, g, m, v, t, lr, b1, b2, eps):
    m = (b1 * m + (1 - b1) * g) / (1 - b1**t)
    v = (b2 * v + (1 - b2) * g * g) / (1 - b2**t)
    return w - lr * m / (np.sqrt(v) + eps), m, v


def inside(w, g, m, v, t, lr, b1, b2, eps):
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
    return w - lr * m / (1 - b1**t) / (v / (1 - b2**t) + eps) ** 0.5, m, v


def framework(*inputs):
    return library(*inputs)


RIGHT = [arrays, loops, rate_first, tensors, library]
WRONG = {"ADAM-01": [no_correction], "ADAM-03": [keeps_corrected], "ADAM-06": [inside]}
CODE = ("np.sqrt", "** t", "b1 * m", "lerp")
