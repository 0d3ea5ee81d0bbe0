"""Tests of a group run in one process: what they share is made once.

``--dist loadgroup`` of pytest-xdist goes by a group's name behind the id of a test, and writes it
where pytest up to 9.1 kept that id. Since 9.2 it lies elsewhere, so that each group was spread over
all processes. Once pytest-xdist knows of that, this file can go.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the name of its group behind the id of each test, where that is missing."""
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        names = {str(mark.args[0]) for mark in item.iter_markers("xdist_group")}
        ending = f"@{'_'.join(sorted(names))}"
        if names and not item.nodeid.endswith(ending):
            item._id = type(item._id).parse(f"{item.nodeid}{ending}")
