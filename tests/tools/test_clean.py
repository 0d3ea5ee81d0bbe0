"""`make clean` deletes what can be made again, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grading.make import problems
from grading.marking import marks, requests
from publish.tools import clean
from tests.tools.test_set_up import ROOT, make

HOLDS = {  # a file in dist/, and what is said of its folder
    "grades6/marks/a.yml": "grades6 (marks)",
    "grades_week06/regrades/ab-1.yml": "grades_week06 (regrade requests)",
    "grades7/results/secret": "grades7 (the secret of fresh inputs)",
    "lab6/autograder/keys.json": "lab6 (keys of practice problems)",
    "autumn/group 1/grades8/marks/a.yml": "autumn (marks)",
}
AGAIN = ["lab7/autograder/lab7_autograder.zip", "lab7/keys.json", "grades9/grades.csv",
         "deep-learning-workbook.zip"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A place with a Makefile, the module, and a link from ``dist`` to elsewhere."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("__init__.py", "tools/__init__.py", "tools/clean.py"):
        (tmp_path / "publish" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "publish" / name, tmp_path / "publish" / name)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "notes").touch()
    for name in ("_build/html/index.html", *(f"dist/{name}" for name in (*HOLDS, *AGAIN))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "dist" / "link").symlink_to(tmp_path / "elsewhere")
    return tmp_path


def test_what_cannot_be_made_again_is_left_and_named(folder):
    code, said = make(folder, "clean")
    assert code == 0
    left = [line[len("left: dist/"):] for line in said.splitlines() if line.startswith("left: ")]
    assert left == sorted(HOLDS.values()), said
    assert all((folder / "dist" / name).exists() for name in HOLDS)
    assert not any((folder / "dist" / name).exists() for name in (*AGAIN, "link"))
    assert not (folder / "_build").exists() and (folder / "elsewhere" / "notes").exists()


def test_where_all_can_be_made_again_nothing_is_left(folder):
    for name in HOLDS:
        shutil.rmtree(folder / "dist" / Path(name).parts[0], ignore_errors=True)
    assert make(folder, "clean") == (0, "")
    assert not (folder / "dist").exists()
    assert make(folder, "clean") == (0, "")  # nothing to do is no error


def test_the_names_are_those_of_the_grader():
    """That of the secret is compared where a class is graded: tests/grading/test_variants.py."""
    assert {marks.FOLDER, requests.FOLDER, problems.KEYS} < set(clean.KEPT)
