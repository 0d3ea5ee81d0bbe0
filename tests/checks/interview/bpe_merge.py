"""Answers to ``bpe_merge``: right ones, each written on its own, and wrong ones."""

import itertools
from collections import Counter

import numpy as np
import torch


def counted(ids, new):
    if len(ids) < 2:
        return ids.copy()
    counts = Counter(zip(ids.tolist(), ids[1:].tolist()))
    pair = max(counts, key=counts.get)  # the first of equal ones: a dict keeps its order
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return np.array(merged)


def arrays(ids, new):
    if ids.size < 2:
        return np.array(ids)
    left, right = ids[:-1], ids[1:]
    same = (left[:, None] == left) & (right[:, None] == right)
    found = same[same.sum(axis=1).argmax()]
    free, starts = 0, []
    for i in np.flatnonzero(found):
        if i >= free:
            starts.append(i)
            free = i + 2
    merged = ids.copy()
    merged[starts] = new
    return np.delete(merged, np.array(starts) + 1)


def with_a_stack(ids, new):
    text = ids.tolist()
    pairs = list(itertools.pairwise(text))
    if not pairs:
        return ids + 0
    best = sorted(set(pairs), key=lambda p: (-pairs.count(p), pairs.index(p)))[0]
    stack = []
    for token in text:
        if stack and (stack[-1], token) == best:
            stack[-1] = new
        else:
            stack.append(token)
    return np.array(stack)


def as_lists(ids, new):
    text = [int(i) for i in ids]
    counts = {}
    for pair in itertools.pairwise(text):
        counts[pair] = counts.get(pair, 0) + 1
    if not counts:
        return torch.as_tensor(ids).clone()
    most = max(counts.values())
    a, b = next(pair for pair, n in counts.items() if n == most)
    i = 0
    while i < len(text) - 1:
        if text[i] == a and text[i + 1] == b:
            text[i : i + 2] = [new]
        i += 1
    return torch.tensor(text)


def a_list(ids, new):
    return counted(ids, new).tolist()


def once(ids, new):
    if len(ids) < 2:
        return ids + 0
    pairs = list(zip(ids.tolist(), ids[1:].tolist()))
    k = pairs.index(max(pairs, key=pairs.count))
    return np.concatenate([ids[:k], [new], ids[k + 2 :]])


def smallest(ids, new):
    if len(ids) < 2:
        return ids + 0
    pairs, counts = np.unique(np.stack([ids[:-1], ids[1:]], 1), axis=0, return_counts=True)
    a, b = pairs[counts.argmax()]
    merged = []
    for token in ids:
        if merged and merged[-1] == a and token == b:
            merged[-1] = new
        else:
            merged.append(token)
    return np.array(merged)


def keeps_the_second(ids, new):
    if len(ids) < 2:
        return ids + 0
    pairs = list(zip(ids.tolist(), ids[1:].tolist()))
    best = max(pairs, key=pairs.count)
    return np.array([new if pair == best else ids[i] for i, pair in enumerate(pairs)]
                    + [ids[-1]])  # fmt: skip


def counted_as_text(ids, new):
    """str.count and str.replace, neither of which lets occurrences overlap."""
    text = "".join(chr(100 + i) for i in ids)
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    best = max(pairs, key=text.count, default="no pair")
    return [ord(c) - 100 for c in text.replace(best, chr(100 + new))]


RIGHT = [counted, arrays, with_a_stack, as_lists, a_list]
WRONG = {"BPEMERGE-01": [once], "BPEMERGE-03": [smallest], "BPEMERGE-06": [keeps_the_second],
         "BPEMERGE-12": [counted_as_text]}  # fmt: skip
CODE = ("Counter", "zip(", "i += 2")
