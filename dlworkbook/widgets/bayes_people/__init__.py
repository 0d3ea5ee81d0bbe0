"""Ten thousand people and a test."""

from dlworkbook.widgets.bayes_people.widget import BayesPeople

__all__ = ["BayesPeople"]
