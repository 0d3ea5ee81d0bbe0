"""A book with one lab page, for tests that need a lab and not the whole book."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent
NUMBER = 90


def make(root: Path) -> Path:
    """Write the small book below root; its root."""
    folder = root / "book" / "ch06_small"
    folder.mkdir(parents=True)
    shutil.copy(HERE / "lab_example.md", folder / "lab_example.md")
    (root / "assignments").mkdir()
    shutil.copy(HERE / "lab_example.yml", root / "assignments" / f"lab{NUMBER}.yml")
    (root / "_config.yml").write_text("title: A Small Book\n", encoding="utf-8")
    toc = "format: jb-book\nroot: index\nchapters:\n  - file: book/ch06_small/lab_example\n"
    (root / "_toc.yml").write_text(toc, encoding="utf-8")
    (root / "index.md").write_text("# Small\n", encoding="utf-8")
    return root


def replan(root: Path, number: int, old: str, new: str) -> None:
    """Give the lab another number, and its file other contents."""
    path = root / "assignments" / f"lab{NUMBER}.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.unlink()
    text = text.replace(old, new).replace(f"lab: {NUMBER}", f"lab: {number}")
    (path.parent / f"lab{number}.yml").write_text(text, encoding="utf-8")
