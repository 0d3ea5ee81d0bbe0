"""Running a notebook: nothing blocks, and each way to stop is told from the others."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from publish.tools.kernels import PARSER_RACE, TRIES, run_notebook

pytestmark = pytest.mark.notebooks

INTERACT = """
import ipywidgets

@ipywidgets.interact(x=(0, 9))
def show(x=3):
    print(x)
"""


def notebook(*sources: str):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def printed(cell) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.slow
def test_cell_with_interact_never_blocks(tmp_path):
    """Two kernels at a time: one run in eight or ten blocked for its whole time limit."""
    def run(_):
        return run_notebook(notebook(*[INTERACT] * 4), tmp_path, timeout=300).check().seconds

    with ThreadPoolExecutor(2) as pool:
        assert max(pool.map(run, range(6))) < 250


@pytest.mark.slow
def test_message_that_wakes_nobody_is_read(tmp_path, monkeypatch):
    """On each socket, every other wait misses what comes; the next slice finds it."""
    import zmq.asyncio

    poll, calls, deaf_next = zmq.asyncio.Socket.poll, [], {}

    def deaf(self, timeout=None, flags=1):
        calls.append(timeout)
        if timeout is None or timeout > 1000:  # a wait of another kind would never end here
            raise AssertionError(f"waits {timeout} ms at a stretch")
        deaf_next[self] = not deaf_next.get(self, False)
        if deaf_next[self]:
            return zmq.asyncio.asyncio.sleep(timeout / 1000, result=0)
        return poll(self, timeout, flags)

    monkeypatch.setattr(zmq.asyncio.Socket, "poll", deaf)
    done = run_notebook(notebook("print('a')", "print('b')"), tmp_path, timeout=60).check()
    assert [printed(cell) for cell in done.notebook.cells] == ["a\n", "b\n"]
    assert len(calls) > 4


@pytest.mark.slow
def test_each_way_to_stop_is_told(tmp_path):
    cases = {
        "1 / 0": (CellExecutionError, 1),
        "import time; time.sleep(300)": (CellTimeoutError, 1),
        "import os; os._exit(3)": (DeadKernelError, 1),
    }
    for source, (kind, at) in cases.items():
        start = time.monotonic()
        run = run_notebook(notebook("print('first')", source, "print('third')"), tmp_path,
                           timeout=4)
        assert type(run.error) is kind and run.at == at
        assert printed(run.notebook.cells[0]) == "first\n"
        assert run.notebook.cells[2].outputs == []
        assert time.monotonic() - start < 250
        with pytest.raises(kind):
            run.check()


@pytest.mark.slow
def test_kernel_that_does_not_start_is_an_error_of_the_run(tmp_path):
    for kernel in ("no-such-kernel", ["/no/such/python"], ["/bin/false"]):
        run = run_notebook(notebook("1"), tmp_path, timeout=4, kernel=kernel)
        assert run.error is not None and run.at is None


@pytest.mark.slow
def test_environment_command_and_startup_line(tmp_path, monkeypatch):
    monkeypatch.setenv("TAKEN_OUT", "1")
    code = ("import os, sys\n"
            "print(os.getcwd(), os.environ['PUT_IN'], 'TAKEN_OUT' in os.environ, early,\n"
            "      sys.dont_write_bytecode)")
    run = run_notebook(
        notebook(code), tmp_path, env={"PUT_IN": "yes", "TAKEN_OUT": None},
        kernel=[sys.executable, "-B"], extra_arguments=["--IPKernelApp.exec_lines=early = 41"],
    ).check()
    assert printed(run.notebook.cells[0]) == f"{tmp_path} yes False 41 True\n"


@pytest.mark.slow
def test_errors_are_kept_and_cells_chosen(tmp_path):
    run = run_notebook(
        notebook("1 / 0", "print('second')", "print('third')"), tmp_path, allow_errors=True,
        select=lambda notebook, index: index != 1,
    ).check()
    first, second, third = run.notebook.cells
    assert first.outputs[0].ename == "ZeroDivisionError"
    assert second.outputs == [] and printed(third) == "third\n"


@pytest.mark.slow
def test_metadata_of_outputs_arrive(tmp_path):
    code = ("from IPython.display import display\n"
            "display({'text/plain': 'said'}, raw=True, metadata={'dlworkbook': {'a': 1}})")
    cell = run_notebook(notebook(code), tmp_path).check().notebook.cells[0]
    assert cell.outputs[0].metadata == {"dlworkbook": {"a": 1}}


@pytest.mark.slow
def test_profile_of_the_user_does_not_reach_a_page(tmp_path, monkeypatch):
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "own.py").write_text("print('hello from my profile'); early = 1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    run = run_notebook(notebook("print('early' in globals())"), tmp_path).check()
    assert printed(run.notebook.cells[0]) == "False\n"


@pytest.mark.slow
def test_home_that_cannot_be_written(tmp_path, monkeypatch):
    """Not even by root: no folder can be made in /proc."""
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    run = run_notebook(notebook("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"), tmp_path)
    kinds = [output.output_type for output in run.check().notebook.cells[0].outputs]
    assert kinds == ["display_data"]  # and not a word about the home


@pytest.mark.parametrize("allow_errors", [False, True])
def test_a_fault_of_pythons_parser_costs_no_page(tmp_path, allow_errors):
    """Only that one: another SystemError stays, and it does not go on for ever."""
    count = "from pathlib import Path\nseen = Path('seen')\n" \
            "runs = len(seen.read_text()) if seen.exists() else 0\nseen.write_text('x' * (runs + 1))"
    fault = f"if runs < 2: raise SystemError('{PARSER_RACE} (before=69, after=63)')"
    run = run_notebook(notebook(count, fault, "print(runs)"), tmp_path, allow_errors=allow_errors)
    assert printed(run.check().notebook.cells[2]) == "2\n"
    (tmp_path / "seen").unlink()
    for text, runs in ((PARSER_RACE, TRIES), ("another", 1)):
        run = run_notebook(
            notebook(count, f"raise SystemError('{text}')"), tmp_path, allow_errors=allow_errors
        )
        assert run.notebook.cells[1].outputs[0].ename == "SystemError"
        assert len((tmp_path / "seen").read_text()) == runs
        (tmp_path / "seen").unlink()
