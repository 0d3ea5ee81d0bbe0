"""Limits for a process that runs a student's code: memory, files, network, processes.

Three walls where the system has them, and a guard inside of Python behind each:

* memory, size of files: resource limits;
* network: a network namespace of its own (Linux, as root or with user namespaces); else the guard;
* writing: Landlock (Linux 5.13 or newer): only the process's own folder; else the guard.

The guard is an audit hook: Python asks it before it opens, connects or starts something. It also
notes what was tried, for the instructor. It stops Python code, not code in C.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import struct
import sys
from pathlib import Path

MOST_PROCESSES = 32  # that a submission may start in all
LARGEST_FILE = 256_000_000
NEWUSER, NEWNET = 0x10000000, 0x40000000
NO_NEW_PRIVILEGES, SUBREAPER = 38, 36
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Landlock: every right to change files; the right to truncate came with its version 3.
RIGHTS = sum(1 << k for k in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))
DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/urandom")


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def memory_in_use() -> int:
    """Bytes of address space that this process has."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def limit_resources(memory: int, seconds: float) -> None:
    """At most ``memory`` bytes more than now, ``seconds`` of processor time, small files."""
    room = memory_in_use() + memory
    for what, soft in (
        (resource.RLIMIT_AS, room),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(seconds) + 5),
    ):
        _, hard = resource.getrlimit(what)
        soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        resource.setrlimit(what, (soft, soft))


def cut_network() -> str:
    """Leave the network; how: "namespace", or "guard" where only the audit hook can do it."""
    if not sys.platform.startswith("linux"):
        return "guard"
    libc = _libc()
    for flags in (NEWNET, NEWUSER | NEWNET):
        if libc.unshare(flags) == 0:
            return "namespace"
    return "guard"


def write_only_below(folder: Path) -> str:
    """Forbid to change files outside of ``folder``; how: "landlock" or "guard"."""
    if not sys.platform.startswith("linux"):
        return "guard"
    libc = _libc()
    version = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return "guard"
    rights = RIGHTS | ((1 << 14) if version >= 3 else 0)
    attributes = ctypes.create_string_buffer(struct.pack("Q", rights))
    ruleset = libc.syscall(444, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return "guard"
    try:
        for path, allowed in ((str(folder), rights), *((d, 1 << 1) for d in DEVICES)):
            try:
                opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            truncate = (1 << 14) if version >= 3 and allowed != rights else 0
            rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed | truncate, opened))
            libc.syscall(445, ruleset, 1, rule, 0)
            os.close(opened)
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return "landlock" if libc.syscall(446, ruleset, 0) == 0 else "guard"
    finally:
        os.close(ruleset)


def adopt_orphans() -> None:
    """Processes whose parent dies become children of this one, which can then end them."""
    if sys.platform.startswith("linux"):
        _libc().prctl(SUBREAPER, 1, 0, 0, 0)


class Guard:
    """The audit hook; ``notes`` are (code, text) of what it stopped. It cannot be taken out."""

    def __init__(self, folder: Path, network: bool) -> None:
        self.folder = os.path.realpath(folder)
        self.network = network  # whether it is this guard that cuts the network
        self.notes: list[tuple[str, str]] = []
        self.active = False
        self.started = mmap.mmap(-1, 8)  # shared with child processes
        sys.addaudithook(self._hook)

    def processes(self) -> int:
        """How many processes were started so far."""
        return struct.unpack("q", self.started[:8])[0]

    def _hook(self, event: str, args: tuple) -> None:
        if not self.active or event in ("compile", "exec", "import", "object.__getattr__"):
            return
        if event == "open":
            path, mode, flags = args
            writes = flags & WRITING if isinstance(flags, int) else "r" not in (mode or "r")
            if writes and isinstance(path, str | bytes | os.PathLike):
                self._inside(path)
        elif event in (
            "os.remove",
            "os.rmdir",
            "os.mkdir",
            "os.truncate",
            "os.chmod",
            "os.chown",
            "shutil.rmtree",
            "os.utime",
        ):
            self._inside(args[0])
        elif event in ("os.rename", "os.link", "os.symlink", "shutil.move"):
            self._inside(args[0] if event == "os.rename" else args[1])
            self._inside(args[1])
        elif event in ("os.fork", "os.forkpty", "subprocess.Popen", "os.system", "os.posix_spawn"):
            count = self.processes() + 1
            self.started[:8] = struct.pack("q", count)
            if count > MOST_PROCESSES:
                self._stop("processes", f"It starts more than {MOST_PROCESSES} processes.")
        elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
            self._network(event, args)
        elif event in ("os.kill", "os.killpg") and not _own(args[0]):
            self._stop("kills", "It tried to send a signal to a process that is not its own.")

    def _network(self, event: str, args: tuple) -> None:
        address = args[0] if event == "socket.getaddrinfo" else args[-1]
        if isinstance(address, str) and event != "socket.getaddrinfo":
            return  # a Unix socket
        self._note("network", "It asked for the network, which it did not get.")
        if self.network:
            raise PermissionError("no network while a submission is graded")

    def _inside(self, path) -> None:
        if isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        if real in DEVICES or real == self.folder or real.startswith(self.folder + os.sep):
            return
        text = f"It tried to change a file outside of its folder: {real[:200]}."
        self._stop("wrote_outside", text)

    def _stop(self, code: str, text: str) -> None:
        self._note(code, text)
        raise PermissionError(text)

    def _note(self, code: str, text: str) -> None:
        if len(self.notes) < 20 and (code, text) not in self.notes:
            self.notes.append((code, text))


def _own(process: int) -> bool:
    """Whether a process is this one or its child."""
    if process == os.getpid():
        return True
    try:
        status = Path(f"/proc/{int(process)}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return False
    return int(status[1]) == os.getpid()
