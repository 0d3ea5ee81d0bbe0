"""Shuffled pixels with more steps and other rates, and what the border tells: three seeds each.

Networks, digits and training are those of the page, taken from its cells; ``first`` says so, and
a test of the page compares it with the page as it is now. Takes some five minutes.
"""

from __future__ import annotations

from functools import partial

import torch
from sklearn.datasets import load_digits

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/dense_to_convolution"
SETTINGS = {"ten times the steps": (2000, 0.01), "a third of the rate": (2000, 0.0033),
            "three times the rate": (600, 0.03)}  # fmt: skip

# zeros around the frame, and around the maps of the first layer
BORDERS = {"same size": (2, 1), "three zeros": (3, 0), "six zeros": (6, 0)}


def make() -> dict:
    torch.set_num_threads(1)
    page = definitions(PAGE, load_digits=load_digits)
    X, y, place = page["framed_digits"]()
    result = {"first": page["accuracy"](page["convolutional"], X, y, 0)}
    for name in ("convolutional", "dense"):
        result[name] = {}
        for setting, (num_steps, lr) in SETTINGS.items():
            rows = {"own": [], "shuffled": []}
            for seed in range(3):
                pixels = torch.randperm(144, generator=torch.Generator().manual_seed(100 + seed))
                Z = X.flatten(2)[:, :, pixels].reshape(X.shape)
                for version, pictures in (("own", X), ("shuffled", Z)):
                    rows[version].append(round(page["accuracy"](
                        page[name], pictures, y, seed, num_steps=num_steps, lr=lr), 1))
            print(name, setting, rows, flush=True)
            result[name][setting] = rows
    kept = place[:, 1] != 2
    side, num_train = (place[:, 1] > 2).long()[kept], int(kept[:1200].sum())
    result["sides"] = {}
    for border, (outside, inside) in BORDERS.items():
        result["sides"][border] = [
            round(page["accuracy"](partial(page["no_stride"], outside, inside), X[kept], side,
                                   seed, num_train, 400), 1) for seed in range(3)
        ]  # fmt: skip
        print(border, result["sides"][border], flush=True)
    return result
