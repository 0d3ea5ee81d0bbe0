"""A sample of a table of cases in `make test`, all of it in `make test-long`."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest


def cases(names: Iterable[str], sample: Collection[str]) -> list:
    """Parameters for a test of each name; those out of the sample are marked ``long``."""
    names = list(names)
    assert set(sample) < set(names), set(sample) - set(names)
    return [name if name in sample else pytest.param(name, marks=pytest.mark.long)
            for name in names]  # fmt: skip


def asked(request, test: str) -> set[str]:
    """Names of a test's cases that this run holds, so that a fixture prepares no other."""
    here = [item for item in request.session.items if item.path == request.path]
    return {item.callspec.params["name"] for item in here if item.originalname == test}
