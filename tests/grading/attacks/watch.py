"""What the jobs of a grader take of the machine while they run, seen from outside.

One job runs at a time, so whatever stands below the grader is that of the job whose folder was made
last. Some things live for a moment only: what is measured is never more than what there was.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import threading
import time
from collections import defaultdict
from pathlib import Path

PAUSE = 0.1  # seconds between two looks
CLOSE = 0.4  # seconds between two looks into memory and descriptors, which cost the kernel most
MOST_MAPPED = 30  # processes of which memory is added up: of a swarm of them, only so many


class Watch:
    """A thread that looks again and again. ``peaks[k]``: the largest numbers for the k-th job.

    ``memory`` in bytes: what all processes of the job map, and what memory files, System V and
    /dev/shm hold beside that. ``disk`` in bytes, ``entries`` and ``setuid``: below its folder.
    ``processes``, ``threads``, ``descriptors``; ``listens``: whether one of ``ports`` answers.
    ``all``: what reading unpacks, ``unpacked`` in bytes, ``entries_read``, and ``special`` files.
    """

    def __init__(self, grader: int, temporary: Path, ports: list[int]) -> None:
        self.grader, self.temporary, self.ports = grader, temporary, ports
        self.peaks: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.all: dict[str, float] = defaultdict(float)
        self.open, self.next = True, 0.0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.open = False
        self.thread.join()

    def _run(self) -> None:
        while self.open:
            with contextlib.suppress(OSError, ValueError, RecursionError):
                self._look()
            time.sleep(PAUSE)

    def _look(self) -> None:
        self._unpacked()
        folders = list(self.temporary.glob("dlworkbook-grading-*/work-*"))
        if not folders:
            return
        job = max(int(folder.name.partition("-")[2]) for folder in folders)
        below = _below(self.grader)
        warm = below[0] if below else 0
        workers = [number for number in below if number != warm]
        now: dict[str, float] = defaultdict(float)
        now["processes"] = len(workers)
        seen: set[tuple[int, int]] = set()
        closely = time.monotonic() >= self.next
        if closely:
            self.next = time.monotonic() + CLOSE
            now["memory"] = _system_v(set(workers)) + _shared(self.temporary.parent.name)
        for k, number in enumerate(workers):
            with contextlib.suppress(OSError):
                now["threads"] += len(os.listdir(f"/proc/{number}/task"))
            if closely and k < MOST_MAPPED:
                now["memory"] += _mapped(number)
                self._descriptors(number, now, seen)
        for folder in folders:
            if folder.name == f"work-{job}":
                for name, number in _size(folder).items():
                    now[name] += number
        now["listens"] = float(any(map(_answers, self.ports)))
        for name, number in now.items():
            self.peaks[job][name] = max(self.peaks[job][name], number)

    def _unpacked(self) -> None:
        """What reading takes, for all files together."""
        for place in self.temporary.glob("dlworkbook-grading-*/unpacked"):
            now = {"unpacked": 0.0, "entries_read": 0.0, "special": 0.0}
            for path in place.rglob("*"):
                about = path.lstat()
                now["unpacked"] += about.st_size
                now["entries_read"] += 1
                now["special"] += not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode))
            for name, number in now.items():
                self.all[name] = max(self.all[name], number)

    def _descriptors(self, number: int, now: dict, seen: set) -> None:
        with contextlib.suppress(OSError):
            places = os.listdir(f"/proc/{number}/fd")
            now["descriptors"] += len(places)
            if len(places) > 500:
                return
            for place in places:
                path = f"/proc/{number}/fd/{place}"
                with contextlib.suppress(OSError):
                    about, link = os.stat(path), os.readlink(path)
                    known = (about.st_dev, about.st_ino) in seen
                    if known or not stat.S_ISREG(about.st_mode) or "(deleted)" not in link:
                        continue
                    seen.add((about.st_dev, about.st_ino))
                    kind = "memory" if link.startswith("/memfd:") else "disk"
                    now[kind] += 512 * about.st_blocks


def _below(number: int) -> list[int]:
    """Processes below one, those nearest to it first."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(status[1])
    found, new = [], [number]
    while new:
        new = sorted(child for child, above in parents.items() if above in new)
        found += new
    return found


def _mapped(number: int) -> int:
    """Bytes that a process maps, what it shares counted in parts."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0


def _system_v(makers: set[int]) -> int:
    """Bytes in segments of System V that these processes made, mapped or not, wherever they are."""
    spaces = {}
    for number in makers:
        with contextlib.suppress(OSError):
            spaces.setdefault(os.readlink(f"/proc/{number}/ns/ipc"), number)
    lines = [line for number in spaces.values() for line in _segments(number)]
    with contextlib.suppress(ValueError, IndexError):
        parts = [line.split() for line in lines]
        return sum(int(p[14]) for p in parts if int(p[4]) in makers and p[6] == "0")
    return 0


def _segments(number: int) -> list[str]:
    """The lines about segments in the namespace of a process."""
    here = Path("/proc/self/ns/ipc").readlink() == Path(f"/proc/{number}/ns/ipc").readlink()
    if here:
        return Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    own = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
    command = ["nsenter", f"--target={number}", *own, "--ipc", "cat", "/proc/sysvipc/shm"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
        return found.stdout.splitlines()[1:]
    return []


def _shared(mark: str) -> int:
    """Bytes in files of that mark in /dev/shm."""
    with contextlib.suppress(OSError):
        return sum(512 * entry.stat().st_blocks for entry in os.scandir("/dev/shm")
                   if entry.name.startswith(mark))
    return 0


def _size(folder: Path) -> dict[str, int]:
    found = {"disk": 0, "entries": 0, "setuid": 0}
    for where, folders, files in os.walk(folder):
        found["entries"] += len(folders) + len(files)
        for name in files:
            with contextlib.suppress(OSError):
                about = os.lstat(os.path.join(where, name))
                found["disk"] += 512 * about.st_blocks
                found["setuid"] += bool(about.st_mode & (stat.S_ISUID | stat.S_ISGID))
    return found


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.05):
        return True
    return False
