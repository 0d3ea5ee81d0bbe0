"""Secant and tangent of a function that the reader types."""

from dlworkbook.widgets.tangent_secant.widget import TangentSecant

__all__ = ["TangentSecant"]
