"""Memory that grading takes, all processes together: ``python -m bench.grading_memory 2 6``.

For each lab its own solution is graded twice: by Otter with the autograder zip, as in Gradescope's
container, and by ``make grade``. Shared pages are counted once (Pss of the kernel); the sum of what
each process has resident (Rss) counts them for each.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from grading.make import assignment
from grading.make.lab import ROOT

PAUSE = 0.05  # seconds between two looks


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
                    now["pss"] += held.pss / 1e6
                    now["rss"] += held.rss / 1e6
        found = {name: max(found[name], now[name]) for name in found}
        time.sleep(PAUSE)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return found | {"seconds": time.monotonic() - start}


def measure(number: int, place: Path) -> dict[str, dict[str, float]]:
    """The peaks of a lab, by way of grading."""
    made = assignment.build(number, place / f"lab{number}")
    solution = made / "instructor" / f"lab{number}_solution.ipynb"
    archive = made / "autograder" / f"lab{number}_autograder.zip"
    folder = place / f"in{number}"
    folder.mkdir()
    (folder / "solution.ipynb").write_bytes(solution.read_bytes())
    python = [sys.executable, "-m"]
    return {
        "Otter": peaks([*python, "grading.run.otter_run", str(solution), str(archive),
                        str(place / f"result{number}.json")]),
        "make grade": peaks([*python, "grading.grade", str(number), str(folder), "--jobs", "1",
                             "--out", str(place / f"out{number}"), "--assignment", str(made)]),
    }


def main(argv: list[str]) -> int:
    print(f"{'lab':4} {'by':12} {'Pss':>9} {'Rss':>9} {'seconds':>8}")
    with tempfile.TemporaryDirectory(prefix="dlworkbook-memory-") as place:
        for number in map(int, argv):
            for way, found in measure(number, Path(place)).items():
                print(f"{number:<4} {way:12} {found['pss']:6.0f} MB {found['rss']:6.0f} MB "
                      f"{found['seconds']:8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
