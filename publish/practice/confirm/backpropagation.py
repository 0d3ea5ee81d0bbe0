"""Gradients by autograd, and a step of torch's gradient descent."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    outputs = 2 if level == 2 else 1
    first, last = (nn.Linear(2, n, dtype=torch.float64) for n in (2, outputs))
    bias = [whole + math.log(n / d) for whole, (n, d) in data["bias"]] if level == 3 else data["b"]
    end = [math.log(data["end"][0] / data["end"][1])] if level == 3 else data["c"]
    with torch.no_grad():
        for layer, weight, b in ((first, data["W"], bias), (last, data["V"], end)):
            layer.weight.copy_(torch.tensor(weight, dtype=torch.float64).view_as(layer.weight))
            layer.bias.copy_(torch.tensor(b, dtype=torch.float64))
    act = torch.sigmoid if level == 3 else torch.relu
    a = first(torch.tensor(data["x"], dtype=torch.float64))
    z = last(act(a))
    guess = torch.sigmoid(z) if level == 3 else z
    for tensor in (a, z):
        tensor.retain_grad()
    y = torch.tensor(data["y"], dtype=torch.float64).view(outputs)
    crossed = data.get("loss") == "cross-entropy"
    loss = F.binary_cross_entropy(guess, y) if crossed else F.mse_loss(
        guess, y, reduction="sum") / 2
    loss.backward()
    errors, slopes = a.grad.clone(), first.weight.grad.clone()
    guess = guess.detach()
    if level == 1:
        return [guess.item(), last.weight.grad[0], errors, slopes]
    torch.optim.SGD([*first.parameters(), *last.parameters()], lr=data["rate"]).step()
    if level == 2:
        return [guess, errors, slopes, last.weight.detach()]
    return [guess.item(), z.grad.item(), errors, slopes, last.weight[0].detach()]
