"""Ten times the steps for networks of ``unet_segmentation`` whose loss has no weight.

In the 150 steps of the page they overlook the ventricles; this says whether they find them in
1,500. Takes some four minutes.
"""

from __future__ import annotations

import torch

from dlworkbook.data import brain
from tests.kit.pages import definitions, maker

PAGE = "ch13_computer_vision/unet_segmentation"
NUM_STEPS = 1500


def make() -> dict:
    torch.set_num_threads(1)
    page, short = definitions(PAGE, brain=brain), maker(PAGE)
    X, T, X_test, T_test = page["load_slices"]()
    loss, dice = short.JOBS["cross-entropy"]["loss"], []
    for seed in short.SEEDS:
        torch.manual_seed(seed)
        net = short.build(page)
        page["train"](net, X, T, loss, num_steps=NUM_STEPS, seed=seed)
        dice.append([round(d, 4) for d in page["test_dice"](net, X_test, T_test)])
        print(seed, dice[-1], flush=True)
    return {"steps": NUM_STEPS, "dice": dice}
