"""sampling."""

from dlworkbook.widgets.sampling.widget import Sampling

__all__ = ["Sampling"]
