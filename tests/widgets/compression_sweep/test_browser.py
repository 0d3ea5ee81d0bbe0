"""The sweep in Chromium: what only this widget has."""

from __future__ import annotations

from dlworkbook.widgets.compression_sweep import CompressionSweep
from tests.kit.widget_page import facts, put
from tests.widgets.compression_sweep.adapter import agrees, numbers
from tests.widgets.test_every_widget import HOW


@HOW
def test_a_scale_for_each_row_reads_more(widget, how):
    """What the page's first task says: 2 bits, then rows, then a zero point."""
    put(widget, "compression_sweep", "bits", 2, how)
    one = numbers(facts(widget)[0])[0]
    put(widget, "compression_sweep", "scales", "row", how)
    agrees(widget, bits=2, scales="row")
    rows = numbers(facts(widget)[0])[0]
    put(widget, "compression_sweep", "form", "affine", how)
    affine = numbers(facts(widget)[0])[0]
    assert one < rows < affine
    assert one < 80 and affine > 170


@HOW
def test_zeros_pay_late(widget, how):
    """What the second task says: at 4 bits half of the digits go before the list is shorter."""
    put(widget, "compression_sweep", "pruned", 60, how)
    agrees(widget, pruned=60)
    r = CompressionSweep(pruned=60).result()
    assert r["sparse"] > r["dense"]
    put(widget, "compression_sweep", "pruned", 90, how)
    agrees(widget, pruned=90)
    r = CompressionSweep(pruned=90).result()
    assert r["sparse"] < r["dense"] and r["right"] < 100
