"""Boxes, their IoU, and which of them non-maximum suppression keeps."""

from dlworkbook.widgets.iou_nms.widget import IouNms

__all__ = ["IouNms"]
