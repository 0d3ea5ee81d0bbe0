"""Wall by wall: each attack with all walls, then with walls of its own taken down.

``make attack TABLE=1`` writes ``walls.json``, of which ``limits.py`` makes the table for
instructors. An attack names the walls of which each alone should stop it. So it is tried

* with all of them: it is stopped;
* without one of them, each in turn: it is stopped still, unless that wall alone held it;
* without all of them but one, each in turn: that one is enough;
* without all of them: it succeeds, so nothing else held it.

Those of its walls that are the grader's own code cannot be taken down (see ``launch.switches``). A
notebook for which it names no others is tried without all walls of the kernel: it is stopped still.
Walls that an attack does not name are otherwise left standing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from grading.run import landlock, sandbox

from . import launch
from .outside import Outside
from .record import WALLS, Attack
from .suite import ONE_BY_ONE, Result, Suite, every, small, standing, without

FILE = Path(__file__).with_name("walls.json")
Off = frozenset[str]
KERNEL = frozenset(("calls", "files", "mounts", "network", "scopes", "signals", "tcp", "user"))


def sets(attack: Attack, stand: set[str]) -> set[Off]:
    """The walls to take down for an attack, beside none: all that are tried."""
    own = frozenset(set(attack.walls) & stand & launch.switches())
    if not own:  # what is read is read by the grader itself, whatever walls there are
        return set() if attack.file else {KERNEL & stand}
    asked = {own, *(frozenset([one]) for one in own), *(own - {one} for one in own)} - {frozenset()}
    return {frozenset(launch.with_them(set(off)) & (off | set(attack.walls))) for off in asked}


def variants(attacks: Iterable[Attack], stand: set[str]) -> dict[str, Attack]:
    """Each attack without its walls, by a name of its own; the walls are down for it alone.

    Classes in which only one notebook runs at a time are put together. An attack on other
    processes without all of its walls has a class of its own: it ends the grader, too. So has one
    on keys, of which one does not see whose they are.
    """
    found: dict[str, Attack] = {}
    for attack in attacks:
        for off in sorted(sets(attack, stand), key=lambda off: (len(off), sorted(off))):
            name = f"v{len(found)}_{attack.name}"
            group = "using" if attack.group in ONE_BY_ONE else attack.group
            lonely = group == "signals" and not set(attack.walls) & without(stand, off)
            if lonely or attack.name in ("key", "call_keys"):
                group = name
            found[name] = replace(attack, name=name, down=off, group=group)
    return found


def tried(attacks: Callable[[list[Attack]], list[Attack]], say: Callable[[str], None],
          off: Off = frozenset()) -> list[Result]:
    """What comes of attacks; ``attacks`` chooses among all."""
    outside = Outside()
    try:
        lab = small(outside.place / "book")
        return Suite(lab, outside, set(off), say, few=True).try_all(attacks(every(lab)))
    finally:
        outside.close()


def measure(
    attacks: list[Attack], say: Callable[[str], None], keep: Callable[[dict], None]
) -> list[str]:
    """What stops each attack here, for the account of this process; returns what is odd.

    ``keep`` gets all that is known after each run.
    """
    stand, names = standing(), {attack.name for attack in attacks}
    release = ".".join(os.uname().release.split(".")[:2])
    found = {name: {"stopped": None, "lets": [], "holds": []} for name in sorted(names)}
    told = {"linux": release, "landlock": landlock.version(), "probe": sandbox.probe(),
            "stand": sorted(stand), "attacks": found}
    odd: list[str] = []

    def note(results: Iterable[Result], downs: dict[str, tuple[str, Off]]) -> None:
        for result in results:
            name, down = downs[result.name]
            if result.surprise:
                why = result.unclear or result.evidence or f"{result.row}: {result.told}"
                odd.append(f"{name} without {', '.join(sorted(down)) or 'nothing'}: "
                           f"{result.surprise}: {why}")
                say(f"! {odd[-1][:300]}")
            if result.unclear:
                continue
            if down:
                found[name]["lets" if result.succeeded else "holds"].append(sorted(down))
            else:
                found[name]["stopped"] = not result.succeeded
        keep(told)

    note(tried(lambda every: [a for a in every if a.name in names], say),
         {name: (name, frozenset()) for name in names})
    inside = [a for a in attacks if not a.file and "environment" not in a.walls]
    made = variants(inside, stand)
    downs = {name: (name.partition("_")[2], attack.down) for name, attack in made.items()}
    note(tried(lambda every: [*variants([a for a in every if a.name in {i.name for i in inside}],
                                        stand).values()], say), downs)
    # The environment is that of the warm process, before any notebook runs.
    rest = [a for a in attacks if a not in inside]
    for off in sorted({off for a in rest for off in sets(a, stand)}, key=sorted):
        some = {a.name for a in rest if off in sets(a, stand)}
        note(tried(lambda every, some=some: [a for a in every if a.name in some], say, off),
             {name: (name, off) for name in some})
    for one in found.values():
        one["lets"].sort(key=lambda down: (len(down), down))
        one["holds"].sort(key=lambda down: (len(down), down))
    keep(told)
    return odd


def kept(path: Path, attacks: list[Attack], account: str, found: dict[str, Any]) -> dict[str, Any]:
    """The file as it is to be, with what it holds of other accounts and other attacks."""
    old = read(path) if path.exists() else {"accounts": {}}
    facts = {attack["name"]: attack for attack in old.get("attacks", ())}
    facts |= {a.name: {"name": a.name, "tries": a.tries, "walls": sorted(a.walls)} for a in attacks}
    before = old["accounts"].get(account, {}).get("attacks", {})
    made = found | {"attacks": dict(sorted((before | found["attacks"]).items()))}
    return {"walls": WALLS, "attacks": [facts[name] for name in sorted(facts)],
            "accounts": dict(sorted((old["accounts"] | {account: made}).items()))}


def read(path: Path = FILE) -> dict[str, Any]:
    """The file. Raises OSError, ValueError."""
    return json.loads(path.read_text(encoding="utf-8"))


def text(made: dict[str, Any]) -> str:
    """The file as text: a line for each attack."""
    short = lambda one: json.dumps(one, ensure_ascii=False)  # noqa: E731
    accounts = []
    for name, found in made["accounts"].items():
        facts = "".join(f'   "{key}": {short(found[key])},\n'
                        for key in ("linux", "landlock", "probe", "stand"))
        lines = ",\n".join(f'    "{key}": {short(one)}' for key, one in found["attacks"].items())
        accounts.append(f'  "{name}": {{\n{facts}   "attacks": {{\n{lines}\n   }}\n  }}')
    known = ",\n".join(f"  {short(one)}" for one in made["attacks"])
    return (f'{{\n "walls": {json.dumps(made["walls"], indent=2)},\n "attacks": [\n{known}\n ],\n'
            ' "accounts": {\n' + ",\n".join(accounts) + "\n }\n}\n")
