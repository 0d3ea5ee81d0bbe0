"""What code depends on: the modules of our packages that it imports, and what these import in turn.

Results are kept until something changes that they depend on: pages that were run, notebooks that
were written, grades. Nothing of that goes by names of files.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path


def follow(start: Iterable[Path], packages: Iterable[Path]) -> set[Path]:
    """These modules, and all modules of the packages (folders) that they reach by imports."""
    packages = tuple(packages)
    waiting, found = list(start), set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += imports(file, packages)
    return found


def digest(files: Iterable[Path], root: Path) -> str:
    """Hash of what files say, and of their names below ``root``; comments do not count."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(str(file.relative_to(root)).encode() + b"\0" + content(file))
    return total.hexdigest()[:12]


def content(file: Path) -> bytes:
    """Digest of what a file says; of code without its comments and its layout."""
    return _content(file, file.stat().st_mtime_ns)


def imports(file: Path, packages: tuple[Path, ...]) -> list[Path]:
    """The modules of the packages that a module of one of them imports."""
    return _imports(file, packages, file.stat().st_mtime_ns)


@functools.cache
def _content(file: Path, _changed: int) -> bytes:
    code = file.read_bytes()
    if file.suffix == ".py":
        code = ast.dump(ast.parse(code)).encode()
    return hashlib.sha256(code).digest()


@functools.cache
def _imports(file: Path, packages: tuple[Path, ...], _changed: int) -> list[Path]:
    home = next((p for p in packages if p in file.parents), None)
    here = [home.name, *file.relative_to(home).parent.parts] if home else []
    return list(imported(ast.parse(file.read_bytes()), here, packages))


def imported(tree: ast.AST, here: list[str], packages: Iterable[Path]) -> Iterator[Path]:
    """The modules of the packages that code imports; ``here``: the package in which it stands."""
    homes = {package.name: package for package in packages}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(alias.name.split("."), homes)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) + 1 - node.level] if node.level else []
            base = [*above, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                yield from _files([*base, alias.name], homes)


def _files(parts: list[str], homes: dict[str, Path]) -> Iterator[Path]:
    """The modules on the way to a dotted name; its last part may be a name within a module."""
    if not parts or parts[0] not in homes:
        return
    at = homes[parts[0]]
    for part in [None, *parts[1:]]:
        at = at / part if part else at
        if at.with_suffix(".py").is_file():
            yield at.with_suffix(".py")
            return
        if not (at / "__init__.py").is_file():
            return
        yield at / "__init__.py"
