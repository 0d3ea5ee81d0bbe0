"""Answers to ``nms``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    both = w * h if w > 0 and h > 0 else 0
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def loops(boxes, scores, threshold):
    kept = []
    for i in sorted(range(len(scores)), key=lambda i: scores[i], reverse=True):
        if all(overlap(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


def arrays(boxes, scores, threshold):
    x1, y1, x2, y2 = boxes.T
    area, order, kept = (x2 - x1) * (y2 - y1), scores.argsort()[::-1], []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        w = np.minimum(x2[best], x2[rest]) - np.maximum(x1[best], x1[rest])
        h = np.minimum(y2[best], y2[rest]) - np.maximum(y1[best], y1[rest])
        both = np.maximum(w, 0) * np.maximum(h, 0)
        order = rest[both <= threshold * (area[best] + area[rest] - both)]
    return np.array(kept)


def with_flags(boxes, scores, threshold):
    alive, kept = np.ones(len(boxes), dtype=bool), []
    while alive.any():
        best = np.where(alive, scores, -np.inf).argmax()
        kept.append(best)
        alive[best] = False
        for i in np.flatnonzero(alive):
            alive[i] = overlap(boxes[best], boxes[i]) <= threshold
    return np.array(kept)


def tensors(boxes, scores, threshold):
    boxes, order = torch.as_tensor(boxes), torch.as_tensor(scores).argsort(descending=True)
    boxes = boxes[order]
    side = torch.minimum(boxes[:, None, 2:], boxes[:, 2:]) - torch.maximum(
        boxes[:, None, :2], boxes[:, :2]
    )
    both, area = side.clamp(min=0).prod(2), (boxes[:, 2:] - boxes[:, :2]).prod(1)
    drops = both / (area[:, None] + area - both) > threshold
    keep = torch.ones(len(boxes), dtype=torch.bool)
    for i in range(len(boxes)):
        if keep[i]:
            keep[i + 1 :] &= ~drops[i, i + 1 :]
    return order[keep]


def all_better_ones(boxes, scores, threshold):
    order = np.argsort(-scores)
    return [i for n, i in enumerate(order)
            if all(overlap(boxes[i], boxes[j]) <= threshold for j in order[:n])]  # fmt: skip


def ascending(boxes, scores, threshold):
    kept = []
    for i in np.argsort(scores):
        if all(overlap(boxes[i], boxes[j]) <= threshold for j in kept):
            kept.append(i)
    return kept


def sorted_places(boxes, scores, threshold):
    return sorted(loops(boxes, scores, threshold))


def at_least(boxes, scores, threshold):
    kept = []
    for i in np.argsort(-scores):
        if all(overlap(boxes[i], boxes[j]) < threshold for j in kept):
            kept.append(i)
    return np.array(kept)


def sides_below_zero(boxes, scores, threshold):
    left, kept = [int(i) for i in np.argsort(-scores)], []
    while left:
        a = boxes[left.pop(0)]
        kept.append(next(i for i in range(len(boxes)) if boxes[i] is a or (boxes[i] == a).all()))
        left = [i for i in left if uncut(a, boxes[i]) <= threshold]
    return kept


def uncut(a, b):
    both = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


RIGHT = [loops, arrays, with_flags, tensors]
WRONG = {"NMS-14": [sides_below_zero],
         "NMS-01": [all_better_ones], "NMS-02": [ascending], "NMS-04": [sorted_places],
         "NMS-07": [at_least]}  # fmt: skip
CODE = ("argsort", "pop(0)", "order[1:]")
