"""Grade one notebook with Otter, so that it cannot hang.

    python -m grading.run.otter_run NOTEBOOK AUTOGRADER.zip RESULT.json CELL_SECONDS

Otter waits for ever for a loop that does not end. So each cell gets a limit, after which its
kernel is interrupted; each check stops itself (its guard); and ``grade`` runs this module in a
process group of its own, with a limit on the clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from . import sandbox, scratch

CELL_SECONDS = 60


class OtterFailed(RuntimeError):
    """Otter gave no result; says why."""


def grade(
    notebook: Path, autograder: Path, *, seconds: float = 600, cell_seconds: int = CELL_SECONDS
) -> dict[str, dict]:
    """Points and messages of each task: ``{"gru": {"score": 9.0, "possible": 12.0, "text": ...}}``.

    Raises OtterFailed when Otter ends without a result, or not within ``seconds``.
    """
    with scratch.folder() as folder:
        result = folder / "result.json"
        command = [sys.executable, "-m", "grading.run.otter_run", notebook, autograder, result,
                   cell_seconds]
        own = ("HOME", "TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR")
        environment = sandbox.environment() | dict.fromkeys(own, str(folder))
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=sandbox.ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            output = f"no result within {seconds:g} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if not result.is_file():
            raise OtterFailed(f"Otter gave no result for {notebook.name}: {output.strip()[-2000:]}")
        return json.loads(result.read_text(encoding="utf-8"))


def _limited(cell_seconds: int) -> None:
    """Give Otter's notebook runner a limit for each cell."""
    import nbconvert.preprocessors as preprocessors

    from publish.tools.kernels import PatientKernelManager

    class Limited(preprocessors.ExecutePreprocessor):
        """Stops a cell that takes too long, and goes on with the next."""

        def __init__(self, **options):
            super().__init__(**options)
            self.timeout, self.interrupt_on_timeout = cell_seconds, True
            self.kernel_manager_class = PatientKernelManager

    preprocessors.ExecutePreprocessor = Limited


def main(notebook: str, autograder: str, result: str, cell_seconds: str) -> None:
    sandbox.end_with_parent()
    _limited(int(cell_seconds))
    from otter.api import grade_submission

    graded = grade_submission(notebook, autograder, quiet=True)
    if graded.has_catastrophic_failure():
        raise graded.catastrophic_error
    found = {
        name.partition("-")[2]: {
            "score": file.score,
            "possible": file.possible,
            "text": file.summary(),
        }
        for name, file in graded.results.items()
    }
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
