"""A perceptron that learns four or five points."""

from dlworkbook.widgets.perceptron.widget import Perceptron

__all__ = ["Perceptron"]
