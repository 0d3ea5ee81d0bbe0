"""Answers to ``tokens_before_end``: right ones, each written on its own, and wrong ones."""

import torch


def loops(tokens, end):
    rows = [row.tolist() for row in tokens]
    return torch.tensor([[*r, end].index(end) for r in rows])


def products(tokens, end):
    return (tokens != end).int().cumprod(1).sum(1)


def smallest_place(tokens, end):
    T = tokens.shape[1]
    return torch.where(tokens == end, torch.arange(T), T).amin(1)


def first_hit(tokens, end):
    return (tokens == end).int().argmax(1)


def with_the_end(tokens, end):
    return ((tokens == end).cumsum(1).cumsum(1) <= 1).sum(1)


def all_others(tokens, end):
    return (tokens != end).sum(1)


def last_hit(tokens, end):
    T = tokens.shape[1]
    last = torch.where(tokens == end, torch.arange(T), -1).amax(1)
    return torch.where(last < 0, T, last)


def down(tokens, end):
    return (tokens != end).int().cumprod(0).sum(0)


def hits(tokens, end):
    return (tokens == end).sum(1)


RIGHT = [loops, products, smallest_place]
WRONG = {
    "BEFOREEND-01": [first_hit],
    "BEFOREEND-02": [with_the_end],
    "BEFOREEND-03": [all_others],
    "BEFOREEND-04": [last_hit],
    "BEFOREEND-05": [down],
    "BEFOREEND-06": [hits],
}
CODE = ("cumsum", "cumprod", "== 0")
