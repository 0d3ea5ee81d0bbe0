"""Attacks in a class of honest notebooks, graded by the real grader; what came of each.

Attacks that cannot disturb each other are graded together. If the honest rows are then not what
they were without them, or something is left that nobody's mark is on, the class is halved until it
is known whose doing that was.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grading.make import lab as labs
from grading.make.lab import ROOT, Lab
from grading.run import landlock, sandbox
from tests.grading import classroom

from . import files, forgeries, launch, reaching, staying, using
from .outside import TOKEN, Outside, key_users, wait_until
from .record import FAULTS, HELD, REACHED, REFUSED, Attack, Seen
from .watch import Watch

SECONDS = 40  # that a notebook may take; an honest one takes two
HONEST = "0honest"
LETTERS = "bfkptx"  # of the honest; the hostile stand between them
ALWAYS = {"limits", "reading", "keeper", "cleaning", "checks", "environment", "powers", "guard",
          "patches"}
# Codes of a row after which no word is to be expected: the attack was ended before.
ENDS = {"died", "memory", "time", "forged"}
# Groups in which only one notebook runs at a time, so that one sees what it takes.
ONE_BY_ONE = {"using", "staying"}


@dataclass
class Result:
    """What came of one attack."""

    name: str
    group: str
    tries: str
    walls: list[str]  # each of which should stop it
    stand: list[str]  # those of them that stand
    evidence: str = ""  # of a success
    row: str = ""  # status, points and codes of the attacker's row
    honest: bool = True  # whether the rows of the honest are what they were without him
    left: list[str] = field(default_factory=list)
    unclear: str = ""  # why the attack proves nothing
    told: str = ""  # what the row says of it
    lab: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether it got what it wanted, or harmed others, or stays."""
        return bool(self.evidence or not self.honest or self.left)

    @property
    def expected(self) -> bool:
        """Whether it was expected to succeed: no wall that should stop it stands."""
        return not self.stand

    @property
    def surprise(self) -> str:
        """What is not as expected, in words."""
        if self.unclear:
            return "proves nothing"
        if self.succeeded == self.expected:
            return ""
        return "should be stopped" if self.succeeded else "was stopped all the same"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self) | {"succeeded": self.succeeded, "expected": self.expected,
                               "surprise": self.surprise}


@dataclass
class Graded:
    """One run of the grader."""

    rows: dict[str, dict[str, Any]]  # by file
    honest: dict[str, tuple]  # what is compared, by file
    status: int
    output: str
    peaks: dict[int, dict[str, float]]
    reading: dict[str, float]
    order: list[str]  # files, as they are graded
    heard: list[tuple[str, str]]
    dead: set[int]
    left: list[str]  # that carries no attack's mark
    lefts: dict[str, list[str]]  # by attack
    out: Path = Path()


def every(lab: Lab) -> list[Attack]:
    """All attacks, for the tasks of a lab."""
    return [*forgeries.attacks(lab), *reaching.attacks(), *using.attacks(), *staying.attacks(),
            *files.attacks()]


def standing(off: set[str] = frozenset()) -> set[str]:
    """The walls of this machine and this grader, without those that are taken down."""
    found = set(ALWAYS)
    for name, how in sandbox.probe().items():
        if how not in ("guard", "none", "", "root", "grader's"):
            found.add(name)
    if "network" in found and os.geteuid() != 0:
        found.add("users")
    if "files" in found:
        found |= {name for name, since in (("tcp", 4), ("scopes", 6))
                  if landlock.version() >= since}
    if (ROOT / "grading" / "run" / "judge.py").exists():
        found.add("verdict")
    if hasattr(sandbox, "MOST_OPEN"):
        found.add("descriptors")
    return without(found, off)


def without(stand: set[str], off: set[str]) -> set[str]:
    """What stands once these walls are taken down, and what goes with them."""
    more = {"tcp", "scopes"} if "files" in off & launch.known() else set()  # all of Landlock
    return stand - launch.with_them(set(off)) - more


