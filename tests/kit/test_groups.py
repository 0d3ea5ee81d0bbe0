"""The tests of a group share a process."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict

from grading.make.lab import ROOT

TESTS = """\
import os, time
import pytest

@pytest.mark.parametrize("group", [
    pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in "abc" for _ in range(4)])
def test_where(group):
    time.sleep(.02)
    print(group, os.environ["PYTEST_XDIST_WORKER"])
"""


def test_one_process_for_each_group(tmp_path):
    (tmp_path / "test_where.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-rP", "-p",
               "tests.kit.groups", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    workers = defaultdict(list)
    for line in run.stdout.splitlines():
        if line[:5] in ("a gw0", "a gw1", "b gw0", "b gw1", "c gw0", "c gw1"):
            workers[line[0]].append(line[2:])
    assert {group: len(found) for group, found in workers.items()} == {"a": 4, "b": 4, "c": 4}
    assert {len(set(found)) for found in workers.values()} == {1}
    assert len({found[0] for found in workers.values()}) == 2  # and both have work
