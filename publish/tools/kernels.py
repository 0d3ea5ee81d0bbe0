"""Runs notebooks: one kernel each, in this Python or another, and a client that never oversleeps.

For the build, the tests, grading and tools alike, so that a page is run in one way only.
"""

from __future__ import annotations

import asyncio
import atexit
import copy
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets import Type

SLICE = 0.5  # seconds of one wait for a message
START_SECONDS = 300  # a machine under load starts a kernel slowly
OUTPUT_SECONDS = 60  # what a cell printed may come long after its reply, on such a machine
QUIET = ("--IPKernelApp.log_level=ERROR",)  # else each kernel prints a note about its transport
LONGEST_SOCKET = 80  # characters of a folder in which a socket's name, at most 104, has room
LAUNCH = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
# Up to Python 3.11.7 and 3.12.1, garbage collection while code is parsed may raise SystemError with
# these words, about code that is sound (https://github.com/python/cpython/issues/106905).
PARSER_RACE = "AST constructor recursion depth mismatch"
TRIES = 3  # of a notebook that met it


class PatientChannel(AsyncZMQSocketChannel):
    """Waits for a message in slices.

    Now and then a message that has come wakes nobody: a cell with ipywidgets' ``interact`` then
    blocked for its whole time limit, with the reply unread. A new wait looks at the queue first.
    """

    async def get_msg(self, timeout: float | None = None) -> dict:
        """The next message; ``queue.Empty`` when none came within timeout seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = SLICE if end is None else min(SLICE, max(0.0, end - time.monotonic()))
            try:
                return await super().get_msg(left)
            except Empty:
                if end is not None and time.monotonic() >= end:
                    raise
            await asyncio.sleep(0)


class PatientKernelClient(AsyncKernelClient):
    shell_channel_class = Type(PatientChannel)
    iopub_channel_class = Type(PatientChannel)
    control_channel_class = Type(PatientChannel)


class PatientKernelManager(AsyncKernelManager):
    """A kernel whose client is patient; for whatever takes a ``kernel_manager_class``."""

    client_factory = Type(PatientKernelClient, klass="jupyter_client.KernelClient")


class _Python(KernelSpecManager):
    """Takes ``python3`` for one given interpreter, whatever kernels the user has installed."""

    def __init__(self, argv: Sequence[str], **options: object) -> None:
        super().__init__(**options)
        self.argv = list(argv)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name == NATIVE_KERNEL_NAME:
            return KernelSpec(argv=self.argv, display_name="Python 3", language="python")
        return super().get_kernel_spec(kernel_name)


class _Client(NotebookClient):
    """Runs the cells that `select` wants, and knows which cell it has come to."""

    select: Callable[[NotebookNode, int], bool] | None = None
    at: int | None = None

    async def async_execute_cell(self, cell, cell_index, *args, **options):
        self.at = cell_index
        wanted = cell.cell_type != "code" or not self.select or self.select(self.nb, cell_index)
        if not wanted:
            return cell
        return await super().async_execute_cell(cell, cell_index, *args, **options)


@functools.cache
def _own_folder() -> str:
    """A folder of this process, gone when it ends."""
    folder = tempfile.TemporaryDirectory(prefix="caches-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return folder.name


def caches(environment: Mapping[str, str]) -> dict[str, str]:
    """What a kernel needs where it cannot write into its home.

    Matplotlib would say so on every page that draws, and list the fonts anew for each.
    """
    if "MPLCONFIGDIR" in environment:
        return {}
    home = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config", "matplotlib")
    try:
        home.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=home).close()
    except OSError:
        return {"MPLCONFIGDIR": _own_folder()}
    return {}


@dataclass
class Run:
    """What became of a notebook. It was run in place: its outputs are in `notebook`.

    `error` says why it stopped: nbclient's CellExecutionError (a cell raised and errors were not
    allowed), CellTimeoutError, DeadKernelError, or what kept the kernel from starting. `at` is
    the index among all cells of the one that it had come to; None before the first.
    """

    notebook: NotebookNode
    seconds: float
    error: Exception | None = None
    at: int | None = None

    def check(self) -> Run:
        """This run; raises its error, if there is one."""
        if self.error is not None:
            raise self.error
        return self


def run_notebook(
    notebook: NotebookNode, cwd: str | Path, *, timeout: float | None = None,
    env: Mapping[str, str | None] | None = None, allow_errors: bool = False,
    extra_arguments: Sequence[str] = (), kernel: str | Sequence[str] | None = None,
    select: Callable[[NotebookNode, int], bool] | None = None,
) -> Run:
    """Run a notebook in place, in a kernel of its own that works in cwd.

    timeout: seconds for one cell.
    env: what differs from this process's environment; None takes a variable out.
    allow_errors: run on after a cell that raised; its output of type ``error`` is kept.
    extra_arguments: for the kernel, as in ``--IPKernelApp.exec_lines=...``.
    kernel: the name of a kernel spec, or the command of a Python (``[path]`` or with options);
        None is this Python, or what the notebook's metadata name if that is not ``python3``.
    select: asked before each code cell, with notebook and index, whether to run it.

    A notebook that Python's own parser failed (PARSER_RACE) is run again from its beginning.
    """
    untouched = copy.deepcopy(dict(notebook))
    for again in range(TRIES):
        if again:
            notebook.update(copy.deepcopy(untouched))
        run = _run_once(notebook, cwd, timeout, env, allow_errors, extra_arguments, kernel, select)
        if not _parser_failed(notebook):
            break
    return run


def _parser_failed(notebook: NotebookNode) -> bool:
    errors = [
        output for cell in notebook.cells for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    return any(e.ename == "SystemError" and e.evalue.startswith(PARSER_RACE) for e in errors)


def _run_once(
    notebook: NotebookNode, cwd: str | Path, timeout: float | None,
    env: Mapping[str, str | None] | None, allow_errors: bool, extra_arguments: Sequence[str],
    kernel: str | Sequence[str] | None, select: Callable[[NotebookNode, int], bool] | None,
) -> Run:
    """One run of a notebook, in a kernel of its own; see ``run_notebook``."""
    command = [sys.executable] if kernel is None or isinstance(kernel, str) else list(kernel)
    if isinstance(kernel, str):
        name = kernel
    elif kernel is None:
        name = notebook.metadata.get("kernelspec", {}).get("name") or NATIVE_KERNEL_NAME
    else:
        name = NATIVE_KERNEL_NAME
    start = time.perf_counter()
    # The folder keeps the user's own IPython profile out of the page, and needs no home.
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as own:
        environment = {**os.environ, **caches(os.environ), "IPYTHONDIR": own, **(env or {})}
        manager = PatientKernelManager(
            kernel_name=name, connection_file=str(Path(own, "connection.json")),
            kernel_spec_manager=_Python([*command, *LAUNCH]),
            # Sockets in its own folder: a port that was free may be another kernel's a moment
            # later, when several start at once.
            transport="ipc" if os.name == "posix" and len(own) < LONGEST_SOCKET else "tcp",
        )
        client = _Client(
            notebook, km=manager, timeout=timeout, startup_timeout=START_SECONDS,
            iopub_timeout=OUTPUT_SECONDS,
            record_timing=False, allow_errors=allow_errors,
            extra_arguments=[*QUIET, *extra_arguments],
            resources={"metadata": {"path": str(cwd)}},
        )
        client.select = select
        client.owns_km = True  # so that the kernel ends with the run
        error = None
        try:
            client.execute(env={k: v for k, v in environment.items() if v is not None})
        except Exception as raised:
            error = raised
        finally:  # nbclient leaves this behind when the kernel does not start
            atexit.unregister(client._cleanup_kernel)
        return Run(notebook, time.perf_counter() - start, error, client.at)
