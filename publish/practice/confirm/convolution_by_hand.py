"""The output of torch's convolution."""

import torch
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    X, K = (torch.tensor(data[name], dtype=torch.float64)[None] for name in "XK")
    bias = torch.tensor([data["bias"]], dtype=torch.float64)
    return [F.conv2d(X, K, bias, stride=data["stride"], padding=data["padding"])[0, 0]]
