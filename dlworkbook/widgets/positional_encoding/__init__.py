"""positional encoding."""

from dlworkbook.widgets.positional_encoding.widget import PositionalEncoding

__all__ = ["PositionalEncoding"]
