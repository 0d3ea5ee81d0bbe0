"""Copies of the practice sources in which something may be broken, or added."""

from __future__ import annotations

import shutil
from pathlib import Path

from publish import practice


def copied(folder: Path) -> Path:
    """The sources of practice, with what they import, below a folder; the path of the copy."""
    package = practice.SOURCES.parent
    for part in ("practice", "answers", "widgets/kit"):
        shutil.copytree(package / part, folder / part, ignore=shutil.ignore_patterns("*.py*"))
    return folder / "practice"


def broken(folder: Path, name: str, old: str, new: str) -> Path:
    """A copy in which one text of a file, which stands there once, is another."""
    sources = copied(folder)
    code = (sources / name).read_text(encoding="utf-8")
    assert code.count(old) == 1 and old != new, f"{name}: {old!r} must stand there once"
    (sources / name).write_text(code.replace(old, new), encoding="utf-8")
    return sources


def families(folder: Path, **codes: str) -> Path:
    """A copy with other families: name -> code."""
    sources = copied(folder)
    for file in (sources / "families").glob("*.js"):
        file.unlink()
    for name, code in codes.items():
        (sources / "families" / f"{name}.js").write_text(code, encoding="utf-8")
    return sources
