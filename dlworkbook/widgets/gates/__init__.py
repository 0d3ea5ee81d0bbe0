"""Gates of a small GRU or LSTM over a text that the reader types."""

from dlworkbook.widgets.gates.widget import Gates

__all__ = ["Gates"]
