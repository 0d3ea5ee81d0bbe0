"""The widget of Huffman's tree in Chromium: what only this widget has."""

from __future__ import annotations

from tests.kit.widget_page import facts, put
from tests.widgets.huffman.adapter import agrees
from tests.widgets.test_every_widget import HOW


@HOW
def test_what_the_page_asks_for(widget, how):
    """Powers of two: no loss. All words alike: a level tree."""
    mean, entropy, *_ = facts(widget)
    assert mean.split()[0] == entropy.split()[0] == "1.875"
    put(widget, "huffman", "e", 8, how)
    agrees(widget, e=8)
    mean, entropy, *_ = facts(widget)
    assert float(mean.split()[0]) > float(entropy.split()[0]) + 0.01
    for name in "abcde":
        put(widget, "huffman", name, 1, how)
    agrees(widget, a=1, b=1, c=1, d=1, e=1)
    mean, entropy, level, _ = facts(widget)
    assert mean == level == "2.400 questions" and entropy == "2.322 bits"
