"""The last cell of a student's notebook: it adds up the points, and grading is not moved by it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

from grading.make import everything
from grading.make.lab import ROOT
from grading.make.written import Written
from grading.read import reading
from grading.run import stub
from tests.grading import classroom


def _cell(lab):
    return lab.cells[-1]


def test_it_tells_the_points_that_the_assignment_gives(small):
    """With the solution every point, without an answer none."""
    call = _cell(small).source.partition("\n\n")[2]
    names = _with_checks({})
    told = eval(call, names)
    assert (told.points, told.most) == (0, small.total)
    for cell in small.cells:
        if cell.role == "solution" and cell.kind == "code":
            exec("import numpy as np\n" + cell.source.split("\nassert ")[0], names)
    told = eval(call, names)
    assert told.points == told.most == small.total
    assert [line.task for line in told.lines] == [task.name for task in small.tasks]


def _with_checks(names: dict) -> dict:
    exec("from dlworkbook import checks", names)
    return names


def test_what_students_do_not_see_and_what_is_marked_by_hand(small):
    by_hand = Written("ex-why", 2.5, "ex-why", "Why?", "Because.", ())
    lab = replace(small, plan=replace(small.plan, show=("corr2d",)), written=[by_hand])
    *_, cell = everything.cells(lab)
    names = {"corr2d": lambda X, K: X, "linear": lambda X, W, b: X}
    told = eval(cell.source.partition("\n\n")[2], _with_checks(names))
    assert [(line.task, line.points) for line in told.lines] == [
        ("corr2d", 0), ("linear", None), ("ex-why", None),
    ]  # fmt: skip
    assert "'linear': ('linear', 6)" in cell.source.partition("later=")[2]
    assert everything.cells(replace(small, tasks=[])) == []


def test_grading_leaves_it_out(small, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(classroom.notebook(small)), encoding="utf-8")
    read = reading.read(path, small, {})
    (k,) = [k for k, source in enumerate(read.cells) if "checks.everything" in source]
    assert k == len(read.cells) - 1 and k in read.skipped


def test_an_edited_one_does_nothing_when_graded(small):
    """It runs then, in a process that sees a copy of the checks which checks nothing."""
    edited = _cell(small).source.replace("12", "1200").replace("globals()", "{}, 3")
    code = f"from {stub.__name__} import put\nput([])\n{edited}\nprint(checks.everything())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "None\n", "")
