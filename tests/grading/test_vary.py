"""Exercises in whose place stands a problem with numbers of each student's own: ``vary``."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from dlworkbook import answers, checks
from grading import assigned, grade
from grading.make import assignment, each, lab, match, plan, problems, variants
from grading.marking import regrade
from publish.page.book import Book
from tests.grading import small_lab
from tests.grading.test_boxes import EXERCISE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-vary")]

NAME, TASK, VARIABLE = "own_numbers", "ex-pool-hand", "ex_pool_hand"
POINTS = 5  # of its three boxes
PLAN = """\
title: Own numbers
pages:
  - page: ch06_convolutional_networks/padding_and_stride
    points: {ex-conv-size-output: 2}
  - page: ch06_convolutional_networks/pooling
    points: {ex-pool-hand-forward: 1, ex-pool-hand-max: 2, ex-pool-hand-avg: 2}
    vary: {ex-pool-hand: pooling.3}
    written: {ex-pool-min: {points: 3}}
"""
CLASS = [SimpleNamespace(id=f"s{k}", canvas_id=f"100{k}") for k in (1, 2, 3)]


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("plan") / f"{NAME}.yml"
    made.write_text(PLAN, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def dist(path, tmp_path_factory) -> Path:
    """What is handed out; or it raises, because the solution did not get every point."""
    return assignment.build(path, tmp_path_factory.mktemp("dist") / NAME, people=CLASS)


@pytest.fixture(scope="module")
def options(path, dist) -> argparse.Namespace:
    return argparse.Namespace(which=str(path), root=lab.ROOT, out=None, assignment=dist)


@pytest.fixture(scope="module")
def this(options) -> lab.Lab:
    return assigned.load(options)


def problem(this, student: str = ""):
    """The problem of a student; of nobody, that for everybody."""
    own = this.variants.of(student)
    return own[0].problems[0] if own else this.problems[0].problem


def key(this, student: str = "") -> list:
    return [part["is"] for part in problem(this, student).fields]


def shared(this, owner: str, given: list) -> float:
    """The share of answers that is right for the owner: small whole numbers may coincide."""
    pairs = zip(problem(this, owner).fields, given, strict=True)
    right = [answers.judge(part, str(value)).state == "right" for part, value in pairs]
    return sum(right) / len(right)


def notebook(dist: Path, student: str = "") -> nbformat.NotebookNode:
    path = dist / "student" / student / f"{NAME}.ipynb"
    path = path if student else dist / "instructor" / f"{NAME}_everybody.ipynb"
    return nbformat.read(path, as_version=4)


def test_it_is_one_task_for_the_points_of_the_boxes(this, path):
    assert [(t.name, t.answer, t.points, t.parts) for t in this.tasks] == [
        ("ex-conv-size-output", "ex_conv_size_output", 2, 1), (TASK, VARIABLE, POINTS, 2)]
    assert lab.answers(path) == {task.answer for task in this.tasks}
    assert this.plan.points == {"ex-conv-size-output": 2}
    assert [(one.label, one.address, one.points) for one in this.plan.problems] == [
        (TASK, "pooling.3.student", POINTS)]


def test_the_problem_stands_where_the_exercise_stood(this, dist):
    """With the numbers of each; nothing of the page's exercise is left, in the solution neither."""
    solution = nbformat.read(dist / "instructor" / f"{NAME}_solution.ipynb", as_version=4)
    page = (lab.ROOT / "book/ch06_convolutional_networks/pooling.md").read_text(encoding="utf-8")
    start = page.index(":label: ex-pool-hand\n")
    gone = [page[start:].split("\n")[n] for n in (5, 8)]  # its text, its matrix
    assert gone[0].startswith("Pool with 2 × 2") and gone[1].startswith(r"\mathbf X = \begin")
    gone += ["ex_pool_hand_avg", page[page.index(":::{solution} ex-pool-hand\n"):].split("\n")[1]]
    statements = set()
    for student in ("", "s1", "s2", "s3"):
        sources = [cell.source for cell in notebook(dist, student).cells]
        (at,) = [k for k, text in enumerate(sources) if problem(this, student).statement in text]
        heads = [text.split("\n")[0] for text in sources if text.startswith(("##", "###"))]
        assert heads[2:5] == ["## Pooling: one number for a window",
                              "### Exercise: Pooling both ways",
                              "### Exercise 6: Do we need a minimum pooling?"]
        assert sources[at + 1] == "**5 points, in 2 equal parts, one for each answer.**"
        assert sources[at + 2].startswith(f"{VARIABLE} = [\n    ...,  # The output Y\n")
        assert sources[at + 3].endswith(f"checks.check('{TASK}', {VARIABLE})")
        statements.add(problem(this, student).statement)
        text = "\n".join(sources)
        assert not any(part in text for part in gone) and str(key(this, student)[0]) not in text
    assert len(statements) == 4
    text = "\n".join(cell.source for cell in solution.cells)
    assert f"{VARIABLE} = {key(this)}" in text and problem(this).steps in text
    assert not any(part in text for part in gone)
    told = f"`{problem(this).address}`; each student has other numbers): 5 points"
    assert told in (dist / "instructor" / "rubric.md").read_text()


