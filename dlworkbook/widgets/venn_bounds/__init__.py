"""Two events, their overlap and its bounds."""

from dlworkbook.widgets.venn_bounds.widget import VennBounds

__all__ = ["VennBounds"]
