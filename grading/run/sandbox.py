"""Limits and walls for a process that runs a student's code.

* memory, processor time, size of files: resource limits, and a control group for all together;
* network and other processes: namespaces of its own (as root, or with user namespaces), or no
  sockets, no signals;
* files: Landlock: reads Python, the packages and the system's libraries, changes its own folder;
* mounts: homes and sockets out of sight, all read-only but a folder of fixed size (``mounts.py``);
* calls: what leads out of the others is refused by the kernel (``seccomp.py``);
* account: the grader's own, or, where root grades, one that owns nothing else.

Behind the walls stands a guard inside of Python (``audit.py``). Where a wall is missing, grading
is refused unless somebody asks for it by name (``GRADING_WALLS=none``, ``--without-walls``).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from . import cgroup, landlock, mounts, scratch, seccomp

ROOT = Path(__file__).resolve().parents[2]
LARGEST_FILE = 256_000_000  # bytes
MOST_OPEN = 1_024  # files, pipes and sockets of a process at a time
NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
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
    "network": "no network namespace, no filter of calls: the submissions could reach the network",
    "signals": "no process namespace and an old Landlock: they could end each other",
    "files": "no Landlock (Linux 5.13 or newer): they could read and change files of this account",
    "user": "root, and no other account to be had: they would be root",
}
# Walls behind or beside those: nothing is refused without them, but it is told.
BESIDE = {
    "mounts": "a view of the files of its own, and a folder of fixed size",
    "calls": "a filter of calls: Unix sockets of the machine can be reached",
    "memory": "a limit on the memory of all processes of a notebook together",
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
        (resource.RLIMIT_NOFILE, MOST_OPEN),
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


def account(off: Collection[str] = frozenset()) -> int | None:
    """Number of the account for a submission where root grades; None: the grader's own."""
    other = os.geteuid() == 0 and "user" not in off
    return FIRST_ACCOUNT + os.getpid() % ACCOUNTS if other else None


def separate(
    folder: Path, number: int | None, off: Collection[str] = frozenset()
) -> dict[str, str]:
    """Leave the machine's network, processes and mounts; returns in a process that has.

    The process that called stays behind and ends as the other one does. Between them stands a
    first process of the new namespace: with it, all others there are ended by the kernel.
    ``folder`` and ``number``: as in ``confine``; ``off``: walls that are not to be built.
    """
    walls = {"network": "guard", "signals": "guard", "mounts": "guard"}
    if not sys.platform.startswith("linux"):
        return walls
    libc, user, group = _libc(), os.geteuid(), os.getegid()
    asked = NEWNET * ("network" not in off) | NEWPID * ("signals" not in off)
    more = (NEWNS | NEWIPC | NEWUTS) * ("mounts" not in off)
    tries = [(asked | more, 0), (asked | more, NEWUSER), (asked, 0), (asked, NEWUSER)]
    for flags, own in tries:
        if flags and libc.unshare(flags | own) == 0:
            break
    else:
        end_with_parent()
        return walls
    if own:
        with contextlib.suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _limit_tasks(off)
    end_with_parent()
    alone = bool(flags & NEWPID)
    if alone:
        _stay_behind_the_child()
        # the first process of the namespace
        end_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if flags & NEWNS:
        owner, of = (user, group) if number is None else (number, number)
        if mounts.arrange(folder, owner, of, [*readable(), *DEVICES], alone=alone):
            walls["mounts"] = "namespace"
    if alone:
        _stay_behind_the_child()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        walls["signals"] = "namespace"
    return walls | ({"network": "namespace"} if flags & NEWNET else {})


