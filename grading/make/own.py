"""An instructor's own pages and tasks: a folder beside the file of an assignment.

    my_course/pages/<page>.md     a page; the file of the assignment names it own/<page>
    my_course/tasks/<task>.py     a task, which holds TASK as a module of dlworkbook/checks/tasks
    my_course/tasks/_<name>.py    what several tasks import

Nothing of it is installed: what students and graders need of it is packed into what is handed out.
"""

from __future__ import annotations

import ast
import os
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from dlworkbook.checks import engine, own, tasks
from dlworkbook.checks.answer import Answer
from dlworkbook.checks.task import Task
from publish.tools import imports

PREFIX = "own/"  # of a page's name in the file of an assignment; no folder below book/ has it
PAGES, TASKS = "pages", "tasks"
ROOT = Path(__file__).resolve().parents[2]


class OwnError(ValueError):
    """Something in the folder that cannot be used: ``file:line: what is wrong, what to do``."""

    def __init__(self, path: str, line: int, message: str):
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Folder:
    """The folder ``path``, which may lie anywhere; ``root`` is that of the book."""

    path: Path
    root: Path

    @property
    def told(self) -> str:
        """How messages name it: below the root of the book where it lies there."""
        path = Path(os.path.abspath(self.path))
        root = Path(os.path.abspath(self.root))
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()

    def page(self, page: str) -> str:
        """The name of a page, as a page of the book has it: its path without ``.md``."""
        return f"{self.told}/{PAGES}/{page.removeprefix(PREFIX)}"

    @cached_property
    def pages(self) -> list[str]:
        """The pages, as the file of an assignment names them, sorted."""
        return sorted(PREFIX + path.stem for path in (self.path / PAGES).glob("*.md"))

    @cached_property
    def files(self) -> dict[str, Path]:
        """The modules of the tasks by name, with what they share."""
        return {path.stem: path for path in sorted((self.path / TASKS).glob("*.py"))}

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, sorted."""
        return [name for name in self.files if not name.startswith("_")]

    def file(self, name: str) -> str:
        """The file of a task, as messages name it."""
        return f"{self.told}/{TASKS}/{name}.py"

    @cached_property
    def sources(self) -> dict[str, str]:
        """The source of each module. Raises OwnError."""
        found = {}
        for name, path in self.files.items():
            try:
                found[name] = path.read_text(encoding="utf-8")
                ast.parse(found[name])
            except UnicodeDecodeError:
                told = "the file is not UTF-8; save it as such"
                raise OwnError(self.file(name), 1, told) from None
            except (OSError, ValueError) as error:
                raise OwnError(self.file(name), 1, f"it cannot be read: {error}") from None
            except SyntaxError as error:
                at = error.lineno or 1
                raise OwnError(self.file(name), at, f"this is not Python: {error.msg}") from None
        return found

    def load(self, names: list[str]) -> dict[str, Task]:
        """Take up the modules, and give these tasks of them. Raises OwnError."""
        for name in self.tasks:
            if name in tasks.files():
                raise OwnError(self.file(name), 1, (
                    f"the book has a task '{name}' already; give the file, its TASK and the check "
                    "on the page another name"
                ))
            if not name.isidentifier() or name != name.lower():
                raise OwnError(self.file(name), 1, "name it in small letters, digits and _")
        own.put(self.sources)
        return {name: self._load(name) for name in names}

    def _load(self, name: str) -> Task:
        try:
            task = own.load(name)
        except (Exception, SystemExit) as error:  # whatever an instructor's code raises
            if getattr(error, "name", "") == "TASK" and isinstance(error.obj, ModuleType):
                told = "it holds no TASK; end it with a line such as TASK = draft.task()"
                raise OwnError(self.file(name), 1, told) from None
            raise self._stopped(name, error) from None
        if not isinstance(task, Task) or task.name != name:
            said = f"'{task.name}'" if isinstance(task, Task) else f"a {type(task).__name__}"
            raise OwnError(self.file(name), self._line(name, "TASK"), (
                f"TASK is {said}, but the file is called {name}.py; give both one name"
            ))
        return task

    def _stopped(self, name: str, error: BaseException) -> OwnError:
        """An exception while a module was loaded, at the last line of the folder's own."""
        file, line = name, 1
        for step in traceback.extract_tb(error.__traceback__):
            if Path(step.filename).parent == Path(own.FOLDER):
                file, line = Path(step.filename).stem, step.lineno or 1
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        return OwnError(self.file(file), line, f"the task does not load: {what}")

    def _line(self, name: str, wanted: str) -> int:
        """The line of a name at the top level of a task."""
        for node in ast.parse(self.sources[name]).body:
            bound = [getattr(node, "name", "")]
            bound += [t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)]
            if wanted in bound:
                return node.lineno
        return 1

    def depends(self) -> set[Path]:
        """The modules of the package that the tasks import themselves."""
        package, here = ROOT / "dlworkbook", own.PACKAGE.split(".")
        return {
            file
            for source in self.sources.values()
            for file in imports.imported(ast.parse(source), here, [package])
        }


def problems(folder: Folder, loaded: dict[str, Task]) -> Iterator[OwnError]:
    """What is wrong with tasks that load: each must tell right answers from its mistakes."""
    for name, task in loaded.items():
        code = getattr(task.reference, "__code__", None)
        at = code.co_firstlineno if code and code.co_filename.startswith(own.FOLDER) else 1
        if not task.probes:
            yield OwnError(folder.file(name), 1, "it has no probes; add some with draft.probe")
            continue
        if task.answer_is == "class":
            continue  # its reference need not be what a student hands in
        said = engine.judge(task, Answer(task.reference, task.use), task.seconds)
        if not said.passed:
            yield OwnError(folder.file(name), at, (
                f"the reference does not pass its own check; mend it, or the probes. The check "
                f"says: {said.message}"
            ))
            continue
        for mistake in task.mistakes:
            if mistake.by_place:
                continue
            answers = [Answer(variant, task.use) for variant in mistake.variants]
            if any(engine.judge(task, one, task.seconds).passed for one in answers):
                yield OwnError(folder.file(name), _place(folder, name, mistake.id), (
                    f"an answer with mistake '{mistake.id}' passes the check; add a probe on which "
                    "it is wrong"
                ))


def _place(folder: Folder, name: str, text: str) -> int:
    """The first line of a task that holds a text."""
    lines = folder.sources[name].split("\n")
    return next((k for k, line in enumerate(lines, 1) if text in line), 1)


def is_own(page: str) -> bool:
    """Whether a page of an assignment is one of the folder."""
    return page.startswith(PREFIX)


