"""A whole class is graded: each file gets the row that it must get, and nothing is left behind."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grading import grade
from grading.make import lab
from grading.report import results
from tests.grading import classroom

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-class")]


@pytest.fixture(scope="module")
def graded(small, tmp_path_factory):
    """The small lab's class, graded with two processes."""
    made = classroom.whole(small)
    folder = tmp_path_factory.mktemp("class")
    classroom.write(made, folder / "in")
    start = time.monotonic()
    rows = grade.Grader(small, folder / "out", 2).run(folder / "in", quiet=True)
    return made, rows, folder / "out", time.monotonic() - start


def test_every_file_gets_its_row(graded, small):
    made, rows, _, _ = graded
    assert len(made) >= 40 and classroom.differences(rows, made, small) == []


def test_each_named_mistake_is_in_the_class(graded, small):
    _, rows, _, _ = graded
    wanted = {m.id for task in small.tasks for m in task.check.mistakes}
    assert {id_ for row in rows for id_ in row.mistakes} == wanted


def test_the_comparison_can_fail(graded, small):
    made, rows, _, _ = graded
    for change in ({"status": "stopped"}, {"points": {"corr2d": 1.0, "linear": 6}},
                   {"codes": ["other"]}, {"reports": {"corr2d": {"mistake": "X", "pair": None}}}):
        named = next(r for r in rows if "loop_at_top" in r.file)
        other = [dataclasses.replace(r, **change) if r is named else r for r in rows]
        assert classroom.differences(other, made, small) or "reports" in change
    assert classroom.differences(rows[1:], made, small)


def test_what_is_written(graded, small):
    made, rows, out, _ = graded
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["file"] for line in lines] == [row.file for row in rows] == sorted(made)
    assert (out / "gradebook_canvas.csv").is_file()
    assert not (out / "gradebook_moodle.csv").exists()  # without a worksheet: test_moodle.py
    assert len(list((out / "feedback").rglob("*.html"))) == len(made)
    assert not list(out.rglob("*.part"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "LAB5-01" in page


def test_feedback_never_shows_an_answer(graded, small):
    _, _, out, _ = graded
    code = [c.source for c in small.cells if c.role == "solution" and c.kind == "code"]
    lines = {line.strip() for source in code for line in source.splitlines() if "=" in line}
    text = "\n".join(p.read_text(encoding="utf-8") for p in (out / "feedback").rglob("*.txt"))
    assert lines and not [line for line in lines if line in text]


def test_nothing_is_left_behind(graded):
    assert not Path("/tmp/written_by_a_submission").exists()
    end = time.monotonic() + 60  # another class that is graded now ends its own in seconds
    while "sleep 600" in _running() and time.monotonic() < end:
        time.sleep(0.5)
    assert "sleep 600" not in _running()


def _running() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout


def test_a_second_run_grades_nothing(graded, small):
    _, rows, out, _ = graded
    again = grade.Grader(small, out, 2)
    before = _results(out)
    found = again.run(out.parent / "in", quiet=True)
    after = _results(out)
    for old, new in zip(rows, found, strict=True):
        if old.again:  # its end may have come from outside
            assert new.run != old.run and (new.points, new.status) == (old.points, old.status)
        else:
            assert new.as_dict() == old.as_dict()
    tried = sum(row.again for row in rows)
    assert tried < 6 and sum(after[name] != before[name] for name in before) == tried


def _results(out: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in (out / "results").glob("*.json")}


def _row(text: str) -> results.Row:
    data = json.loads(text)
    return results.Row(**{f.name: data[f.name] for f in dataclasses.fields(results.Row)})


@pytest.mark.parametrize(("size", "killed_after"), [
    pytest.param({"most": 12, "only": ("empty.ipynb", "checks_twice.ipynb")}, 5, id="small"),
    pytest.param({"most": 24}, 14, id="class", marks=pytest.mark.long),
])
def test_a_killed_run_goes_on_where_it_was(small, root, tmp_path, size, killed_after):
    made = classroom.whole(small, **size)
    classroom.write(made, tmp_path / "in")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "grading.grade", "90", str(tmp_path / "in"),
               "--root", str(root), "--out", str(out), "--jobs", "2"]
    environment = os.environ | {"PYTHONPATH": str(lab.ROOT)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    first = subprocess.Popen(command, cwd=lab.ROOT, env=environment, **quiet)
    end = time.monotonic() + 400
    while time.monotonic() < end and len(list(out.glob("results/*.json"))) < killed_after:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kept = _results(out)
    assert killed_after <= len(kept) < len(made)
    assert not (out / "grades.csv").exists()
    rows = grade.Grader(small, out, 2).run(tmp_path / "in", quiet=True)
    assert classroom.differences(rows, made, small) == []
    after = _results(out)
    done = {name: text for name, text in kept.items() if not _row(text).again}
    assert len(done) > killed_after / 2
    assert {name: after[name] for name in done} == done  # none is graded twice
    runs = [_row(text).run for text in after.values()]
    first_run = _row(next(iter(done.values()))).run
    assert len(set(runs)) == 2 and runs.count(first_run) == len(done)


def test_a_changed_file_is_graded_anew_and_only_that(small, tmp_path):
    made = dict(list(classroom.whole(small, most=4).items())[:4])
    classroom.write(made, tmp_path / "in")
    grade.Grader(small, tmp_path / "out", 2).run(tmp_path / "in", quiet=True)
    before = _results(tmp_path / "out")
    name = sorted(made)[0]
    (tmp_path / "in" / name).write_bytes(b"")
    rows = grade.Grader(small, tmp_path / "out", 2).run(tmp_path / "in", quiet=True)
    assert [row.status for row in rows if row.file == name] == ["rejected"]
    after = _results(tmp_path / "out")
    assert sum(before[key] != after[key] for key in before) == 1
