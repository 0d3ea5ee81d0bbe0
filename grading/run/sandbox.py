"""Limits and walls for a process that runs a student's code.

* memory, processor time, size of files: resource limits;
* network and other processes: namespaces of its own (as root, or with user namespaces);
* files: Landlock: reads Python, the packages and the system's libraries, changes its own folder;
* account: the grader's own, or, where root grades, one that owns nothing else.

Behind the walls stands a guard inside of Python (``audit.py``). Where a wall is missing, grading
is refused unless somebody asks for it by name (``GRADING_WALLS=none``, ``--without-walls``).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from . import landlock, scratch

ROOT = Path(__file__).resolve().parents[2]
LARGEST_FILE = 256_000_000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
DEATH_SIGNAL, DUMPABLE, KEEP_CAPABILITIES, SUBREAPER = 1, 4, 8, 36
CAPABILITIES_VERSION, READ_EVERYTHING = 0x20080522, 1 << 2
FIRST_ACCOUNT, ACCOUNTS = 61_184, 4_000  # numbers that no person has: systemd lends them, too
PROBE_SECONDS = 30
# Parts of our package that know right answers: references, catalogues of mistakes, keys.
CLOSED = tuple(
    ROOT / "dlworkbook" / part
    for part in ("checks/tasks", "checks/references", "answers/pages", "practice")
)
LISTED = (str(ROOT / "dlworkbook"),)  # else Python finds no module there
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/random", "/dev/urandom")
SYSTEM = (
    "/bin", "/usr/bin", "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib",
    "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig", "/usr/share/zoneinfo",
    "/usr/share/locale", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types",
    "/var/cache/fontconfig", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/sys/vm", "/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm",
)
# What a submission's process gets of the grader's environment. Keys and tokens lie in others.
ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LD_LIBRARY_PATH",
               "XDG_CACHE_HOME", "MPLCONFIGDIR", "ATEN_CPU_CAPABILITY")
SETTINGS = {
    "PYTHONPATH": str(ROOT),
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
MISSING = {
    "network": "no network namespace: the submissions could reach the network",
    "signals": "no process namespace and an old Landlock: they could end each other",
    "files": "no Landlock (Linux 5.13 or newer): they could read and change files of this account",
    "user": "root, and no other account to be had: they would be root",
}


class NoWalls(RuntimeError):
    """This machine cannot hold submissions back; says what is missing and what to do."""


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def memory_in_use() -> int:
    """Bytes of address space that this process has."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def environment() -> dict[str, str]:
    """The environment of processes that run what was handed in."""
    kept = {k: v for k, v in os.environ.items() if k in ENVIRONMENT or k.startswith("LC_")}
    return kept | SETTINGS


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


def end_with_parent() -> None:
    """This process is killed when the one that started it ends."""
    if sys.platform.startswith("linux"):
        _libc().prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def adopt_orphans() -> None:
    """Processes whose parent dies become children of this one, which can then end them."""
    if sys.platform.startswith("linux"):
        _libc().prctl(SUBREAPER, 1, 0, 0, 0)


def dead(process: int) -> bool:
    """Whether a process is gone, or a zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"


def descendants() -> list[int]:
    """Processes below this one; orphans among them are handed to it (``adopt_orphans``)."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(status[1])
    found, new = [], [os.getpid()]
    while new:
        new = [child for child, above in parents.items() if above in new]
        found += new
    return found


def end_descendants() -> bool:
    """End every process below this one; False if some could not be ended."""
    for _ in range(500):
        below = descendants()
        for process in below:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)
        if not below:
            return True
        time.sleep(0.004)
    return False


def account() -> int | None:
    """Number of the account for a submission where root grades; None: the grader's own."""
    return FIRST_ACCOUNT + os.getpid() % ACCOUNTS if os.geteuid() == 0 else None


def separate() -> dict[str, str]:
    """Leave the machine's network and processes; returns once more in a process that has.

    The process that called stays behind and ends as the other one does. Between them stands a
    first process of the new namespace: with it, all others there are ended by the kernel.
    """
    walls = {"network": "guard", "signals": "guard"}
    if not sys.platform.startswith("linux"):
        return walls
    libc, user, group = _libc(), os.geteuid(), os.getegid()
    if libc.unshare(NEWNET | NEWPID) != 0:
        if libc.unshare(NEWUSER | NEWNET | NEWPID) != 0:
            end_with_parent()
            return walls
        with contextlib.suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    end_with_parent()
    _stay_behind_the_child()
    # the first process of the namespace
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stay_behind_the_child()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return {"network": "namespace", "signals": "namespace"}


