"""What right answers to the lab on convolution reach: the numbers of its table, for twenty seeds.

Network, training and measures are those of the page, taken from its cells. Takes some two minutes.
"""

from __future__ import annotations

import numpy as np
import torch

from dlworkbook.data import emoji
from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/lab_convolution"


def make() -> dict:
    """Twenty numbers for each row of the table."""
    torch.set_num_threads(1)
    data = emoji.load()
    pictures = torch.from_numpy(data.images).float() / 255
    page = definitions(PAGE, data=data, y=torch.from_numpy(data.labels))

    def measured(seed):
        X, y, X_test, y_test, _ = page["split"](pictures, seed)
        torch.manual_seed(seed)
        net = page["make_net"]()
        page["train"](net, X, y, seed, 12, 0.02)
        weights = [p.detach().numpy() for p in net.parameters()]
        weights[4] = weights[4].T
        scores = np.concatenate([page["forward"](part.numpy(), weights)
                                 for part in X_test.split(20)])
        return page["results"](scores, net, X_test, y_test)

    return for_seeds(measured)
