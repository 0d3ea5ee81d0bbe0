"""Quantise and prune a small trained network, and read 200 digits with what is left."""

from dlworkbook.widgets.compression_sweep.widget import CompressionSweep

__all__ = ["CompressionSweep"]
