"""The convolution explorer."""

from dlworkbook.widgets.convolution.widget import ConvolutionExplorer

__all__ = ["ConvolutionExplorer"]
