"""Grade a class in shards whose workers are killed at random: ``python -m tests.grading.chaos``.

(or ``make grade-chaos N=2000 SHARDS=16 KILL=0.2``). The shards are run again until each has come to
its end, are merged, and compared with what one machine makes of the same class: the gradebook must
be the same, byte for byte. Ends with status 1 if anything is not.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from grading.make import lab as labs
from tests.grading.attacks import suite

from . import crowd
from .storm import Figures, Storm


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.chaos", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=200, help="submissions")
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--kill", type=float, default=0.2,
                        help="how likely a worker is killed, each time that it is started")
    parser.add_argument("--seed", type=int, help="of the kills; default: another one each time")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="workers")
    parser.add_argument("--lab", type=int, default=0,
                        help="a lab of the book; default: a small one of the tests")
    options = parser.parse_args(argv)
    if options.size < 1 or options.shards < 1 or not 0 <= options.kill < 1:
        parser.error("N and SHARDS are at least 1, and KILL is from 0 to less than 1")
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    place = Path(tempfile.mkdtemp(prefix="dlworkbook-chaos-"))
    say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    try:
        lab = labs.load(options.lab) if options.lab else suite.small(place / "book")
        crowd.write(lab, place / "in", options.size)
        storm = Storm(lab, place, options.shards, options.kill, seed, options.at_once, say)
        found = storm.run()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"Lab {lab.number}, kills drawn with SEED={seed} at KILL={options.kill:g}, at most "
          f"{options.at_once} workers at once.")
    print(table(found))
    return int(not found.good)


def table(found: Figures) -> str:
    """A line for each figure."""
    files = max(found.files, 1)
    lines = [
        ("files, in shards", f"{found.files}, in {found.shards}"),
        ("workers started", found.tries),
        ("workers killed", f"{found.killed} ({found.killed_alone} with their group alone, "
                           f"{found.killed_whole} with all that they started; {found.early} before "
                           "a result was written)"),
        ("workers that failed", "; ".join(found.failed) or "none"),
        ("results lost", found.lost),
        ("results graded twice", found.twice),
        ("files for people, compared", found.compared),
        ("not the same on one machine", ", ".join(found.differ[:12]) or "none"),
        ("processes left", ", ".join(found.processes) or "none"),
        ("folders left", ", ".join(found.folders) or "none"),
        ("writes cut short, without harm", found.parts),
    ]
    for name, seconds in found.seconds.items():
        text = f"{seconds:.1f} s on the clock, {found.cpu[name]:.1f} s of processors counted"
        if name != "merge":
            text += f"; {seconds / files:.2f} s on the clock for a submission"
        lines.append((name, text))
    return "\n".join(f"{name:32} {text}" for name, text in lines)


if __name__ == "__main__":
    raise SystemExit(main())
