"""Answers to ``warmup_cosine``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch


def plain(t, warmup, total, peak, lowest):
    if t < warmup:
        return peak * (t + 1) / warmup
    if t > total:
        return lowest
    x = (t - warmup) / (total - warmup)
    return lowest + 0.5 * (peak - lowest) * (1 + math.cos(math.pi * x))


def with_a_square(t, warmup, total, peak, lowest):
    if t < warmup:
        return (t + 1) * peak / warmup
    x = np.clip((t - warmup) / (total - warmup), 0, 1)
    return peak - (peak - lowest) * np.sin(np.pi * x / 2) ** 2


def from_a_list(t, warmup, total, peak, lowest):
    rates = [peak * (k + 1) / warmup for k in range(warmup)]
    angles = np.linspace(0, np.pi, total - warmup + 1)
    rates += list((peak + lowest) / 2 + (peak - lowest) / 2 * np.cos(angles))
    return rates[min(t, total)]


def tensors(t, warmup, total, peak, lowest):
    up = torch.tensor((t + 1) / warmup if warmup else 1.0)
    x = torch.tensor((t - warmup) / (total - warmup)).clamp(0, 1)
    down = (1 + torch.cos(torch.pi * x)) / 2
    return torch.where(torch.tensor(t < warmup), peak * up, lowest + (peak - lowest) * down)


def from_zero(t, warmup, total, peak, lowest):
    if t < warmup:
        return peak * t / warmup
    x = min((t - warmup) / (total - warmup), 1)
    return lowest + 0.5 * (peak - lowest) * (1 + math.cos(math.pi * x))


def over_all(t, warmup, total, peak, lowest):
    if t < warmup:
        return peak * (t + 1) / warmup
    return lowest + 0.5 * (peak - lowest) * (1 + math.cos(math.pi * min(t / total, 1)))


def goes_on(t, warmup, total, peak, lowest):
    if t < warmup:
        return peak * (t + 1) / warmup
    x = (t - warmup) / (total - warmup)
    return lowest + 0.5 * (peak - lowest) * (1 + math.cos(math.pi * x))


def framework(t, warmup, total, peak, lowest):
    if t < warmup or t > total:
        return None  # torch's schedule has neither
    weight = torch.nn.Parameter(torch.zeros(1))
    steps = torch.optim.SGD([weight], float(peak))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(steps, total - warmup, float(lowest))
    for _ in range(t - warmup):
        steps.step()
        schedule.step()
    return schedule.get_last_lr()[0]


RIGHT = [plain, with_a_square, from_a_list, tensors]
WRONG = {"WARMUP-01": [from_zero], "WARMUP-02": [over_all], "WARMUP-04": [goes_on]}
CODE = ("math.cos", "np.cos", "(t + 1)", "min(")
