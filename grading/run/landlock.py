"""Landlock: what a process may read and write from now on, for itself and its children.

Linux 5.13 or newer; where it is missing, ``restrict`` says so and does nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
CREATE = sum(1 << k for k in range(4, 13))  # make and remove, each kind of file
REFER, TRUNCATE, DEVICES = 1 << 13, 1 << 14, 1 << 15  # since versions 2, 3 and 5
FILE = EXECUTE | WRITE | READ | TRUNCATE | DEVICES  # what a rule for a single file may name
TCP = 3  # bind and connect, since version 4
SCOPES = 3  # abstract Unix sockets and signals, since version 6
NO_NEW_PRIVILEGES = 38


def version() -> int:
    """Version of the kernel's Landlock; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1), 0)


def restrict(
    folder: Path, readable: Iterable[str], devices: Iterable[str], listed: Iterable[str] = ()
) -> tuple[bool, bool]:
    """Everything below ``folder`` may be changed, ``readable`` and ``devices`` be read.

    Of the folders ``listed`` only the names of what lies below them can be had.

    Two answers: whether files are walled off, and whether signals and abstract sockets are.
    """
    kernel = version()
    if kernel < 1:
        return False, False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = EXECUTE | WRITE | READ | LIST | CREATE
    handled |= REFER * (kernel >= 2) | TRUNCATE * (kernel >= 3) | DEVICES * (kernel >= 5)
    fields = [handled, *([TCP] if kernel >= 4 else []), *([SCOPES] if kernel >= 6 else [])]
    data = struct.pack(f"{len(fields)}Q", *fields)
    rules = libc.syscall(444, ctypes.create_string_buffer(data), ctypes.c_size_t(len(data)), 0)
    if rules < 0:
        return False, False
    try:
        _allow(libc, rules, str(folder), handled)
        for path in readable:
            _allow(libc, rules, path, EXECUTE | READ | LIST)
        for path in listed:
            _allow(libc, rules, path, LIST)
        for path in devices:
            _allow(libc, rules, path, (READ | WRITE | TRUNCATE | DEVICES) & handled)
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        held = libc.syscall(446, rules, 0) == 0
        return held, held and kernel >= 6
    finally:
        os.close(rules)


def _allow(libc, rules: int, path: str, rights: int) -> None:
    with contextlib.suppress(OSError):  # not on this system
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, opened))
        libc.syscall(445, rules, 1, rule, 0)
        os.close(opened)
