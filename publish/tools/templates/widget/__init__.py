"""WORDS."""

from dlworkbook.widgets.NAME.widget import CLASS

__all__ = ["CLASS"]
