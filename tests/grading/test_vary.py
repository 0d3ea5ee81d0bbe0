"""Exercises in whose place stands a problem with numbers of each student's own: ``vary``."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from grading.make import assignment, lab, master, match, plan, rubric, variants
from publish.page.book import Book
from publish.practice.problem import draw
from tests.grading import small_lab
from tests.grading.test_boxes import EXERCISE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading-vary")]

PLAN = """\
title: Own numbers
pages:
  - page: ch06_convolutional_networks/padding_and_stride
    points: {ex-conv-size-output: 2}
  - page: ch06_convolutional_networks/pooling
    points: {ex-pool-hand-forward: 1, ex-pool-hand-max: 2, ex-pool-hand-avg: 2}
    vary: {ex-pool-hand: pooling.3}
    written: {ex-pool-min: {points: 3}}
practice: {pooling.1.3: 1}
"""
PAGE = lab.ROOT / "book" / "ch06_convolutional_networks" / "pooling.md"


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("plan") / "own_numbers.yml"
    made.write_text(PLAN, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def this(path) -> lab.Lab:
    return lab.load(path)


def gone() -> list[str]:
    """Of the exercise on its page: text, matrix, a box, and the beginning of the solution."""
    page = PAGE.read_text(encoding="utf-8")
    lines = page[page.index(":label: ex-pool-hand\n"):].split("\n")
    found = [lines[5], lines[8], "ex_pool_hand_avg"]
    assert found[0].startswith("Pool with 2 × 2") and found[1].startswith(r"\mathbf X = \begin")
    return [*found, page[page.index(":::{solution} ex-pool-hand\n"):].split("\n")[1]]


def test_it_is_one_task_for_the_points_of_the_boxes(this, path):
    """In the order of the pages, and practice problems below keep their numbers."""
    assert [(t.name, t.answer, t.points, t.parts) for t in this.tasks] == [
        ("ex-conv-size-output", "ex_conv_size_output", 2, 1),
        ("ex-pool-hand", "ex_pool_hand", 5, 2), ("problem-1", "problem_1", 1, 1),
    ]  # fmt: skip
    assert lab.answers(path) == {task.answer for task in this.tasks}
    assert this.plan.points == {"ex-conv-size-output": 2} and this.total == 11
    assert this.plan.addresses == ["pooling.1.3", "pooling.3.student"]
    assert [lab._address(this, task) for task in this.tasks] == [
        "ex-conv-size-output", "ex-pool-hand", "pooling.1.3"]
    (told,) = [head for head, _ in rubric.rows(this) if "ex-pool-hand" in head]
    assert told == f"ex-pool-hand (`ex_pool_hand`, `{this.problems[1].problem.address}`): 5 points"


def test_the_problem_stands_where_the_exercise_stood(this):
    """Nothing of the exercise is left, in the solution neither."""
    made = master.master(this, "x.whl")
    sources = [cell.source for cell in made.cells]
    heads = [text.split("\n")[0] for text in sources if text.startswith("##")]
    assert heads[2:6] == [
        "## Pooling: one number for a window", "### Exercise: Pooling both ways",
        "### Exercise 6: Do we need a minimum pooling?", "## Practice problems",
    ]  # fmt: skip
    given = this.problems[1]
    at = sources.index(given.statement)
    assert given.problem.statement in given.statement
    assert sources[at + 2] == "**5 points, in 2 equal parts, one for each answer.**"
    assert sources[at + 4].startswith("ex_pool_hand = [\n    ...,  # The output Y\n")
    assert sources[at + 6].endswith("checks.check('ex-pool-hand', ex_pool_hand)")
    text = "\n".join(sources)
    key = [part["is"] for part in given.problem.fields]
    assert f"ex_pool_hand = {key}" in text and given.problem.steps in text
    assert not any(part in text for part in gone())
    assert "'ex-pool-hand-" not in "".join(cell.source for cell in this.cells)  # as proofs say it


@pytest.mark.long
def test_it_is_made_of_single_exercises_and_the_solution_gets_every_point(path, tmp_path):
    """Two students get other numbers; or it raises, because the solution lacks a point."""
    people = [SimpleNamespace(id="s1"), SimpleNamespace(id="s2")]
    made = assignment.build(path, tmp_path / "made", people=people)
    own = variants.read(made / "autograder" / "keys.json").own
    statements = set()
    for one in own:
        notebook = nbformat.read(made / "student" / one.student / "own_numbers.ipynb", 4)
        text = "\n".join(cell.source for cell in notebook.cells)
        assert one.problems[1].statement in text and not any(part in text for part in gone())
        statements.add(one.problems[1].statement)
    assert len(statements) == 2


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
    for kind in {kind for *_, kind in ready}:  # of twenty students no two read the same
        family, level = kind.split(".")
        drawn = draw([(family, int(level), 1_000_003 * k) for k in range(20)])
        forms = {tuple(part["kind"] for part in one.fields) for one in drawn}
        assert len(forms) == 1 and len({one.statement for one in drawn}) == 20, kind


def test_how_often_draws_share_their_answers():
    """What the instructors' page says of 300 students."""
    drawn = draw([("iou_nms", 3, seed) for seed in range(300)])
    keys = Counter(repr([part["is"] for part in one.fields]) for one in drawn)
    said = (f"300 draws of `iou_nms.3` had {len(keys)} different keys, the commonest "
            f"{max(keys.values())} times.")
    assert said in (lab.ROOT / "book" / "instructors" / "assign.md").read_text(encoding="utf-8")
