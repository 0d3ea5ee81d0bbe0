"""A process that has loaded the libraries, and forks one keeper for each submission.

    python -m grading.run.warm TASK,TASK MODULE,MODULE SCRATCH PIPE

Loading torch takes seconds, a fork takes milliseconds. First of all it forks the template of the
judges, which alone loads the tasks, and reads from PIPE the keys of practice problems and the tasks
that are an instructor's own: where a student's code runs, nothing knows a right answer. The process
reads one job a line from its input, and writes a line when a job's keeper begins and when it has
ended. When its input ends, so does everything that it watches over; if the grader was killed, the
folder SCRATCH with the students' work is removed. It runs no student's code itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import sys
import time
import traceback
from pathlib import Path

from . import cgroup, judge, patches, sandbox, scratch, stub
from .keeper import Keeper
from .worker import Job

OF_JUPYTER = ("autosave", "clear")  # magic commands that only its own shell has
ADAPTERS = ("numbers", "recurrent", "sequence", "attention", "bert")


class Warm:
    """What is loaded once: libraries, a shell, and a copy of the checks for the grader alone.

    ``secrets``: the pipe from which the judges' template reads what it alone knows.
    """

    def __init__(self, tasks: list[str], modules: list[str], secrets: int) -> None:
        with contextlib.suppress(ImportError):
            import torch

            torch.set_num_threads(1)
            # The first optimizer loads the compiler: seconds, and a folder for its cache.
            torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
        for module in ["numpy", "matplotlib.pyplot", *modules]:
            with contextlib.suppress(Exception):
                importlib.import_module(module)
        for module in ADAPTERS:
            with contextlib.suppress(ImportError):
                importlib.import_module(f"dlworkbook.checks.adapters.{module}")
        self.judges = judge.start(tasks, lambda: _read(secrets))
        os.close(secrets)
        self.private = patches.private()
        stub.put(tasks)  # what notebooks see of the checks
        self.shell = _shell()
        self.close_figures()
        gc.collect()
        gc.freeze()

    def close_figures(self) -> None:
        """Free what the last cell drew."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            with contextlib.suppress(Exception):
                pyplot.close("all")


def _read(pipe: int) -> dict:
    """The JSON data that comes through a pipe, up to its end."""
    with os.fdopen(pipe, "rb") as file:
        return json.load(file)


def _shell():
    """An IPython shell that keeps no history and no files."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Minimal"
    config.InteractiveShell.cache_size = 0
    shell = InteractiveShell.instance(config=config)
    shell.system = shell.system_raw
    # Nobody looks at pictures here. A plain shell cannot turn them on, and would stop the cell.
    shell.enable_matplotlib = lambda gui=None: (gui, "agg")
    for name in OF_JUPYTER:
        shell.register_magic_function(lambda line: None, "line", name)
    return shell


def serve(warm: Warm) -> None:
    """Take jobs until the input ends."""
    running: dict[int, str] = {}
    buffer, open_ = b"", True
    print(json.dumps({"ready": True}), flush=True)
    while open_:
        ready, _, _ = select.select([0], [], [], 0.03)
        if ready:
            data = os.read(0, 1 << 20)
            open_ = bool(data)
            *lines, buffer = (buffer + data).split(b"\n")
            for line in filter(None, lines):
                asked = json.loads(line)
                keeper = _keep(Job(**asked["job"]), warm)
                running[keeper] = asked["id"]
                print(json.dumps({"id": asked["id"], "keeper": keeper}), flush=True)
        while running:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                break
            if process in running:
                message = {"id": running.pop(process), "status": status}
                print(json.dumps(message), flush=True)


def _keep(job: Job, warm: Warm) -> int:
    """Fork the keeper of a job; its process id."""
    its_judge = judge.appoint(warm.judges)
    process = os.fork()
    if process:
        its_judge.close()
        return process
    try:
        warm.judges.close()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        Keeper(job, its_judge, warm).run()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(tasks: str, modules: str, folder: str, secrets: str) -> None:
    """Serve; if the grader is gone afterwards, remove what it cannot."""
    grader = os.getppid()
    sandbox.adopt_orphans()
    # If the grader is gone, nobody reads.
    try:
        with contextlib.suppress(BrokenPipeError):
            named = ([name for name in text.split(",") if name] for text in (tasks, modules))
            serve(Warm(*named, int(secrets)))
    finally:
        sandbox.end_descendants()
        cgroup.sweep()  # of keepers that were killed
    if os.getppid() != grader:
        for _ in range(100):
            if scratch.remove_if_dead(Path(folder)):
                break
            time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
