"""Cross-entropy and focal loss of one example."""

from dlworkbook.widgets.focal_loss.widget import FocalLoss

__all__ = ["FocalLoss"]