def _stay_behind_the_child() -> None:
    """Fork; returns in the child, while the parent waits for it and ends as it did."""
    process = os.fork()
    if not process:
        return
    ended = None
    while ended != process:
        ended, status = os.waitpid(-1, 0)
    # as a shell says it: the first process of a namespace cannot end by a signal of its own
    killed = os.WIFSIGNALED(status)
    os._exit(128 + os.WTERMSIG(status) if killed else os.WEXITSTATUS(status))


def confine(folder: Path, number: int | None, walls: dict[str, str]) -> dict[str, str]:
    """Wall off the files, then give up the account (to ``number``, as root) and its powers.

    ``walls``: those that ``separate`` made; the answer has them all.
    """
    files, signals = landlock.restrict(folder, readable(), DEVICES, LISTED)
    walls = walls | {"files": "landlock" if files else "guard"}
    if signals and walls["signals"] == "guard":
        walls["signals"] = "landlock"
    libc = _libc()
    # Python may lie where only root can read, such as below /root. Landlock still says what.
    closed = number is not None and not all(map(_open_to_all, _needed()))
    keep = READ_EVERYTHING if closed and files else 0
    if number is not None and (files or not closed):
        libc.prctl(KEEP_CAPABILITIES, 1, 0, 0, 0)
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(number, number, number)
            os.setresuid(number, number, number)
    if os.getuid() == 0:
        keep = 0
    header = ctypes.create_string_buffer(struct.pack("Ii", CAPABILITIES_VERSION, 0))
    data = ctypes.create_string_buffer(struct.pack("6I", keep, keep, 0, 0, 0, 0))
    libc.capset(header, data)
    libc.prctl(DUMPABLE, 1, 0, 0, 0)  # so that it can read its own /proc/self
    end_with_parent()  # another account has forgotten it
    walls["user"] = "root" if os.getuid() == 0 else "own" if number is not None else "grader's"
    return walls


def readable() -> list[str]:
    """What a submission may read, beside its own folder: nothing that knows a right answer."""
    packages = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    return [*_needed(), *packages, *SYSTEM]


def _needed() -> list[str]:
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    return [*sorted(prefixes), *map(str, _open(ROOT / "dlworkbook"))]


def _open(folder: Path) -> Iterator[Path]:
    """The parts of our package without those that are closed."""
    for path in sorted(folder.iterdir()):
        if path in CLOSED:
            continue
        if any(path in closed.parents for closed in CLOSED):
            yield from _open(path)
        else:
            yield path


def _open_to_all(path: str) -> bool:
    """Whether every account can read a folder (the rights of it and of those above it)."""
    place = Path(path).resolve()
    with contextlib.suppress(OSError):
        return all(p.stat().st_mode & 1 for p in (place, *place.parents))
    return False


# -- what this machine has


def asked_for_none() -> bool:
    """Whether somebody said by name that walls are not needed."""
    return os.environ.get("GRADING_WALLS", "").strip().lower() == "none"


def probe() -> dict[str, str]:
    """The walls that a submission would get here, tried in a process of its own."""
    reading, writing = os.pipe()
    with scratch.folder() as folder:
        process = os.fork()
        if process == 0:
            with contextlib.suppress(BaseException):
                walls = confine(folder, account(), separate())
                os.write(writing, json.dumps(walls).encode())
            os._exit(0)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], PROBE_SECONDS)
        data = os.read(reading, 65536) if ready else b""
        os.close(reading)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    return json.loads(data) if data else {}


def missing(walls: dict[str, str]) -> list[str]:
    """What is missing, in words; empty if all walls stand."""
    return [
        text
        for name, text in MISSING.items()
        if walls.get(name, "guard") == ("root" if name == "user" else "guard")
    ]


def told(walls: dict[str, str]) -> str:
    """The walls in words."""
    words = {
        ("network", "namespace"): "no network",
        ("signals", "namespace"): "no other processes in sight",
        ("signals", "landlock"): "no signals to other processes",
        ("files", "landlock"): "only Python, the packages and their own folder can be read",
        ("user", "own"): "an account that owns nothing",
    }
    stand = [words[item] for item in walls.items() if item in words]
    return "; ".join([*stand, *(f"MISSING: {text}" for text in missing(walls))])


def require() -> dict[str, str]:
    """The walls of this machine. Raises NoWalls if one is missing and nobody asked for that."""
    walls = probe()
    lacks = missing(walls)
    if lacks and not asked_for_none():
        raise NoWalls(
            f"Nothing was graded. On this machine there is {'; '.join(lacks)}. Grade on a Linux "
            "machine or in a container where an ordinary account may make user namespaces. Or, if "
            "this machine holds nothing that matters and you trust the class, ask for it by "
            "name: --without-walls (with make: GRADING_WALLS=none)."
        )
    return walls
