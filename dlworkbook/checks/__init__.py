"""Checks that say which mistake was made.

    from dlworkbook import checks
    checks.check("corr2d", corr2d)      # the function itself, not its result

``check`` runs an answer on small inputs, compares it with a slow and obvious reference, and when it
differs looks for the mistake in a catalogue. It returns a ``Report`` (``passed``, ``mistake``,
``message``, ``hint``, ``remarks``) that reads well in a terminal and in a notebook, and it raises
nothing for whatever the answer does. It needs NumPy, and torch only for answers that work on
tensors. ``names()`` lists the tasks, ``contract(name)`` says what one asks for.

Arrays or tensors: answers are given NumPy arrays. If that raises, and torch is there, the same
numbers are given as float32 tensors. The answer may return arrays or tensors in both cases.

``check("ex-conv-size", 6)`` judges a light answer, declared on a page (see ``dlworkbook.answers``),
and ``proves("ex-conv-size", value)`` asserts that a value is its key. An assignment brings its
practice problems with ``hold``, and tasks and answers of an instructor's own;
``check("problem-6-1", [2, "1/3"])`` judges the answers to a problem.
Its last cell calls ``everything``: all its tasks at once, with the points so far.

A new task is a module in ``dlworkbook/checks/tasks/`` that holds ``TASK``; see ``task.Task``.
"""

from .engine import check
from .light import proves
from .own import hold
from .report import Report
from .summary import everything
from .tasks import load as _load
from .tasks import names

__all__ = ["Report", "check", "contract", "everything", "hold", "names", "proves"]


def contract(name: str) -> str:
    """What a task asks for. Raises ``KeyError`` for an unknown name."""
    return _load(name).contract
