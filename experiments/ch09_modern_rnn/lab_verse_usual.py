"""What right answers to the lab on verse reach: the numbers of its table, for twenty seeds.

Networks, training and measures are those of the page, taken from its cells. Half of the seeds start
their weights ten times as small, as d2l does: the task allows both. Takes some ten minutes.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from experiments.ch09_modern_rnn.lab_verse import NUM_HIDDENS, PAGE, Study
from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions


def make() -> dict:
    """Twenty numbers for each row of the table."""
    study = Study()
    page = definitions(PAGE, math=math, NUM_HIDDENS=NUM_HIDDENS, signs=study.signs,
                       test_text=study.unseen, test_rows=study.new_poems)

    def model(size, embedding_size, small):
        made = page["SequenceModel"](size, embedding_size, size, NUM_HIDDENS)
        if small:
            for name, parameter in made.gru.named_parameters():
                if name.startswith("W"):
                    nn.init.normal_(parameter, std=0.01)
        return made

    def measured(seed):
        torch.manual_seed(seed)
        english = model(len(study.letters), 32, seed % 2)
        page["train"](english, NUM_HIDDENS, lambda: page["strips"](study.text), 3, 0.03, True)
        chinese = model(len(study.signs), 64, seed % 2)
        page["train"](
            chinese, NUM_HIDDENS, lambda: page["minibatches"](study.poems), 2, 0.02, False)
        return page["results"](english, chinese)

    return for_seeds(measured)
