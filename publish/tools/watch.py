"""Builds the book whenever one of its files changes, while ``make serve`` runs.

Importing Sphinx and its extensions takes longer than writing a page. So a process that has done it
waits, and is forked for each build (``forkserver``); as soon as a module changes that it may have
imported, every build starts from nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDERS = ("book", "dlworkbook", "publish")
SECONDS = 0.3  # between two looks at the files
LOADED = ["publish.site.loaded"]


def files(root: Path) -> Iterator[Path]:
    """What the site is made from."""
    yield from (p for p in root.iterdir() if p.suffix in (".md", ".yml", ".txt") and p.is_file())
    for folder in FOLDERS:
        for place, below, names in os.walk(root / folder):
            below[:] = [name for name in below if not name.startswith(("__pycache__", "."))]
            yield from (Path(place, name) for name in names if not name.startswith("."))


def state(root: Path) -> dict[Path, int]:
    """When each file was changed last; a file that goes while we look is left out."""
    found = {}
    for path in files(root):
        try:
            found[path] = path.stat().st_mtime_ns
        except OSError:
            continue
    return found


def changed(before: dict[Path, int], now: dict[Path, int]) -> list[Path]:
    """Files that are new, gone or different."""
    return sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p))


def rebuild(root: Path, known: dict[Path, int], done: Callable[[], None]) -> None:
    """Watch, build and say so, for ever; ``done()`` after each build, whether it succeeded or not.

    ``known``: the state of the files when the site was opened. What changes during a build is
    built right after it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    while True:
        time.sleep(SECONDS)
        now = state(root)
        what = changed(known, now)
        if not what:
            continue
        known = now
        if any(path.suffix == ".py" for path in what):
            context = multiprocessing.get_context("spawn")
        start = time.monotonic()
        names = ", ".join(os.path.relpath(path, root) for path in what[:3])
        print(f"{names} changed: building ...", end=" ", flush=True)
        process = context.Process(target=_build, args=(root,))
        process.start()
        process.join()
        took = time.monotonic() - start
        print(f"done in {took:.1f} s" if process.exitcode == 0 else f"failed after {took:.1f} s",
              flush=True)
        done()


def _build(root: Path) -> None:
    from publish.site.build import main

    os.chdir(root)
    raise SystemExit(main([str(root)]))
