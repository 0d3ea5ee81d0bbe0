"""Work that is too long for a page: its script, its result, and what keeps the two together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import dlworkbook
from dlworkbook import experiments as package
from publish.tools import experiments, wheel

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import torch

def make():
    torch.manual_seed(0)
    w = torch.zeros(1, requires_grad=True)  # a comment
    losses = []
    for _ in range(3):
        loss = (w - 3).square().sum()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            w -= 0.25 * w.grad
            w.grad = None
    return {"losses": losses}
"""


@pytest.fixture
def root(tmp_path) -> Path:
    script = tmp_path / "experiments" / "ch11_optimization" / "steps.py"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT)
    return tmp_path


def test_results_of_the_book_are_those_of_their_scripts():
    assert experiments.stale(ROOT) == []


def test_a_result_is_made_kept_and_shown(root, monkeypatch):
    assert experiments.stale(root) == [
        "experiments/ch11_optimization/steps.py was never run; run: python -m "
        "publish.tools.experiments ch11_optimization/steps"
    ]
    assert experiments.main(["--root", str(root)]) == 0
    assert experiments.stale(root) == []
    monkeypatch.setattr(package, "FOLDERS", (root / "experiments",))
    assert dlworkbook.experiment("ch11_optimization/steps") == {"losses": [9.0, 2.25, 0.5625]}
    for name in ("ch11_optimization/none", "../secret"):
        with pytest.raises(dlworkbook.ExperimentMissing, match="there are: ch11_optimization/st"):
            dlworkbook.experiment(name)


def test_a_script_that_changed_is_noticed(root):
    path = experiments.run("ch11_optimization/steps", root)
    script = path.with_suffix(".py")
    script.write_text(SCRIPT.replace("# a comment", "# another"))
    assert experiments.stale(root) == []
    script.write_text(SCRIPT.replace("0.25", "0.125"))
    assert "steps.py changed since it was run" in experiments.stale(root)[0]
    script.unlink()
    assert "steps.json has no script beside it" in experiments.stale(root)[0]


@pytest.mark.parametrize(("script", "said"), [
    ("x = 1", "defines no function make"),
    ("def make(): return {'x': float('nan')}", "must return plain, finite data"),
    ("def make(): return {'x': {1, 2}}", "must return plain, finite data"),
])
def test_what_cannot_be_kept_is_said_and_nothing_is_written(root, script, said):
    path = root / "experiments" / "ch11_optimization" / "steps.py"
    path.write_text(script)
    with pytest.raises(experiments.ExperimentError, match=said):
        experiments.run("ch11_optimization/steps", root)
    assert not path.with_suffix(".json").exists()
    with pytest.raises(experiments.ExperimentError, match="there are: ch11_optimization/steps"):
        experiments.run("ch11_optimization/other", root)


def test_the_wheel_brings_the_results(root, tmp_path):
    """A reader of the notebook has no checkout."""
    experiments.run("ch11_optimization/steps", root)
    for name in ("pyproject.toml", "dlworkbook", "LICENSE"):
        (root / name).symlink_to(ROOT / name)
    with zipfile.ZipFile(wheel.build(tmp_path / "out", root=root)) as file:
        file.extractall(tmp_path / "unpacked")
        names = file.namelist()
    assert "dlworkbook/experiments/ch11_optimization/steps.json" in names
    assert not [name for name in names if name.endswith("steps.py")]
    code = "import dlworkbook as d; print(d.experiment('ch11_optimization/steps')['losses'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "unpacked", text=True,
                          env={"PYTHONSAFEPATH": ""}, capture_output=True)
    assert json.loads(done.stdout) == [9.0, 2.25, 0.5625], done.stderr


def test_numbers_of_all_seeds_stand_by_their_names():
    found = experiments.for_seeds(lambda seed: {"a": seed / 3, "b": np.float32(2)}, 2, range(3))
    assert found == {"a": [0, 0.33, 0.67], "b": [2, 2, 2]}
    assert all(type(value) is float for values in found.values() for value in values)


def test_side_by_side_keeps_the_order_and_says_when_a_process_ends():
    """Closures and odd numbers of jobs; a process that dies is no endless wait."""
    shift = 10
    for jobs in ([], [1], [1, 2, 3, 4, 5]):
        assert experiments.side_by_side(lambda n: n + shift, jobs, 3) == [n + 10 for n in jobs]
    with pytest.raises(experiments.ExperimentError, match="ended early"):
        experiments.side_by_side(lambda n: os._exit(1) if n == 2 else n, [1, 2, 3])
