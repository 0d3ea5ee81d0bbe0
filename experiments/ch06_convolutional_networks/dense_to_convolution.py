"""Shuffled pixels with more steps and other rates: three seeds each.

Networks, digits and training are those of the page, taken from its cells; ``first`` says so, and
a test of the page compares it with the page as it is now. Takes some five minutes.
"""

from __future__ import annotations

import torch
from sklearn.datasets import load_digits

from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/dense_to_convolution"
SETTINGS = {"ten times the steps": (2000, 0.01), "a third of the rate": (2000, 0.0033),
            "three times the rate": (600, 0.03)}  # fmt: skip


def make() -> dict:
    torch.set_num_threads(1)
    page = definitions(PAGE, load_digits=load_digits)
    X, y, _ = page["framed_digits"]()
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
    return result
