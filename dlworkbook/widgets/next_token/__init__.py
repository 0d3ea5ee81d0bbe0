"""Temperature, top-k and top-p on the next letter of a small language model."""

from dlworkbook.widgets.next_token.widget import NextToken

__all__ = ["NextToken"]
