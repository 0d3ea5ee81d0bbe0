"""Every lab of the book can be assigned, and a class of it is graded as it must be."""

from __future__ import annotations

import pytest

from grading import grade
from grading.make import lab
from tests.grading import answers, classroom
from tests.kit.labs import of_lab

pytestmark = pytest.mark.slow
LABS = sorted(lab.numbers())
SAMPLE = (3, 6)  # functions; classes that are built and trained


@pytest.mark.parametrize("number", of_lab((number,) for number in LABS))
def test_the_solution_gets_every_point(number, assigned):
    out = assigned(number)  # or it raises
    assert (out / "student" / f"lab{number}.ipynb").is_file()


def cases():
    """A lab and how much of its class is graded: a little of two, and in the long run all of each.

    Bad inputs that have nothing to do with the lab (limits, files that are no notebooks) are all
    in test_class.py.
    """
    little = {"most": 4, "only": ("untouched.ipynb", "checks_edited.ipynb", "syntax_error.ipynb")}
    for number in SAMPLE:
        yield pytest.param(number, little, id=f"{number}-sample")
    for number in LABS:
        yield pytest.param(number, {}, id=f"{number}-whole", marks=pytest.mark.long)


@pytest.mark.parametrize(("number", "size"), list(cases()))
def test_a_class(number, size, tmp_path):
    """Right answers, mistakes and bad inputs."""
    this = lab.load(number)
    made = classroom.whole(this, **size)
    classroom.write(made, tmp_path / "in")
    rows = grade.Grader(this, tmp_path / "out", 2).run(tmp_path / "in", quiet=True)
    assert classroom.differences(rows, made, this) == []


@pytest.mark.parametrize("number", LABS)
def test_a_whole_class_has_each_named_mistake(number):
    this = lab.load(number)
    made = answers.wrong(this)
    for task in this.tasks:
        wanted = {m.id for m in task.check.mistakes} - answers.IN_SEVERAL_CALLS
        assert {answer.wanted for answer in made[task.name]} >= wanted
    assert len(classroom.whole(this)) >= 40
