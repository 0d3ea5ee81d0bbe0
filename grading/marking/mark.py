"""Mark by hand, on a page of this machine: ``python -m grading.marking.mark LAB --out OUT``.

It shows what `make grade` has found below OUT, and saves marks there, in ``OUT/marks/``. The page
can be reached from this machine alone, and only with the address that is printed.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from grading import assigned
from grading.make.lab import LabError

from .group import Group
from .server import Server


def user() -> str:
    """The name of the account; 'marker' where there is none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "marker"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grading.marking.mark", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    assigned.arguments(parser)
    parser.add_argument("--who", default="", help="the name beside your marks; else your account's")
    parser.add_argument("--port", type=int, default=0, help="default: one that is free")
    options = parser.parse_args(argv)
    try:
        lab = assigned.load(options)
        group = Group(options.out, lab)
        count = len(group.rows())
        server = Server(group, " ".join(options.who.split()) or user(), options.port)
    except (LabError, ValueError, OSError, OverflowError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        print(f"{count} submissions. Open this address, and keep it to yourself:\n")
        print(f"  {server.url}\n")
        folder = options.out / "marks"
        print(f"Marks are saved in {folder} as you give them. Ctrl-C ends it.", flush=True)
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nEnded. What you marked is saved; `make grade` brings it into the gradebook.")
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
