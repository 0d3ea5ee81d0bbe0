"""Hands jobs to the warm process, and starts another one if it should die."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from grading.make.lab import ROOT

from . import sandbox
from .worker import Job

LOADING = 600.0  # seconds until the libraries are loaded and a keeper runs
MARGIN = 30.0  # for a keeper, after its submission's own time
CLOSING = 10.0  # for the warm process, to end what it watches over


@dataclass
class Running:
    """A job in work: ``end`` is when its keeper, or the warm process, is taken to be stuck."""

    end: float
    keeper: int | None = None


class Pool:
    """``run(jobs)`` yields (id, how it ended) as jobs come to their ends.

    ``tasks`` are those with checks, ``specs`` those that are boxes or problems. ``secret`` stands
    behind the inputs that are drawn for right answers, ``own`` has the modules of an instructor's
    tasks: all three are known to the judges alone. ``scratch``: the
    folder with the students' work, which the warm process removes if this process is killed.
    """

    def __init__(
        self,
        tasks: list[str],
        modules: list[str],
        jobs: int,
        scratch: Path = Path(),
        specs: dict[str, dict] | None = None,
        secret: str = "",
        own: dict[str, str] | None = None,
    ) -> None:
        known = {"specs": specs or {}, "secret": secret, "own": own or {}}
        self.secrets = json.dumps(known).encode()
        self.command = [sys.executable, "-m", "grading.run.warm"]
        self.command += [",".join(tasks), ",".join(modules), str(scratch)]
        self.environment = sandbox.environment() | {"TMPDIR": str(scratch.absolute())}
        self.jobs = max(1, jobs)
        self.process: subprocess.Popen | None = None
        self.messages: queue.Queue = queue.Queue()
        self.running: dict[str, Running] = {}
        self.loading, self.margin = LOADING, MARGIN

    def run(self, todo: dict[str, Job]) -> Iterator[tuple[str, str]]:
        """Run all jobs, ``self.jobs`` at a time: "ended", or "lost" if it has no result.

        A job whose keeper or whose warm process dies gets one more try.
        """
        waiting, again = list(todo), set()
        while waiting or self.running:
            if self.process is None:
                self._start()
            while waiting and len(self.running) < self.jobs:
                name = waiting.pop(0)
                self.running[name] = Running(time.monotonic() + self.loading)
                line = json.dumps({"id": name, "job": asdict(todo[name])}) + "\n"
                with contextlib.suppress(BrokenPipeError):
                    self.process.stdin.write(line)
                    self.process.stdin.flush()
            ended: dict[str, bool] = {}  # whether with a result
            end = min(running.end for running in self.running.values())
            try:
                process, message = self.messages.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                self._end_what_is_stuck()
                continue
            if process is not self.process:
                continue  # a last word of one that is gone
            if message is None:
                self.close()
                ended = dict.fromkeys(sorted(self.running), False)
            elif message.get("id") in self.running:
                name = message["id"]
                if "keeper" in message:
                    end = time.monotonic() + todo[name].seconds + self.margin
                    self.running[name] = Running(end, message["keeper"])
                else:
                    ended[name] = message["status"] == 0
            for name, done in ended.items():
                del self.running[name]
                if done or name in again:
                    yield name, "ended" if done else "lost"
                else:
                    again.add(name)
                    waiting.insert(0, name)

    def _end_what_is_stuck(self) -> None:
        """Kill the keepers whose time is up; where there is none to kill, the warm process."""
        now = time.monotonic()
        for running in self.running.values():
            if running.end > now:
                continue
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if running.keeper is not None:
                    os.kill(running.keeper, signal.SIGKILL)
                else:
                    os.killpg(self.process.pid, signal.SIGKILL)
            running.end, running.keeper = now + self.margin, None

    def _start(self) -> None:
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [*self.command, str(reading)],
            cwd=ROOT,
            pass_fds=[reading],
            env=self.environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(reading)
        threading.Thread(target=_write, args=(writing, self.secrets), daemon=True).start()
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen) -> None:
        for line in process.stdout:
            with contextlib.suppress(ValueError):
                self.messages.put((process, json.loads(line)))
        self.messages.put((process, None))

    def close(self) -> None:
        """End the warm process, and with it what it watches over."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(CLOSING)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def _write(pipe: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(pipe, "wb") as file:
        file.write(data)


def result(path: Path) -> dict | None:
    """What a keeper wrote, or None if it did not."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
