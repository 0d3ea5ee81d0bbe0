"""Watch over one submission: limits on the clock, sudden ends, processes left behind.

The keeper is forked from the warm process, and forks the worker. It alone writes the result. If the
worker dies in a cell or in a check, a new worker runs the rest without it, so that one call of
``os._exit`` does not cost the other tasks.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import time
from pathlib import Path

from grading import sandbox
from grading.worker import Job, Worker

MOST_RUNS = 4
LONGEST_LINE = 1_000_000
CREDITS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Keeper:
    """Everything that is known about one submission while it runs."""

    def __init__(self, job: Job, warm) -> None:
        self.job, self.warm = job, warm
        self.end = time.monotonic() + job.seconds
        self.notes: list[dict] = []
        self.reports: dict[str, dict] = {}
        self.at: dict = {}
        self.ended = False
        self.left_behind = 0
        self.walls: dict = {}

    def run(self) -> None:
        """Run workers until one comes to its end, then write the result."""
        start = time.monotonic()
        sandbox.adopt_orphans()
        complete = False
        for _ in range(MOST_RUNS):
            how = self.worker()
            if self.ended:
                complete = True
                break
            if how == "time":
                self.note(
                    "time", f"It was stopped after {self.job.seconds:g} s in all{self.where()}."
                )
                break
            self.note("died", f"Its process ended suddenly{self.where()} ({how}).")
            if not self.leave_out():
                break
        if self.left_behind:
            text = f"It left {self.left_behind} processes running; they were ended."
            self.note("left_running", text)
        result = {
            "complete": complete,
            "notes": self.notes,
            "reports": self.reports,
            "walls": self.walls,
            "seconds": round(time.monotonic() - start, 2),
        }
        write_atomically(Path(self.job.result), json.dumps(result, indent=1))

    def note(self, code: str, text: str) -> None:
        """Add a note once."""
        if len(self.notes) < 60 and {"code": code, "text": text} not in self.notes:
            self.notes.append({"code": code, "text": text})

    def where(self) -> str:
        """Where the worker was, as words."""
        if "cell" in self.at:
            return f" in cell {self.at['cell'] + 1}"
        return f" while {self.at['task']} was checked" if "task" in self.at else ""

    def leave_out(self) -> bool:
        """Take out what killed the worker; False if that is not known."""
        if "cell" in self.at and self.at["cell"] not in self.job.skipped:
            self.job.skipped.append(self.at["cell"])
            return True
        task = self.at.get("task")
        if task is None or task in self.job.done:
            return False
        self.job.done.append(task)
        self.reports[task] = {
            "task": task,
            "passed": False,
            "status": "died",
            "mistake": None,
            "title": "",
            "pair": None,
            "message": "The process ended while your answer was checked.",
            "hint": "Does it call os._exit, or ask for very much memory?",
            "remarks": [],
            "credit": 0.0,
        }
        return True

    def worker(self) -> str:
        """Fork one worker and follow it to its end; how it ended, in words."""
        reading, writing = os.pipe()
        token = secrets.token_hex(8)
        self.at, self.ended = {}, False
        process = os.fork()
        if process == 0:
            try:
                os.setsid()
                os.close(reading)
                Worker(self.job, writing, token, self.warm).run()
            except BaseException as error:
                with contextlib.suppress(BaseException):
                    Worker(self.job, writing, token, self.warm).tell(failed=repr(error)[:300])
            finally:
                os._exit(0)
        os.close(writing)
        how = self.follow(reading, token, process)
        os.close(reading)
        self.end_group(process)
        return how

    def follow(self, reading: int, token: str, process: int) -> str:
        """Read messages until the pipe closes or the time is up."""
        buffer = b""
        while True:
            left = self.end - time.monotonic()
            if left <= 0:
                return "time"
            ready, _, _ = select.select([reading], [], [], min(left, 0.5))
            if not ready:
                # a child that was left running may hold the pipe open
                if self.ended or _dead(process):
                    return self.status(process)
                continue
            data = os.read(reading, 65536)
            if not data:
                return self.status(process)
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                self.message(line, token)
            if len(buffer) > LONGEST_LINE:
                buffer = b""
            if self.ended:
                return "end"

    def message(self, line: bytes, token: str) -> None:
        """Take one message; anything that the worker cannot have sent is left aside."""
        try:
            told = json.loads(line)
            if not isinstance(told, dict) or told.get("token") != token:
                raise ValueError
        except ValueError:
            self.note("forged", "Something else than the grader wrote into the grader's pipe.")
            return
        if "at" in told:
            self.at = {key: told[key] for key in ("cell", "task") if key in told}
        elif "note" in told:
            self.note(str(told["note"]), str(told["text"]))
        elif "report" in told:
            report = told["report"]
            if report["task"] == self.at.get("task") and report["credit"] in CREDITS:
                self.reports[report["task"]] = report
                self.job.done.append(report["task"])
        elif "walls" in told:
            self.walls = told["walls"]
        elif "failed" in told:
            self.note("grader_failed", f"A fault of the grader: {told['failed']}.")
        elif told.get("end"):
            self.ended = True

    def status(self, process: int) -> str:
        """How a process ended."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                if os.WIFSIGNALED(status):
                    return f"signal {signal.Signals(os.WTERMSIG(status)).name}"
                return f"exit status {os.WEXITSTATUS(status)}"
            time.sleep(0.01)
        return "it closed its pipe"

    def end_group(self, process: int) -> None:
        """End the worker and every process that it started, also those that hid."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, 0)
        for _ in range(200):
            children = _children(os.getpid())
            if not children:
                return
            for child in children:
                alive = not _dead(child)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(child, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child, 0)
                self.left_behind += alive
        self.note("left_running", "Processes that it started could not all be ended.")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _dead(process: int) -> bool:
    """Whether a process is gone, or a zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"


def _children(parent: int) -> list[int]:
    """Processes whose parent is this one; orphans among its descendants are handed to it."""
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(entry.name))
    return found
