"""Memory that grading takes, all processes together: ``python -m bench.grading_memory 2 6``.

A number is a lab; ``assignments/week06_convolution.yml`` may stand there, too. Of each the book's
own solution is graded twice: by Otter with the autograder zip, as in Gradescope's container, and by
``make grade`` with JOBS=1. Shared pages are counted once (Pss of the kernel); the sum of what each
process has resident (Rss) counts them for each. ``--within 384 768`` says instead whether Otter
comes to its end where the kernel gives it so many MB in all (a control group; as root).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from grading.make import assignment, lab
from grading.make.lab import ROOT
from grading.run import cgroup

PAUSE = 0.05  # seconds between two looks
MB = 10**6


def peaks(command: list[str]) -> dict[str, float]:
    """The largest Pss and Rss, in MB, of a command and all that it starts; and its seconds."""
    start, found = time.monotonic(), {"pss": 0.0, "rss": 0.0}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        now = {"pss": 0.0, "rss": 0.0}
        with contextlib.suppress(psutil.Error):
            one = psutil.Process(process.pid)
            for each in [one, *one.children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError):
                    held = each.memory_full_info()
                    now["pss"] += held.pss / MB
                    now["rss"] += held.rss / MB
        found = {name: max(found[name], now[name]) for name in found}
        time.sleep(PAUSE)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return found | {"seconds": time.monotonic() - start}


def within(command: list[str], most: int) -> str:
    """How a command ends that has so many MB, with all that it starts."""
    group = cgroup.make(most * MB)
    if group is None:
        raise SystemExit("No control group can be made here: be root, or leave --within out.")
    try:
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=1_200,
                             stderr=subprocess.DEVNULL, preexec_fn=lambda: group.add(os.getpid()))
        killed = group.killed()
        if killed:
            return f"{killed} processes killed"
        return "comes to its end" if ran.returncode == 0 else f"ends with status {ran.returncode}"
    except subprocess.TimeoutExpired:
        return "has no end within 20 minutes"
    finally:
        group.remove()


def commands(which: str, place: Path) -> dict[str, list[str]]:
    """What grades the solution of an assignment, by way of grading."""
    name = lab.planned(lab.asked(which)).name
    made = assignment.build(lab.asked(which), place / name)
    solution = made / "instructor" / f"{name}_solution.ipynb"
    archive = made / "autograder" / f"{name}_autograder.zip"
    folder = place / f"in-{name}"
    folder.mkdir()
    (folder / "solution.ipynb").write_bytes(solution.read_bytes())
    python = [sys.executable, "-m"]
    return {
        "Otter": [*python, "grading.run.otter_run", str(solution), str(archive),
                  str(place / f"result-{name}.json")],
        "make grade": [*python, "grading.grade", which, str(folder), "--jobs", "1",
                       "--out", str(place / f"out-{name}"), "--assignment", str(made)],
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.grading_memory", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="+", help="a lab, or the file of an assignment")
    parser.add_argument("--within", type=int, nargs="+", default=[], help="MB")
    options = parser.parse_args(argv)
    if not options.within:
        print(f"{'':32} {'by':12} {'Pss':>9} {'Rss':>9} {'seconds':>8}")
    with tempfile.TemporaryDirectory(prefix="dlworkbook-memory-") as place:
        for which in options.which:
            ways = commands(which, Path(place))
            for most in options.within:
                told = within(ways["Otter"], most)
                print(f"{Path(which).stem:<32} Otter with {most:5} MB {told}", flush=True)
            for way, command in ways.items() if not options.within else ():
                found = peaks(command)
                print(f"{Path(which).stem:<32} {way:12} {found['pss']:6.0f} MB "
                      f"{found['rss']:6.0f} MB {found['seconds']:8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
