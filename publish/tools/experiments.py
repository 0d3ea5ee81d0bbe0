"""Runs the scripts in ``experiments/`` and keeps their results beside them.

    python -m publish.tools.experiments                              all (make claims MAKERS=1)
    python -m publish.tools.experiments ch11_optimization/sgd        one

``experiments/chNN_name/page.py`` defines ``make()``: no arguments, plain data back (numbers, texts,
lists, mappings), all seeds set. The result is committed as ``page.json`` with a hash of the
script, and a page shows it: ``experiment("chNN_name/page")``. A test fails if the script has
changed since; comments do not count.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import runpy
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import imports

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "experiments"


class ExperimentError(ValueError):
    """A script cannot be run or its result not be kept; says why."""


def scripts(root: Path = ROOT) -> dict[str, Path]:
    """Name and script of every experiment."""
    folder = root / FOLDER
    return {p.relative_to(folder).with_suffix("").as_posix(): p for p in folder.glob("*/*.py")}


def digest(script: Path) -> str:
    """Hash of a script; comments do not count."""
    return imports.content(script).hex()[:16]


def side_by_side(work: Callable[[Any], Any], jobs: Sequence[Any], processes: int = 2) -> list[Any]:
    """``[work(job) for job in jobs]``, made by some processes. For makers; raises ExperimentError.

    They are forked: the functions of a script that is run by its path cannot be imported.
    """
    fork = multiprocessing.get_context("fork")

    def part(k: int, pipe: Any) -> None:
        pipe.send([work(job) for job in jobs[k::processes]])

    ends, results = [], [None] * len(jobs)
    for k in range(processes):
        ours, theirs = fork.Pipe(duplex=False)
        fork.Process(target=part, args=(k, theirs), daemon=True).start()
        theirs.close()  # so that the end of the process is the end of the pipe
        ends.append(ours)
    for k, end in enumerate(ends):
        try:
            results[k::processes] = end.recv()
        except EOFError:
            raise ExperimentError("a process of the experiment ended early; see above") from None
    return results


def for_seeds(measure: Callable[[int], Mapping[str, float]], digits: int = 3,
              seeds: Sequence[int] = range(20)) -> dict[str, list[float]]:
    """What ``measure(seed)`` gives by name, a list for each name with one number for every seed."""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        for name, value in measure(seed).items():
            found.setdefault(name, []).append(round(float(value), digits))
        print(f"  seed {seed}: {({name: got[-1] for name, got in found.items()})}", flush=True)
    return found


def run(name: str, root: Path = ROOT) -> Path:
    """Run one script and write its result; the file. Raises ExperimentError."""
    known = scripts(root)
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise ExperimentError(f"there is no script {FOLDER}/{name}.py; there are: {names}")
    make = runpy.run_path(str(known[name])).get("make")
    if not callable(make):
        raise ExperimentError(f"{FOLDER}/{name}.py defines no function make()")
    start = time.monotonic()
    result = make()
    told = {
        "script": digest(known[name]),
        "made": {"seconds": round(time.monotonic() - start, 1), "torch": version("torch")},
        "result": result,
    }
    try:
        text = json.dumps(told, indent=1, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ExperimentError(
            f"make() of {FOLDER}/{name}.py must return plain, finite data: {error}"
        ) from None
    path = known[name].with_suffix(".json")
    path.write_text(text, encoding="utf-8")
    return path


def stale(root: Path = ROOT) -> list[str]:
    """What is wrong with the results that are kept, as sentences."""
    found, known = [], scripts(root)
    again = "run: python -m publish.tools.experiments {}"
    for name, script in sorted(known.items()):
        path = script.with_suffix(".json")
        if not path.is_file():
            found.append(f"{FOLDER}/{name}.py was never run; {again.format(name)}")
        elif json.loads(path.read_text(encoding="utf-8"))["script"] != digest(script):
            found.append(f"{FOLDER}/{name}.py changed since it was run; {again.format(name)}")
    for path in sorted((root / FOLDER).glob("*/*.json")):
        if path.with_suffix(".py") not in known.values():
            found.append(f"{path.relative_to(root)} has no script beside it; delete it")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m publish.tools.experiments",
                                     description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="for example ch11_optimization/sgd; all without")
    parser.add_argument("--root", type=Path, default=ROOT)
    options = parser.parse_args(argv)
    try:
        for name in options.names or sorted(scripts(options.root)):
            print(f"{FOLDER}/{name}.py ...", flush=True)
            print(f"wrote {run(name, options.root).relative_to(options.root)}")
    except ExperimentError as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
