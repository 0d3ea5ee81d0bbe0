"""What `make assignment` writes: no solution for students, everything for Gradescope."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from dlworkbook import needs
from grading import grade
from grading.make import assignment, lab, rubric
from grading.make.written import Written
from grading.run import otter_run
from tests.grading import classroom, small_lab

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-assignment")]


def _cells(path: Path) -> list:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook.cells


def test_the_folder(dist):
    names = {p.relative_to(dist).as_posix() for p in dist.rglob("*") if p.is_file()}
    wheel = next(n for n in names if n.endswith(".whl"))
    assert names == {
        "student/lab90.ipynb", wheel, "autograder/lab90_autograder.zip",
        "autograder/requirements.txt", "instructor/lab90_solution.ipynb",
        "instructor/rubric.md", "instructor/rubric.html",
    }
    assert wheel.startswith("student/dlworkbook-")


def test_the_students_notebook(dist, small):
    cells = _cells(dist / "student" / "lab90.ipynb")
    text = "\n".join(cell.source for cell in cells)
    for cell in small.cells:
        if cell.role == "solution":
            assert cell.source not in text
    assert "SOLUTION" not in text and "otter" not in text and "my_" not in text
    assert text.count("checks.check(") == 2 and "**12 points.**" in text and "**6 points.**" in text
    assert sum("    ..." in cell.source for cell in cells if cell.cell_type == "code") == 2
    assert all(cell.source.strip() for cell in cells)


def test_the_students_notebook_runs_without_the_book(dist, tmp_path):
    """In an empty place: the set-up cell finds the wheel beside the notebook."""
    (cell,) = [c for c in _cells(dist / "student" / "lab90.ipynb")
               if "setup" in c.metadata.get("tags", [])]
    source, given = cell.source.split("\nfrom dlworkbook import needs, packages\n")
    assert "packages.need(\n    numpy='numpy',\n)" in given  # what the lab imports
    assert "    corr2d='corr2d',\n    linear='linear',\n)" in given  # what cells wait for
    code = source.replace("%pip install -q --no-deps {source}", "INSTALLED.append(source)")
    code = "import sys\nsys.modules['dlworkbook'] = None\nINSTALLED = []\n" + code.replace(
        "    import dlworkbook\n", "    pass\n").replace("\n    import dlworkbook", "\n    pass", 2)
    code = code.replace("try:\n    pass", "try:\n    import dlworkbook", 1)
    code += "\nprint(INSTALLED)"
    run = subprocess.run([sys.executable, "-c", code], cwd=dist / "student", text=True,
                         capture_output=True, check=True)
    assert "student/dlworkbook-" in run.stdout
    lost = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, text=True,
                          capture_output=True)
    assert lost.returncode and "into the folder of the notebook" in lost.stderr


def test_the_autograder_is_what_gradescope_takes(dist):
    with zipfile.ZipFile(dist / "autograder" / "lab90_autograder.zip") as archive:
        names = set(archive.namelist())
        environment = archive.read("environment.yml").decode()
        tests = archive.read("tests/1-corr2d.py").decode()
    assert {"setup.sh", "run_autograder", "otter_config.json", "tests/2-linear.py"} <= names
    (wheel,) = [n for n in names if n.endswith(".whl")]
    assert f"/autograder/source/{wheel}" in environment
    assert "torch==" in environment and "/whl/cpu" in environment
    assert "otter-grader[grading]==7" in environment
    assert tests.count("@test_case(points=3.0, hidden=False)") == 4


GRADESCOPE = """\
import glob, json, sys
from otter.run.run_autograder.autograder_config import AutograderConfig
from otter.test_files import GradingResults
from otter.test_files.exception_test import ExceptionTestFile

config = AutograderConfig(json.load(open("otter_config.json")))
tests = [ExceptionTestFile.from_file(path) for path in sorted(glob.glob("./tests/*.py"))]
for test in tests:
    test.run({"linear": lambda X, W, b: X @ W, "corr2d": lambda X, K: X * 2})
print(json.dumps(GradingResults(tests).to_gradescope_dict(config)))
"""


def test_what_a_student_reads_on_gradescope(dist, small, tmp_path):
    """Each message once, without lines of the test's own code, tasks in the order of the page."""
    with zipfile.ZipFile(dist / "autograder" / "lab90_autograder.zip") as archive:
        archive.extractall(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(lab.ROOT)}
    run = subprocess.run([sys.executable, "-c", GRADESCOPE], cwd=tmp_path, env=environment,
                         capture_output=True, text=True, check=True)
    tests = json.loads(run.stdout)["tests"]
    assert [test["name"] for test in tests] == ["1-corr2d", "2-linear"]
    assert {test["visibility"] for test in tests} == {"visible"}
    assert "Error at line" not in run.stdout and "assert report" not in run.stdout
    for test in tests:
        lines = [line.strip() for line in test["output"].splitlines() if "est case" not in line]
        told = [line for line in lines if line and line != "(see above)"]
        assert len(told) == len(set(told)) > 6 and "Hint" in test["output"]


