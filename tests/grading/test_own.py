"""A folder of an instructor's own, from the template: made, solved, graded; and broken ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from dlworkbook import answers
from grading import grade
from grading.make import assignment, lab, plan
from grading.make.lab import ROOT
from publish import lint
from tests.grading import small_lab

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-own")]

TEMPLATE = ROOT / "assignments" / "template"
PAGE, TASK = "my_course/pages/gradient_clipping.md", "my_course/tasks/clip_norm.py"
RIGHT = {
    "def clip_norm": "def clip_norm(g, most):  # 梯度\n    n = (g @ g) ** 0.5\n"
                     "    return g if n <= most else most * g / n",
    "ex_clip_factor =": "ex_clip_factor = 0.2",
    "**Your answer to": "**Your answer to this** (`ex-clip-direction`)\n\nIt turns.",
}  # fmt: skip
WRONG = {
    "def clip_norm": "def clip_norm(g, most):\n    return np.clip(g, -most, most)",
    "ex_clip_factor =": "ex_clip_factor = '1/7'",
}
# Looks for what the grader knows, and for the packed tasks of the set-up cell.
SPY = {"def clip_norm": """\
def clip_norm(g, most):
    import gc, sys
    seen = [name for name in sys.modules if '_own' in name]
    for one in gc.get_objects():
        if type(one) is list and any(type(x) is str and 'checks.' 'hold(' in x for x in one):
            seen.append('the set-up cell')
    from dlworkbook.checks import own
    raise ValueError(f'{seen} {own.SOURCES}')
"""}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of the template outside of the repository; the file of its assignment."""
    place = tmp_path_factory.mktemp("home") / "course"
    shutil.copytree(TEMPLATE, place)
    return place / "my_week.yml"


@pytest.fixture(scope="module")
def dist(course, tmp_path_factory) -> Path:
    """What is handed out; or it raises, because the solution did not get every point."""
    return assignment.build(course, tmp_path_factory.mktemp("dist") / "my_week")


def notebook(dist: Path, code: dict[str, str]) -> nbformat.NotebookNode:
    made = nbformat.read(dist / "student" / "my_week.ipynb", as_version=4)
    for cell in made.cells:
        new = [text for start, text in code.items() if cell.source.startswith(start)]
        cell.source = new[0] if new else cell.source
    return made


@pytest.fixture(scope="module")
def graded(course, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for name, code in {"right": RIGHT, "wrong": WRONG, "spy": SPY}.items():
        nbformat.write(notebook(dist, code), folder / "in" / f"{name}.ipynb")
    rows = grade.Grader(lab.load(course), folder / "out", 1).run(folder / "in", quiet=True)
    return {row.file.removesuffix(".ipynb"): row for row in rows}


def test_what_is_handed_out(course, dist):
    made = notebook(dist, {})
    text = nbformat.writes(made)
    for secret in ("sum(float(number)", "length = np.sqrt", "CLIP-01", "points down", "1/25"):
        assert secret not in text  # packed, or not there
    assert str(course.parent) not in text and made.metadata["workbook"]["source"] == (
        "own/gradient_clipping.md")
    assert [c.source for c in made.cells if "check" in c.metadata.get("tags", [])][:2] == [
        "checks.check('clip_norm', clip_norm)",
        "from dlworkbook import checks\n\nchecks.check('ex-clip-factor', ex_clip_factor)"]
    rubric = (dist / "instructor" / "rubric.md").read_text(encoding="utf-8")
    assert "| CLIP-01 | each number is clipped by itself | 2 |" in rubric
    assert "- each number alone changes the direction, with an example: 2" in rubric
    with zipfile.ZipFile(dist / "autograder" / "my_week_autograder.zip") as file:
        told = file.read("tests/1-clip_norm.py").decode()
    packed = told.partition("checks.hold(")[2].partition(")")[0].strip("'\\\"")
    assert answers.unpacked(packed) == {"clip_norm": (course.parent / TASK).read_text("utf-8")}


def test_a_students_checks_work_with_the_installed_package(dist, tmp_path):
    """With nothing but the package and the notebook; a forged task does not outlive an import."""
    cells = notebook(dist, WRONG).cells
    code = [c.source for c in cells if c.cell_type == "code"]
    setup = code[0].replace("%pip", "# %pip").replace("import dlworkbook", "import dlworkbook", 1)
    code[0] = setup.replace("    # %pip", "    pass  #")
    code[-1] = code[-1].replace("checks.everything(", "said = checks.everything(")
    true = code[0].partition("checks.hold(")[2].partition("\n    '")[2]
    true = "".join(part.strip().strip("'") for part in f"'{true}".split("\n")[:-1])
    forged = (TEMPLATE / TASK).read_text(encoding="utf-8").replace("if length > most", "if False")
    end = f"""
import sys
checks.hold({answers.packed({"clip_norm": forged})!r})
assert checks.check("clip_norm", lambda g, most: g).passed
for name in [name for name in sys.modules if name.split(".")[0] == "dlworkbook"]:
    del sys.modules[name]
from dlworkbook import checks
assert checks.check("clip_norm", lambda g, most: g).status == "unknown_task"
checks.hold({true!r})
assert not checks.check("clip_norm", lambda g, most: g).passed
print(said)
"""
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*code, end])], cwd=tmp_path, text=True,
        capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "each number is clipped by itself (CLIP-01)" in done.stdout
    assert "The numbers were added" in done.stdout and "2 of 10 points so far" in done.stdout


