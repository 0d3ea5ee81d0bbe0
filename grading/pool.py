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
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from grading.lab import ROOT
from grading.worker import Job

ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
}


class Pool:
    """``run(jobs)`` yields (id, how it ended) as jobs come to their ends."""

    def __init__(self, tasks: list[str], modules: list[str], jobs: int) -> None:
        self.command = [sys.executable, "-m", "grading.warm", ",".join(tasks), ",".join(modules)]
        self.jobs = max(1, jobs)
        self.process: subprocess.Popen | None = None
        self.messages: queue.Queue = queue.Queue()

    def run(self, todo: dict[str, Job]) -> Iterator[tuple[str, str]]:
        """Run all jobs, ``self.jobs`` at a time; "ended", or "lost" if its keeper died."""
        waiting, running, again = list(todo), set(), set()
        while waiting or running:
            if self.process is None:
                self._start()
            while waiting and len(running) < self.jobs:
                name = waiting.pop(0)
                running.add(name)
                line = json.dumps({"id": name, "job": asdict(todo[name])}) + "\n"
                with contextlib.suppress(BrokenPipeError):
                    self.process.stdin.write(line)
                    self.process.stdin.flush()
            process, message = self.messages.get()
            if process is not self.process:
                continue  # a last word of one that is gone
            if message is None:  # the warm process died: each job gets one more try
                self.close()
                for name in sorted(running):
                    if name in again:
                        yield name, "lost"
                    else:
                        again.add(name)
                        waiting.insert(0, name)
                running = set()
            elif "id" in message:
                running.discard(message["id"])
                yield message["id"], "ended" if message["status"] == 0 else "lost"

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
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
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        self.process = None


def result(path: Path) -> dict | None:
    """What a keeper wrote, or None if it did not."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
