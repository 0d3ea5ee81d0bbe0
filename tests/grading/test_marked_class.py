"""A class with questions in words, graded, marked, graded again: through all of the grader."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from grading import grade
from grading.make import lab
from grading.marking import mark, marks, regrade, requests
from grading.marking.group import Group
from tests.grading import classroom, marked, small_lab
from tests.grading.test_mark_server import ask

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-marked")]

EXERCISE = """
::::{exercise} Why it shifts
:label: ex-lab90-shift
:number: lab 90
:level: M

Why does $y$ shift with $x$?
::::

:::{solution} ex-lab90-shift
Because **one** kernel is used everywhere.
:::

## See: training
"""
FILE = """title: A small lab
lab: 90
pages:
  - page: ch06_small/lab_example
    text: page
    points: {corr2d: 12, linear: 6}
    written:
      ex-lab90-shift:
        points: 3
        rubric: ["one kernel everywhere: 2", "says 'shared weights': 1"]
"""
NAME = "ex-lab90-shift"
LINES = ("one kernel everywhere", "says 'shared weights'")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """The small book, with a question in words."""
    root = small_lab.make(tmp_path_factory.mktemp("book"))
    page = root / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("\n## See: training\n", EXERCISE), encoding="utf-8")
    (root / "assignments" / "lab90.yml").write_text(FILE, encoding="utf-8")
    return root


def _notebook(this, answer, linear="return X @ W + b"):
    made = classroom.notebook(this, {"linear": f"def linear(X, W, b):\n    {linear}\n"})
    (cell,) = [c for c in made["cells"] if NAME in c["source"] and "Your answer" in c["source"]]
    cell["source"] += f"\n\n{answer}"
    return json.dumps(made, ensure_ascii=False)


def _grades(out):
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {line["student"]: line for line in csv.DictReader(file)}


def test_graded_marked_and_graded_again(book, tmp_path):
    this = lab.load(90, book)
    texts = {"ada": "权重共享: shared $w$.", "bo": "It does.", "cy": "No idea."}
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    for k, (name, text) in enumerate(texts.items(), start=1):
        wrong = {"linear": "return X @ W"} if name == "cy" else {}
        (given / f"{name}_{k}_{k}0_lab.ipynb").write_text(_notebook(this, text, **wrong))
    first = grade.Grader(this, out, 1)
    rows = first.run(given, quiet=True)
    assert [row.written[NAME] for row in rows] == list(texts.values())
    assert [row.points["linear"] for row in rows][:2] == [6, 6] and not rows[0].counts
    before = _grades(out)
    assert {line["points"] for line in before.values()} == {""}
    assert "\n3 of them have questions to mark by hand" in grade.summary(first.standings, 1.0, {})
    with marked.served(out, this) as server:
        group = Group(out, this)
        for points, (item, text) in zip(((2, 1), (1, 0), (0, 0)),
                                        zip(group.items(NAME), texts.values())):
            assert item.row.written[NAME] == text
            said = {"q": NAME, "s": group.id(NAME, item.row), "kind": "mark", "comment": "Ok.",
                    "points": dict(zip(LINES, points)), "seen": marks.Marks(out).state(NAME),
                    "answer": marks.digest(text), "version": marks.version(item.row)}
            assert ask(server, "save", said)[0] == 200
    kept = {path.name: path.read_bytes() for path in (out / "marks").glob("*.yml")}
    assert set(kept) == {f"canvas-{k}.yml" for k in (1, 2, 3)}
    # one hands in anew, with other words; another one changes something else
    (given / "bo_2_20_lab.ipynb").write_text(_notebook(this, "Shared weights."))
    ada = json.loads((given / "ada_1_10_lab.ipynb").read_text())
    ada["cells"].append(classroom._cell("print('one more')"))
    (given / "ada_1_10_lab.ipynb").write_text(json.dumps(ada))
    again = grade.Grader(this, out, 1)
    again.run(given, quiet=True)
    assert "\n1 of them has questions to mark by hand" in grade.summary(again.standings, 1.0, {})
    after = _grades(out)
    assert {path.name: path.read_bytes() for path in (out / "marks").glob("*.yml")} == kept
    linear = float(after["ada"]["linear"])
    assert (after["ada"]["points"], after["ada"][NAME]) == (f"{linear + 3:g}", "3")
    assert (after["bo"]["points"], after["bo"][NAME], after["bo"]["open"]) == ("", "", NAME)
    assert after["cy"][NAME] == "0" and float(after["cy"]["points"]) == float(after["cy"]["linear"])
    assert any("by hand: bo_2_20_lab.ipynb" in told for told in again.told)
    page = (out / "feedback" / "ada_1_10_lab.html").read_text(encoding="utf-8")
    assert "3 of 3" in page and "Ok." in page
    _a_student_objects(this, out, given, rows[2])


def _a_student_objects(this, out, given, cy):
    """The grader runs on what the student says was meant; the class's results stay."""
    results = {path: path.read_bytes() for path in (out / "results").iterdir()}
    new = given.parent / "cy again.ipynb"
    new.write_text(_notebook(this, "No idea."))
    with pytest.raises(regrade.NoSuchSubmission, match=r"none of the 3 files.*STUDENT="):
        regrade.request(this, out, new, "It was a typo.")
    _whose_it_is(cy, given.parent / "cy_3.ipynb")
    with pytest.raises(ValueError, match="TASK=liner is none"):
        regrade.request(this, out, new, "It was a typo.", task="liner", student="3")
    made = regrade.request(this, out, new, "It was a typo.", student="3")
    assert made.old == cy and made.new.points["linear"] == 6 > cy.points["linear"]
    stands = Group(out, this).stands(cy.file)
    assert made.new.file == cy.file and requests.proposed(made, stands, this) == {"linear": 6.0}
    assert {path: path.read_bytes() for path in (out / "results").iterdir()} == results


