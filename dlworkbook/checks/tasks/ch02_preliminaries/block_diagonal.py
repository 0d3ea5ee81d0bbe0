"""Puzzle ``block_diagonal(A)``: a stack of matrices along the diagonal of a large one.

Shapes: A (b, n, m) -> (b * n, b * m).
"""

from __future__ import annotations

import torch

from ._puzzle import Puzzle, numbers

CONTRACT = """block_diagonal(A): a stack of matrices along the diagonal of a large one.

A has shape (b, n, m): b blocks of n rows and m columns. The result has shape (b * n, b * m). Block
s of A fills the rows s * n, ..., s * n + n - 1 in the columns s * m, ..., s * m + m - 1. All else
is 0."""


def reference(A):
    """One entry after the other."""
    b, n, m = A.shape
    B = torch.zeros(b * n, b * m)
    for s in range(b):
        for i in range(n):
            for j in range(m):
                B[s * n + i, s * m + j] = A[s, i, j]
    return B


def spread(A, where, order="bicj"):
    """A times ``where`` (b, b), with the axes in another order, as one table."""
    b, n, m = A.shape
    return torch.einsum(f"bij,bc->{order}", A, where).reshape(b * n, b * m)


draft = Puzzle(
    "block_diagonal", CONTRACT, reference, lambda A: spread(A, torch.eye(len(A))),
    lambda rng, b, n, m: (numbers(rng, b, n, m),), sizes=3,
    without=("block_diag", "kron", "diag_embed"),
)
instead, slip = draft.instead, draft.slip

draft.probe("small", [[[1, 2]], [[3, 4]], [[5, 6]]])
draft.probe("square", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], has="square blocks")
draft.probe("one block", [[[1, 2, 3], [4, 5, 6]]], has="a single block")
draft.probe("blocks of one entry", [[[2]], [[5]], [[7]]], has="blocks of one entry")

slip("BLOCKS-01", "blocks one below the other",
     "The blocks stand one below the other in the same columns.",
     "How many columns should there be?",
     instead(lambda A: A.flatten(0, 1)))
slip("BLOCKS-02", "the same block along a row of blocks",
     "Every block is repeated along its rows: nothing makes the rest 0.",
     "In how many places should a block stand?",
     instead(lambda A: spread(A, torch.ones(len(A), len(A)))))
slip("BLOCKS-03", "axes in the wrong order",
     "The numbers are there, but dealt out in the wrong order: axes have to stand in the order of "
     "rows and columns before two of them become one.",
     "Which two axes together count the rows of the result?",
     instead(lambda A: spread(A, torch.eye(len(A)), "bcij")),
     instead(lambda A: spread(A, torch.eye(len(A)), "bijc")),
     instead(lambda A: spread(A, torch.eye(len(A)), "ibcj")),
     instead(lambda A: spread(A, torch.eye(len(A)), "ibjc")))
slip("BLOCKS-04", "along the other diagonal",
     "The blocks run from the lower left to the upper right.",
     "In which columns does the first block stand?",
     instead(lambda A: spread(A, torch.eye(len(A)).flip(1))))
slip("BLOCKS-05", "each block is transposed",
     "Each block lies on its side.",
     "How many rows does one block take?",
     instead(lambda A: torch.block_diag(*A.transpose(1, 2))))
slip("BLOCKS-06", "four axes",
     "The result still has an axis for the blocks in its rows and one in its columns.",
     "How many axes should the result have?",
     instead(lambda A: torch.einsum("bij,bc->bicj", A, torch.eye(len(A)))))

TASK = draft.task()
