"""Shapes, parameters and receptive fields of a stack of layers."""

from dlworkbook.widgets.receptive_field.widget import ReceptiveField

__all__ = ["ReceptiveField"]
