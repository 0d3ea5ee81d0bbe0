"""Attention maps of a real encoder: ten sentences, six blocks, twelve heads."""

from dlworkbook.widgets.multi_head_maps.widget import MultiHeadMaps

__all__ = ["MultiHeadMaps"]
