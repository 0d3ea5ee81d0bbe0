"""Answers to ``masked_attention``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def arrays(Q, K, V, mask):
    S = np.where(mask == 1, Q @ K.T / np.sqrt(Q.shape[1]), -np.inf)
    W = np.exp(S - S.max(axis=1, keepdims=True))
    return W @ V / W.sum(axis=1, keepdims=True)


def loops(Q, K, V, mask):
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        pairs = [(np.dot(Q[i], K[j]) / len(Q[i]) ** 0.5, V[j]) for j in np.flatnonzero(mask[i])]
        top = max(s for s, _ in pairs)
        total = sum(math.exp(s - top) for s, _ in pairs)
        out[i] = sum(math.exp(s - top) / total * v for s, v in pairs)
    return out


def running(Q, K, V, mask):
    best, total, out = np.full(len(Q), -1e30), np.zeros(len(Q)), np.zeros((len(Q), V.shape[1]))
    for j in range(len(K)):
        s = np.where(mask[:, j] == 1, Q @ K[j] / math.sqrt(Q.shape[1]), -1e30)
        new = np.maximum(best, s)
        shrink, weight = np.exp(best - new), np.exp(s - new) * mask[:, j]
        total = total * shrink + weight
        out = out * shrink[:, None] + weight[:, None] * V[j]
        best = new
    return out / total[:, None]


def tensors(Q, K, V, mask):
    S = (Q @ K.T / Q.shape[-1] ** 0.5).masked_fill(mask == 0, -math.inf)
    return S.softmax(dim=-1) @ V


def library(Q, K, V, mask):
    return F.scaled_dot_product_attention(Q[None], K[None], V[None], mask[None] == 1)[0]


def very_negative(Q, K, V, mask):
    return torch.softmax(Q @ K.T / math.sqrt(Q.shape[1]) - 1e9 * (1 - mask), 1) @ V


def no_scale(Q, K, V, mask):
    S = (torch.tensor(Q) @ torch.tensor(K).T).masked_fill(torch.tensor(mask) == 0, -torch.inf)
    return S.softmax(1) @ torch.tensor(V)


def cut_afterwards(Q, K, V, mask):
    S = torch.tensor(Q @ K.T / Q.shape[1] ** 0.5)
    return (S.softmax(1) * torch.tensor(mask)) @ torch.tensor(V)


def turned(Q, K, V, mask):
    S = torch.tensor(Q @ K.T / Q.shape[1] ** 0.5).masked_fill(torch.tensor(mask) == 1, -1e9)
    return S.softmax(1) @ torch.tensor(V)


def naive(Q, K, V, mask):
    E = np.exp(Q @ K.T / Q.shape[1] ** 0.5) * mask
    return E / E.sum(1)[:, None] @ V


def framework(Q, K, V, mask):
    Q, K, V = (torch.tensor(x)[None] for x in (Q, K, V))
    return F.scaled_dot_product_attention(Q, K, V, torch.tensor(mask)[None] == 1)[0]


def not_negative_enough(Q, K, V, mask):
    S = np.where(mask, Q @ K.T / math.sqrt(Q.shape[1]), -1000)
    E = np.exp(S - S.max(1, keepdims=True))
    return E / E.sum(1, keepdims=True) @ V


RIGHT = [arrays, loops, running, tensors, library, very_negative]
WRONG = {"ATTMASK-01": [no_scale], "ATTMASK-05": [turned], "ATTMASK-06": [cut_afterwards],
         "ATTMASK-09": [naive], "ATTMASK-12": [not_negative_enough]}  # fmt: skip
CODE = ("K.T", "masked_fill", "-np.inf", "softmax(")
