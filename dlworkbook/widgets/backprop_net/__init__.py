"""Backpropagation through a net of two inputs, two hidden units and two outputs, in steps."""

from dlworkbook.widgets.backprop_net.widget import BackpropNet

__all__ = ["BackpropNet"]
