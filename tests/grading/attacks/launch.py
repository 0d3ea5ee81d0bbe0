"""The grader's process, as the suite starts it: it waits for a line, then it grades.

    python -m tests.grading.attacks.launch WALLS ARGUMENT ...
    python -m tests.grading.attacks.launch --warm WALLS ARGUMENT ...

It is the real grader (``grading.grade.main``), with small limits, so that no attack has to be
large. WALLS are those that the suite takes down, with commas between them, so that one sees what
each of them holds; "" for none. The second form stands in for the warm process, in which the walls
are made. There a notebook may name, in the first line of its first cell, walls that are taken down
for it alone.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
from importlib.util import find_spec

from .record import DOWN

# Limits, by module. Those of archives hold for all that one student's zip unpacks to.
SMALL = {
    "grading.read.archives": {
        "LARGEST": 6_000_000, "LARGEST_ZIP": 20_000_000, "LARGEST_STUDENT": 40_000_000,
        "MOST_MEMBERS": 2_000,
    },
    "grading.run.cgroup": {"TASKS": 50, "BESIDE": 200_000_000},
    "grading.run.mounts": {"FOLDER_BYTES": 100_000_000, "FOLDER_FILES": 20_000},
}  # fmt: skip


def make_small() -> None:
    """Set these limits, where this grader has them."""
    for module, limits in SMALL.items():
        if find_spec(module):
            for name, limit in limits.items():
                setattr(importlib.import_module(module), name, limit)


def known() -> set[str]:
    """The walls that this grader leaves out by itself when GRADING_WALLS_OFF names them."""
    from grading.run import sandbox

    return {*sandbox.MISSING, *sandbox.BESIDE} if hasattr(sandbox, "BESIDE") else set()


def switches() -> set[str]:
    """All walls that can be taken down. The others are what the grader's own code does."""
    return known() | {"tcp", "scopes", "limits", "guard", "descriptors", "environment", "powers"}


def with_them(walls: set[str]) -> set[str]:
    """These walls, and those that go with them.

    Where only root can read Python, an account of its own needs Landlock (see `sandbox.confine`).
    """
    from grading.run import sandbox

    closed = os.geteuid() == 0 and not all(map(sandbox._open_to_all, sandbox._needed()))
    more = {"user"} if "files" in walls and closed else set()
    return walls | more | ({"descriptors"} if "limits" in walls else set())


class AllPowers:
    """The C library, by which no power is given up."""

    def __init__(self, libc) -> None:
        self.libc = libc

    def __getattr__(self, name: str):
        return getattr(self.libc, name)

    def capset(self, header, data) -> int:
        """Take all powers that may be had: the second of three numbers, twice."""
        held = (ctypes.c_uint32 * 6)()
        self.libc.capget(header, held)
        held[0], held[3] = held[1], held[4]
        return self.libc.capset(header, held)


def take_down(walls: set[str]) -> None:
    """Make walls stand no more in this process, and in those that it forks."""
    from grading.run import audit, landlock, sandbox

    walls, separate = walls - known(), sandbox.separate
    if "files" in walls:
        for name in ("EXECUTE", "WRITE", "READ", "LIST", "CREATE", "REFER", "TRUNCATE", "DEVICES"):
            setattr(landlock, name, 0)
    if "tcp" in walls:
        landlock.TCP = 0
    if "scopes" in walls:
        landlock.SCOPES = 0
    if "network" in walls:
        sandbox.NEWNET = 0
    if "signals" in walls:
        sandbox.NEWPID = 0
    if "user" in walls:
        sandbox.account = lambda *args: None
    if "limits" in walls:
        sandbox.limit_resources = lambda *args: None
    if "descriptors" in walls:
        sandbox.MOST_OPEN = 1_000_000
    if "environment" in walls:
        sandbox.environment = lambda: dict(os.environ) | sandbox.SETTINGS
    if "powers" in walls:
        libc = sandbox._libc
        sandbox._libc = lambda: AllPowers(libc())
    if "guard" in walls:
        audit.Guard._hook = lambda self, event, args: None
    if walls & {"network", "signals"}:
        sandbox.separate = lambda *args: separate(*args) | {
            name: "guard" for name in ("network", "signals") if name in walls}


def one_by_one() -> None:
    """Take walls down in the process of a single notebook, where it names some."""
    from grading.run.keeper import Keeper

    original = Keeper.run

    def run(self) -> None:
        first = (self.job.cells or [""])[0].partition("\n")[0]
        down = set(filter(None, first.removeprefix(DOWN).split(","))) if DOWN in first else set()
        if down:
            down = with_them(down)
            self.job.off, self.job.walls = sorted(down & known()), False
            take_down(down)
        original(self)

    Keeper.run = run


def main() -> int:
    as_warm = sys.argv[1] == "--warm"
    walls, *rest = sys.argv[1 + as_warm :]
    make_small()
    take_down(set(filter(None, walls.split(","))))
    if as_warm:
        from grading.run import warm

        one_by_one()
        warm.main(*rest)
        return 0
    from grading import grade
    from grading.run.pool import Pool

    original = Pool.__init__

    def changed(self, *args, **options):
        original(self, *args, **options)
        here = ["-m", "tests.grading.attacks.launch", "--warm", walls]
        self.command = [sys.executable, *here, *self.command[3:]]

    Pool.__init__ = changed
    print("ready", flush=True)
    sys.stdin.readline()
    return grade.main(rest)


if __name__ == "__main__":
    sys.exit(main())