def test_grades(graded):
    right, wrong, spy = (graded[name] for name in ("right", "wrong", "spy"))
    assert right.points == {"clip_norm": 8, "ex-clip-factor": 2} and right.most == 13
    assert right.written == {"ex-clip-direction": "It turns."} and not right.counts
    assert wrong.points == {"clip_norm": 2, "ex-clip-factor": 0}
    assert (wrong.mistakes, wrong.reports["clip_norm"]["title"]) == (
        ["CLIP-01"], "each number is clipped by itself")
    assert "The numbers were added" in wrong.reports["ex-clip-factor"]["message"]
    assert "ValueError: [] {}" in spy.reports["clip_norm"]["message"]


def test_a_check_that_students_do_not_see_is_not_in_their_notebook(course):
    path = course.with_name("hidden.yml")
    path.write_text(course.read_text(encoding="utf-8") + "show: [ex-clip-factor]\n", "utf-8")
    made = lab.load(path)
    assert list(answers.unpacked(made.keys)) == ["ex-clip-factor"]
    assert list(answers.unpacked(made.told())) == ["ex-clip-factor", "clip_norm"]
    path.write_text(course.read_text(encoding="utf-8") + "show: none\n", encoding="utf-8")
    assert lab.load(path).keys == ""


def test_a_whole_page_and_a_page_of_the_book_beside_it(course):
    path = course.with_name("whole.yml")
    text = course.read_text(encoding="utf-8").replace("gradient_clipping\n", (
        "gradient_clipping\n    text: page\n"))
    path.write_text(f"{text}  - page: ch02_preliminaries/tensor_puzzles\n"
                    "    points: {one_hot: 4}\n", encoding="utf-8")
    made = lab.load(path)
    assert [task.name for task in made.tasks] == ["clip_norm", "ex-clip-factor", "one_hot"]
    assert any("One bad batch" in cell.source for cell in made.cells)
    assert list(made.sources) == ["clip_norm"]


def test_grades_are_stale_when_a_task_or_what_it_shares_changes(course, tmp_path):
    place = shutil.copytree(course.parent, tmp_path / "course")
    task, shared = place / TASK, place / "my_course" / "tasks" / "_shared.py"
    found = [lab.load(place / "my_week.yml").fingerprint]
    shared.write_text("import fractions\n\nMOST = fractions.Fraction(1)\n", encoding="utf-8")
    task.write_text(task.read_text(encoding="utf-8").replace(
        "import numpy as np\n", "import numpy as np\n\nfrom ._shared import MOST\n"), "utf-8")
    found.append(lab.load(place / "my_week.yml").fingerprint)
    assert "fractions" in lab.load(place / "my_week.yml").imports  # students' machines need it
    shared.write_text("MOST = 2\n", encoding="utf-8")
    found.append(lab.load(place / "my_week.yml").fingerprint)
    assert len(set(found)) == 3


