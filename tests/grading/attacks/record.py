"""What an attack is: a small record of what it tries, its code, and how one sees that it succeeded.

Success is judged from outside (a changed file, a dead process, points that are not deserved), or
by a secret that the attacker cannot know and that stands in his row all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Walls by which an attack may be stopped. Those of the grader's answer to `sandbox.probe`, the
# parts of Landlock one by one, and what is no wall of the kernel's.
WALLS = {
    "files": "Landlock's rules for files",
    "tcp": "Landlock's rules for TCP",
    "scopes": "Landlock's scopes: signals, abstract sockets",
    "network": "network namespace",
    "signals": "process namespace",
    "user": "an account of its own (where root grades)",
    "users": "a user namespace of its own (where an ordinary account grades)",
    "limits": "resource limits of a process",
    "mounts": "mount namespace, its sized tmpfs, and an ipc namespace",
    "calls": "seccomp",
    "memory": "a limit for the whole job: cgroup, or a sum",
    "verdict": "what is right is decided outside of the student's process",
    "descriptors": "a limit of open files",
    "reading": "files are read with limits, in a process of their own",
    "keeper": "the keeper ends what was started and removes the folder",
    "guard": "the guard inside of Python, which code in C does not ask",
    "environment": "a list of harmless variables, and no others",
    "patches": "what is replaced in the libraries that are watched is put back",
    "powers": "all of root's powers are given up",
    "checks": "the checks compare plain copies, and nothing public holds a lab's answers",
    "cleaning": "texts are cleaned and escaped where they come in",
}
REACHED, HELD = "REACHED", "HELD"
DOWN = "# walls down: "
# What an attack raises if its own code is at fault, so that it proves nothing.
FAULTS = re.compile(r"\b(NameError|SyntaxError|IndentationError|UnboundLocalError|KeyError)\b")
# What it raises where it was refused, and did not say so itself.
REFUSED = re.compile(
    r"\b(PermissionError|OSError|BlockingIOError|MemoryError)\b|can't start new thread"
)
HEAD = '''\
import ctypes
import json
import os
import sys
import threading
import time

AIM = json.loads({aim!r})
libc = ctypes.CDLL(None, use_errno=True)


def out(word, what=''):
    """What a cell raises stands in the row: the way by which the suite hears of it."""
    raise RuntimeError(f'{{word}} {{what}}'[:180])


def attempt(*calls):
    """Try one way after the other; a true result is a success."""
    held = []
    for call in calls:
        try:
            found = call()
        except Exception as error:
            held.append(f'{{type(error).__name__}}: {{error}}'[:60])
            continue
        if found:
            out('REACHED', found)
        held.append('nothing')
    out('HELD', '; '.join(held))


def call(function, *args):
    """A call of the C library; raises OSError if it fails."""
    ctypes.set_errno(0)
    result = function(*args)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def wrong(task):
    """An answer that deserves nothing."""
    return lambda *inputs, **options: 0.0


def hand_in(make=wrong):
    """Give each task the answer that is made for it, in a class where one is asked for."""
    for task, answer in AIM['tasks'].items():
        made = make(task)
        if task in AIM['classes'] and not isinstance(made, type):
            made = type('Answer', (), {{'__init__': lambda self, *a, made=made, **o: (
                made(*a, **o), None)[1], '__call__': lambda self, *a, made=made, **o: made(*a)}})
        globals()[answer] = made
'''


@dataclass
class Seen:
    """All that a probe may look at, after the run."""

    attack: Attack
    aim: dict[str, Any]  # what the attack was told about the outside
    row: dict[str, Any] | None  # its row, as the grader kept it
    heard: list[tuple[str, str]] = field(default_factory=list)  # channel and text, of listeners
    peaks: dict[str, float] = field(default_factory=dict)  # see watch.py
    usual: dict[str, float] = field(default_factory=dict)  # the same of an honest notebook
    left: list[str] = field(default_factory=list)  # what was left on the machine, with its mark
    out: Path = Path()  # the folder of results
    dead: set[int] = field(default_factory=set)  # strangers that ended, or were stopped

    @property
    def told(self) -> str:
        """All that its row says."""
        return json.dumps(self.row, ensure_ascii=False) if self.row else ""


Probe = Callable[[Seen], str]  # evidence of a success in words; empty if there is none


@dataclass(frozen=True)
class Attack:
    """One attack. Each of ``walls`` alone should stop it; with none, nothing is meant to.

    ``cell`` runs first, ``last`` after all others. ``answers``: "wrong" (whoever gets points did
    not deserve them) or "right". ``file`` makes files instead of a notebook: it gets the aim and
    the folder of the submissions. ``words``: whether its cell says how it went, see ``HEAD``.
    """

    name: str
    tries: str
    walls: tuple[str, ...]
    probe: Probe
    cell: str = ""
    last: str = ""
    answers: str = "right"
    file: Callable[[dict[str, Any], Path], None] | None = None
    words: bool = True
    group: str = "together"
    down: frozenset[str] = frozenset()  # walls that are taken down for it alone

    def __post_init__(self) -> None:
        assert set(self.walls) <= set(WALLS), self.walls

    def expected(self, standing: set[str]) -> bool:
        """Whether it should succeed while these walls stand."""
        return not set(self.walls) & standing

    def head(self, aim: dict[str, Any]) -> str:
        """The first cell. Its first line is for `launch`, which takes walls down."""
        down = f"{DOWN}{','.join(sorted(self.down))}\n" if self.down else ""
        return down + HEAD.format(aim=json.dumps(aim)) + "\n" + self.cell


# -- probes

def points(seen: Seen) -> str:
    """Points for answers that deserve none."""
    total = seen.row["total"] if seen.row else 0
    return f"{total:g} of {seen.row['most']:g} points" if total > 0 else ""


def leaked(seen: Seen) -> str:
    """The secret that lies outside stands in the row."""
    return "the secret is in the row" if any(s in seen.told for s in seen.aim["secrets"]) else ""


def said(seen: Seen) -> str:
    """The attack itself saw that it got there."""
    found = re.search(rf"{REACHED} ([^\"\\.]*)", seen.told)
    return f"it got there: {found[1][:60]}" if found else ""


def changed(seen: Seen) -> str:
    """Something outside is not what it was."""
    now = look(Path(seen.aim["folder"]))
    was = seen.aim["was"]
    different = sorted(name for name in {*now, *was} if now.get(name) != was.get(name))
    return f"changed: {', '.join(different)[:80]}" if different else ""


def killed(seen: Seen) -> str:
    """A process of somebody else was ended or stopped."""
    return "a stranger's process ended" if seen.aim["stranger"] in seen.dead else ""


def heard(seen: Seen) -> str:
    """A service outside was told something."""
    channels = sorted({channel for channel, text in seen.heard if seen.attack.name in text})
    return f"heard by: {', '.join(channels)}" if channels else ""


def stays(seen: Seen) -> str:
    """Something of it is left on the machine."""
    return f"left: {'; '.join(seen.left)[:90]}" if seen.left else ""


def used(what: str, most: float, unit: str = "", kept: bool = False) -> Probe:
    """More was held at once than ``most``, beside what an honest notebook holds.

    ``kept``: and the attack came to its end with it. A wall that looks now and then ends it at the
    next look, and on a busy machine more may be held until then: limits.md says so.
    """

    def probe(seen: Seen) -> str:
        more = seen.peaks.get(what, 0) - seen.usual.get(what, 0)
        ended = kept and HELD not in seen.told
        return f"{more:,.0f} {unit or what}" if more > most and not ended else ""

    return probe


def look(folder: Path) -> dict[str, list]:
    """What is in a folder: name, kind and rights, owner, size and time of change."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        about = path.lstat()
        time = 0 if path.is_dir() else about.st_mtime_ns
        name = str(path.relative_to(folder.parent))
        found[name] = [about.st_mode, about.st_uid, about.st_size if time else 0, time]
    return found
