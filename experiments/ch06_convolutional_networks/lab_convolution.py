"""The study of the lab on convolution: one change at a time in a small network, twenty seeds each.

Networks and training are those of the page, taken from its cells. A seed fixes the test pictures,
so each variant meets the plain network on the same ones. ``plain again`` has other first weights
and nothing else. The sigmoid is also moved down by 1/2, or made four times as steep; the plain
network and the three that are worst are trained four times as long with ten seeds. Takes some ten
minutes.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import emoji
from tests.kit.pages import definitions

PAGE = "ch06_convolutional_networks/lab_convolution"
SEEDS, LONG_SEEDS, LONG = range(20), range(10), 32


class Sigmoid(nn.Module):
    """The sigmoid, ``steep`` times as steep, and moved down."""

    def __init__(self, steep=1, down=0.0):
        super().__init__()
        self.steep, self.down = steep, down

    def forward(self, X):
        return torch.sigmoid(self.steep * X) - self.down


CHANGES = {
    "plain": {},
    "plain again": {},
    "kernel 1": {"kernel": 1},
    "kernel 5": {"kernel": 5},
    "4 channels": {"channels": 4},
    "16 channels": {"channels": 16},
    "stride 2, no pooling": {"stride": 2},
    "no padding": {"padding": "none"},
    "1 convolution": {"depth": 1},
    "3 convolutions": {"depth": 3},
    "sigmoid": {"activation": nn.Sigmoid},
    "no activation": {"activation": nn.Identity},
    "neither ReLU nor pooling": {"activation": nn.Identity, "stride": 2},
}
PARTS = {
    "sigmoid, moved down": {"activation": partial(Sigmoid, down=0.5)},
    "sigmoid, steep": {"activation": partial(Sigmoid, 4)},
}
HARM = ("no padding", "sigmoid", "neither ReLU nor pooling")


class Study:
    """The page's definitions, and accuracies measured with them."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        data = emoji.load()
        pictures = torch.from_numpy(data.images).float() / 255
        small = F.interpolate(pictures, size=(16, 16), mode="area")
        self.page = definitions(PAGE, y=torch.from_numpy(data.labels), small=small)

    def accuracies(self, name, change, seeds, num_epochs=8):
        """Test accuracy in per cent, one for each seed."""
        # The page's function seeds by its argument: other first weights need a split of their own.
        percent = self.again if name == "plain again" else self.page["percent"]
        found = [round(percent(seed, num_epochs, **change), 1) for seed in seeds]
        print(f"  {name}, {num_epochs} epochs: {sum(found) / len(found):.2f} {found}", flush=True)
        return found

    def again(self, seed, num_epochs):
        """As the page's ``percent``, with other first weights."""
        page = self.page
        X, y_train, X_test, y_test, _ = page["split"](page["small"], seed)
        torch.manual_seed(seed + 100)
        net = page["make_net"](side=16)
        page["train"](net, X, y_train, seed, num_epochs)
        return 100 * page["accuracy"](net, X_test, y_test)


def make() -> dict:
    """Accuracies in per cent: after 8 epochs, and after 32."""
    study = Study()
    return {
        "8 epochs": {name: study.accuracies(name, change, SEEDS)
                     for name, change in (CHANGES | PARTS).items()},
        "32 epochs": {name: study.accuracies(name, CHANGES[name], LONG_SEEDS, LONG)
                      for name in ("plain", *HARM)},
    }
