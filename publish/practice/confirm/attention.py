"""Attention of torch; with the unit matrix as values it gives its weights."""

import math

import torch
from torch.nn import functional as F


def keys(data: dict, level: int) -> list:
    Q, K, V = (torch.tensor(data[name], dtype=torch.float64) for name in "QKV")
    K = K * math.log(data["base"])
    if level == 2:
        X = torch.tensor(data["X"], dtype=torch.float64)
        Q, K, V = (F.linear(X, W) for W in (Q, K, V))
    how = {"is_causal": level == 3}
    A = F.scaled_dot_product_attention(Q, K, torch.eye(len(K), dtype=torch.float64), **how)
    Y = F.scaled_dot_product_attention(Q, K, V, **how)
    if level > 1:
        return [A, Y]
    return [(Q @ K.T)[0] / math.sqrt(Q.shape[1]), A[0], Y[0]]
