"""Widgets that need no kernel: alive on the site, in JupyterLab and in Colab."""

from __future__ import annotations

from dlworkbook.widgets.base import StateError, Widget
from dlworkbook.widgets.convolution import ConvolutionExplorer

__all__ = ["ConvolutionExplorer", "StateError", "Widget"]
