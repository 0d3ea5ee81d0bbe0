"""The tasks that can be checked: one module each, which holds ``TASK`` and is named after it.

Nothing is imported before it is asked for. To add a task, write a module ``<name>.py`` here (see
``corr2d.py``): the contract in words, a reference that is slow and obvious, probes from small to
general (some with no two sizes alike, some with sizes equal on purpose), and the mistakes, each as
an answer that makes it. Then test the confusion matrix as ``tests/checks/test_corr2d.py``
does.
"""

from __future__ import annotations

import importlib
import pkgutil

from ..task import Task


def names() -> list[str]:
    """Names of all tasks, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def load(name: str) -> Task:
    """The task of that name. Raises ``KeyError`` for a name that is not in ``names()``."""
    if name not in names():
        raise KeyError(name)
    return importlib.import_module(f"{__name__}.{name}").TASK
