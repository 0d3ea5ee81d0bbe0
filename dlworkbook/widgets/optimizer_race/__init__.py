"""Six optimisers from one start on one surface."""

from dlworkbook.widgets.optimizer_race.widget import OptimizerRace

__all__ = ["OptimizerRace"]
