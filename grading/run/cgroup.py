"""Memory and number of processes of a whole job, children and all.

Resource limits count each process by itself: twenty children with a gigabyte each keep to them.
Where the grader may make a control group of its own (version 1 or 2), the kernel counts all of a
job together. Elsewhere the keeper looks every half second (``together``).
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

TASKS = 256  # processes and threads of a job
BESIDE = 500_000_000  # bytes: what a fork copies of the libraries when it writes
PREFIX = "dlworkbook-grading-"
ASIDE = "dlworkbook-grader"  # where a grader goes that makes room; systemd removes it at the end
PAGE = os.sysconf("SC_PAGE_SIZE")


class Group:
    """A control group; ``folders`` by controller, ``own`` is where the grader is itself."""

    def __init__(self, version: int, folders: dict[str, Path]) -> None:
        self.version, self.folders = version, folders

    def add(self, process: int) -> bool:
        """Put a process into the group, and all that it will start; whether that was allowed."""
        try:
            for folder in set(self.folders.values()):
                (folder / "cgroup.procs").write_text(str(process))
        except OSError:
            return False
        return True

    def killed(self) -> int:
        """How many processes the kernel has ended because memory ran out."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        with contextlib.suppress(OSError):
            found = re.search(r"^oom_kill (\d+)", (self.folders["memory"] / name).read_text(), re.M)
            return int(found[1]) if found else 0
        return 0

    def remove(self) -> None:
        """Remove the group; its processes have ended, but the kernel may need a moment."""
        for folder in set(self.folders.values()):
            _remove(folder, seconds=1.0)


def make(memory: int) -> Group | None:
    """A new group with limits of ``memory`` bytes and ``TASKS``; None if it cannot be had."""
    limits = {
        1: {"memory": [("memory.limit_in_bytes", memory), ("memory.memsw.limit_in_bytes", memory)],
            "pids": [("pids.max", TASKS)]},
        2: {"memory": [("memory.max", memory), ("memory.swap.max", 0)],
            "pids": [("pids.max", TASKS)]},
    }  # fmt: skip
    for version, places in _ways():
        sweep(places)
        made = {name: place / f"{PREFIX}{os.getpid()}" for name, place in places.items()}
        for folder in set(made.values()):  # of one with our number, whose dead would count as ours
            _remove(folder, seconds=0.3)
        group = Group(version, {})
        try:
            for name, folder in made.items():
                folder.mkdir(exist_ok=True)
                group.folders[name] = folder
                (file, value), *others = limits[version][name]
                (folder / file).write_text(str(value))
                for other, number in others:  # not every kernel counts swap
                    with contextlib.suppress(OSError):
                        (folder / other).write_text(str(number))
            return group
        except OSError:
            group.remove()
    return None


def _ways() -> Iterator[tuple[int, dict[str, Path]]]:
    """As ``found``; last of all, where a group was handed on to us that does not count yet."""
    yield from found()
    if open_up():
        yield from found()


def sweep(places: dict[str, Path] | None = None) -> None:
    """Remove the groups of keepers that were killed."""
    for each in [places] if places is not None else [where for _, where in found()]:
        for place in set(each.values()):
            for folder in place.glob(f"{PREFIX}*"):
                process = folder.name.removeprefix(PREFIX)
                if process.isdigit() and not _alive(int(process)):
                    _remove(folder, seconds=0.3)


def _remove(folder: Path, seconds: float) -> None:
    """Remove a group, as soon as the last process in it is gone."""
    end = time.monotonic() + seconds
    while folder.exists():
        with contextlib.suppress(OSError):  # busy, or another run was quicker
            folder.rmdir()
            return
        if time.monotonic() > end:
            return
        time.sleep(0.01)


def _alive(process: int) -> bool:
    """Whether a process runs; one that waits to be counted as ended does not."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process}/stat").read_text()
        return status.rpartition(")")[2].split()[0] not in "ZX"
    return False


def found(proc: Path = Path("/proc/self")) -> list[tuple[int, dict[str, Path]]]:
    """Version and folders, by controller, below which a group could be made; the best first."""
    first, second = _own(proc)
    ways = []
    for place in second:
        if "memory" in (counts := _words(place / "cgroup.subtree_control")):
            ways.append((2, dict.fromkeys({"memory", "pids"} & counts, place)))
    return ways + ([(1, first)] if "memory" in first else [])


def open_up(proc: Path = Path("/proc/self")) -> bool:
    """Let a group count that systemd handed on (``Delegate=yes``); whether there was one.

    Groups below it count only if no process is in it itself, so those that are there (the grader,
    and what started it) go to one below. Only where systemd's mark says that this is ours to do:
    https://systemd.io/CGROUP_DELEGATION
    """
    for place in _own(proc)[1]:
        with contextlib.suppress(OSError):
            if os.getxattr(place, "user.delegate") != b"1":
                continue
            counts = place / "cgroup.subtree_control"
            wanted = {"memory", "pids"} & _words(place / "cgroup.controllers")
            if "memory" not in wanted or not os.access(counts, os.W_OK):
                continue
            (place / ASIDE).mkdir(exist_ok=True)
            for process in _words(place / "cgroup.procs"):
                with contextlib.suppress(ProcessLookupError):  # it has just ended
                    (place / ASIDE / "cgroup.procs").write_text(process)
            counts.write_text(" ".join(f"+{name}" for name in sorted(wanted)))
            return True
    return False


def _own(proc: Path) -> tuple[dict[str, Path], list[Path]]:
    """Of version 1 our groups by controller; of version 2 our group, and the one above it.

    A group of version 2 with processes has none below it that count: the one above it may have.
    """
    first: dict[str, Path] = {}
    second: list[Path] = []
    try:
        own = [line.split(":", 2) for line in (proc / "cgroup").read_text().splitlines()]
        mounts = [line.split() for line in (proc / "mountinfo").read_text().splitlines()]
    except OSError:
        return first, second
    paths = {name: path for _, names, path in own for name in names.split(",")}
    for fields in mounts:
        root, point = fields[3], Path(fields[4])
        kind, _, options = fields[fields.index("-") + 1 :][:3]
        if kind == "cgroup":
            for name in {"memory", "pids"} & set(options.split(",")) & set(paths):
                first[name] = _inside(point, root, paths[name])
        elif kind == "cgroup2" and "" in paths:
            here = _inside(point, root, paths[""])
            second += [here, *([here.parent] if here != point else [])]
    return first, second


def _words(file: Path) -> set[str]:
    """The words of a file of the kernel's; none if it cannot be read."""
    with contextlib.suppress(OSError):
        return set(file.read_text().split())
    return set()


def _inside(point: Path, root: str, path: str) -> Path:
    """Where a group's path lies below a mount that may show a part of the tree only."""
    return point / (path if root == "/" else path.removeprefix(root)).lstrip("/")


def together(processes: list[int], limit: int) -> int:
    """Bytes of memory that processes have together, what they share counted once.

    Looked at in detail only if the sum of what each sees, which is quick to read, is above
    ``limit``. Shared memory that nobody has mapped, or has let go of, is not in it.
    """
    quick = sum(_resident(process) for process in processes)
    return quick if quick <= limit else sum(_share(process) for process in processes)


def _resident(process: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    return 0


def _share(process: int) -> int:
    """Its part of the memory; one that does not let itself be looked at counts in full."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1]) * 1024
    except (OSError, TypeError):
        return _resident(process)