def test_the_rubric_has_every_mistake(dist, small):
    text = (dist / "instructor" / "rubric.md").read_text(encoding="utf-8")
    page = (dist / "instructor" / "rubric.html").read_text(encoding="utf-8")
    for task in small.tasks:
        for m in task.check.mistakes:
            assert f"| {m.id} | {m.title} | {m.keeps * task.points:g} |" in text
            assert m.id in page
    assert rubric.markdown(small) == text
    task, question = replace(small.tasks[0], points=1), Written("why", 1, "ex-why", "?", "So.", ())
    one = replace(small, tasks=[task], written=[question])
    for made in (rubric.markdown(one), rubric.page(one)):
        assert "1 points" not in made and made.count("1 point") == 2 and "2 points in all" in made


def test_a_wrong_solution_fails_with_a_clear_sentence(tmp_path):
    root = small_lab.make(tmp_path / "book")
    page = root / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("return X @ W + b", "return X @ W - b"), encoding="utf-8")
    for name in ("requirements.txt", "requirements-grading.txt"):
        (root / name).write_text((lab.ROOT / name).read_text())
    with pytest.raises(lab.LabError, match=r"own solution of task 'linear' gets .* of 6 points"):
        assignment.build(90, tmp_path / "dist" / "lab90", root=root)
    assert not (tmp_path / "dist" / "lab90").exists()
    assert not list((tmp_path / "dist").iterdir())


def test_a_folder_with_other_things_is_left_alone(root, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    (tmp_path / "course" / "data").mkdir(parents=True)
    for out in (tmp_path, tmp_path / "course", tmp_path / "mine.txt"):
        with pytest.raises(lab.LabError, match=r"holds other things .* Give another OUT"):
            assignment.build(90, out, root=root)
    assert (tmp_path / "course" / "data").is_dir()


@pytest.mark.parametrize("wanted", [
    ("mistake_00",),
    pytest.param(("right_00", "mistake_03", "checks_edited", "untouched", "syntax_error"),
                 marks=pytest.mark.long),
], ids=" ".join)
def test_otter_gives_the_same_points(dist, small, tmp_path, wanted):
    """Our runner and Otter's agree, on right, half right and broken notebooks."""
    made = classroom.whole(small, most=8)
    chosen = {n: item for n, item in made.items() if any(w in n for w in wanted)}
    assert len(chosen) == len(wanted)
    classroom.write(chosen, tmp_path / "in")
    rows = grade.Grader(small, tmp_path / "out", 2).run(tmp_path / "in", quiet=True)
    for row in rows:
        result = otter_run.grade(tmp_path / "in" / row.file,
                                 dist / "autograder" / "lab90_autograder.zip")
        assert {name: found["score"] for name, found in result.items()} == row.points, row.file


def test_otter_takes_a_half_done_notebook(dist, small, tmp_path):
    """As it was handed out, with one answer: cells that wait for the other cost nothing."""
    notebook = nbformat.read(dist / "student" / "lab90.ipynb", as_version=4)
    (starter,) = [cell for cell in notebook.cells if cell.source.startswith("def linear(")]
    starter.source = "def linear(X, W, b):\n    return X @ W + b"
    assert sum(needs.named(cell.source) != [] for cell in notebook.cells) == 2
    nbformat.write(notebook, tmp_path / "half.ipynb")
    result = otter_run.grade(tmp_path / "half.ipynb", dist / "autograder" / "lab90_autograder.zip")
    assert {name: found["score"] for name, found in result.items()} == {"corr2d": 0, "linear": 6}
    assert "not done yet" in result["corr2d"]["text"].lower()


def test_otter_does_not_hang(dist, small, tmp_path, monkeypatch):
    own = next(c.source for c in small.cells if c.role == "solution" and c.kind == "code")
    made = classroom.notebook(small, {"corr2d": own, "linear": "def linear(*a):\n  while 1: pass"})
    path = tmp_path / "loop.ipynb"
    path.write_text(json.dumps(made), encoding="utf-8")
    result = otter_run.grade(path, dist / "autograder" / "lab90_autograder.zip", cell_seconds=20)
    assert result["corr2d"]["score"] == 12 and result["linear"]["score"] == 0
    assert "did not finish" in result["linear"]["text"]
    with pytest.raises(otter_run.OtterFailed, match="no result within"):
        otter_run.grade(path, dist / "autograder" / "lab90_autograder.zip", seconds=0.5)
