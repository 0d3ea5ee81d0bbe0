"""Answers to ``left_padding_mask``: right ones, each written on its own, and wrong ones."""

import torch


def loops(lengths, T):
    return torch.tensor([[j + n >= T for j in range(T)] for n in lengths]).reshape(-1, T)


def turned_right_padding(lengths, T):
    return (torch.arange(T) < lengths[:, None]).flip(1)


def counted_from_the_end(lengths, T):
    return torch.arange(T, 0, -1) <= lengths[:, None]


def right_padding(lengths, T):
    return lengths[:, None] > torch.arange(T)


def padding(lengths, T):
    return torch.arange(T) < T - lengths[:, None]


def strict(lengths, T):
    return torch.arange(T) + lengths[:, None] > T


def from_one(lengths, T):
    return torch.arange(1, T + 1) + lengths[:, None] >= T


def down(lengths, T):
    return torch.arange(T)[:, None] >= T - lengths


RIGHT = [loops, turned_right_padding, counted_from_the_end]
WRONG = {
    "LEFTPAD-01": [right_padding],
    "LEFTPAD-02": [padding],
    "LEFTPAD-03": [strict],
    "LEFTPAD-04": [from_one],
    "LEFTPAD-05": [down],
}
CODE = ("[:, None]", "arange", ">=")
