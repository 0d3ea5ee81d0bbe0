"""Narrow U-Nets on slices of one brain, five seeds each: gates, skips, losses, rates, and FCNs.

Networks, slices and training are those of the page, taken from its cells; ``first`` says so, and
a test of the page compares it with the page as it is now. Takes some five minutes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import brain
from tests.kit.pages import definitions

PAGE = "ch13_computer_vision/unet_segmentation"
SEEDS = range(5)
WIDTHS = (8, 16, 32)
# What is trained: a U-Net with the loss and the rate of the page, if nothing else is said.
JOBS = {
    "plain": {}, "gated": {"gate": "Gate"}, "no skips": {"skips": False},
    "cross-entropy": {"loss": F.binary_cross_entropy_with_logits},
    "soft Dice": {"loss": "soft_dice"},
    "rate 0.001": {"lr": 0.001},
    "FCN, bilinear": {"fcn": "bilinear"}, "FCN, Xavier": {"fcn": "Xavier"},
    "FCN, middle layers": {"fcn": "bilinear", "middle": True},
}  # fmt: skip


def cut(net):
    """From now on every skip of the network is zeros."""
    for gate in net.gates:
        gate.register_forward_hook(lambda module, inputs, output: 0 * output)
    return net


def build(page, gate="Plain", skips=True, fcn=None, middle=False):
    """A network as a job names it, fresh from the generator of torch."""
    if fcn is None:
        net = page["UNet"](1, 3, WIDTHS, page[gate])
        return net if skips else cut(net)
    net = page["FCN"](1, 3, WIDTHS, middle)
    for layer in net.up:
        if fcn == "Xavier":
            nn.init.xavier_uniform_(layer.weight)
        else:
            page["bilinear"](layer.weight)
    return net


def run(page, name, seed) -> dict:
    """Dice of the three masks in the test; of gated and plain nets also with the skips cut."""
    X, T, X_test, T_test = page["load_slices"]()
    settings = dict(JOBS[name])
    loss, lr = settings.pop("loss", "weighted"), settings.pop("lr", 0.01)
    torch.manual_seed(seed)
    net = build(page, **settings)
    page["train"](net, X, T, page[loss] if isinstance(loss, str) else loss, seed=seed, lr=lr)

    def reached():
        return [round(d, 4) for d in page["test_dice"](net, X_test, T_test)]

    found = {"dice": reached()}
    if name == "gated":  # the finest gate: outside of the ventricles, and inside
        alpha = net.gates[-1].alpha
        found["alpha"] = [round(alpha[T_test[:, 2:] == k].mean().item(), 4) for k in (0, 1)]
    if name in ("plain", "gated"):
        cut(net)
        found["cut"] = reached()
    print(name, seed, found, flush=True)
    return found


def make() -> dict:
    torch.set_num_threads(1)
    page = definitions(PAGE, brain=brain)
    X, T, _, _ = page["load_slices"]()
    torch.manual_seed(0)
    first = page["train"](build(page), X, T, num_steps=5)
    found = {name: [run(page, name, seed) for seed in SEEDS] for name in JOBS}
    return {"first": first, "runs": found}
