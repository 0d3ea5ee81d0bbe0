"""The tasks that can be checked: one module each, which holds ``TASK`` and is named after it.

They lie in the folders of their chapters, and nothing is imported before it is asked for. To add a
task, write a module ``chNN_name/<name>.py`` (see ``corr2d.py``): the contract in words, a reference
that is slow and obvious, probes from small to general (some with no two sizes alike, some with
sizes equal on purpose), and the mistakes, each as an answer that makes it. Tasks that an assignment
brings with it (``own``) are known beside them.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from .. import own
from ..task import Task


@cache
def files() -> dict[str, Path]:
    """Name of each task of the book, sorted, with the file of its module."""
    found = {path.stem: path for path in Path(__file__).parent.glob("*/[!_]*.py")}
    return dict(sorted(found.items()))


def names() -> list[str]:
    """Names of all tasks, sorted."""
    return sorted({*files(), *own.names()})


def load(name: str) -> Task:
    """The task of that name. Raises ``KeyError`` for a name that is not in ``names()``."""
    if name in own.SOURCES:
        return own.load(name)
    return importlib.import_module(f"{__name__}.{files()[name].parent.name}.{name}").TASK
