"""Boxes for answers as tasks with points: handed out, graded, and told with their own sentences."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from grading import grade
from grading.make import assignment, lab, rubric
from grading.run import otter_run
from publish import lint
from tests.grading import small_lab

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-boxes")]

NUMBER = 93
EXERCISE = """\
::::{exercise} Sizes
:label: ex-lab93-size
:number: lab 93
:level: E

How tall is the output? Write `my_ex_lab93_size`.

:::{answer} ex-lab93-size
kind: integer
ask: "Height"
is: 6
slips: [{is: 8, say: "Nothing is padded here."}]
else: "Count the places of the window."
:::

And its shape?

:::{answer} ex-lab93-size-shape
kind: shape
ask: "Shape"
is: [2, 8, 6, 6]
slips: [{is: [2, 6, 6, 8], say: "Channels come second."}]
else: "Batch, channels, height, width."
:::

:::{hint}
Count.
:::
::::

:::{solution} ex-lab93-size
Nine, less four, and one.
:::

```{code-cell} python
:tags: [solution]
checks.proves('ex-lab93-size', 9 - 4 + 1)
checks.proves('ex-lab93-size-shape', (2, 8, 6, 6))
```

"""
HOSTILE = """\
class Key:
    def tolist(self):
        import os
        os._exit(0)

