"""Folders for students' work while it is graded, which never stay behind.

A folder is locked by the run that made it. It is removed at the run's end; if the run is killed,
by the process that it leaves behind (``warm.py``), and, where that is killed too, by the next run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import cgroup

PREFIX = "dlworkbook-grading-"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new folder, after those of runs that were killed are gone.

    Others may pass through it, not look into it: submissions run under another account where root
    grades.
    """
    sweep()
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        held = _lock(made)
        if held is not None:  # else another run swept it away just now
            break
    made.chmod(0o711)
    try:
        yield made
    finally:
        remove(made)
        os.close(held)


def sweep() -> None:
    """Remove what runs that were killed left behind."""
    cgroup.sweep()
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        remove_if_dead(path)


def remove_if_dead(path: Path) -> bool:
    """Remove a run's folder if the run is gone; whether it is."""
    with contextlib.suppress(OSError):
        if path.lstat().st_uid != os.geteuid():
            return False
        held = _lock(path)
        if held is not None:
            remove(path)
            os.close(held)
            return True
    return not path.exists()


def remove(path: Path) -> None:
    """Remove a folder, also where a submission took away its own rights.

    Folders in folders are brought up to the first level before they are emptied, one by one: a
    submission's may lie deeper than a recursion, or a path, can reach.
    """
    if path.is_symlink():  # what it leads to is somebody else's
        path.unlink()
        return
    waiting, count = [path], 0
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
            for entry in list(os.scandir(folder)):
                with contextlib.suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry)
                        continue
                    os.chmod(entry, 0o700)  # else it cannot be moved
                    count += 1
                    waiting.append(path / f".{count}-{secrets.token_hex(4)}")
                    os.rename(entry, waiting[-1])
            if folder != path:
                os.rmdir(folder)
    with contextlib.suppress(OSError):
        os.rmdir(path)


def _lock(path: Path) -> int | None:
    """An open folder with a lock that ends with this process; None if another one holds it."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return opened
    except OSError:
        os.close(opened)
        return None
