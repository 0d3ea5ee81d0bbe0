"""Fixtures of the pages' tests.

double_precision   for a module whose page computes in float64 by default:
                   ``pytestmark = pytest.mark.usefixtures("double_precision")``
"""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(scope="module")
def double_precision():
    """As on the page, and back again for the other tests of the process."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
