"""Modules and tensors of torch, counted; none of them takes memory."""

import torch
from torch import nn


def numel(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


def attention(d: int, h: int, g: int, dh: int) -> nn.ModuleDict:
    """The four matrices of one block."""
    return nn.ModuleDict({
        "query": nn.Linear(d, h * dh, bias=False), "key": nn.Linear(d, g * dh, bias=False),
        "value": nn.Linear(d, g * dh, bias=False), "output": nn.Linear(h * dh, d, bias=False),
    })


def added(matrix: nn.Linear, rank: int) -> nn.Sequential:
    """What LoRA trains beside a matrix."""
    return nn.Sequential(nn.Linear(matrix.in_features, rank, bias=False),
                         nn.Linear(rank, matrix.out_features, bias=False))


def decoder(data: dict) -> list:
    sizes, d, f = [data[name] for name in ("d", "h", "g", "dh")], data["d"], data["f"]
    up_down = [nn.Linear(d, f, bias=False), nn.Linear(d, f, bias=False),
               nn.Linear(f, d, bias=False)]
    blocks = [nn.ModuleList([attention(*sizes), nn.RMSNorm(d), nn.RMSNorm(d), *up_down])
              for _ in range(data["L"])]
    whole = numel(nn.Embedding(data["V"], d)) + numel(nn.RMSNorm(d)) + sum(map(numel, blocks))
    if data["tables"] == 2:
        whole += numel(nn.Linear(d, data["V"], bias=False))
    return [numel(blocks[0][0]), numel(nn.ModuleList(up_down)), whole]


def lora(data: dict) -> list:
    block = attention(*[data[name] for name in ("d", "h", "g", "dh")])
    frozen = [block[which] for which in data["chosen"]] * data["L"]

    def trained(rank: int) -> int:
        return sum(numel(added(matrix, rank)) for matrix in frozen)

    rank = 1
    while trained(rank + 1) <= data["budget"]:
        rank += 1
    share = 100 * trained(rank) / sum(map(numel, frozen))
    return [trained(1), rank, share]


def memory(data: dict) -> list:
    count = int(data["billions"] * 1e9)
    stored = [torch.empty(count * data["bits"] // 8, dtype=torch.uint8),
              torch.empty(count // data["group"], dtype=torch.float16)]
    if data["offset"]:
        kind = torch.float16 if data["offset"] == 16 else torch.uint8
        stored.append(torch.empty(count // data["group"], dtype=kind))
    weights = sum(t.nbytes for t in stored)
    cache = torch.empty(2, data["L"], data["g"], data["dh"], dtype=torch.float16).nbytes
    return [8 * weights / count, weights / 1e9, cache, (data["card"] * 10**9 - weights) // cache]


def keys(data: dict, level: int) -> list:
    with torch.device("meta"):
        return {1: decoder, 2: lora, 3: memory}[level](data)
