"""The files that a submission sees, where it may have a mount namespace of its own.

Home folders, the book's own, all folders of work and places of sockets are covered by empty ones,
all else is read-only, and the job's folder is memory of a fixed size: it can fill neither the disk
nor its inodes, and is gone with the last process that sees it. Nobody reads it afterwards: what the
keeper knows came through the pipe.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import re
import stat
import struct
from collections.abc import Collection, Iterable
from pathlib import Path

FOLDER_BYTES = 512_000_000  # that the job's folder may hold
FOLDER_FILES = 20_000  # files and folders in it
COVERED = ("/run", "/var/tmp", "/dev/shm")
# What a system keeps for itself at the top; whatever else lies there is covered: /home,
# /tmp, /opt with the book of the grader's image, somebody's /data.
SYSTEM = re.compile(r"bin|boot|dev|etc|lib\w*|nix|proc|run|sbin|snap|sys|usr|var")
ROOT = Path(__file__).resolve().parents[2]  # of the grader, wherever it lies
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 1 << 12, 1 << 14, 1 << 18
DETACH, HERE, WHOLE_TREE, SET_ATTRIBUTES = 2, -100, 0x8000, 442


def arrange(folder: Path, owner: int, group: int, readable: Iterable[str], *, alone: bool) -> bool:
    """Cover what is not to be seen, but for ``readable``, and make ``folder`` a small memory disk.

    For a process that has just got a mount namespace; it comes out in ``folder``. ``alone``: it
    also has a process namespace, whose ``/proc`` it then sees. False, and all as before, where
    the system does not allow that.
    """
    made: list[str] = []
    named = {path: {os.path.abspath(path), os.path.realpath(path)} for path in readable}
    try:
        _mount(None, "/", None, RECURSIVE | PRIVATE)
        for place in _covered(folder, set().union(*named.values())):
            _cover(place, named, made)
        if alone:
            # refused where parts of /proc are covered, as in containers: then the old one stays
            with contextlib.suppress(OSError):
                _mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC)
                made.append("/proc")
        folder.mkdir(parents=True, exist_ok=True)
        size = f"size={FOLDER_BYTES},nr_inodes={FOLDER_FILES},mode=700,uid={owner},gid={group}"
        _mount("tmpfs", str(folder), "tmpfs", NO_SUID | NO_DEVICES, size)
        made.append(str(folder))
        _set("/", WHOLE_TREE, READ_ONLY | NO_SUID, 0)
        _set(str(folder), 0, 0, READ_ONLY)
        os.chdir(folder)
        return True
    except OSError:
        libc = ctypes.CDLL(None)
        for place in reversed(made):
            libc.umount2(os.fsencode(place), DETACH)
        return False


def _covered(folder: Path, kept: Collection[str]) -> list[str]:
    """Folders to cover; none lies in another, and none is in ``kept``."""
    asked = {*COVERED, *_others(), str(Path.home()), str(folder.parent), str(ROOT)}
    with contextlib.suppress(KeyError):  # an account without a name
        asked.add(pwd.getpwuid(os.geteuid()).pw_dir)
    real = sorted({os.path.realpath(p) for p in asked if os.path.isdir(p)} - {"/", *kept})
    return [p for p in real if not any(_below(p, other) for other in real)]


def _others() -> list[str]:
    """Folders at the top of the file system that are not the system's."""
    return [p.path for p in os.scandir("/") if not SYSTEM.fullmatch(p.name)
            and p.is_dir(follow_symlinks=False)]


def _below(path: str, place: str) -> bool:
    return path.startswith(place + os.sep)


def _cover(place: str, named: dict[str, set[str]], made: list[str]) -> None:
    """An empty folder over ``place``, and in it again what is to be seen, under all its names.

    ``named``: the names of each path, as it is written and where its links lead. They cannot be
    asked for any more once the links are covered.
    """
    inside = {p: [n for n in names if _below(n, place)] for p, names in named.items()}
    opened = {}
    for path in filter(inside.get, inside):
        with contextlib.suppress(OSError):  # not on this system
            opened[path] = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        _mount("tmpfs", place, "tmpfs", NO_SUID | NO_DEVICES, "size=1m,nr_inodes=2000,mode=755")
        made.append(place)
        for path, source in opened.items():
            for name in inside[path]:
                _put_back(source, Path(name))
    finally:
        for source in opened.values():
            os.close(source)


def _put_back(source: int, target: Path) -> None:
    if not target.exists():  # else a folder that was put back holds it
        target.parent.mkdir(parents=True, exist_ok=True)
        target.mkdir() if stat.S_ISDIR(os.fstat(source).st_mode) else target.touch()
    _mount(f"/proc/self/fd/{source}", str(target), None, BIND | RECURSIVE)


def _set(place: str, flags: int, on: int, off: int) -> None:
    """Set and clear attributes of a mount, or of all that are mounted in it. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    asked = ctypes.create_string_buffer(struct.pack("4Q", on, off, 0, 0), 32)
    name = os.fsencode(place)
    if libc.syscall(SET_ATTRIBUTES, HERE, name, flags, asked, ctypes.c_size_t(32)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), place)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """Mount something. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = [None if name is None else os.fsencode(name) for name in (source, target, kind)]
    if libc.mount(*names, ctypes.c_ulong(flags), data.encode() or None):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), target)
