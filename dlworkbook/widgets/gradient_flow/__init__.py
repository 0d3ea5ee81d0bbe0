"""Gradient by layer."""

from dlworkbook.widgets.gradient_flow.widget import GradientByLayer

__all__ = ["GradientByLayer"]