# -- what is wrong: in which file, what is replaced, by what; the line that is told, and the words.
WEEK, NONE = "my_week.yml", ""
BROKEN = {
    "no such page": (WEEK, "own/gradient_clipping", "own/gradient_cliping", "- page: ",
                     "there are own/gradient_clipping; is it 'own/gradient_clipping'?"),
    "no such folder": (WEEK, "own: my_course", "own: course", "own: ",
                       "there is no folder 'course' beside this file"),
    "no such task": (WEEK, "clip_norm: 8", "clip: 8", "points: {", "there is no check 'clip'"),
    "a check of no task": (PAGE, "checks.check('clip_norm', my", "checks.check('clipnorm', my",
                           "```{code-cell} python\n:tags: [check]",
                           "there is no task 'clipnorm'; is it 'clip_norm'?"),
    "no hint": (PAGE, ":::{hint}\nPythagoras.\n:::\n", "", "::::{exercise} By hand",
                "has no hint"),
    "a directive that no page has": (PAGE, ":::{hint}\nPythagoras", ":::{clue}\nPythagoras",
                                     ":::{hint}\nPythagoras", "unknown directive {clue}"),
    "a key that nothing proves": (PAGE, "checks.proves('ex-clip-factor', ", "print(", ":::{answer}",
                                  "no cell proves answer 'ex-clip-factor'"),
    "a label of the book": (PAGE, "ex-clip-norm", "ex-conv-size", "::::{exercise} Shorten",
                            "is also defined in book/ch06_convolutional_networks/"),
    "no notebook": (PAGE, "jupytext: ", "jupiter: ", NONE, "the front matter needs jupytext"),
    "a wrong key": (PAGE, "is: 1/5", "is: 1/4", "```{code-cell} python\n:tags: [solution]\nchecks",
                    "AssertionError: the key of ex-clip-factor is '1/4'"),
    "no Python": (TASK, 'draft.probe("zero"', 'draft.probe(zero"', 'draft.probe("zero"',
                  "this is not Python"),
    "it stops": (TASK, "draft.instead(lambda g, most, length: g * min",
                 "draft.insted(lambda g, most, length: g * min",
                 "    draft.instead(lambda g, most, length: g * min",
                 "the task does not load: AttributeError: 'Draft' object has no attribute"),
    "a package that students lack": (TASK, "as np\n", "as np\nimport yaml\n",
                                     "\nfrom dlworkbook", "'yaml' is no package that students get"),
    "no TASK": (TASK, "TASK = draft", "TASKS = draft", NONE, "it holds no TASK"),
    "another name": (TASK, '"clip_norm", CONTRACT', '"clip", CONTRACT', "TASK = ",
                     "TASK is 'clip', but the file is called clip_norm.py"),
    "a reference that gives nothing": (TASK, "return np.asarray([", "np.asarray([",
                                       "def reference", "does not pass its own check"),
    "a solution that is wrong": (PAGE, "if length > most", "if length < most",
                                 "```{code-cell} python\n:tags: [solution]\ndef clip",
                                 "AssertionError: assert checks.check('clip_norm', clip_norm)"),
    "a mistake that no probe shows": (TASK, "min(1, most / max(length**2, 1e-300))",
                                      "min(1, most / max(length, 1e-300))", '    "CLIP-03"',
                                      "an answer with mistake 'CLIP-03' passes the check"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_told_with_file_and_line(course, tmp_path, case):
    file, old, new, where, message = BROKEN[case]
    place = shutil.copytree(course.parent, tmp_path / "course")
    text = (place / file).read_text(encoding="utf-8")
    assert old in text
    (place / file).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(lab.LabError) as refused:
        assignment.build(place / "my_week.yml", tmp_path / "out")
    told = str(refused.value)
    line = text[: text.index(where)].count("\n") + 1
    assert f"{place}/{file}:{line}: " in told and message in told, told
    assert not (tmp_path / "out").exists()


def test_a_task_of_the_book_keeps_its_name(course, tmp_path):
    place = shutil.copytree(course.parent, tmp_path / "course")
    (place / TASK).rename(place / "my_course" / "tasks" / "softmax.py")
    week = place / "my_week.yml"
    week.write_text(week.read_text("utf-8").replace("clip_norm: 8, ", ""), encoding="utf-8")
    with pytest.raises(lab.LabError) as refused:
        assignment.build(week, tmp_path / "out")
    assert "tasks/softmax.py:1: the book has a task 'softmax' already" in str(refused.value)


def test_lint_leaves_the_folder_alone(tmp_path):
    root = small_lab.make(tmp_path / "book")
    shutil.copytree(TEMPLATE, root / "assignments", dirs_exist_ok=True)
    page = root / "assignments" / PAGE
    page.write_text(page.read_text("utf-8").replace("check('clip_norm', my", "check('no', my"))
    assert not [one for one in lint.lint(root) if "my_" in one.path]
    assert list(plan.every(root)) == ["lab90", "my_week"]
