"""What right answers to the lab on BERT reach: the numbers of its table, for twenty seeds.

A seed draws the sonnets and the weights that dropout sets to zero; encoder, interventions and
measures are those of the page, taken from its cells. Takes some ten minutes.
"""

from __future__ import annotations

import torch

from dlworkbook.data import verse
from dlworkbook.widgets.multi_head_maps.make_runs import encoder
from tests.kit.pages import definitions

PAGE = "ch14_nlp_pretraining/lab_bert"
SEEDS = range(20)


def make() -> dict:
    """Twenty numbers for each row of the table."""
    torch.set_num_threads(1)
    tokenizer, library = encoder()
    page = definitions(PAGE, ["CHANGES"], tokenizer=tokenizer, library=library, verse=verse)
    model = page["Encoder"](library.config).eval()
    model.load_state_dict(library.state_dict(), strict=False)
    found: dict[str, list[float]] = {}
    for seed in SEEDS:
        torch.manual_seed(seed)
        for name, value in page["results"](model).items():
            found.setdefault(name, []).append(round(value, 3))
        print(
            f"  seed {seed}: {({name: values[-1] for name, values in found.items()})}", flush=True)
    return found
