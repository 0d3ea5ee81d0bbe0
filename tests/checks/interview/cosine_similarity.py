"""Answers to ``cosine_similarity``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F


def loops(A, B):
    S = np.zeros((len(A), len(B)))
    for i, u in enumerate(A):
        for j, v in enumerate(B):
            size = np.linalg.norm(u) * np.linalg.norm(v)
            if size > 0:
                S[i, j] = np.dot(u, v) / size
    return S


def unit_rows(A, B):
    def unit(X):
        size = np.linalg.norm(X, axis=1, keepdims=True)
        return X / np.where(size == 0, 1, size)

    return unit(A) @ unit(B).T


def afterwards(A, B):
    size = np.sqrt(np.outer((A**2).sum(1), (B**2).sum(1)))
    return np.divide(A @ B.T, size, out=np.zeros_like(size), where=size > 0)


def tensors(A, B):
    S = A @ B.T / (A.norm(dim=1)[:, None] * B.norm(dim=1))
    return torch.nan_to_num(S)


def library(A, B):
    return F.normalize(A, dim=1, eps=1e-30) @ F.normalize(B, dim=1, eps=1e-30).T


def plain(A, B):
    return (A @ B.T) / (np.linalg.norm(A, axis=1)[:, None] * np.linalg.norm(B, axis=1)[None])


def products(A, B):
    return torch.tensor(A) @ torch.tensor(B).T


def scipy_distance(A, B):
    S = loops(A, B)
    return 1 - S


def whole_norm(A, B):
    U, V = A / (np.linalg.norm(A, axis=0) + (A == 0).all(0)), B
    return U @ (V / (np.linalg.norm(V, axis=0) + (V == 0).all(0))).T


def with_epsilon(A, B):
    return A @ B.T / (np.linalg.norm(A, axis=1)[:, None] * np.linalg.norm(B, axis=1) + 1e-8)


def framework(A, B):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity(A, B)


RIGHT = [loops, unit_rows, afterwards, tensors, library]
WRONG = {"COSINE-01": [products], "COSINE-04": [plain], "COSINE-05": [scipy_distance],
         "COSINE-07": [whole_norm], "COSINE-09": [with_epsilon]}  # fmt: skip
CODE = ("norm(", "A @ B", "np.where")
