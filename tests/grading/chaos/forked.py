"""A command of ours in a fork of this process, which has loaded all that it imports."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from grading.report import kept

LOOK = 0.02  # seconds between two looks whether it has ended


class Forked:
    """As ``subprocess.Popen`` of ``python -m module``, as far as it is needed here.

    ``writes``: when it has written so many results it waits to be killed, so that a death which
    is asked for does not depend on the clock; what it started goes on meanwhile.
    """

    def __init__(self, module: str, arguments: list[str], environment: dict[str, str], log: Path,
                 writes: int | None = None) -> None:
        main = importlib.import_module(module).main
        self.args, self.returncode = [module, *arguments], None
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                _settle(environment, log)
                if writes is not None:
                    _wait_after(writes)
                code = main(arguments)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)

    def poll(self) -> int | None:
        """How it ended; None if it has not."""
        if self.returncode is None:
            process, status = os.waitpid(self.pid, os.WNOHANG)
            if process:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = 600.0) -> int:
        """How it ends. Raises TimeoutExpired."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(LOOK)
        return self.returncode


def _settle(environment: dict[str, str], log: Path) -> None:
    """A session, an environment and an output of its own."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # kept by Python since it was first asked
    out = log.open("w", encoding="utf-8")
    for number in (1, 2):
        os.dup2(out.fileno(), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = sys.stderr = out


def _wait_after(writes: int) -> None:
    real, left = kept.write, [writes]

    def write(*what) -> None:
        if not left[0]:
            time.sleep(600)
        left[0] -= 1
        real(*what)

    kept.write = write
