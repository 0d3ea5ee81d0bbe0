"""One channel pooled, and the gradient that flows back."""

from dlworkbook.widgets.pooling.widget import Pooling

__all__ = ["Pooling"]
