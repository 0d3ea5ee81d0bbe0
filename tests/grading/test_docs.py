"""The instructors' pages say what the code does."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import yaml

from dlworkbook.checks.tasks import load, names
from grading import grade
from grading.make.lab import ROOT
from grading.make.plan import load as load_plan
from grading.make.written import Written
from grading.marking import lines, marks
from grading.read import reading
from grading.report import grades, results
from grading.roster import book, dates, late
from grading.run import cgroup, mounts, sandbox, worker

PAGES = ROOT / "book" / "instructors"
GRADE = (PAGES / "grade.md").read_text(encoding="utf-8")
LIMITS = (PAGES / "limits.md").read_text(encoding="utf-8")
SOURCES = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "grading").rglob("*.py")))


def test_limits():
    limits = grade.LIMITS
    told = (
        f"{worker.CELL_SECONDS:g} seconds of processor time for a cell, 5 for a check, "
        f"{limits['seconds']:g} seconds on the clock for the whole notebook, and "
        f"{limits['memory'] / 1e6:g} MB of memory"
    )
    assert told in GRADE
    together = limits["memory"] + cgroup.BESIDE + mounts.FOLDER_BYTES
    folder = f"{mounts.FOLDER_BYTES / 1e6:g} MB and {mounts.FOLDER_FILES:,} files"
    for text in (f"{together / 1e6:g} MB", f"{cgroup.TASKS} processes and threads", folder):
        assert text in LIMITS
    assert f"{together / 1e6:g} MB" in GRADE
    assert all(f"`{name}`" in LIMITS for name in (*sandbox.MISSING, *sandbox.BESIDE))


def test_standings_and_the_columns_of_rosters():
    text = (PAGES / "gradebook.md").read_text(encoding="utf-8")
    told = text[text.index("**`standings.csv`**") :]
    places = [told.index(f"`{name}`") for name in book.HEAD]
    assert places == sorted(places)
    assert all(f"`{name}`" in text for name in late.Late.__dataclass_fields__
               if name not in ("grace_minutes", "days"))
    assert "two dozen languages" in text and len(dates.LANGUAGES) == 24


def test_examples_of_assignments_and_marks(tmp_path):
    """What an instructor copies from the pages exists, and can be used."""
    text = (PAGES / "assign.md").read_text(encoding="utf-8")
    block = text.split("begins so:\n\n```\n")[1].split("```")[0]
    assert (ROOT / "assignments" / "week06_convolution.yml").read_text().startswith(block)
    text += (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    boxes = {name for path in (ROOT / "dlworkbook" / "answers" / "pages").rglob("*.json")
             for name in json.loads(path.read_text(encoding="utf-8"))}
    told = [yaml.safe_load(held) for held in re.findall(r"points: (\{[^}]*\})", text)]
    assert len(told) > 4 and {name for one in told for name in one} <= boxes | {*names()}
    entry = (PAGES / "mark.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    (tmp_path / "id-1.yml").write_text(entry, encoding="utf-8")
    found = marks.load(tmp_path / "id-1.yml").entries
    assert [one.kind for one in found] == ["mark", "override"]
    plan = load_plan(ROOT / "assignments" / "week06_convolution.yml")
    (asked,) = [q for part in plan.pages for n, q in part.written.items() if n == found[0].task]
    asked = Written(found[0].task, asked.points, "", "", "", asked.rubric)
    assert lines.total(asked, found[0].points) < asked.points
    assert found[1].points <= plan.points[found[1].task]


def test_columns_of_the_grades(small):
    text = GRADE.split("**`grades.csv`**")[1].split("\n- ")[0]
    tasks = [task.name for task in small.tasks]
    (head, *_) = csv.reader(io.StringIO(grades.table([], small)))
    assert [name for name in head if name not in tasks and f"`{name}`" not in text] == []


def test_codes_and_statuses():
    codes = re.search(r"one word for each thing that happened: (.*?), and some rarer", GRADE)[1]
    named = re.findall(r"`(\w+)`", codes)
    assert len(named) > 15
    for code in named:
        assert f'"{code}"' in SOURCES, code
    statuses = re.findall(r"^\| `(\w+)` \|", GRADE, re.MULTILINE)
    assert statuses == ["graded", "look", "stopped", "rejected"]
    assert {"reads_checks"} == results.WITHHELD and "reads_checks" in GRADE
    assert all(isinstance(text, str) for text in reading.INSIDE)
    assert f"{reading.LARGEST / 1e6:.0f} MB" in GRADE


def test_hours_of_the_syllabus():
    text = (PAGES / "syllabus.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[1]) for row in rows] == list(range(1, 15))
    assert f"makes {sum(int(row[-2]) for row in rows)} hours" in text
    labs = " ".join(row[4] for row in rows)
    assert all(f"lab {n}" in labs for n in (2, 3, 5, 6, 8, 9))
    questions = " ".join(row[6] for row in rows)
    assert {int(n) for n in re.findall(r"\b(\d+):", questions)} == set(range(1, 11))


def test_otter_changes_no_pin():
    """Nothing that requirements-grading.txt names is pinned elsewhere, and Otter is exact."""
    lines = (ROOT / "requirements-grading.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins == ["otter-grader==7.0.0"]
    assert "otter" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_readers_notebooks_never_import_otter():
    notebooks = list(Path(ROOT / "notebooks").rglob("*.ipynb"))
    assert notebooks
    assert not [p for p in notebooks if re.search(r"\botter", p.read_text(encoding="utf-8"))]


def test_the_package_that_students_install_knows_nothing_of_grading():
    for path in (ROOT / "dlworkbook").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import otter" not in text and "from grading" not in text, path


SHARES = {"three quarters": 0.75, "half": 0.5, "a quarter": 0.25}


def test_what_the_notes_say_of_marks_is_what_the_rubric_gives():
    """In each sentence of labs.md, a share belongs to the mistakes named since the share before."""
    kept: dict[str, set[float]] = {}
    for task in names():
        for m in load(task).mistakes:
            if task != "conv2d" or m.id not in {c.id for c in load("corr2d").mistakes}:
                kept.setdefault(m.id, set()).add(m.keeps)
    told = {}
    text = (PAGES / "labs.md").read_text(encoding="utf-8")
    for sentence in re.split(r"(?<=[.;:])\s", text):
        pending = []
        for id_, share in re.findall(
            rf"([A-Z]+\d*D?-\w+(?:-\w+)?)|keeps? ({'|'.join(SHARES)})", sentence
        ):
            if id_:
                pending.append(id_)
            else:
                told |= dict.fromkeys(pending, SHARES[share])
                pending = []
    wrong = {id_: share for id_, share in told.items() if kept.get(id_) != {share}}
    assert not wrong and len(told) > 35, (wrong, told)
