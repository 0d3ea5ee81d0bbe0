"""What the results of a page depend on besides its own code: the modules that it imports.

From the package, those that its cells name, and what these import in turn; then the files that
lie beside them (scripts and styles of widgets, data) and the pinned requirements. A task of the
checks is loaded by its name: a page depends on those that it names. Comments do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import dlworkbook

TASKS = "checks/tasks"  # below the package: modules that are loaded by name


def fingerprint(cells: Iterable[str], root: Path, package: Path | None = None) -> str:
    """Hash over all that the code of these cells imports from the package, and requirements.txt.

    A cell that Python alone cannot parse (a magic) counts as one that imports everything.
    """
    package = package or Path(dlworkbook.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(reached(list(cells), package)):
        digest.update(str(file.relative_to(package)).encode() + b"\0")
        digest.update(_content(file, file.stat().st_mtime_ns))
    requirements = root / "requirements.txt"
    digest.update(requirements.read_bytes() if requirements.exists() else b"")
    return digest.hexdigest()[:12]


def reached(cells: list[str], package: Path) -> set[Path]:
    """Every file of the package (its folder) that the code of these cells depends on."""
    try:
        trees = [ast.parse(code) for code in cells]
    except SyntaxError:
        return set(package.rglob("*.py")) | set(_beside(package, every=True))
    waiting = [file for tree in trees for file in _imported(tree, [], package)]
    words = set().union(*map(_words, trees))
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        imported, said = _known(file, package, file.stat().st_mtime_ns)
        waiting += imported
        if package / TASKS in file.parents:
            words |= said
        if package / TASKS / "__init__.py" in found:
            waiting += [file for name, file in _tasks(package).items() if name in words]
    return found | {beside for file in found for beside in _beside(file.parent)}


def _tasks(package: Path) -> dict[str, Path]:
    return {file.stem: file for file in (package / TASKS).glob("*/[!_]*.py")}


@functools.cache
def _known(file: Path, package: Path, _changed: int) -> tuple[list[Path], set[str]]:
    """What a module imports, and the texts in it."""
    tree = ast.parse(file.read_bytes())
    here = [package.name, *file.relative_to(package).parent.parts]
    return list(_imported(tree, here, package)), _words(tree)


@functools.cache
def _content(file: Path, _changed: int) -> bytes:
    """Digest of what a file says; of code without its comments and its layout."""
    code = file.read_bytes()
    if file.suffix == ".py":
        code = ast.dump(ast.parse(code)).encode()
    return hashlib.sha256(code).digest()


def _beside(folder: Path, every: bool = False) -> Iterator[Path]:
    """What is no code in a folder, and in those below it that are no packages (or in all)."""
    for path in folder.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and (every or not (path / "__init__.py").exists()):
                yield from _beside(path, every)
        elif path.suffix not in (".py", ".md"):
            yield path


def _words(tree: ast.AST) -> set[str]:
    return {
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _imported(tree: ast.AST, here: list[str], package: Path) -> Iterator[Path]:
    """The files of the package that code imports; ``here``: the package in which it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(alias.name.split("."), package)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) + 1 - node.level] if node.level else []
            base = [*above, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                yield from _files([*base, alias.name], package)


def _files(parts: list[str], package: Path) -> Iterator[Path]:
    """The modules on the way to a dotted name; its last part may be a name within a module."""
    if parts[:1] != [package.name]:
        return
    at = package
    for part in [None, *parts[1:]]:
        at = at / part if part else at
        if at.with_suffix(".py").is_file():
            yield at.with_suffix(".py")
            return
        if not (at / "__init__.py").is_file():
            return
        yield at / "__init__.py"
