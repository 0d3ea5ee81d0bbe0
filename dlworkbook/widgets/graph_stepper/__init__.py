"""The graph of an expression, forward node by node, then backward edge by edge."""

from dlworkbook.widgets.graph_stepper.widget import GraphStepper

__all__ = ["GraphStepper"]
