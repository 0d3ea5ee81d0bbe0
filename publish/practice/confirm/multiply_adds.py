"""Multiply-adds as torch's own counter finds them: half of its operations."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def counted(*layers: nn.Module, shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Multiply-adds of layers, and the shape behind them."""
    with FlopCounterMode(display=False) as counter:
        Y = nn.Sequential(*layers)(torch.zeros(1, *shape))
    return counter.get_total_flops() // 2, tuple(Y.shape[1:])


def keys(data: dict, level: int) -> list:
    with torch.device("meta"):
        if level == 1:
            a = data["layer"]
            conv = nn.Conv2d(a["I"], a["O"], a["k"], a["s"], a["p"])
            count, shape = counted(conv, shape=(a["I"], a["n"], a["n"]))
            return [list(shape), count]
        if level == 2:
            n = data["direct"]["n"]

            def conv(a: dict) -> nn.Conv2d:
                return nn.Conv2d(a["I"], a["O"], a["k"], padding=a["k"] // 2)

            start = (data["direct"]["I"], n, n)
            direct, ends = counted(conv(data["direct"]), shape=start)
            chain, same = counted(*map(conv, data["chain"]), shape=start)
        else:
            I, O, k, how = data["I"], data["O"], data["k"], (data["stride"], data["padding"])
            start = (I, data["size"], data["size"])
            direct, ends = counted(nn.Conv2d(I, O, k, *how), shape=start)
            chain, same = counted(nn.Conv2d(I, I, k, *how, groups=I), nn.Conv2d(I, O, 1),
                                  shape=start)
        if ends != same:
            raise ValueError(f"the two versions end in {ends} and {same}")
        return [direct, chain, direct / chain]
