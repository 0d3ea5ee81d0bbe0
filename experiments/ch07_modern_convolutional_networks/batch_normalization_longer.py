"""Ten times the epochs for the parts of the layer that do not train a sigmoid LeNet in fifteen.

Network, pictures and training are those of ``batch_normalization``. Takes some four minutes on two
free cores.
"""

from __future__ import annotations

from publish.tools.experiments import side_by_side
from tests.kit.pages import maker

PAGE = "ch07_modern_convolutional_networks/batch_normalization"
KINDS = ("first batch", "no gradient through statistics", "mean only", "variance only")
RATES = (0.3, 1)
NUM_EPOCHS = 150


def make() -> dict:
    short = maker(PAGE)
    names = [(kind, lr) for kind in KINDS for lr in RATES]
    jobs = [
        (kind, "sigmoid", lr, NUM_EPOCHS, {}, False, seed)
        for kind, lr in names for seed in short.SEEDS
    ]  # fmt: skip
    found = iter(side_by_side(short.run, jobs))
    return {f"{kind}, {lr}": [next(found) for _ in short.SEEDS] for kind, lr in names}
