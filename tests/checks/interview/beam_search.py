"""Answers to ``beam_search``: right ones, each written on its own, and wrong ones."""

import heapq
import itertools

import numpy as np
import torch


def with_lists(A, start, k, steps):
    beams = [(0.0, [start])]
    for _ in range(steps):
        grown = []
        for score, path in beams:
            for token in range(len(A)):
                grown.append((score + A[path[-1], token], [*path, token]))
        grown.sort(key=lambda beam: beam[0], reverse=True)
        beams = grown[:k]
    score, path = beams[0]
    return np.array(path[1:]), score


def arrays(A, start, k, steps):
    v = len(A)
    paths, scores = np.full((1, 1), start), np.zeros(1)
    for _ in range(steps):
        table = scores[:, None] + A[paths[:, -1]]
        best = np.argsort(-table, axis=None)[:k]
        scores = table.ravel()[best]
        paths = np.column_stack([paths[best // v], best % v])
    return paths[0, 1:], scores[0]


def with_a_heap(A, start, k, steps):
    beams = {(start,): 0.0}
    for _ in range(steps):
        grown = {(*p, j): s + A[p[-1]][j] for p, s in beams.items() for j in range(len(A))}
        beams = {p: grown[p] for p in heapq.nlargest(k, grown, key=grown.get)}
    best = max(beams, key=beams.get)
    return list(best[1:]), beams[best]


def tensors(A, start, k, steps):
    paths, scores = torch.empty(1, 0, dtype=torch.long), torch.zeros(1)
    last = torch.tensor([start])
    for _ in range(steps):
        table = (scores[:, None] + torch.as_tensor(A)[last]).flatten()
        scores, flat = table.topk(min(k, table.numel()))
        last = flat % len(A)
        paths = torch.cat([paths[flat // len(A)], last[:, None]], 1)
    return paths[0], scores[0]


def greedy(A, start, k, steps):
    path, score = [start], 0.0
    for _ in range(steps):
        token = A[path[-1]].argmax()
        score += A[path[-1], token]
        path.append(token)
    return np.array(path[1:]), score


def exact(A, start, k, steps):
    paths = itertools.product(range(len(A)), repeat=steps)
    score, best = max((sum(A[a, b] for a, b in zip((start, *p), p)), p) for p in paths)
    return np.array(best), score


def with_start(A, start, k, steps):
    tokens, score = with_lists(A, start, k, steps)
    return [start, *tokens], score


def worst(A, start, k, steps):
    beams = [(0.0, [start])]
    for _ in range(steps):
        beams = sorted((s + A[p[-1], j], [*p, j]) for s, p in beams for j in range(len(A)))[-k:]
    return np.array(beams[0][1][1:]), beams[0][0]


def one_for_each_end(A, start, k, steps):
    beams = {start: ([], 0.0)}
    for _ in range(steps):
        best = {}
        for last, (path, score) in beams.items():
            for b in range(len(A)):
                if b not in best or score + A[last, b] > best[b][1]:
                    best[b] = [*path, b], score + A[last, b]
        beams = dict(heapq.nlargest(k, best.items(), key=lambda item: item[1][1]))
    return max(beams.values(), key=lambda beam: beam[1])


RIGHT = [with_lists, arrays, with_a_heap, tensors]
WRONG = {"BEAM-01": [greedy], "BEAM-04": [exact], "BEAM-05": [with_start], "BEAM-06": [worst],
         "BEAM-13": [one_for_each_end]}  # fmt: skip
CODE = ("topk", "argsort", "nlargest", "sorted(")
