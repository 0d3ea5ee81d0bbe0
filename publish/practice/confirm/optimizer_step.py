"""Steps of torch.optim."""

import torch


def keys(data: dict, level: int) -> list:
    w = torch.tensor(float(data["w"]), dtype=torch.float64, requires_grad=True)
    optimizer = {
        1: lambda: torch.optim.SGD([w], lr=data["lr"]),
        2: lambda: torch.optim.SGD([w], lr=data["lr"], momentum=data["momentum"]),
        3: lambda: torch.optim.Adam([w], lr=data["lr"], betas=(data["b1"], data["b2"]), eps=0),
    }[level]()
    found = []
    for t in range(2):
        optimizer.zero_grad()
        loss = data["gradients"][t] * w if level == 3 else data["a"] / 2 * (w - data["c"]) ** 2
        loss.backward()
        optimizer.step()
        found.append(w.item())
    return [round(x, 4) for x in found] if level == 3 else found
