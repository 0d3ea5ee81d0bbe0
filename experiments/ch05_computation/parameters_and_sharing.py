"""One kernel for all places against one for each: digits at random places, three seeds.

Pictures, networks and training are those of the page, taken from its cells; ``first`` holds two
losses before training, which a test of the page compares with the page as it is now. Takes some
ten minutes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from tests.kit.pages import definitions

PAGE = "ch05_computation/parameters_and_sharing"
SEEDS = range(3)
COUNTS = (75, 150, 300, 600, 1200)


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """All digits in the page's order: 1,200 for training, 597 for testing."""
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32) / 16
    y = torch.tensor(digits.target)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    return images[order], y[order]


def first() -> list[float]:
    """Loss before training of the two layers, seed 0, first 50 digits in the middle."""
    page, (images, y) = definitions(PAGE), data()
    X = page["place"](images[:50], torch.full((50, 2), 2))
    losses = []
    for shared in (True, False):
        torch.manual_seed(0)
        with torch.no_grad():
            losses.append(F.cross_entropy(page["network"](shared, 10)(X), y[:50]).item())
    return losses


def make() -> dict:
    """Test accuracies by question, number of training digits, and variant; one for each seed."""
    torch.set_num_threads(1)
    page, (images, y) = definitions(PAGE), data()
    place, quarter = page["place"], page["quarter"]
    everywhere = torch.cartesian_prod(torch.arange(6), torch.arange(6))

    def run(seed, shared, question="what", n=300, num_steps=750, lr=0.01, equal=False,
            all_places=False):
        torch.manual_seed(seed)
        at, new = torch.randint(6, (n, 2)), torch.randint(6, (597, 2))
        pictures, digits = images[:n], y[:n]
        if all_places:
            at = everywhere.repeat(n, 1)
            pictures, digits = (t.repeat_interleave(36, 0) for t in (pictures, digits))
        what = question == "what"
        net = page["network"](shared, 10 if what else 4)
        if equal:
            with torch.no_grad():
                net[0].W[:] = net[0].W[:1].clone()
                net[0].b[:] = net[0].b[:1].clone()
        page["train"](net, place(pictures, at), digits if what else quarter(at), num_steps, lr)
        answer = y[1200:] if what else quarter(new)
        return round(page["accuracy"](net, place(images[1200:], new), answer), 4)

    def all_seeds(*args, **kwargs):
        return [run(seed, *args, **kwargs) for seed in SEEDS]

    result = {"first": first(), "what": {}, "where": {}}
    for question, counts in (("what", COUNTS), ("where", COUNTS[::2])):
        for n in counts:
            for shared in (True, False):
                key = f"{'shared' if shared else 'apart'}, {n}"
                result[question][key] = all_seeds(shared, question, n)
                print(question, key, result[question][key], flush=True)
    result["apart, equal start"] = all_seeds(False, equal=True)
    result["apart, ten times the steps"] = all_seeds(False, num_steps=7500)
    for lr in (0.0025, 0.04):
        result[f"apart, rate {lr}"] = all_seeds(False, lr=lr)
    for shared in (True, False):
        key = f"{'shared' if shared else 'apart'}, every digit at all places"
        result[key] = all_seeds(shared, num_steps=2500, all_places=True)
        print(key, result[key], flush=True)
    return result
