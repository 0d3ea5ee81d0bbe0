"""Unit balls of the p-norms."""

from dlworkbook.widgets.norm_balls.widget import NormBalls

__all__ = ["NormBalls"]
