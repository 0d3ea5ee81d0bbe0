"""Fixtures of the pages' tests.

same_draws         for all: what draws without a seed of its own draws the same every time
double_precision   for a module whose page computes in float64 by default:
                   ``pytestmark = pytest.mark.usefixtures("double_precision")``
"""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True)
def same_draws():
    """Also alone, in another order, or behind another test."""
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def double_precision():
    """As on the page, and back again for the other tests of the process."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
