"""`make clean`: delete what was built, and leave of ``dist/`` what cannot be made again.

That is what people wrote (marks, requests for a regrade) and what was drawn by chance (the secret
of fresh inputs, the numbers of each student). A folder of ``dist/`` that holds any of it stays as a
whole. Standard library only, and no syntax of a new Python: it must run when ``.venv`` is broken.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

# What stands at the end of a path, and what it is. The grader's own names, which a test compares.
KEPT = {
    "marks": "marks",
    "regrades": "regrade requests",
    "secret": "the secret of fresh inputs",
    "autograder/keys.json": "keys of practice problems",
}


def kept(folder: Path) -> list[str]:
    """What there is in a folder, at whatever depth, that cannot be made again; in words.

    A folder that cannot be read is said to be so: nobody knows what it holds.
    """
    found, closed = set(), []
    for place, folders, files in os.walk(folder, onerror=closed.append):
        names = [*folders, *files]
        for end, what in KEPT.items():
            parent, _, name = end.rpartition("/")
            if name in names and (not parent or Path(place).name == parent):
                found.add(what)
    return [what for what in KEPT.values() if what in found] + ["cannot be read"] * bool(closed)


def clean(root: Path) -> list[str]:
    """Delete ``_build`` and what of ``dist`` can be made again; a line for each that was left.

    Raises OSError for what cannot be deleted.
    """
    _delete(root / "_build")
    dist, left = root / "dist", []
    if not dist.is_dir():
        return left
    for path in sorted(dist.iterdir()):
        whole = path.is_dir() and not path.is_symlink()
        what = kept(path) if whole else [KEPT[name] for name in KEPT if name == path.name]
        if what:
            left.append(f"left: dist/{path.name} ({', '.join(what)})")
        else:
            _delete(path)
    if not left and not dist.is_symlink():
        dist.rmdir()
    return left


def _delete(path: Path) -> None:
    """Delete a file or a folder; of a link only the link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    elif path.exists() or path.is_symlink():
        path.unlink()


def main() -> int:
    try:
        left = clean(Path.cwd())
    except OSError as error:
        print(f"{error.filename} cannot be deleted: {error.strerror}.", file=sys.stderr)
        return 1
    for line in left:
        print(line)
    if left:
        print("It cannot be made again. Delete by hand what you no longer need.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
