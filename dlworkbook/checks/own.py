"""Tasks that this package does not have: an instructor's own, which an assignment brings with it.

Each is the source of a module in the form of ``tasks/``, by its name; a name that begins with ``_``
is a module that such tasks share. They behave as modules of a folder ``tasks/_own/``, so that
``from ...slips import Draft`` and ``from ._shared import ...`` find what they find in the book.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.util import spec_from_loader
from typing import TYPE_CHECKING, Any

from .. import answers

if TYPE_CHECKING:
    from .task import Task

PACKAGE = f"{__package__}.tasks._own"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tasks", "_own")
SOURCES: dict[str, str] = {}


def hold(text: str) -> None:
    """Know from now on what a text packed by ``answers.packed`` holds: declarations and tasks."""
    held = answers.unpacked(text)
    put({name: what for name, what in held.items() if isinstance(what, str)})
    answers.HELD.update({name: what for name, what in held.items() if not isinstance(what, str)})


def put(sources: Mapping[str, str]) -> None:
    """Know these tasks from now on, in place of others of the same names."""
    if not sources:
        return
    SOURCES.update(sources)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]  # one that they replace, or that has imported it
    # a copy of this package that was here before must not answer for this one
    sys.meta_path[:] = [f for f in sys.meta_path if type(f).__qualname__ != _OwnTasks.__qualname__]
    sys.meta_path.insert(0, _OwnTasks())


def names() -> list[str]:
    """Names of the tasks that are known."""
    return [name for name in SOURCES if not name.startswith("_")]


def load(name: str) -> Task:
    """The task of that name. Raises ``KeyError``, and whatever its module raises."""
    if name not in SOURCES:
        raise KeyError(name)
    return importlib.import_module(f"{PACKAGE}.{name}").TASK


class _OwnTasks(MetaPathFinder, InspectLoader):
    """Finds the modules of these tasks, and loads them."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None):
        name = fullname.removeprefix(f"{PACKAGE}.")
        if fullname == PACKAGE:
            return spec_from_loader(fullname, self, is_package=True)
        if name == fullname or name not in SOURCES:
            return None
        spec = spec_from_loader(fullname, self, origin=os.path.join(FOLDER, f"{name}.py"))
        spec.has_location = True  # tracebacks show lines, and exceptions count as ours
        return spec

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE

    def get_source(self, fullname: str) -> str:
        return SOURCES.get(fullname.removeprefix(f"{PACKAGE}."), "")

    def get_code(self, fullname: str):
        file = os.path.join(FOLDER, f"{fullname.rpartition('.')[2]}.py")
        return compile(self.get_source(fullname), file, "exec", dont_inherit=True)
