"""One small lab, and its assignment, for all tests of grading."""

from __future__ import annotations

import os
import shutil

import pytest

from grading.make import assignment, lab
from tests.grading import small_lab

# Tests run anywhere, also as root in a container without namespaces; test_walls.py asks for walls.
os.environ["GRADING_WALLS"] = "none"


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The small book's folder."""
    made = small_lab.make(tmp_path_factory.mktemp("small-book"))
    for name in ("requirements.txt", "requirements-grading.txt"):
        shutil.copy(lab.ROOT / name, made / name)
    return made


@pytest.fixture(scope="session")
def small(root):
    """The small lab."""
    return lab.load(small_lab.NUMBER, root)


@pytest.fixture(scope="session")
def dist(root, tmp_path_factory):
    """The small lab's assignment, made once."""
    out = tmp_path_factory.mktemp("dist") / "lab90"
    return assignment.build(small_lab.NUMBER, out, root=root)
