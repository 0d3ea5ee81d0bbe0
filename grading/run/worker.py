"""Run one submission's cells, and what its judge asks, in a process that may be killed any time.

Everything is told as it happens, one JSON object a line, through a pipe to the keeper: what is
about to run (so that a sudden end can be told) and what stopped. What is right is not known here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlworkbook.checks import guard, settings
from dlworkbook.checks.answer import NOTHING

from . import audit, devices, patches, sandbox
from .state import State
from .witness import Witness

CELL_SECONDS = 10.0  # processor time of a cell
# So many times as much may pass on the clock: where a busy disk serves many notebooks, a right
# answer waits. It costs something only with cells and checks that sleep.
PATIENCE = 6
# Where libraries write on their own account.
CACHES = (
    "HOME",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
    "TORCHINDUCTOR_CACHE_DIR",
)
MUCH_OUTPUT = 1_000_000  # characters that are worth a note
NO_GPU = "It asks for a graphics card. The grader has none and ran it on the processor instead."
# Codes of the notes that a worker may send.
NOTES = frozenset(
    [
        "endless_loop",
        "cell_error",
        "memory",
        "syntax_error",
        "patched",
        "much_output",
        "other_name",
        "no_gpu",
        "processes",
        "network",
        "kills",
        "wrote_outside",
    ]
)


@dataclass
class Job:
    """One submission, as the warm process gets it."""

    result: str  # where the keeper writes
    folder: str  # where the code may write
    cells: list[str]
    skipped: list[int]  # cells that are left out
    tasks: list[tuple[str, str]]  # task, name of the answer
    parts: dict[str, int]  # into how many equal parts the points of each task are split
    seconds: float = 240.0  # on the clock, for everything
    memory: int = 1_500_000_000  # bytes beyond what the libraries take
    cell_seconds: float = CELL_SECONDS
    done: list[str] = field(default_factory=list)  # tasks with a report from an earlier run
    walls: bool = True  # whether nothing runs without all of them
    off: list[str] = field(default_factory=list)  # walls that are left out on purpose


class Worker:
    """The life of a worker process, from the fork to its end."""

    def __init__(self, job: Job, pipe: int, questions: int, token: str, warm) -> None:
        """``pipe`` leads to the keeper; ``questions`` come from the judge, through him."""
        self.job, self.pipe, self.questions = job, pipe, questions
        self.token, self.warm = token, warm

    def tell(self, **message) -> None:
        """Send one message to the keeper."""
        data = json.dumps({"token": self.token, **message}).encode() + b"\n"
        while data:
            data = data[os.write(self.pipe, data) :]

    def run(self, walls: dict[str, str], account: int | None) -> None:
        """Set the limits, run the cells, check the tasks.

        ``walls`` are those that stand already, ``account`` is the one to change to, as root.
        """
        job = self.job
        os.chdir(job.folder)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.close(nothing)
        for name in CACHES:
            os.environ[name] = job.folder
        tempfile.tempdir = job.folder  # a library may have asked for it before
        os.environ |= {"PIP_NO_INDEX": "1", "PIP_TARGET": f"{job.folder}/pip"}
        sys.path.insert(0, job.folder)
        guard.PATIENCE = PATIENCE
        sandbox.limit_resources(job.memory, job.seconds)
        walls = sandbox.confine(Path(job.folder), account, walls, job.off)
        self.tell(walls=walls)
        if job.walls and sandbox.missing(walls):
            raise sandbox.NoWalls("; ".join(sandbox.missing(walls)))
        hook = audit.Guard(
            Path(job.folder),
            network=walls["network"] == "guard",
            alone=walls["signals"] == "namespace",
        )
        if devices.asks(job.cells):
            devices.use_processor()
            self.tell(note="no_gpu", text=NO_GPU)
        state, watch = State(), patches.Watch()
        hook.active = True
        shell = self.warm.shell
        printed = 0
        for k, source in enumerate(job.cells):
            if k in job.skipped or not source.strip():
                continue
            self.tell(at="cell", cell=k)
            printed += self.cell(shell, k, source)
        hook.active = False
        # From here on the student's code runs inside of checks only.
        signal.setitimer(signal.ITIMER_REAL, 0)
        state.restore()
        changed = watch.undo()
        if changed:
            self.tell(note="patched", text=f"It replaced {', '.join(changed[:6])}; undone.")
        if printed > MUCH_OUTPUT:
            self.tell(note="much_output", text=f"Its cells print {printed:,} characters.")
        patches.private()
        patches.put_back(self.warm.private)
        hook.active = True
        for task, answer in job.tasks:
            if task not in job.done:
                self.tell(at="task", task=task)
                found = self.find(shell.user_ns, task, answer)
                with settings.usual():
                    Witness(found, self.questions, self.pipe).serve(defined=found is not NOTHING)
                state.restore()
        hook.active = False
        late = watch.undo()
        if late:
            self.tell(note="patched", text=f"While checked it replaced {', '.join(late[:6])}.")
        for code, text in hook.notes:
            self.tell(note=code, text=text)
        self.tell(end=True)
        while True:  # until the keeper, which first counts what was left running, ends it
            signal.pause()

    def cell(self, shell, k: int, source: str) -> int:
        """Run one cell; the number of characters that it printed."""
        ran = guard.run(lambda: shell.run_cell(source), self.job.cell_seconds)
        if ran.kind == "timed_out":
            text = f"Cell {k + 1} did not end within {self.job.cell_seconds:g} s and was stopped."
            self.tell(note="endless_loop", text=text, cell=k)
        elif ran.kind == "raised":
            self.tell(note="cell_error", text=f"Cell {k + 1}: {_error(ran.error)}.", cell=k)
        else:
            error = ran.value.error_before_exec or ran.value.error_in_exec
            if error is not None:
                memory = issubclass(type(error), MemoryError)
                syntax = issubclass(type(error), SyntaxError)
                code = "memory" if memory else "syntax_error" if syntax else "cell_error"
                where = "could not be read" if syntax else "stopped"
                self.tell(note=code, text=f"Cell {k + 1} {where}: {_error(error)}.", cell=k)
        self.warm.close_figures()
        return ran.printed_characters

    def find(self, names: dict, task: str, answer: str) -> Any:
        """What the notebook calls by the name of an answer."""
        for name in (answer, f"my_{answer}", f"My{answer}"):
            if name in names:
                if name != answer:
                    self.tell(note="other_name", text=f"`{name}` was graded as `{answer}`.")
                return names[name]
        return NOTHING

def _error(error: BaseException) -> str:
    """Type and first line of an exception, whatever it is."""
    try:
        lines = str(error).strip().splitlines()
    except BaseException:
        lines = []
    text = f": {lines[0][:200]}" if lines else ""
    return f"{type(error).__name__}{text}".rstrip(".")