def _whose_it_is(cy, path):
    """A name alone is nobody's where the class has it in folders."""
    first, second = (replace(cy, file=f"{k}/lab.ipynb", student_id=id_)
                     for k, id_ in (("a", "7"), ("b", "")))
    rows, lab = [first, second, cy], path.parent / "lab.ipynb"
    assert regrade.whose(rows, path.parent / "b" / "lab.ipynb") is second
    assert regrade.whose(rows, lab, "007") is first
    assert regrade.whose(rows, lab, "b/lab.ipynb") is second
    assert regrade.whose(rows, path.with_name(cy.file)) is cy
    for few in (rows, [first]):
        with pytest.raises(regrade.NoSuchSubmission, match=r"name of a/lab\.ipynb.*STUDENT="):
            regrade.whose(few, lab)


def test_commands_say_what_is_missing(book, tmp_path, capsys):
    where = ["--root", str(book), "--out", str(tmp_path)]
    assert mark.main(["90", *where]) == 1
    assert "run `make grade` first" in capsys.readouterr().err
    assert mark.main(["91", *where]) == 1
    assert "no lab 91" in capsys.readouterr().err
    asked = ["--submission", "x.ipynb", "--claim", "I object"]
    assert regrade.main(["90", *where, *asked]) == 1
    assert "run `make grade` first" in capsys.readouterr().err
    marked.store(tmp_path, lab.load(90, book), marked.rows())
    command = [sys.executable, "-m", "grading.marking.mark", "90", *where]
    with subprocess.Popen(command, cwd=lab.ROOT, stdout=subprocess.PIPE, text=True,
                          env=os.environ | {"PYTHONPATH": str(lab.ROOT)}) as running:
        said = [running.stdout.readline() for _ in range(5)]
        running.send_signal(2)
        said.append(running.stdout.read())
        assert running.wait(60) == 0
    assert said[0].startswith("3 submissions.") and "http://127.0.0.1:" in said[2]
    assert "What you marked is saved" in said[-1]
