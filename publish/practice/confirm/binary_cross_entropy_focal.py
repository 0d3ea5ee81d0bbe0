"""Binary cross-entropy of torch, weighted for the focal loss, and its gradient by autograd."""

import torch
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    y = torch.tensor(data["labels"], dtype=torch.float64)
    reduction = "mean" if data["mean"] else "sum"
    weight = data["alpha"] * y + (1 - data["alpha"]) * (1 - y)
    if level < 3:
        p = torch.tensor(data["p"], dtype=torch.float64)
        bce = F.binary_cross_entropy(p, y, reduction=reduction)
        true = torch.distributions.Bernoulli(p).log_prob(y).exp()
        focal = F.binary_cross_entropy(p, y, weight * (p - y).abs() ** 2, reduction=reduction)
        return [true, bce] if level == 1 else [bce, focal]
    odds = torch.tensor(data["odds"], dtype=torch.float64)
    z = (odds[:, 0] / odds[:, 1]).log().requires_grad_()
    F.binary_cross_entropy_with_logits(z, y).backward()
    missing = (z.sigmoid() - y).abs().detach() ** 2
    focal = F.binary_cross_entropy_with_logits(z, y, weight * missing)
    return [z.sigmoid().detach(), focal.item(), z.grad]
