"""Studies for the lab on verse: longer training, other layers, weights that start at zero.

Networks, training and measures are those of the page, taken from its cells; ``first_losses`` says
so, and a test of the page compares them with the page as it is now. Takes some minutes.
"""

from __future__ import annotations

import math
from collections import Counter

import torch
from torch import nn

from dlworkbook.data import verse
from tests.kit.pages import definitions

PAGE = "ch09_modern_rnn/lab_verse"
SEEDS = range(3)
LONG = 6  # epochs
NUM_HIDDENS = 96
PLACES = [5 * line + place + line for line in range(4) for place in range(5)]  # no marks


class Study:
    """The page's definitions and data, and what is measured with them."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self.page = page = definitions(PAGE, math=math, NUM_HIDDENS=NUM_HIDDENS)
        sonnets, poems = verse.sonnets(), verse.quatrains()
        self.letters = sorted(set("\n\n".join(sonnets)))
        self.text, self.unseen = (
            page["encode"]("\n\n".join(part) + "\n\n", self.letters)
            for part in (sonnets[:138], sonnets[138:]))
        train_poems = [poem for i, poem in enumerate(poems) if i % 10]
        common = Counter("".join(train_poems)).most_common(800)
        self.signs = ["□", "\n"] + [sign for sign, _ in common]
        self.poems, self.new_poems = (
            torch.stack([page["encode"]("\n" + poem + "\n", self.signs) for poem in part])
            for part in (train_poems, poems[::10]))

    def english(self, seed, make, num_epochs, lr):
        """Perplexity on the sonnets for testing, and the losses of training."""
        torch.manual_seed(seed)
        model = self.page["SequenceModel"](len(self.letters), 32, len(self.letters), NUM_HIDDENS)
        model.gru = make(32, NUM_HIDDENS)
        losses = self.page["train"](
            model, NUM_HIDDENS, lambda: self.page["strips"](self.text), num_epochs, lr, True)
        loss, _ = self.page["judge_model"](model, self.unseen[None])
        told = round(loss.mean().exp().item(), 3)
        print(f"  {getattr(make, '__name__', make)}, seed {seed}, {num_epochs} epochs, {lr}: "
              f"{told}", flush=True)
        return told, losses

    def chinese(self, seed, num_epochs, lr=0.02):
        """Perplexity on the characters of poems for testing, marks left out."""
        torch.manual_seed(seed)
        model = self.page["SequenceModel"](len(self.signs), 64, len(self.signs), NUM_HIDDENS)
        self.page["train"](
            model, NUM_HIDDENS, lambda: self.page["minibatches"](self.poems), num_epochs, lr,
            False)
        loss, _ = self.page["judge_model"](model, self.new_poems)
        told = round(loss[:, PLACES].mean().exp().item(), 2)
        print(f"  Chinese, seed {seed}, {num_epochs} epochs: {told}", flush=True)
        return told

    def pairs(self):
        """The same of the best count of pairs."""
        (loss, _), _ = self.page["judge_pairs"](self.poems, self.new_poems, len(self.signs))
        return round(loss[:, PLACES].mean().exp().item(), 2)


def make() -> dict:
    """Perplexities, one for each seed."""
    study = Study()
    page = study.page

    def zeros(num_inputs, num_hiddens):
        gru = page["GRU"](num_inputs, num_hiddens)
        for parameter in gru.parameters():
            nn.init.zeros_(parameter)
        return gru

    def rnn(num_inputs, num_hiddens):
        return nn.RNN(num_inputs, num_hiddens, batch_first=True)

    def gru(num_inputs, num_hiddens):
        return nn.GRU(num_inputs, num_hiddens, batch_first=True)

    kinds = {"RNN": rnn, "GRU": gru}
    start = {"random": page["GRU"], "zeros": zeros}
    trained = {name: [study.english(seed, layer, 3, 0.03) for seed in SEEDS]
               for name, layer in start.items()}
    return {
        "first_losses": [round(loss, 4) for loss in trained["random"][0][1][:5]],
        "start": {name: [told for told, _ in runs] for name, runs in trained.items()},
        "pairs": study.pairs(),
        "characters": {str(n): [study.chinese(seed, n) for seed in SEEDS] for n in (2, LONG)},
        "one_epoch": {
            name: [study.english(seed, layer, 1, 0.02)[0] for seed in SEEDS]
            for name, layer in {**kinds, "ResetOnly": page["ResetOnly"],
                                "UpdateOnly": page["UpdateOnly"], "ours": page["GRU"]}.items()},
        "long": {
            name: {str(lr): [study.english(seed, layer, LONG, lr)[0] for seed in SEEDS]
                   for lr in (0.01, 0.02)}
            for name, layer in kinds.items()},
    }
