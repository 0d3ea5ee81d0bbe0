"""The tasks that can be checked: one module each, which holds ``TASK`` and is named after it.

They lie in the folders of their chapters, and nothing is imported before it is asked for. To add a
task, write a module ``chNN_name/<name>.py`` (see ``corr2d.py``): the contract in words, a reference
that is slow and obvious, probes from small to general (some with no two sizes alike, some with
sizes equal on purpose), and the mistakes, each as an answer that makes it.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from ..task import Task


@cache
def _modules() -> dict[str, str]:
    """Name of each task, with its module's."""
    found = sorted((path.stem, path.parent.name) for path in Path(__file__).parent.glob("ch*/*.py"))
    return {name: f"{__name__}.{folder}.{name}" for name, folder in found if name[0] != "_"}


def names() -> list[str]:
    """Names of all tasks, sorted."""
    return list(_modules())


def load(name: str) -> Task:
    """The task of that name. Raises ``KeyError`` for a name that is not in ``names()``."""
    return importlib.import_module(_modules()[name]).TASK
