"""Softmax, cross-entropy and its gradient by autograd."""

import torch
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    logits = torch.tensor(data["weights"], dtype=torch.float64).log().requires_grad_()
    loss = F.cross_entropy(logits, torch.tensor(data["labels"]))
    loss.backward()
    probabilities = logits.softmax(1)[0].detach()
    loss = loss.item()
    return {1: [probabilities, loss], 2: [loss], 3: [probabilities, loss, logits.grad[0]]}[level]
