"""What grading costs, beside an older commit: ``python -m bench.grading main --labs 5,6``.

The same right notebooks of a lab are graded by the code of both, in turn, so that what else the
machine does falls on both. Seconds are of the processor, for the grader and all that it started,
and on the clock. Prints a table of medians and their ratio. A control group counts the processor
exactly; without one, what processes took for which nobody waited is not seen.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.stats import ratio
from bench.table import number
from grading.make import lab as labs
from tests.grading import answers, classroom

ROOT = Path(__file__).resolve().parents[1]
LABS = (2, 3, 5, 6, 8, 9)
NOTEBOOKS = 6
SECONDS = 900  # that one run may take
COUNTS = Path("/sys/fs/cgroup/cpuacct")


@dataclass
class Run:
    """One run of a grader: seconds of the processor and on the clock, and the points given."""

    cpu: float
    wall: float
    points: list[str]


class NotGraded(RuntimeError):
    """The commit is none, or its grader came to no end; says which and why."""


def notebooks(lab: labs.Lab, folder: Path) -> None:
    """Write right notebooks; where there are several answers to a task, each in turn."""
    right = answers.right(lab)
    folder.mkdir(parents=True)
    for k in range(NOTEBOOKS):
        code = {name: found[k % len(found)].code for name, found in right.items()}
        text = json.dumps(classroom.notebook(lab, code))
        (folder / f"student_{k}.ipynb").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def counted() -> Iterator[tuple[Callable[[], None], Callable[[], float]]]:
    """A function that a process calls to be counted, and one for the seconds so far."""
    group = COUNTS / f"dlworkbook-bench-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        yield lambda: None, lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        return
    try:
        yield (lambda: (group / "tasks").write_text(str(os.getpid())) and None,
               lambda: int((group / "cpuacct.usage").read_text()) / 1e9)
    finally:
        for _ in range(100):  # a last process may not have ended
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.1)


def graded(root: Path, lab: int, folder: Path, out: Path) -> Run:
    """Grade a folder with the code below ``root``. Raises NotGraded."""
    command = [sys.executable, "-m", "grading.grade", str(lab), str(folder), "--out", str(out),
               "--jobs", "2"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with counted() as (enter, used):
        before, start = used(), time.perf_counter()
        done = subprocess.run(command, cwd=root, env=environment, text=True, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=enter)
        wall, cpu = time.perf_counter() - start, used() - before
    if done.returncode or not (out / "grades.csv").is_file():
        raise NotGraded(f"Lab {lab} with the code in {root}:\n{done.stdout[-2000:]}")
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        points = [line["points"] for line in csv.DictReader(file)]
    return Run(cpu, wall, points)


def worktree(commit: str, folder: Path) -> Path:
    """Check a commit out below a folder, beside this one. Raises NotGraded."""
    made = subprocess.run(["git", "worktree", "add", "--detach", str(folder), commit], cwd=ROOT,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        raise NotGraded(f"git worktree add {commit}: {made.stdout.strip()}")
    return folder


def measure(before: Path, lab: int, runs: int, place: Path) -> dict[str, list[Run]]:
    """Both graders in turn, ``runs`` times each, who comes first in turn as well."""
    notebooks(labs.load(lab), place / "in")
    found: dict[str, list[Run]] = {"before": [], "now": []}
    roots = {"before": before, "now": ROOT}
    for k in range(runs):
        for name in ("before", "now") if k % 2 == 0 else ("now", "before"):
            run = graded(roots[name], lab, place / "in", place / f"{name}-{k}")
            found[name].append(run)
            print(f"lab {lab}, {name}: {run.cpu:.2f} s of the processor, {run.wall:.2f} s, points "
                  f"{' '.join(run.points)}", file=sys.stderr, flush=True)
    return found


def table(found: dict[int, dict[str, list[Run]]], commit: str) -> str:
    """The medians as Markdown."""
    heads = ("lab", f"processor, {commit} (s)", "now (s)", "ratio", f"clock, {commit} (s)",
             "now (s)", "ratio")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for lab, runs in found.items():
        cells = [str(lab)]
        for what in ("cpu", "wall"):
            old, new = (median(getattr(run, what) for run in runs[name])
                        for name in ("before", "now"))
            cells += [number(old), number(new), f"{ratio(new, old):.2f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Measure and print; status 1 with a message if the older code does not run."""
    parser = argparse.ArgumentParser(prog="python -m bench.grading", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="an older commit or branch")
    parser.add_argument("--labs", default=",".join(map(str, LABS)), help="with commas between")
    parser.add_argument("--runs", type=int, default=3, help="of each, default 3")
    options = parser.parse_args(argv)
    found = {}
    with tempfile.TemporaryDirectory() as above:
        try:
            before = worktree(options.commit, Path(above) / "before")
            for lab in map(int, options.labs.split(",")):
                found[lab] = measure(before, lab, options.runs, Path(above) / f"lab{lab}")
        except (NotGraded, subprocess.TimeoutExpired) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", f"{above}/before"], cwd=ROOT,
                           check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"{NOTEBOOKS} right notebooks a lab, graded two at a time; medians of {options.runs}.\n")
    print(table(found, options.commit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
