"""The page ``book/ch02_preliminaries/linear_algebra.md``: what it says, put to the test."""

from __future__ import annotations

from tests.kit.skeletons import unfilled


def test_page_is_filled():
    left = unfilled("ch02_preliminaries/linear_algebra")
    assert not left, "\n".join(left)
