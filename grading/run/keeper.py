"""Watch over one submission: limits on the clock, sudden ends, processes left behind.

The keeper is forked from the warm process, and forks the worker. It alone writes the result, and
hands on what the judge asks the worker, and the replies, without reading them. If the
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
import socket
import time
from pathlib import Path

from grading.read.cleaning import clean

from . import cgroup, messages, mounts, sandbox, scratch, wire, witness
from .worker import NOTES, Job, Worker

MOST_RUNS = 4
LONGEST_LINE = 1_000_000
MOST_BYTES = 4 * wire.LONGEST
MOST_LINES = 5_000  # that one worker sends; who sends more is ended
LOOK = 0.5  # seconds between two looks at a job


class Keeper:
    """Everything that is known about one submission while it runs."""

    def __init__(self, job: Job, judge: socket.socket, warm) -> None:
        self.job, self.judge, self.warm = job, judge, warm
        self.words = b""  # of the judge, up to the end of a line
        self.judging = ""  # the task that the judge is at
        self.missing = False  # whether the notebook has no answer to it
        # of all its processes together, what its folder holds among it
        self.memory = job.memory + cgroup.BESIDE + mounts.FOLDER_BYTES
        self.group: cgroup.Group | None = None
        self.watched = False
        self.killed = 0
        self.end = time.monotonic() + job.seconds
        self.notes: list[dict] = []
        self.reports: dict[str, dict] = {}
        self.at: dict = {}
        self.ended = False
        self.failed = ""
        self.lines = 0
        self.left_behind = 0
        self.walls: dict[str, str] = {}

    def run(self) -> None:
        """Run workers until one comes to its end, then write the result."""
        start = time.monotonic()
        sandbox.end_with_parent()
        sandbox.adopt_orphans()
        self.account = sandbox.account(self.job.off)
        scratch.remove(Path(self.job.folder))  # an earlier try may have left something
        os.mkdir(self.job.folder, 0o700)
        if self.account is not None:
            with contextlib.suppress(OSError):  # a container that knows no such account
                os.chown(self.job.folder, self.account, self.account)
        if "memory" not in self.job.off:
            self.group = cgroup.make(self.memory)
        try:
            complete = self.workers()
        finally:
            if self.group is not None:
                self.group.remove()
        if self.left_behind:
            text = f"It left {self.left_behind} processes running; they were ended."
            self.note("left_running", text)
        result = {
            "complete": complete,
            "notes": self.notes,
            "reports": self.reports,
            "walls": self.walls,
            "off": self.job.off,
            "seconds": round(time.monotonic() - start, 2),
        }
        write_atomically(Path(self.job.result), json.dumps(result, indent=1))

    def workers(self) -> bool:
        """Run workers until one comes to its end; whether one did."""
        for _ in range(MOST_RUNS):
            how = self.worker()
            self.count_killed()
            if self.ended:
                return True
            if how == "time":
                self.note(
                    "time", f"It was stopped after {self.job.seconds:g} s in all{self.where()}."
                )
                return False
            if self.failed:
                self.note("grader_failed", f"A fault of the grader: {self.failed}.")
                return False
            self.note("died", f"Its process ended suddenly{self.where()} ({how}).")
            if not self.leave_out():
                return False
        return False

    def too_much(self, ended: str) -> None:
        """Say that the job as a whole took too much memory."""
        text = f"Its processes together took more than {self.memory / 1e6:,.0f} MB of memory"
        self.note("memory", f"{text}{self.where()}; {ended}.")

    def count_killed(self) -> None:
        """Say so if the kernel ended a process because the job's memory was used up."""
        killed = self.group.killed() if self.group is not None else 0
        if killed > self.killed:
            self.killed = killed
            self.too_much("the largest was ended")

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
        questions, asking = os.pipe()
        waits, goes = os.pipe()
        token = secrets.token_hex(8)
        self.at, self.ended, self.failed, self.lines, self.bytes = {}, False, "", 0, 0
        self.lost = False
        process = os.fork()
        if process == 0:
            worker = Worker(self.job, writing, questions, token, self.warm)
            try:
                os.close(reading)
                os.close(asking)
                self.judge.close()
                os.close(goes)
                os.setsid()
                said = os.read(waits, 1)  # once it is in the group, if there is one
                os.close(waits)
                if not said:
                    os._exit(1)  # the keeper is gone
                walls = sandbox.separate(Path(self.job.folder), self.account, self.job.off)
                walls["memory"] = sandbox.memory_wall(said == b"1", self.job.off)
                worker.run(walls, self.account)
            except BaseException as error:
                with contextlib.suppress(BaseException):
                    worker.tell(failed=f"{type(error).__name__}: {error}"[:300])
            finally:
                os._exit(0)
        counted = self.group is not None and self.group.add(process)
        self.watched = sandbox.memory_wall(counted, self.job.off) == "watched"
        os.write(goes, b"1" if counted else b"0")
        for end in (writing, questions, waits, goes):
            os.close(end)
        os.set_blocking(asking, False)
        how = self.follow(reading, asking, token, process)
        os.close(reading)
        os.close(asking)
        self.end_all(process)
        if self.judging:
            self.judge.sendall(wire.line({"gone": True}))
            self.wait_for_judge()
        return how

    def follow(self, reading: int, asking: int, token: str, process: int) -> str:
        """Read messages until the pipe closes or the time is up."""
        buffer, outbox, look = b"", b"", 0.0
        while True:
            now = time.monotonic()
            left = self.end - now
            if left <= 0:
                return "time"
            if self.watched and now >= look:
                look = now + LOOK
                if cgroup.together(sandbox.descendants(), self.memory) > self.memory:
                    self.too_much("all were ended")
                    return "too much memory"
            ready, writable, _ = select.select(
                [reading, self.judge], [asking] if outbox else [], [], min(left, LOOK)
            )
            if writable:
                with contextlib.suppress(BrokenPipeError):
                    outbox = outbox[os.write(asking, outbox[:65536]) :]
            if self.judge in ready:
                outbox += self.from_judge()
            if reading not in ready:
                # a child that was left running may hold the pipe open
                if not ready and (self.ended or sandbox.dead(process)):
                    return self.status(process)
                if self.lost:
                    return "its words could not be those of an answer"
                continue
            data = os.read(reading, 1 << 20)
            if not data:
                return self.status(process)
            buffer += data
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                if line.startswith(witness.MARK):
                    self.to_judge(line[1:])
                else:
                    self.message(line, token)
            longest = wire.LONGEST if buffer.startswith(witness.MARK) else LONGEST_LINE
            if len(buffer) > longest or self.lines > MOST_LINES or self.bytes > MOST_BYTES:
                self.forged()
                return "it flooded the grader's pipe"
            if self.ended:
                return "end"

    def to_judge(self, line: bytes) -> None:
        """Hand a reply on, if somebody waits for one."""
        self.lines += 1
        self.bytes += len(line)
        task = self.at.get("task", "")
        if self.judging:
            self.judge.sendall(line + b"\n")
        elif task and task not in self.job.done:
            # the first word on a task says whether there is an answer
            self.judging, self.missing = task, line.endswith(b"false}")
            self.judge.sendall(wire.line({"task": task}))
        else:
            self.forged()

    def from_judge(self) -> bytes:
        """What the judge wants asked; takes his reports."""
        data = self.judge.recv(1 << 20)
        if not data:
            raise RuntimeError("the judge ended")
        *lines, self.words = (self.words + data).split(b"\n")
        asked = b""
        for line in lines:
            told = json.loads(line)
            if "ask" in told:
                asked += wire.line(told["ask"])
            else:
                self.done(told["done"])
                asked += wire.line({"do": "done"})
        return asked

    def wait_for_judge(self) -> None:
        """Until he has put the task aside whose answer is gone."""
        while self.judging:
            if not (data := self.judge.recv(1 << 20)):
                raise RuntimeError("the judge ended")
            *lines, self.words = (self.words + data).split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "done" in told:
                    return self.done(told["done"])

    def done(self, told: dict) -> None:
        """Take a report. It comes from our own process, and is held to what a report may be."""
        task, self.judging = told["task"], ""
        if "lost" in told:
            if told["lost"] == "forged":
                self.forged()
                self.lost = True
            return
        report = told["report"]
        if self.missing:
            answer = dict(self.job.tasks)[task]
            report["message"] = f"The notebook defines no `{answer}`."
            report["hint"] = "Keep the name that the task gives."
        self.reports[task] = messages.report(report, task, self.job.parts[task])
        self.job.done.append(task)

    def message(self, line: bytes, token: str) -> None:
        """Take one message; anything that the worker cannot have sent is left aside."""
        self.lines += 1
        try:
            self.take(messages.read(line, token))
        except messages.Forged:
            self.forged()

    def take(self, told: dict) -> None:
        """Do what a message says. Raises Forged."""
        match told:
            case {"at": "cell", "cell": int(k)} if 0 <= k < len(self.job.cells):
                self.at = {"cell": k}
            case {"at": "task", "task": str(task)} if (
                task in dict(self.job.tasks) and not self.judging
            ):
                self.at = {"task": task}
            case {"note": _}:
                self.note(**messages.note(told, NOTES))
            case {"walls": walls} if not self.at:
                self.walls = messages.walls(walls)
            case {"failed": str(text)}:
                self.failed = clean(text, 300)
            case {"end": True}:
                self.ended = True
            case _:
                raise messages.Forged

    def forged(self) -> None:
        """Say that the pipe carried something else."""
        self.note("forged", "Something else than the grader wrote into the grader's pipe.")

    def status(self, process: int) -> str:
        """How a process ended."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                code = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
                if os.WIFSIGNALED(status) or code > 128:
                    with contextlib.suppress(ValueError):
                        return f"signal {signal.Signals(code % 128).name}"
                return f"exit status {code}"
            time.sleep(0.01)
        return "it closed its pipe"

    def end_all(self, process: int) -> None:
        """End the worker and every process that it started, also those that hid."""
        below = [child for child in sandbox.descendants() if not sandbox.dead(child)]
        apart = self.walls.get("signals") == "namespace"  # then two stay behind the worker
        self.left_behind += max(len(below) - (3 if apart else process in below), 0)
        if not sandbox.end_descendants():
            self.note("left_running", "Processes that it started could not all be ended.")


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all.

    Several machines may write the same one at once: the last counts. Containers on one disk have
    processes of the same number, so a part is told by chance.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
