"""What the results of a page depend on besides its own code: the modules that it imports.

From the package, those that its cells name, and what these import in turn; then the data that lie
beside them and the pinned requirements. Scripts and styles of widgets are published by themselves:
what a cell gives is the same with others. A task of the checks is loaded by its name, and so is the
result of an experiment: a page depends on those that it names. Of an answer that it names it
depends on the key. Comments do not count, and the words of tasks and answers (titles, messages,
hints) only where a page shows some.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

import dlworkbook
from publish.page import answers
from publish.tools import imports

TASKS = "checks/tasks"  # below the package: modules that are loaded by name
JUDGES = "checks/light.py"  # below the package: what checks and proves answers
ANSWERS = "answers/pages"  # below the package: what pages ask, by its id
NO_DATA = (".py", ".md", ".js", ".css")
NAMES_A_MISTAKE = "✗"  # in what a report says


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of what a page imports: of its code, and of the words of tasks and answers in it."""

    code: str
    words: str

    def kept(self, speaks: bool) -> str:
        """What is kept beside the results of a page."""
        return self.code + self.words * speaks

    def fits(self, kept: str | None) -> bool:
        """Whether results that were kept with this text are still those of the page."""
        return kept in (self.kept(True), self.kept(False))


def fingerprint(cells: Iterable[str], root: Path, package: Path | None = None) -> Fingerprint:
    """Hashes over all that the code of these cells imports from the package, and requirements.txt.

    A cell that Python alone cannot parse (a magic) counts as one that imports everything.
    """
    package = package or Path(dlworkbook.__file__).parent
    code, words = hashlib.sha256(), hashlib.sha256()
    cells = list(cells)
    asked = _asked(cells, root)
    for file in sorted(reached(cells, package, judges=bool(asked))):
        code.update(str(file.relative_to(package.parent)).encode() + b"\0")
        if package / TASKS in file.parents:
            code.update(_wordless(file, file.stat().st_mtime_ns))
            words.update(imports.content(file))
        else:
            code.update(imports.content(file))
    for name, spec in asked:
        code.update(json.dumps([name, answers.key(spec)], sort_keys=True).encode())
        words.update(json.dumps(spec, sort_keys=True).encode())
    requirements = root / "requirements.txt"
    code.update(requirements.read_bytes() if requirements.exists() else b"")
    return Fingerprint(code.hexdigest()[:12], words.hexdigest()[:12])


def _asked(cells: list[str], root: Path) -> list[tuple[str, dict]]:
    """The answers whose ids stand in the cells, sorted by id."""
    known = {
        name: spec for file in answers.folder(root).glob("*/*.json")
        for name, spec in _specs(file, file.stat().st_mtime_ns).items()
    }
    texts = "\n".join(cells)
    named = sorted(name for name in known if f"'{name}'" in texts or f'"{name}"' in texts)
    return [(name, known[name]) for name in named]


@functools.cache
def _specs(file: Path, _changed: int) -> dict[str, dict]:
    return json.loads(file.read_bytes())


def speaks(notebook: NotebookNode) -> bool:
    """Whether a page that was run shows words of a task: a named mistake, or what a task asks."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return any(
        "contract(" in cell.source or NAMES_A_MISTAKE in str(cell.outputs) for cell in code
    )


def reached(cells: list[str], package: Path, *, judges: bool = True) -> set[Path]:
    """Every file of the package (its folder) that the code of these cells depends on.

    judges: the cells name an answer, so what judges answers is among them.
    """
    try:
        trees = [ast.parse(code) for code in cells]
    except SyntaxError:
        every = set(package.rglob("*.py")) | set(_beside(package, every=True))
        return {file for file in every if package / ANSWERS not in file.parents}
    waiting = [file for tree in trees for file in imports.imported(tree, [], [package])]
    words = set().union(*map(_texts, trees))
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        if judges or file != package / JUDGES:
            waiting += imports.imports(file, (package,))
        if package / TASKS in file.parents:
            words |= _said(file, file.stat().st_mtime_ns)
        if package / TASKS / "__init__.py" in found:
            waiting += [file for name, file in _tasks(package).items() if name in words]
    found |= {beside for file in found for beside in _beside(file.parent)}
    found = {file for file in found if package / ANSWERS not in file.parents}
    if package / "experiments.py" in found:
        results = (package.parent / "experiments").glob("*/*.json")
        found |= {path for path in results if f"{path.parent.name}/{path.stem}" in words}
    return found


def _tasks(package: Path) -> dict[str, Path]:
    return {file.stem: file for file in (package / TASKS).glob("*/[!_]*.py")}


@functools.cache
def _said(file: Path, _changed: int) -> set[str]:
    return _texts(ast.parse(file.read_bytes()))


@functools.cache
def _wordless(file: Path, _changed: int) -> bytes:
    """Digest of a module of a task without the sentences that its calls are given."""
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(value, ast.Constant) and _is_sentence(value.value):
                    value.value = " "
    return hashlib.sha256(ast.dump(tree).encode()).digest()


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and " " in value.strip() and "\n" not in value


def _beside(folder: Path, every: bool = False) -> Iterator[Path]:
    """The data in a folder, and in those below it that are no packages (or in all)."""
    for path in folder.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and (every or not (path / "__init__.py").exists()):
                yield from _beside(path, every)
        elif path.suffix not in NO_DATA:
            yield path


def _texts(tree: ast.AST) -> set[str]:
    return {
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
