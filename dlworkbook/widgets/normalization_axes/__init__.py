"""Which cells of an array share a mean: batch, layer, instance and group norm."""

from dlworkbook.widgets.normalization_axes.widget import NormalizationAxes

__all__ = ["NormalizationAxes"]
