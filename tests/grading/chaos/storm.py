"""Shards whose machines die: workers as processes, killed at random moments and started again.

A death is one of two: the grader's process group alone, as when memory runs out, or all that stands
below it at once, as when a machine is taken away.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from grading.make.lab import ROOT, Lab
from grading.read.submissions import find
from grading.report import kept
from grading.run import sandbox
from grading.shards import secret
from grading.shards.split import Shard

from .forked import Forked

LOOK = 0.05  # seconds between two looks at the workers
STARTING = 8.0  # seconds in which a worker that is to die early may do so
PATIENCE = 900.0  # seconds for one worker
MEASURED = {"seconds.csv"}  # what holds what was measured, and differs from run to run


@dataclass
class Worker:
    """One try to grade a shard. It dies ``delay`` seconds after it has ``after`` new results."""

    shard: Shard
    process: subprocess.Popen | Forked
    files: list[str]
    before: int
    begun: float
    dies: bool
    after: int
    delay: float
    whole: bool
    end: float | None = None  # when it dies


@dataclass
class Figures:
    """What is told at the end."""

    files: int = 0
    shards: int = 0
    tries: int = 0
    killed_alone: int = 0
    killed_whole: int = 0
    early: int = 0  # of the killed: before they had a result
    failed: list[str] = field(default_factory=list)
    lost: int = 0
    twice: int = 0
    differ: list[str] = field(default_factory=list)
    compared: int = 0
    processes: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    parts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)  # on the clock, by phase
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def killed(self) -> int:
        """All deaths."""
        return self.killed_alone + self.killed_whole

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        wrong = self.failed or self.lost or self.twice or self.differ
        return not (wrong or self.processes or self.folders) and self.compared > 0


class Storm:
    """Grades the class in ``place/in`` in shards that are killed, and once more on one machine.

    ``fork``: workers are forks of this process (see ``forked.py``), and no commands.
    """

    def __init__(self, lab: Lab, place: Path, shards: int, kill: float, seed: int, at_once: int,
                 say=lambda text: None, *, fork: bool = False) -> None:
        self.fork = fork
        self.lab, self.place, self.of, self.kill = lab, Path(place), shards, kill
        self.seed, self.at_once, self.say = seed, max(1, at_once), say
        self.begun: Counter[int] = Counter()  # tries of each shard
        self.source, self.many, self.one = (self.place / name for name in ("in", "many", "one"))
        self.temporary = self.place / "tmp"
        self.temporary.mkdir(parents=True)
        self.place.chmod(0o755)  # submissions run under other accounts where root grades
        self.temporary.chmod(0o1777)
        self.told = Figures(shards=shards)
        self.seen: dict[str, bytes] = {}  # the first result of each file

    def run(self) -> Figures:
        """Everything, one phase after the other."""
        with self.phase("shards"):
            self.shards()
        with self.phase("merge"):
            self.merge().wait(PATIENCE)
        with self.phase("one machine"):
            arguments = ["--secret", str(self.many / "results" / secret.NAME), "--jobs",
                         str(self.at_once)]
            self.grade(self.one, *arguments).wait(PATIENCE * 10)
        self.compare()
        self.leftovers()
        return self.told

    @contextlib.contextmanager
    def phase(self, name: str):
        """Measure what a phase takes, on the clock and of processors."""
        start, used = time.monotonic(), _used()
        yield
        self.told.seconds[name] = time.monotonic() - start
        self.told.cpu[name] = _used() - used
        self.say(f"{name}: {self.told.seconds[name]:.0f} s")

    # -- workers

    def shards(self) -> None:
        """Run all shards to their ends, however often they die."""
        waiting = [Shard(k, self.of) for k in range(1, self.of + 1)]
        files = {shard.number: self.files(shard) for shard in waiting}
        self.told.files = sum(map(len, files.values()))
        running: list[Worker] = []
        while waiting or running:
            while waiting and len(running) < self.at_once:
                shard = waiting.pop(0)
                running.append(self.start(shard, files[shard.number]))
            time.sleep(LOOK)
            for worker in list(running):
                if not self.ended(worker):
                    continue
                running.remove(worker)
                self.look(worker.files)
                if worker.process.returncode == 0:
                    self.say(f"shard {worker.shard} is complete")
                elif worker.end is not None:  # killed by us
                    waiting.append(worker.shard)
                else:
                    log = (self.place / f"log-{worker.shard.number}").read_text()
                    self.told.failed.append(f"shard {worker.shard}: {log[-500:]}")

    def files(self, shard: Shard) -> list[str]:
        """Names of the files of a shard."""
        every = find(self.source, self.temporary / f"look-{shard.number}", shard)
        return [submission.file for submission in every.submissions]

    def start(self, shard: Shard, files: list[str]) -> Worker:
        """Begin a try, and draw when it dies, if it does: the same for each seed and try."""
        self.told.tries += 1
        self.begun[shard.number] += 1
        chance = random.Random(f"{self.seed}/{shard.number}/{self.begun[shard.number]}")
        before = self.count(files)
        left = max(len(files) - before, 0)
        dies, whole = chance.random() < self.kill, chance.random() < 0.5
        after = int(chance.random() * left)
        delay = chance.uniform(0, 0.6 if after else STARTING)
        process = self.grade(self.many, "--jobs", "1", "--shard", str(shard),
                             log=self.place / f"log-{shard.number}",
                             writes=after if dies else None)
        return Worker(shard, process, files, before, time.monotonic(), dies, after, delay, whole)

    def ended(self, worker: Worker) -> bool:
        """Whether a worker has ended; kills it when its time has come."""
        if worker.process.poll() is not None:
            return True
        now = time.monotonic()
        new = self.count(worker.files) - worker.before
        if worker.dies and worker.end is None and new >= worker.after:
            worker.end = now + worker.delay
        if worker.end is not None and now >= worker.end:
            (kill_whole if worker.whole else kill_alone)(worker.process)
            worker.process.wait()
            self.told.killed_whole += worker.whole
            self.told.killed_alone += not worker.whole
            self.told.early += self.count(worker.files) == worker.before
            self.say(f"shard {worker.shard} killed {'whole' if worker.whole else 'alone'} "
                     f"after {new} results")
            return True
        if now - worker.begun > PATIENCE:
            kill_whole(worker.process)
            worker.process.wait()
            return True
        return False

    def count(self, files: list[str]) -> int:
        """How many of these files have a result."""
        return sum(kept.place(self.many, file).exists() for file in files)

    def look(self, files: list[str]) -> None:
        """Note the first result of each file; one that is another now was graded twice."""
        for file in files:
            found = kept.read(self.many, file)
            if found is None:
                continue
            data = kept.place(self.many, file).read_bytes()
            if self.seen.setdefault(file, data) != data and not found.row.again:
                self.told.twice += 1

    def grade(self, out: Path, *arguments: str, **more) -> subprocess.Popen | Forked:
        """The grader, as anybody starts it."""
        return self.command("grading.grade", str(self.lab.number), str(self.source), "--out",
                            str(out), *arguments, **more)

    def merge(self) -> subprocess.Popen | Forked:
        """Join the shards, as anybody does."""
        return self.command("grading.shards.merge", str(self.lab.number), "--out", str(self.many))

    def command(self, module: str, *arguments: str, log: Path | None = None,
                writes: int | None = None) -> subprocess.Popen | Forked:
        """A command of ours, in a session of its own. ``writes``: see ``forked.py``."""
        path = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path),
                                    "TMPDIR": str(self.temporary)}
        log = log or self.place / f"log-{module}"
        arguments = [*arguments, "--root", str(self.lab.root)]
        if self.fork:
            return Forked(module, arguments, environment, log, writes)
        with log.open("w") as writing:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment,
                stdout=writing, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                start_new_session=True)

    # -- what came of it

    def compare(self) -> None:
        """Hold all that the shards gave against what one machine gives."""
        many, one = _contents(self.many), _contents(self.one)
        self.told.compared = len(one)
        self.told.differ = sorted(name for name in many.keys() | one.keys()
                                  if many.get(name) != one.get(name))
        rows = {file: kept.read(self.many, file) for file in self.seen}
        found = [row for row in rows.values() if row is not None]
        self.told.lost = self.told.files - len(found)
        for file, row in rows.items():
            other = kept.read(self.one, file)
            if row and (other is None or _lasting(row) != _lasting(other)):
                self.told.differ.append(f"the row of {file}")

    def leftovers(self, patience: float = 20.0) -> None:
        """Processes and folders that are left, once those that clean up had the time."""
        end = time.monotonic() + patience
        while True:
            self.told.processes = [p for p in map(_about, _with(str(self.temporary))) if p]
            self.told.folders = [path.name for path in self.temporary.iterdir()
                                 if not path.name.startswith("look-")]
            if not (self.told.processes or self.told.folders) or time.monotonic() > end:
                break
            time.sleep(0.2)
        self.told.parts = len(list(self.place.rglob(".*.part")))


def kill_alone(process: subprocess.Popen | Forked) -> None:
    """SIGKILL to the process group of the grader."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def kill_whole(process: subprocess.Popen | Forked) -> None:
    """SIGKILL to the grader and all that it started, so that nobody can clean up."""
    try:
        every = [psutil.Process(process.pid)]
        every += every[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return
    for one in every:  # none may see that another is gone
        with contextlib.suppress(psutil.NoSuchProcess):
            one.suspend()
    with contextlib.suppress(psutil.NoSuchProcess):
        every += [one for one in every[0].children(recursive=True) if one not in every]
    for one in every:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


def _contents(out: Path) -> dict[str, bytes]:
    """All that a run writes for people, without what was measured."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*")
            if path.is_file() and path.name not in MEASURED
            and path.relative_to(out).parts[0] != "results"}


def _lasting(one: kept.Kept) -> str:
    """A result without what differs from run to run."""
    row = one.row.as_dict() | {"seconds": 0, "run": ""}
    return json.dumps([row, asdict(one.traces) if one.traces else None, one.stamp])


def _with(mark: str) -> list[psutil.Process]:
    """Living processes that have this text in their command or environment, but for our own."""
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            text = " ".join(one.cmdline()) + " ".join(one.environ().values())
            if mark in text and one.pid != os.getpid() and not sandbox.dead(one.pid):
                found.append(one)
    return found


def _about(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return f"{process.pid} {' '.join(process.cmdline())[:80]}"
    return ""


def _used() -> float:
    """Processor seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
