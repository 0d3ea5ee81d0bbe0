"""The learning-rate sweep."""

from dlworkbook.widgets.learning_rate.widget import LearningRateSweep, stored

__all__ = ["LearningRateSweep", "stored"]
