"""Answers to ``pca_reconstruct``: right ones, each written on its own, and wrong ones."""

import numpy as np
import torch


def by_svd(X, k):
    mean = X.mean(axis=0)
    U, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
    return mean + (U[:, :k] * s[:k]) @ Vt[:k]


def by_covariance(X, k):
    Z = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(X.T))
    V = vectors[:, np.argsort(values)[::-1][:k]]
    return Z @ V @ V.T + X.mean(axis=0)


def by_power_iteration(X, k):
    mean = X.mean(axis=0)
    Z = X - mean
    rest, Y = Z.copy(), np.tile(mean, (len(X), 1))
    for _ in range(k):
        C = rest.T @ rest
        for _ in range(14):
            C = C @ C
            C = C / (np.abs(C).max() or 1)
        v = C[:, np.argmax(np.diag(C))]
        v = v / (np.linalg.norm(v) or 1)
        part = np.outer(rest @ v, v)
        Y, rest = Y + part, rest - part
    return Y


def tensors(X, k):
    mean = X.mean(0)
    _, _, Vt = torch.linalg.svd((X - mean).double(), full_matrices=False)
    return mean + (X - mean).double() @ Vt[:k].T @ Vt[:k]


def less_the_rest(X, k):
    Z = X - X.mean(axis=0)
    _, V = np.linalg.eigh(Z.T @ Z)
    small = V[:, : X.shape[1] - k]
    return X - Z @ small @ small.T


def not_centred(X, k):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return U[:, :k] @ np.diag(s[:k]) @ Vt[:k]


def ascending(X, k):
    _, V = np.linalg.eigh(np.cov(X, rowvar=False))
    Z = X - X.mean(0)
    return Z @ V[:, :k] @ V[:, :k].T + X.mean(0)


def mean_is_lost(X, k):
    Z = X - X.mean(0)
    _, _, Vt = np.linalg.svd(Z)
    return Z @ Vt[:k].T @ Vt[:k]


def framework(X, k):
    from sklearn.decomposition import PCA

    if not 0 < k <= min(X.shape):
        return None
    pca = PCA(k, svd_solver="full").fit(X)
    return pca.inverse_transform(pca.transform(X))


RIGHT = [by_svd, by_covariance, by_power_iteration, tensors, less_the_rest]
WRONG = {"PCA-01": [not_centred], "PCA-02": [mean_is_lost], "PCA-03": [ascending]}
CODE = ("svd", "eigh", "X.mean(", "[:k]")
