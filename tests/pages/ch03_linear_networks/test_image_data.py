"""The page ``book/ch03_linear_networks/image_data.md``: what it says, put to the test."""

from __future__ import annotations

from tests.kit.skeletons import unfilled


def test_page_is_filled():
    left = unfilled("ch03_linear_networks/image_data")
    assert not left, "\n".join(left)
