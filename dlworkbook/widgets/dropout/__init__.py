"""One small layer under dropout, and its output over many masks."""

from dlworkbook.widgets.dropout.widget import DropoutMasks

__all__ = ["DropoutMasks"]