def test_a_check_in_the_notebook_goes_by_its_own_numbers(this, dist, monkeypatch):
    monkeypatch.setattr(answers, "HELD", {})
    cells = notebook(dist, "s2").cells
    (setup,) = [cell.source for cell in cells if "setup" in cell.metadata.get("tags", [])]
    exec("".join(setup.partition("from dlworkbook import checks")[1:]))
    assert checks.check(TASK, key(this, "s2")).credit == 1
    assert checks.check(TASK, key(this, "s1")).credit == shared(this, "s2", key(this, "s1"))


GIVEN = {  # in whose notebook, whose answers; the file's id; whose numbers count; what is noted
    "own": ("s1", "s1", "1001", "s1", set()),
    "answers": ("s1", "s2", "1001", "s1", set()),
    "notebook": ("s2", "s2", "1001", "s1", {"other_variant"}),
    "everybody": ("", "", "1001", "s1", {"other_variant"}),
    "stranger": ("", "", "7777", "", {"variant_by_notebook"}),
}


@pytest.fixture(scope="module")
def graded(this, dist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for k, (name, (held, whose, student, *_)) in enumerate(GIVEN.items()):
        made = notebook(dist, held)
        for cell in made.cells:
            if cell.source.startswith(f"{VARIABLE} = "):
                cell.source = f"{VARIABLE} = {key(this, whose)!r}"
        nbformat.write(made, folder / "in" / f"{name}_{student}_{k}_x.ipynb")
    rows = grade.Grader(this, folder / "out", 2).run(folder / "in", quiet=True)
    return {name: row for name in GIVEN for row in rows if row.file.startswith(f"{name}_")}, folder


@pytest.mark.parametrize("name", GIVEN)
def test_points_go_by_whose_file_it_is(graded, this, name):
    row = graded[0][name]
    _, whose, _, counts, codes = GIVEN[name]
    wanted = POINTS * (1 if whose == counts else shared(this, counts, key(this, whose)))
    assert row.points[TASK] == pytest.approx(wanted)
    assert {code for code in row.codes if "variant" in code} == codes
    assert set(row.reports) == {"ex-conv-size-output", TASK}


def test_a_regrade_goes_by_the_numbers_of_the_owner(graded, options):
    rows, folder = graded
    row = rows["notebook"]
    path = folder / "in" / row.file
    now = regrade.run_again(assigned.load(options), folder / "out", row, path)
    assert now.points == row.points


def test_a_longer_roster_leaves_the_others_their_numbers(this, dist):
    before = dist / problems.KEYS
    people = [SimpleNamespace(id=f"s{k}") for k in range(1, 41)]
    common, found = variants.make(this.plan.addresses, people, before)
    assert common == [one.problem for one in this.problems]
    for student in ("s1", "s2", "s3"):
        assert found.of(student)[0].problems == this.variants.of(student)[0].problems
    keys = [[part["is"] for part in one.problems[0].fields] for one in found.own]
    assert len(keys) == 40 and len({str(one) for one in keys}) > 36  # nearly nobody shares numbers
    with pytest.raises(variants.VariantsError, match=r"numbers of 3 students for pooling\.3\.stud"):
        variants.make(["pooling.2.student"], people, before)


def test_without_a_roster_all_have_one_set_and_it_is_told(path, monkeypatch, capsys, tmp_path):
    (tmp_path / "student").mkdir()
    monkeypatch.setattr(assignment, "build", lambda *_, **__: tmp_path)
    assert assignment.main([str(path)]) == 0
    assert f"all get the same numbers in {TASK}. " in capsys.readouterr().out
    made = assignment._loaded(plan.load(path), lab.ROOT, [], tmp_path / problems.KEYS)
    assert made.tasks[1].spec["fields"] and not each.varying(made) and each.common_mark(made)


# -- pages that are handed out whole, and what does not fit

GOOD = """\
title: t
pages:
  - page: ch06_small/lab_example
    text: page
    points: {ex-lab93-size: 3, ex-lab93-size-shape: 1, linear: 6}
    vary: {ex-lab93-size: cnn_shapes.1}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A small book with an exercise of two boxes."""
    made = small_lab.make(tmp_path_factory.mktemp("book"))
    page = made / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8")
    at = "::::{exercise} A linear"
    text = text.replace("One formula:", "See {ref}`sizes <ex-lab93-size>`. One formula:")
    page.write_text(text.replace(at, f"{EXERCISE}{at}"), encoding="utf-8")
    return made


def said(root: Path, text: str) -> list[str]:
    """What is wrong with the file of an assignment."""
    path = root / "assignments" / "week01.yml"
    path.write_text(text, encoding="utf-8")
    try:
        return [str(error) for error in match.problems(plan.load(path, root), Book(root))]
    except plan.PlanError as error:
        return [str(error)]


def test_a_page_that_is_handed_out_whole(root):
    assert said(root, GOOD) == []
    made = lab.load("week01", root)
    assert [(t.name, t.points) for t in made.tasks] == [("ex-lab93-size", 4), ("linear", 6)]
    heads = [c.source.split("\n")[0] for c in made.cells if c.role == "exercise"]
    assert heads == ["### Exercise 1: Cross-correlation", "### Exercise: Shapes through a CNN",
                     "### Exercise 3: A linear layer"]
    text = "\n".join(cell.source for cell in made.cells)
    for gone in ("How tall is", "Nine, less four", "ex_lab93_size_shape", "(#ex-lab93-size)"):
        assert gone not in text


# What is replaced, by what, the line of the finding, what is said.
BROKEN = {
    "no such family": ("cnn_shapes", "cnn_shape", 6, "'vary': there is no family 'cnn_shape'; "),
    "no such level": ("cnn_shapes.1", "cnn_shapes.7", 6, "has the levels 1, 2, 3, and no level 7"),
    "a seed": ("cnn_shapes.1", "cnn_shapes.1.5", 6, "must be family and level of a practice "
               "problem, as pooling.3, not 'cnn_shapes.1.5'"),
    "a number": ("cnn_shapes.1", "1", 6, "must be family and level"),
    "twice": ("cnn_shapes.1}", "cnn_shapes.1, ex-lab93-size: pooling.1}", 6,
              "'ex-lab93-size' stands here twice"),
    "no box": ("vary: {ex-lab93-size:", "vary: {ex-lab90-linear:", 6, "nothing of exercise "
               "'ex-lab90-linear' has points; give points to its boxes"),
    "a task": ("vary: {ex-lab93-size:", "vary: {linear:", 6, "has no exercise 'linear'; its "
               "exercises with answer boxes are ex-lab93-size"),
    "a box": ("vary: {ex-lab93-size:", "vary: {ex-lab93-size-shape:", 6,
              "is a box of exercise 'ex-lab93-size'; name the exercise"),
    "no points": ("ex-lab93-size: 3, ex-lab93-size-shape: 1, ", "", 6,
                  "nothing of exercise 'ex-lab93-size' has points; give points to its boxes"),
    "an unknown box": ("ex-lab93-size-shape: 1", "ex-lab93-size-form: 1", 5,
                       "holds the answer 'ex-lab93-size-form'; the boxes there are ex-lab93-size"),
    "written as well": ("    vary", "    written: {ex-lab93-size: {points: 1}}\n    vary", 7,
                        "exercise 'ex-lab93-size' is written, so it has no numbers to vary"),
    "shown by a box": ("title: t", "show: [ex-lab93-size-shape]\ntitle: t", 1,
                       "has no points here; known are linear, ex-lab93-size"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_fit_is_told(root, case):
    old, new, line, what = BROKEN[case]
    assert GOOD.count(old) == 1
    found = said(root, GOOD.replace(old, new))
    place = f"assignments/week01.yml:{line}: "
    assert [one for one in found if one.startswith(place) and what in one], found


def test_an_exercise_without_boxes(root):
    """Its points cannot be of boxes, so it is told twice: the file says it first."""
    part = plan.Part("ch06_small/lab_example", vary={"ex-lab90-corr2d": "x.1"})
    page = Book(root).page(part.name)
    assert "asks for no answers in boxes" in match._varied(page, part, "ex-lab90-corr2d")


# -- the files of the book


def test_the_lines_that_are_ready_in_the_files(tmp_path):
    """Each can be taken into use, and the instructors' page has all of them."""
    ready, book = set(), Book(lab.ROOT)
    for path in plan.files():
        text = path.read_text(encoding="utf-8")
        used = text.replace("    # vary:", "    vary:")
        if used == text:
            continue
        copy = tmp_path / path.name
        copy.write_text(used, encoding="utf-8")
        found = plan.load(copy)
        assert [str(error) for error in match.problems(found, book)] == []
        ready |= {(path.stem, one.label, one.address.removesuffix(".student"))
                  for one in found.problems if one.label}
    text = (lab.ROOT / "book" / "instructors" / "assign.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(ex-[\w-]+)` \| `([\w.]+)` \|", text, re.MULTILINE)
    assert len(ready) == 7 and set(rows) == ready and len(rows) == len(ready)
