"""The tasks that can be checked: one module each, which holds ``TASK`` and is named after it.

Nothing is imported before it is asked for.
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