class Suite:
    """Runs attacks against one lab, beside the honest.

    ``few``: beside two of them, which is cheaper.
    """

    def __init__(self, lab: Lab, outside: Outside, off: set[str] = frozenset(), say=None,
                 few: bool = False) -> None:
        self.lab, self.outside, self.off = lab, outside, set(off)
        self.say = say or (lambda text: None)
        self.few, self.letters = few, LETTERS[:: len(LETTERS) - 1] if few else LETTERS
        self.stand = standing(self.off)
        self.count = 0
        self.usual: dict[str, float] = {}
        self.without: dict[str, tuple] = {}
        self.honest_notebooks = self._honest()

    # -- notebooks

    def _honest(self) -> dict[str, bytes]:
        made = classroom.whole(self.lab, most=len(self.letters), only=())
        found = {}
        for letter, (data, _) in zip(self.letters, made.values(), strict=True):
            notebook = json.loads(data)
            notebook["cells"].insert(0, classroom._cell(f"# {self.outside.shared}"))
            found[f"{letter}_{HONEST}.ipynb"] = json.dumps(notebook).encode()
        return found

    def _hostile(self, attack: Attack, aim: dict[str, Any]) -> str:
        aim = aim | {"modules": forgeries.modules(self.lab)}
        code, last = None, attack.last
        if attack.answers == "right":
            code = self.right
        made = classroom.notebook(self.lab, code, last)
        made["cells"].insert(0, classroom._cell(attack.head(aim)))
        return json.dumps(made)

    @property
    def right(self) -> dict[str, str]:
        """A right answer to each task."""
        return {name: found[0].code
                for name, found in classroom.answers.right(self.lab).items()}

    # -- one run

    def run(self, attacks: list[Attack], jobs: int) -> Graded:
        """Grade the honest, and these attacks among them."""
        self.count += 1
        self.outside.users = key_users()
        place = self.outside.place / f"run-{self.count}"
        source, out = place / "in", place / "out"
        source.mkdir(parents=True)
        for name, data in self.honest_notebooks.items():
            (source / name).write_bytes(data)
        grader, log = self.start(source, out, jobs)
        try:
            wait_until(lambda: "ready" in log.read_text() or grader.poll() is not None, 120)
            self.hand_in(attacks, source)
            ports = [self.outside.aims[a.name]["own_port"] for a in attacks
                     if a.name.endswith("listener")]
            with Watch(grader.pid, self.outside.temporary, ports) as watch:
                self.go(grader)
                status = grader.wait(60 + SECONDS * (len(attacks) + len(LETTERS)))
        finally:
            self.end(grader)
        return self._graded(attacks, out, status, log.read_text(), watch)

    def start(self, source: Path, out: Path, jobs: int) -> tuple[subprocess.Popen, Path]:
        """The grader, which waits for ``go``, and the file with its output."""
        path = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        environment = os.environ | {
            "TMPDIR": str(self.outside.temporary), "HOME": str(self._home()),
            TOKEN: self.outside.token, "PYTHONPATH": os.pathsep.join(path),
        }
        for name in ("GRADING_WALLS", "GRADING_WALLS_OFF"):
            environment.pop(name, None)
        if self.off:
            left_out = ",".join(sorted(self.off & (launch.known() or self.off)))
            environment |= {"GRADING_WALLS": "none", "GRADING_WALLS_OFF": left_out}
        command = [sys.executable, "-m", "tests.grading.attacks.launch", ",".join(sorted(self.off)),
                   str(self.lab.number), str(source), "--out", str(out), "--jobs", str(jobs),
                   "--root", str(self.lab.root), "--seconds", str(SECONDS),
                   "--memory", str(using.MEMORY // 10**6)]
        log = source.parent / "log"
        with log.open("w") as writing:
            grader = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE,
                                      stdout=writing, stderr=subprocess.STDOUT, text=True,
                                      start_new_session=True)
        return grader, log

    def go(self, grader: subprocess.Popen) -> None:
        """Let a grader begin."""
        with contextlib.suppress(OSError):
            grader.stdin.write("go\n")
            grader.stdin.close()

    def end(self, grader: subprocess.Popen) -> None:
        """End a grader, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(grader.pid, signal.SIGKILL)
        grader.wait()

    def hand_in(self, attacks: list[Attack], source: Path, letters: str = LETTERS[1:-1]) -> None:
        """Write the hostile files, spread over these letters."""
        for attack, letter in zip(attacks, spread(len(attacks), letters)):
            aim = self.outside.aim(attack, self.lab, source)
            path = source / f"{letter}_{attack.name}-.ipynb"
            if attack.file is not None:
                attack.file(self.outside.aims[attack.name], path)
            else:
                path.write_text(self._hostile(attack, aim))

    def _home(self) -> Path:
        home = self.outside.place / "home"
        home.mkdir(exist_ok=True)
        home.chmod(0o755)
        return home

    def _graded(self, attacks: list[Attack], out: Path, status: int, output: str,
                watch: Watch) -> Graded:
        rows = {}
        for path in out.glob("results/*.json"):
            with contextlib.suppress(ValueError):
                row = json.loads(path.read_text())
                rows[row["file"]] = row
        order = sorted(rows)
        # the kernel forgets the keys of a process that has ended within a moment
        wait_until(lambda: not key_users() - self.outside.users, 2)
        lefts = {attack.name: self.outside.left(attack.name) for attack in attacks}
        known = {item for found in lefts.values() for item in found}
        left = [item for item in self.outside.left() if item not in known
                and not any(f"-{name}-" in item for name in lefts)]
        # on an account's keys there is no mark
        for name in (name for name in lefts if name.endswith(("key", "call_keys"))):
            lefts[name] += [item for item in left if item.startswith("keys of")]
            left = [item for item in left if not item.startswith("keys of")]
        unremoved = self.outside.unremoved()
        if unremoved and len(unremoved) < len(order):  # the folder is known by its number
            for attack in attacks:
                if any(_is_of(attack, order[k]) for k in unremoved if k < len(order)):
                    lefts[attack.name].append("its folder")
            left = [item for item in left if "temporary files" not in item]
        self.outside.clean()
        heard = list(self.outside.heard)
        return Graded(rows, honest(out, rows), status, output, watch.peaks, watch.all, order, heard,
                      self.outside.strangers_hurt(), left, lefts, out)

    # -- what came of it

    def alone(self) -> None:
        """Grade the honest without anybody else: what all is compared with."""
        graded = self.run([], 1)
        if graded.status or len(graded.honest) != len(self.letters) or graded.left:
            raise RuntimeError(f"Without any attack: {graded.status} {graded.left}\n"
                               f"{graded.output[-3000:]}")
        self.without = graded.honest
        names = {name for peaks in graded.peaks.values() for name in peaks}
        self.usual = {name: max(peaks.get(name, 0) for peaks in graded.peaks.values())
                      for name in names}

    def try_all(self, attacks: Iterable[Attack]) -> list[Result]:
        """Results in the order of the attacks."""
        if not self.without:
            self.alone()
        attacks = list(attacks)
        found: dict[str, Result] = {}
        for group in dict.fromkeys(attack.group for attack in attacks):
            found |= self._group([a for a in attacks if a.group == group], group)
        return [found[attack.name] for attack in attacks]

    def _group(self, attacks: list[Attack], group: str) -> dict[str, Result]:
        start = time.monotonic()
        graded = self.run(attacks, 1 if group in ONE_BY_ONE else 2)
        results = {attack.name: self._result(attack, graded) for attack in attacks}
        self.say(f"{group}: {len(attacks)} attacks in {time.monotonic() - start:.0f} s")
        hurt = [name for name in self.without if graded.honest.get(name) != self.without[name]]
        disturbed = bool(hurt or graded.status or graded.left)
        if disturbed:
            self.say(f"disturbed: status {graded.status}, {len(hurt)} honest rows differ, "
                     f"left {graded.left}\n{graded.output[-600:] if graded.status else ''}")
        if not disturbed:
            doubtful = [a for a in attacks if group == "files" and results[a.name].evidence]
            if len(doubtful) > 1 or (doubtful and len(attacks) > 1):
                for attack in doubtful:
                    results |= self._group([attack], group)
            return results
        if len(attacks) == 1:
            result = results[attacks[0].name]
            result.left += graded.left
            if hurt or graded.status:
                result.honest = not hurt
                told = f"the grader ended with {graded.status}; " if graded.status else ""
                result.evidence = f"{told}{len(hurt)} honest rows differ; {result.evidence}"
            return results
        half = len(attacks) // 2
        return self._group(attacks[:half], group) | self._group(attacks[half:], group)

    def _result(self, attack: Attack, graded: Graded) -> Result:
        aim = self.outside.aims[attack.name]
        mine = [row for file, row in graded.rows.items() if _is_of(attack, file)]
        row = max(mine, key=lambda row: row["total"], default=None)
        place = [k for k, file in enumerate(graded.order) if _is_of(attack, file)]
        peaks = graded.peaks.get(place[0], {}) if place else {}
        seen = Seen(attack, aim, row, graded.heard, dict(peaks) | dict(graded.reading), self.usual,
                    graded.lefts[attack.name], graded.out, graded.dead)
        told = "" if row is None else row["reason"]
        # cells of the lab itself stop where the answers are wrong
        faults = [one for one in (row or {}).get("stopped", []) if "as handed out" not in one]
        result = Result(
            attack.name, attack.group, attack.tries, list(attack.walls),
            sorted(set(attack.walls) & without(self.stand, attack.down)), attack.probe(seen),
            "no row" if row is None else
            f"{row['status']} {row['total']:g}/{row['most']:g} {' '.join(row['codes'])}",
            True, seen.left, told=told[:300], lab=self.lab.number,
        )
        said = REACHED in seen.told or HELD in seen.told or any(map(REFUSED.search, faults))
        ended = row is not None and ENDS & set(row["codes"])
        silent = attack.words and not (said or ended or result.succeeded)
        if silent or any(map(FAULTS.search, faults)):
            result.unclear = told[:200] or "it has no row"
        return result


def _is_of(attack: Attack, file: str) -> bool:
    return re.search(rf"(^|dlwattack_)[a-z]_{attack.name}-", file) is not None


def spread(count: int, letters: str = LETTERS[1:-1]) -> list[str]:
    """Letters for so many hostile notebooks, so that they stand evenly among the honest ones."""
    return sorted(letters[k % len(letters)] for k in range(count))


def honest(out: Path, rows: dict[str, dict]) -> dict[str, tuple]:
    """All that is written of the honest, but for the time and the run: it must never change."""
    with contextlib.suppress(OSError):
        text = (out / "grades.csv").read_text(encoding="utf-8")
        lines = {line["file"]: line for line in csv.DictReader(io.StringIO(text))}
        found = {}
        for file, row in rows.items():
            if HONEST not in file:
                continue
            kept = {name: value for name, value in row.items() if name not in ("seconds", "run")}
            line = {name: value for name, value in lines[file].items() if name != "seconds"}
            feedback = [path.read_bytes() for path in sorted(out.glob(
                f"feedback/{file.removesuffix('.ipynb')}.*"))]
            found[file] = (json.dumps(kept), json.dumps(line), *feedback)
        return found
    return {}


def small(place: Path) -> Lab:
    """The small lab, with its book below a folder."""
    from tests.grading import small_lab

    root = small_lab.make(place)
    for name in ("requirements.txt", "requirements-grading.txt"):
        shutil.copy(ROOT / name, root / name)
    for path in (place, *place.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return labs.load(small_lab.NUMBER, root)
