"""Softmax of three scores, its loss and its gradient."""

from dlworkbook.widgets.softmax.widget import Softmax

__all__ = ["Softmax"]
