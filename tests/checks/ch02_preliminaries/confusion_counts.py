"""Answers to ``confusion_counts``: right ones, each written on its own, and wrong ones."""

import torch


def loops(y, y_hat, c):
    pairs = list(zip(y.tolist(), y_hat.tolist()))
    return torch.tensor([[pairs.count((t, p)) for p in range(c)] for t in range(c)])


def counted(y, y_hat, c):
    return torch.bincount(c * y + y_hat, minlength=c * c).reshape(c, c)


def by_comparison(y, y_hat, c):
    r = torch.arange(c)[:, None]
    return torch.einsum("tn,pn->tp", (y == r).float(), (y_hat == r).float())


def turned(y, y_hat, c):
    return torch.eye(c)[y_hat].T @ torch.eye(c)[y]


def assigned(y, y_hat, c):
    C = torch.zeros(c, c)
    C[y, y_hat] += 1
    return C


def shares(y, y_hat, c):
    C = torch.eye(c)[y].T @ torch.eye(c)[y_hat]
    return C / C.sum(dim=1, keepdim=True)


def hits(y, y_hat, c):
    return torch.bincount(y[y == y_hat], minlength=c).diag()


def crossed(y, y_hat, c):
    return torch.outer(torch.eye(c)[y].sum(0), torch.eye(c)[y_hat].sum(0))


RIGHT = [loops, counted, by_comparison]
WRONG = {
    "CONFUSION-01": [turned],
    "CONFUSION-02": [assigned],
    "CONFUSION-03": [shares],
    "CONFUSION-04": [hits],
    "CONFUSION-05": [crossed],
}
CODE = ("eye", "@", "==")
