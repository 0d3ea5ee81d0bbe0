"""Boxes as squares of a grid, counted; the definitions of NMS and AP, word by word."""

import torch

SIDE = 60  # of the grid


def _covered(boxes: list) -> torch.Tensor:
    """The squares of each box, (N, SIDE * SIDE), 0 or 1."""
    grid = torch.zeros(len(boxes), SIDE, SIDE, dtype=torch.float64)
    for layer, (x1, y1, x2, y2) in zip(grid, boxes, strict=True):
        layer[y1:y2, x1:x2] = 1
    return grid.flatten(1)


def keys(data: dict, level: int) -> list:
    if level == 3:
        return _precision(data)
    squares = _covered(data["boxes"])
    both = squares @ squares.T
    overlap = both / torch.maximum(squares[:, None], squares[None]).sum(2)
    if level == 1:
        return [both[0, 1].item(), overlap[0, 1].item()]
    first = torch.tensor(data["scores"]).argsort(descending=True).tolist()
    left, stay = list(first), []
    while left:
        stay.append(left[0] + 1)
        left = [k for k in left[1:] if overlap[left[0], k] <= data["threshold"]]
    return [overlap[first[0], first[1]].item(), stay]


def _precision(data: dict) -> list:
    order = torch.tensor(data["scores"]).argsort(descending=True).tolist()
    free, hits = set(data["truth"]), []
    for k in order:
        hits.append(data["overlaps"][k] >= 0.5 and data["truth"][k] in free)
        free -= {data["truth"][k]} if hits[-1] else set()
    found = torch.tensor(hits).cumsum(0).double()
    precision, recall = found / torch.arange(1, len(hits) + 1), found / data["objects"]
    raised = precision.flip(0).cummax(0).values.flip(0)
    steps = torch.diff(recall, prepend=torch.zeros(1).double())
    reached = 10 * found[:, None] >= data["objects"] * torch.arange(11)  # (detections, recalls)
    eleven = (precision[:, None] * reached).amax(0).mean()
    return [sum(hits), (raised * steps).sum().item(), eleven.item()]
