"""The grader's process, as the suite starts it: it waits for a line, then it grades.

    python -m tests.grading.attacks.launch WALLS ARGUMENT ...
    python -m tests.grading.attacks.launch --warm WALLS ARGUMENT ...

It is the real grader (``grading.grade.main``), with small limits for the size of archives. WALLS
are those that the suite takes down, with commas between them, so that one sees what each of them
holds; "" for none. The second form stands in for the warm process, in which the walls are made.
"""

from __future__ import annotations

import sys

# Limits of `grading/read/archives.py`, so small that no bomb has to be large.
SMALL = {"LARGEST": 6 * 10**6, "LARGEST_ZIP": 20 * 10**6, "LARGEST_STUDENT": 40 * 10**6,
         "MOST_MEMBERS": 2_000}


def take_down(walls: set[str]) -> None:
    """Make walls of today stand no more in this process, and in those that it forks."""
    from grading.run import audit, landlock, sandbox

    separate = sandbox.separate
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
        sandbox.account = lambda: None
    if "limits" in walls:
        sandbox.limit_resources = lambda memory, seconds: None
    if "guard" in walls:
        audit.Guard._hook = lambda self, event, args: None
    if walls & {"network", "signals"}:
        sandbox.separate = lambda: separate() | {
            name: "guard" for name in ("network", "signals") if name in walls}


def main() -> int:
    if sys.argv[1] == "--warm":
        take_down(set(filter(None, sys.argv[2].split(","))))
        from grading.run import warm

        warm.main(*sys.argv[3:])
        return 0
    from grading import grade
    from grading.read import archives
    from grading.run.pool import Pool

    for name, size in SMALL.items():
        setattr(archives, name, size)
    walls = sys.argv[1]
    if walls:
        take_down(set(walls.split(",")))
        original = Pool.__init__

        def changed(self, *args, **options):
            original(self, *args, **options)
            here = ["-m", "tests.grading.attacks.launch", "--warm", walls]
            self.command = [sys.executable, *here, *self.command[3:]]

        Pool.__init__ = changed
    print("ready", flush=True)
    sys.stdin.readline()
    return grade.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
