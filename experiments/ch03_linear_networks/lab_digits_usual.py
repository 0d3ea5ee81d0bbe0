"""What right answers to the lab on digits reach: the numbers of its table, for twenty seeds.

Data, training and measures are those of the page, taken from its cells. A seed draws the digits
that are kept apart, and the batches; weights start at zero.
"""

from __future__ import annotations

import torch

from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions, digits

PAGE = "ch03_linear_networks/lab_digits"


def make() -> dict:
    """Twenty numbers for each row of the table."""
    torch.set_num_threads(1)
    images, labels = digits()
    page = definitions(PAGE, X=images.flatten(1), y=labels)

    def measured(seed):
        rows, test = page["split"](seed)
        W, b, _ = page["train"](rows, seed, page["softmax"], page["manual_step"])
        return page["results"](W, b, rows, test)

    return for_seeds(measured, digits=4)
