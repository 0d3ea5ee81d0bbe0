"""Answers to ``block_diagonal``: right ones, each written on its own, and wrong ones."""

import torch


def loops(A):
    b, n, m = A.shape
    B = torch.zeros(b * n, b * m)
    for s, block in enumerate(A):
        B[s * n : s * n + n, s * m : s * m + m] = block
    return B


def library(A):
    return torch.block_diag(*A)


def broadcast(A):
    b, n, m = A.shape
    return (A[:, :, None] * torch.eye(b)[:, None, :, None]).reshape(b * n, b * m)


def one_line(A):
    E = torch.eye(len(A))
    return torch.einsum("bij,bc->bicj", A, E).flatten(2).flatten(0, 1)


def below(A):
    return torch.cat(list(A))


def repeated(A):
    return A.flatten(0, 1).repeat(1, len(A))


def no_order(A):
    b, n, m = A.shape
    return torch.einsum("bij,bc->bcij", A, torch.eye(b)).reshape(b * n, b * m)


def other_diagonal(A):
    return torch.cat([torch.block_diag(*A).split(A.shape[2], 1)[s] for s in
                      range(len(A) - 1, -1, -1)], 1)


def turned_blocks(A):
    return torch.block_diag(*A.mT)


def still_four(A):
    return A[:, :, None] * torch.eye(len(A))[:, None, :, None]


RIGHT = [loops, library, broadcast, one_line]
WRONG = {
    "BLOCKS-01": [below],
    "BLOCKS-02": [repeated],
    "BLOCKS-03": [no_order],
    "BLOCKS-04": [other_diagonal],
    "BLOCKS-05": [turned_blocks],
    "BLOCKS-06": [still_four],
}
CODE = ("einsum", "eye", "flatten")
