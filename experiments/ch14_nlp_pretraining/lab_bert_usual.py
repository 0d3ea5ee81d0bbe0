"""What right answers to the lab on BERT reach: the numbers of its table, for twenty seeds.

A seed draws the sonnets and the weights that dropout sets to zero; encoder, interventions and
measures are those of the page, taken from its cells. Takes some ten minutes.
"""

from __future__ import annotations

import torch

from dlworkbook.data import verse
from dlworkbook.widgets.multi_head_maps.make_runs import encoder
from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions

PAGE = "ch14_nlp_pretraining/lab_bert"


def make() -> dict:
    """Twenty numbers for each row of the table."""
    torch.set_num_threads(1)
    tokenizer, library = encoder()
    page = definitions(PAGE, ["CHANGES"], tokenizer=tokenizer, library=library, verse=verse)
    model = page["Encoder"](library.config).eval()
    model.load_state_dict(library.state_dict(), strict=False)

    def measured(seed):
        torch.manual_seed(seed)
        return page["results"](model)

    return for_seeds(measured)
