"""A linear layer of torch and its SGD, with a loss whose gradient is the perceptron's step.

The margin loss max(0, 1/2 - t s) has a slope wherever t s <= 0, and as scores are whole numbers
nowhere else.
"""

import torch
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    layer = torch.nn.Linear(2, 1, dtype=torch.float64)
    b, *w = data["w"]
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([w]))
        layer.bias.copy_(torch.tensor([b]))
    optimizer = torch.optim.SGD(layer.parameters(), lr=1)
    scores, updates = [], 0

    def held() -> list:
        return [layer.bias.item(), *layer.weight[0].tolist()]

    for _ in range(100 if level == 3 else 1):
        before = updates
        for x, t in zip(data["X"], data["t"], strict=True):
            optimizer.zero_grad()
            score = layer(torch.tensor(x, dtype=torch.float64))
            scores.append(score.item())
            target = torch.tensor([t], dtype=torch.float64)
            F.margin_ranking_loss(score, torch.zeros_like(score), target, margin=0.5).backward()
            updates += bool(layer.bias.grad)
            optimizer.step()
        if updates == before:
            break
    else:
        if level == 3:
            raise ValueError("it does not end")
    if level == 1:
        x = torch.tensor(data["X"][0], dtype=torch.float64)
        return [scores[0], held(), layer(x).item()]
    return [updates, held()]
