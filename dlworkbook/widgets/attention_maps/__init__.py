"""Attention maps of a network that reverses letters."""

from dlworkbook.widgets.attention_maps.widget import AttentionMaps

__all__ = ["AttentionMaps"]
