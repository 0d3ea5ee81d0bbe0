"""Answers to ``early_stopping``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def counting(losses, patience, delta):
    best, waited = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch and loss < losses[best] - delta:
            best, waited = epoch, 0
        elif epoch:
            waited += 1
            if waited == patience:
                return epoch, best
    return len(losses) - 1, best


def without_a_counter(losses, patience, delta):
    best = 0
    for epoch in range(len(losses)):
        if losses[best] - losses[epoch] > delta:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, best


def jumping(losses, patience, delta):
    best = 0
    while True:
        ahead = losses[best + 1 : best + 1 + patience]
        gains = np.flatnonzero(losses[best] - ahead > delta)
        if not gains.size:
            return best + len(ahead), best
        best += 1 + int(gains[0])


def tensors(losses, patience, delta):
    best, lowest = torch.tensor(0), losses[0]
    for epoch in torch.arange(len(losses)):
        if losses[epoch].add(delta).lt(lowest):
            best, lowest = epoch, losses[epoch]
        if epoch.sub(best).ge(patience):
            return torch.stack([epoch, best])
    return torch.stack([epoch, best])


def never_reset(losses, patience, delta):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best] - delta:
            best = epoch
        else:
            waited += 1
        if waited == patience:
            return epoch, best
    return len(losses) - 1, best


def epoch_before(losses, patience, delta):
    best = waited = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1] - delta:
            best, waited = epoch, 0
        else:
            waited += 1
        if waited == patience:
            return epoch, best
    return len(losses) - 1, best


def patient(losses, patience, delta):
    best = 0
    for epoch in range(len(losses)):
        if losses[best] - losses[epoch] > delta:
            best = epoch
        if epoch - best > patience:
            break
    return epoch, best


def looks_ahead(losses, patience, delta):
    return without_a_counter(losses, patience, delta)[0], np.argmin(losses)


RIGHT = [counting, without_a_counter, jumping, tensors]
WRONG = {"EARLY-01": [never_reset], "EARLY-02": [epoch_before], "EARLY-03": [patient],
         "EARLY-10": [looks_ahead]}  # fmt: skip
CODE = ("losses[best]", "waited", "argmin")
