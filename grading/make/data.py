"""Which data of the helper package a lab uses, and what they need."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

from .lab import Lab

PACKAGE = "dlworkbook.data"


def modules(lab: Lab) -> list[str]:
    """Names of the sets in ``dlworkbook/data`` that the lab imports, sorted."""
    found = set()
    for cell in lab.cells:
        if cell.kind != "code":
            continue
        for node in _nodes(cell.source):
            if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE + "."):
                found.add(node.module.split(".")[2])
            elif isinstance(node, ast.Import):
                found |= {
                    alias.name.split(".")[2]
                    for alias in node.names
                    if alias.name.startswith(PACKAGE + ".")
                }
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "data":
                found.add(node.attr)  # after `from dlworkbook import data`
    return sorted(n for n in found if (_folder(lab) / n / "__init__.py").is_file())


def imports(lab: Lab) -> set[str]:
    """Top-level packages that those modules import."""
    found = set()
    for name in modules(lab):
        for node in _nodes((_folder(lab) / name / "__init__.py").read_text(encoding="utf-8")):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def copy(lab: Lab, out: Path) -> list[Path]:
    """Copy the files of those sets into folders below ``out``; these folders."""
    return [
        shutil.copytree(_folder(lab) / name, out / name,
                        ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for name in modules(lab)
    ]


def _folder(lab: Lab) -> Path:
    return lab.root / "dlworkbook" / "data"


def _nodes(source: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(source)))
    except SyntaxError:  # a cell with a magic command
        return []
