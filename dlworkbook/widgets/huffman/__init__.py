"""huffman."""

from dlworkbook.widgets.huffman.widget import Huffman

__all__ = ["Huffman"]
