"""The guard inside of Python: an audit hook that notes, and stops, what a submission must not do.

Python asks it before it opens, connects or starts something. Not a wall: code in C does not ask.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
import sys
from pathlib import Path

MOST_PROCESSES = 32  # that a submission may start in all
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/urandom")


class Guard:
    """The audit hook; ``notes`` are (code, text) of what it stopped. It cannot be taken out.

    ``network``: whether this guard cuts the network; ``alone``: whether no process can be seen but
    the submission's own and the first one, which is the grader's.
    """

    def __init__(self, folder: Path, *, network: bool, alone: bool) -> None:
        self.folder = os.path.realpath(folder)
        self.network, self.alone = network, alone
        self.notes: list[tuple[str, str]] = []
        self.active = False
        self.started = mmap.mmap(-1, 8)  # shared with child processes
        self.kill = ctypes.CDLL(None).kill
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
        elif event in ("os.kill", "os.killpg") and not self._own(args[0]):
            self._stop("kills", "It tried to send a signal to a process that is not its own.")

    def _network(self, event: str, args: tuple) -> None:
        address = args[0] if event == "socket.getaddrinfo" else args[-1]
        if isinstance(address, str | bytes) and event != "socket.getaddrinfo":
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

    def _own(self, process: int) -> bool:
        """Whether a process, or a group of them, is the submission's own."""
        if process == os.getpid() or (self.alone and process <= 0):
            return True
        if self.alone:  # numbers in /proc are those of the whole machine
            return process != 1 and self.kill(process, 0) == 0
        try:
            status = Path(f"/proc/{int(process)}/stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            return False
        return int(status[1]) == os.getpid()

    def _stop(self, code: str, text: str) -> None:
        self._note(code, text)
        raise PermissionError(text)

    def _note(self, code: str, text: str) -> None:
        if len(self.notes) < 20 and (code, text) not in self.notes:
            self.notes.append((code, text))