def _limit_tasks(off: Collection[str]) -> None:
    """So many processes and threads in all, for an account that has no others.

    In a user namespace of its own that holds since Linux 5.14, which counts them apart.
    """
    if "memory" in off:
        return
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    if release and tuple(map(int, release.groups())) >= (5, 14):
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        most = cgroup.TASKS if hard == resource.RLIM_INFINITY else min(cgroup.TASKS, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


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


def confine(
    folder: Path,
    number: int | None,
    walls: dict[str, str],
    off: Collection[str] = frozenset(),
) -> dict[str, str]:
    """Wall off the files, then give up the account (to ``number``, as root), powers and calls.

    ``walls``: those that stand already, of ``separate`` and for ``memory``; the answer has all.
    """
    files = signals = False
    if "files" not in off:
        files, signals = landlock.restrict(folder, readable(), DEVICES, LISTED)
    walls = walls | {"files": "landlock" if files else "guard"}
    if signals and walls["signals"] == "guard" and "signals" not in off:
        walls["signals"] = "landlock"
    libc = _libc()
    # Python may lie where only root can read, such as below /root. Landlock still says what.
    closed = number is not None and not all(map(_open_to_all, _needed()))
    keep = READ_EVERYTHING if closed and files else 0
    if number is not None and (files or not closed):
        _limit_tasks(off)
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
    walls["calls"] = "guard"
    safe = walls["mounts"] == "namespace"
    cut = walls["network"] == "guard" and "network" not in off  # no namespace: then no sockets
    if "calls" not in off and seccomp.install(outside_is_safe=safe, no_network=cut):
        walls["calls"] = "seccomp"
        walls |= {"network": "seccomp"} if cut else {}
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


def switched_off() -> list[str]:
    """Walls that are left out on purpose, to see what each of them alone holds back.

    ``GRADING_WALLS_OFF=calls,mounts`` counts only beside ``GRADING_WALLS=none``. Raises NoWalls
    if it names something else.
    """
    text = os.environ.get("GRADING_WALLS_OFF", "") if asked_for_none() else ""
    names = sorted({name.strip() for name in text.split(",")} - {""})
    unknown = set(names) - {*MISSING, *BESIDE}
    if unknown:
        raise NoWalls(
            f"Nothing was graded: GRADING_WALLS_OFF names {', '.join(sorted(unknown))}. There are "
            f"{', '.join([*MISSING, *BESIDE])}."
        )
    return names


def probe() -> dict[str, str]:
    """The walls that a submission would get here, tried in a process of its own."""
    off = switched_off()
    reading, writing = os.pipe()
    group = None if "memory" in off else cgroup.make(LARGEST_FILE)
    with scratch.folder() as above:
        folder, number = above / "work", account(off)
        folder.mkdir(mode=0o700)
        process = os.fork()
        if process == 0:
            with contextlib.suppress(BaseException):
                walls = confine(folder, number, separate(folder, number, off), off)
                os.write(writing, json.dumps(walls).encode())
            os._exit(0)
        counted = group is not None and group.add(process)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], PROBE_SECONDS)
        data = os.read(reading, 65536) if ready else b""
        os.close(reading)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    if group is not None:
        group.remove()
    return json.loads(data) | {"memory": memory_wall(counted, off)} if data else {}


def memory_wall(counted: bool, off: Collection[str] = frozenset()) -> str:
    """Who limits the memory of a whole job: the kernel, if it is in a group, or the keeper."""
    return "guard" if "memory" in off else "cgroup" if counted else "watched"


def missing(walls: dict[str, str]) -> list[str]:
    """What is missing, in words; empty if all walls stand that grading asks for."""
    return [
        text
        for name, text in MISSING.items()
        if walls.get(name, "guard") == ("root" if name == "user" else "guard")
    ]


def lacking(walls: dict[str, str]) -> list[str]:
    """Names of all walls that do not stand."""
    bad = {"guard", "root"}
    return [name for name in (*MISSING, *BESIDE) if walls.get(name, "guard") in bad]


def bare(walls: dict[str, str], off: Collection[str]) -> list[str]:
    """Names of walls that grading asks for and that did not stand, and of those left out."""
    needed = set(lacking(walls)) & set(MISSING) if walls else set()
    return [name for name in (*MISSING, *BESIDE) if name in {*needed, *off}]


def told(walls: dict[str, str]) -> str:
    """The walls in words."""
    words = {
        ("network", "namespace"): "no network",
        ("network", "seccomp"): "no sockets, and so no network",
        ("signals", "namespace"): "no other processes in sight",
        ("signals", "landlock"): "no signals to other processes",
        ("files", "landlock"): "only Python, the packages and their own folder can be read",
        ("mounts", "namespace"): f"a folder of {mounts.FOLDER_BYTES // 10**6} MB, the rest "
        "read-only",
        ("calls", "seccomp"): "no Unix sockets, mounts or tracing",
        ("memory", "cgroup"): "memory counted by the kernel for all processes together",
        ("memory", "watched"): "memory of all processes together looked at twice a second",
        ("user", "own"): "an account that owns nothing",
    }
    stand = [words[item] for item in walls.items() if item in words]
    less = [f"WITHOUT {text}" for name, text in BESIDE.items() if name in lacking(walls)]
    return "; ".join([*stand, *less, *(f"MISSING: {text}" for text in missing(walls))])


def require() -> dict[str, str]:
    """The walls of this machine. Raises NoWalls if one is missing and nobody asked for that."""
    walls = probe()
    lacks = missing(walls)
    if lacks and not asked_for_none():
        raise NoWalls(
            f"Nothing was graded. On this machine there is {'; '.join(lacks)}. Grade on a Linux "
            "machine or in a container where an ordinary account may make user namespaces. Or, if "
            "this machine holds nothing that matters and you trust the class, ask for it by "
            "name: --without-walls (with make: ISOLATION=none)."
        )
    return walls
