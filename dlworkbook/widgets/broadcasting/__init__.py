"""Two shapes, and the shape of what is made of both."""

from dlworkbook.widgets.broadcasting.widget import Broadcasting

__all__ = ["Broadcasting"]
