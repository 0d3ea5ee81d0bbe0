"""What right answers to the lab on a line reach: the numbers of its table, for twenty seeds.

Splits, descent and measures are those of the page, taken from its cells. Both programs are
deterministic: a seed decides which flowers are in the tests, and in which order descent sees the
others. Takes some seconds.
"""

from __future__ import annotations

from sklearn.datasets import load_iris

from publish.tools.experiments import for_seeds
from tests.kit.pages import definitions

PAGE = "ch03_linear_networks/lab_line"


def make() -> dict:
    """Twenty numbers for each row of the table."""
    iris = load_iris()
    page = definitions(PAGE, x=iris.data[:, 2], y=iris.data[:, 3])
    return for_seeds(lambda seed: page["results"](page["trials"](seed)))
