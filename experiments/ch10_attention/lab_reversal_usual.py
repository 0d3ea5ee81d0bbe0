"""What right answers to the lab on reversal reach: the numbers of its table, for twenty seeds.

Network, training and measures are those of the page, taken from its cells. Takes some five minutes.
"""

from __future__ import annotations

import torch
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions

PAGE = "ch10_attention/lab_reversal"
CONSTANTS = ("V, EMBEDDING_SIZE, NUM_HIDDENS", "SHORTEST, LONGEST, START")


def make() -> dict:
    """Twenty numbers for each row of the table."""
    torch.set_num_threads(1)
    page = definitions(PAGE, CONSTANTS, ENGLISH_STOP_WORDS=ENGLISH_STOP_WORDS)
    return for_seeds(lambda seed: page["results"](*page["train"](seed)[:2]), digits=4)
