"""Try the attacks: ``python -m tests.grading.attacks`` (or ``make attack``).

Prints a table: what was tried, the attacker's row, whether the honest rows are byte for byte what
they are without him, what is left on the machine, and whether he got what he wanted. Ends with
status 1 if anything is not as expected of the walls that stand.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from grading.make import lab as labs
from grading.run import sandbox
from grading.run.keeper import write_atomically

from . import launch, suite, walls
from .outside import Outside
from .record import WALLS


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.grading.attacks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="attacks, or groups of them; default: all")
    parser.add_argument("--lab", type=int, default=0,
                        help="a lab of the book; default: a small one of the tests")
    parser.add_argument("--walls-off", default="", metavar="WALLS",
                        help=f"walls to take down, with commas: {', '.join(WALLS)}")
    parser.add_argument("--json", type=Path, help="write the results there, too")
    parser.add_argument("--list", action="store_true", help="list the attacks, and try none")
    parser.add_argument("--table", type=Path, nargs="?", const=walls.FILE, metavar="FILE",
                        help="each attack without each of its walls, kept there for the account "
                             f"that runs this; default: {walls.FILE.name}")
    parser.add_argument("--otter", action="store_true",
                        help="through the autograder of Otter: forgeries only")
    options = parser.parse_args(argv)
    off = set(filter(None, options.walls_off.split(",")))
    if off - set(WALLS):
        parser.error(f"no such walls: {', '.join(sorted(off - set(WALLS)))}")
    if off - launch.switches():
        parser.error(f"these cannot be taken down: {', '.join(sorted(off - launch.switches()))}")
    say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    start, outside = time.monotonic(), Outside()
    try:
        lab = labs.load(options.lab) if options.lab else suite.small(outside.place / "book")
        attacks = chosen(suite.every(lab), options.names)
        if not attacks:
            parser.error("no such attack")
        if options.list:
            for attack in attacks:
                print(f"{attack.group:9} {attack.name:22} {attack.tries}")
            return 0
        if options.table:
            return table_of_walls(attacks, options.table, say)
        if options.otter:
            from . import otter

            results = otter.try_all(lab, outside, attacks, say)
        else:
            lacks = sandbox.missing(sandbox.probe())
            if lacks and not off:
                print(f"Nothing was tried: on this machine there is {'; '.join(lacks)}.")
                return 1
            results = suite.Suite(lab, outside, off, say).try_all(attacks)
    finally:
        outside.close()
    print(table(results))
    print(summary(results, off, time.monotonic() - start))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        told = {"lab": lab.number, "off": sorted(off), "account": account(),
                "walls": sorted(suite.standing(off)), "words": WALLS, "otter": options.otter,
                "attacks": [result.as_dict() for result in results]}
        options.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    return int(any(result.surprise for result in results))


def table_of_walls(attacks: list, file: Path, say) -> int:
    """Measure, and keep it; 1 if something is not as the attacks say, or a wall is missing."""
    lacks = sandbox.missing(sandbox.probe())
    if lacks:
        print(f"Nothing was tried: on this machine there is {'; '.join(lacks)}.")
        return 1
    odd = walls.measure(attacks, say, lambda found: write_atomically(
        file, walls.text(walls.kept(file, attacks, account(), found))))
    print(f"{file}: {len(attacks)} attacks by {account()}. "
          f"Not as expected: {'; '.join(odd) or 'nothing'}.")
    if file == walls.FILE:
        print("The page of it: python -m tests.grading.attacks.limits")
    return int(bool(odd))


def account() -> str:
    """Who grades here, in a word."""
    return "root" if os.geteuid() == 0 else "ordinary"


def chosen(attacks: list, names: list[str]) -> list:
    """Those of these names or groups; all, without any."""
    return [a for a in attacks if not names or {a.name, a.group} & set(names)]


def table(results: list[suite.Result]) -> str:
    """A line for each attack."""
    lines = [f"{'attack':22} {'succeeded':10} {'honest':7} {'walls that should stop it':30} row"]
    for result in results:
        walls = " ".join(w if w in result.stand else f"({w})" for w in result.walls)
        lines.append(
            f"{result.name:22} {'YES' if result.succeeded else 'no':10} "
            f"{'same' if result.honest else 'DIFFER':7} {walls:30} {result.row}")
        left = f"left: {'; '.join(result.left)}" if result.left else ""
        for text in (result.evidence, left if "left:" not in result.evidence else "",
                     f"! {result.surprise} {result.unclear}" if result.surprise else ""):
            if text:
                lines.append(f"{'':22} {text}")
    return "\n".join(lines)


def summary(results: list[suite.Result], off: set[str], seconds: float) -> str:
    """The counts."""
    got = [r.name for r in results if r.succeeded]
    text = f"{len(results)} attacks in {seconds:.0f} s"
    text += f", without the walls {', '.join(sorted(off))}" if off else ""
    text += f": {len(got)} succeeded"
    text += f" ({', '.join(got)})" if got else ""
    odd = [f"{r.name} {r.surprise}" for r in results if r.surprise]
    return f"{text}. Not as expected: {'; '.join(odd) or 'nothing'}. (walls) do not stand."


if __name__ == "__main__":
    raise SystemExit(main())