class Sleeper:
    def detach(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

class Raiser:
    def tolist(self):
        raise SystemExit
"""
NOT_YET = "Not answered yet: write your answer in place of `...`, and run this again."
# What a student writes, and of each box the points and what is said.
GIVEN = {
    "right": ("ex_lab93_size = 6", "ex_lab93_size_shape = '2 x 8 x 6 x 6'", (3, ""), (2, "")),
    "own_names": ("my_ex_lab93_size = 2 * 3", "ex_lab93_size_shape = [2, 8, 6, 6]",
                  (3, ""), (2, "")),
    "slip": ("ex_lab93_size = 8", "ex_lab93_size_shape = (2, 6, 6, 8)",
             (0, "Nothing is padded here."), (0, "Channels come second.")),
    "wrong": ("ex_lab93_size = 7", "ex_lab93_size_shape = (1,)",
              (0, "Count the places of the window."), (0, "Batch, channels, height, width.")),
    "malformed": ("ex_lab93_size = 'six'", "ex_lab93_size_shape = {1: 2}",
                  (0, None), (0, "This is of type dict; a shape is asked for.")),
    "untouched": ("ex_lab93_size = ...", "ex_lab93_size_shape = ...",
                  (0, NOT_YET), (0, NOT_YET)),
    "missing": ("", "", (0, "The notebook defines no `ex_lab93_size`."),
                (0, "The notebook defines no `ex_lab93_size_shape`.")),
    "starter_below": ("ex_lab93_size = 6", "ex_lab93_size_shape = (2, 8, 6, 6)\n"
                      "ex_lab93_size = ...", (3, ""), (2, "")),
    "raises": (f"{HOSTILE}\nex_lab93_size = Raiser()", "ex_lab93_size_shape = (2, 8, 6, 6)",
               (0, "This Raiser raised SystemExit when it was read."), (2, "")),
    "endless": (f"{HOSTILE}\nex_lab93_size = Sleeper()", "ex_lab93_size_shape = (2, 8, 6, 6)",
                (0, "This Sleeper did not tell within 5 s what it is."), (2, "")),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A book whose lab has a function and two boxes with points."""
    made = small_lab.make(tmp_path_factory.mktemp("boxes"))
    page = made / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8").replace("lab90", "lab93")
    text = text.replace("lab 90", "lab 93").replace('lab: ["90"]', 'lab: ["93"]')
    small_lab.replan(made, NUMBER, "{corr2d: 12, linear: 6}",
                     "{corr2d: 12, ex-lab93-size: 3, ex-lab93-size-shape: 2, linear: 6}")
    text = text.replace("::::{exercise} A linear", f"{EXERCISE}::::{{exercise}} A linear")
    page.write_text(text, encoding="utf-8")
    for name in ("requirements.txt", "requirements-grading.txt"):
        shutil.copy(lab.ROOT / name, made / name)
    return made


@pytest.fixture(scope="module")
def this(root) -> lab.Lab:
    return lab.load(NUMBER, root)


@pytest.fixture(scope="module")
def dist(root, tmp_path_factory) -> Path:
    return assignment.build(NUMBER, tmp_path_factory.mktemp("dist") / "lab93", root=root)


def filled(dist: Path, name: str) -> nbformat.NotebookNode:
    """The handed-out notebook with what this student gives in the boxes."""
    notebook = nbformat.read(dist / "student" / "lab93.ipynb", as_version=4)
    for starter, given in zip(("ex_lab93_size = ...", "ex_lab93_size_shape = ..."), GIVEN[name]):
        cell = next(c for c in notebook.cells if c.source == starter)
        cell.source = given
    return notebook


@pytest.fixture(scope="module")
def graded(this, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for name in GIVEN:
        nbformat.write(filled(dist, name), folder / "in" / f"{name}.ipynb")
    rows = grade.Grader(this, folder / "out", 2).run(folder / "in", quiet=True)
    return {row.file.removesuffix(".ipynb"): row for row in rows}, folder / "out"


def test_lint_finds_nothing(root):
    found = lint.lint(root)
    assert [i for i in found if "answer" in i.message or "task" in i.message] == []


def test_the_tasks_are_those_of_the_page_in_its_order(this):
    assert [(t.name, t.answer, t.points, bool(t.spec)) for t in this.tasks] == [
        ("corr2d", "corr2d", 12, False), ("ex-lab93-size", "ex_lab93_size", 3, True),
        ("ex-lab93-size-shape", "ex_lab93_size_shape", 2, True), ("linear", "linear", 6, False),
    ]


def test_what_is_handed_out(dist):
    """Label, points, line to fill in, check; and no key."""
    notebook = nbformat.read(dist / "student" / "lab93.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells]
    at = sources.index("ex_lab93_size = ...")
    assert sources[at - 2].endswith("**Height**: `ex_lab93_size`, a whole number.")
    assert "Write `ex_lab93_size`." in sources[at - 2] and sources[at - 1] == "**3 points.**"
    assert sources[at + 1].endswith("checks.check('ex-lab93-size', ex_lab93_size)")
    assert "my_" not in "".join(sources) and "[2, 8, 6, 6]" not in "".join(sources)
    solution = nbformat.read(dist / "instructor" / "lab93_solution.ipynb", as_version=4)
    assert "ex_lab93_size = 6" in [cell.source for cell in solution.cells]


@pytest.mark.parametrize("name", GIVEN)
def test_each_value_gets_its_points_and_its_sentence(graded, name):
    row = graded[0][name]
    *_, first, second = GIVEN[name]
    for task, (points, said) in (("ex-lab93-size", first), ("ex-lab93-size-shape", second)):
        assert row.points[task] == points, task
        assert said is None or row.reports[task]["message"] == said, task
    assert row.status in ("graded", "look"), row.reason


def test_a_value_that_ends_the_process_costs_its_own_notebook(this, dist, tmp_path):
    notebook = filled(dist, "right")
    cell = next(c for c in notebook.cells if c.source == GIVEN["right"][0])
    cell.source = f"{HOSTILE}\nex_lab93_size = Key()"
    (tmp_path / "in").mkdir()
    nbformat.write(notebook, tmp_path / "in" / "a.ipynb")
    nbformat.write(filled(dist, "right"), tmp_path / "in" / "b.ipynb")
    first, second = grade.Grader(this, tmp_path / "out", 2).run(tmp_path / "in", quiet=True)
    assert first.points["ex-lab93-size"] == 0 and second.points["ex-lab93-size"] == 3


def test_slips_are_told_in_feedback_report_and_rubric(graded, this):
    out = graded[1]
    feedback = (out / "feedback" / "slip.html").read_text(encoding="utf-8")
    assert "Nothing is padded here." in feedback and "0 of 3" in feedback
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "<td>ex-lab93-size</td><td>Nothing is padded here.</td><td>1</td>" in report
    assert "slip" not in report.partition("Wrong without a name")[2].partition("</p>")[0]
    text = rubric.markdown(this)
    assert "## ex-lab93-size (`ex_lab93_size`): 3 points" in text
    assert "| `8` | Nothing is padded here. | 0 |" in text


def test_looking_up_the_key_is_noticed(this, dist, tmp_path):
    notebook = filled(dist, "right")
    cell = next(c for c in notebook.cells if c.source == GIVEN["right"][0])
    cell.source = "from dlworkbook import answers\nex_lab93_size = 6"
    (tmp_path / "in").mkdir()
    nbformat.write(notebook, tmp_path / "in" / "a.ipynb")
    (row,) = grade.Grader(this, tmp_path / "out", 1).run(tmp_path / "in", quiet=True)
    assert "reads_checks" in row.codes and row.total == 0


@pytest.mark.parametrize("name", ["slip", pytest.param("raises", marks=pytest.mark.long)])
def test_otter_gives_the_same(dist, tmp_path, graded, name):
    path = tmp_path / "a.ipynb"
    nbformat.write(filled(dist, name), path)
    got = otter_run.grade(path, dist / "autograder" / "lab93_autograder.zip")
    row = graded[0][name]
    for task in ("ex-lab93-size", "ex-lab93-size-shape"):
        assert got[task]["score"] == row.points[task]
        assert row.reports[task]["message"] in got[task]["text"]


BROKEN = {
    "no box": ("ex-lab93-size: 3", "ex-lab93-none: 3", "holds the answer 'ex-lab93-none'"),
    "order": ("ex-lab93-size: 3, ex-lab93-size-shape: 2, linear: 6",
              "linear: 6, ex-lab93-size: 3, ex-lab93-size-shape: 2", "in the order corr2d, ex-"),
    "box and starter": (":::{solution} ex-lab93-size", "```{code-cell} python\n:tags: [starter]\n"
                        "my_more = ...\n```\n\n:::{solution} ex-lab93-size", "make it two"),
    "box below Break": ("::::{exercise} Sizes", "## Break\n\n::::{exercise} Sizes",
                        "holds the answer 'ex-lab93-size'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_lab_that_lacks_something_is_refused(root, tmp_path, case):
    old, new, message = BROKEN[case]
    other = tmp_path / "book"
    shutil.copytree(root, other)
    page, plan = other / "book" / "ch06_small" / "lab_example.md", other / "assignments/lab93.yml"
    place = next(path for path in (page, plan) if old in path.read_text(encoding="utf-8"))
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(lab.LabError, match=message):
        lab.load(NUMBER, other)
