"""A lab is read from its page: roles of cells, names, and what lint says about gaps."""

from __future__ import annotations

import re

import pytest

from grading.make import lab, names
from publish import lint
from publish.page import code
from tests.grading import small_lab

LABS = sorted(lab.numbers())
PAGE = (small_lab.HERE / "lab_example.md").read_text(encoding="utf-8")


def test_tasks_points_and_order(small):
    assert [(t.name, t.answer, t.points) for t in small.tasks] == [
        ("corr2d", "corr2d", 12), ("linear", "linear", 6),
    ]
    assert small.total == 18 and small.title == "A small lab"


def test_starters_and_checks_have_the_names_of_the_interface(small):
    for role in ("starter", "check"):
        code = [c.source for c in small.cells if c.role == role and c.label]
        assert len(code) == 2 and not any("my_" in source for source in code)
    text = "\n".join(c.source for c in small.cells)
    assert "my_" not in text  # nor in the text of an exercise, nor in a docstring


@pytest.mark.parametrize("number", LABS)
def test_what_readers_of_the_book_are_told_is_not_handed_out(number):
    text = "\n".join(c.source for c in lab.load(number).cells if c.kind == "markdown")
    assert "**Done when**" in text and "**Open**" not in text
    assert "names begin with" not in text and not re.search(r"\b(my_|My[A-Z])", text)
    assert not re.search(r"\b(\w+) = \1\b", text)  # such as sgd = sgd, once my_sgd


def test_only_what_is_assigned(small):
    text = "\n".join(c.source for c in small.cells)
    assert "book_only" not in text  # tagged not-assigned
    assert "not in the assignment" not in text and "Break" not in text  # after Break
    assert "In two minutes" not in text
    assert sum("slow" in c.tags for c in small.cells) == 1


@pytest.mark.parametrize(("code", "wanted"), [
    ("my_f(my_f_two, 'my_f')", "f(my_f_two, 'f')"),
    ("x = MyGRU(3)  # MyGRU", "x = GRU(3)  # GRU"),
    ("def my_f():\n    return my_f  # my_f\n", "def f():\n    return f  # f\n"),
])
def test_renaming_keeps_longer_names(code, wanted):
    assert names.renamed(code, {"my_f": "f", "MyGRU": "GRU"}) == wanted


def test_interface_names():
    found = [code.interface_name(n) for n in ("my_softmax", "MyGRU", "softmax", "Mystery")]
    assert found == ["softmax", "GRU", "softmax", "Mystery"]


def test_unknown_lab_is_told(root):
    with pytest.raises(lab.LabError, match="There is no lab 91; the book has: 90"):
        lab.load(91, root)


BROKEN = {
    "task without exercise": ("checks.check('linear', my_linear)", "print(my_linear)",
                              "no exercise before 'Break' asks for task 'linear'"),
    "starter of another name": ("def my_linear(", "def my_line(",
                                "no starter of this exercise defines 'my_linear'"),
    "solution of another name": ("def linear(", "def line(",
                                 "defines 'linear', the answer to task 'linear'"),
    "solution of another exercise": (":::{solution} ex-lab90-linear",
                                     ":::{solution} ex-lab90-corr2d",
                                     "no cell of the solution of 'ex-lab90-linear'"),
    "name of the interface in the check": ("checks.check('linear', my_linear)",
                                           "checks.check('linear', linear)",
                                           "call it 'my_linear'"),
    "checked twice": ("checks.check('linear', my_linear)",
                      "checks.check('linear', my_linear)\nchecks.check('linear', my_linear)",
                      "task 'linear' is checked twice"),
    "check that is not handed out": (":tags: [check]", ":tags: [check, not-assigned]",
                                     "no exercise before 'Break' asks for task 'corr2d'"),
    "exercise below Break": ("::::{exercise} A linear layer", "## Break\n\n"
                             "::::{exercise} A linear layer", "before 'Break' asks for task 'lin"),
    "check without exercise": ("```{code-cell} python\n:tags: [check]\nchecks.check('linear'",
                               "## More\n\n```{code-cell} python\n:tags: [check]\n"
                               "checks.check('linear'", "the check of task 'linear' follows no"),
}


def _assignment_issues(root) -> list[str]:
    found = lint.lint(root)
    words = ("task", "tag ", "starter of", "call it", "checked twice", "also that of")
    return [str(issue) for issue in found if any(word in issue.message for word in words)]


def test_lint_finds_nothing_on_a_good_lab(tmp_path):
    assert _assignment_issues(small_lab.make(tmp_path)) == []


@pytest.mark.parametrize("case", BROKEN)
def test_lint_finds_what_is_missing(tmp_path, case):
    old, new, message = BROKEN[case]
    root = small_lab.make(tmp_path)
    path = root / "book" / "ch06_small" / "lab_example.md"
    assert PAGE.count(old) >= 1
    path.write_text(PAGE.replace(old, new, 1), encoding="utf-8")
    found = _assignment_issues(root)
    assert any(message in issue for issue in found), found
    with pytest.raises(lab.LabError) as refused:  # by `make assignment`, in the same words
        lab.load(small_lab.NUMBER, root)
    assert str(refused.value) in found


def test_tags_say_nothing_on_a_page_that_no_assignment_takes_from(tmp_path):
    root = small_lab.make(tmp_path)
    (root / "assignments" / "lab90.yml").unlink()
    assert any("tag 'slow' says nothing here" in issue for issue in _assignment_issues(root))


def test_two_labs_of_one_number_are_found(tmp_path):
    root = small_lab.make(tmp_path)
    text = (root / "assignments" / "lab90.yml").read_text(encoding="utf-8")
    (root / "assignments" / "other.yml").write_text(text, encoding="utf-8")
    told = "assignments/other.yml:2: lab 90 is also that of assignments/lab90.yml"
    assert any(issue.startswith(told) for issue in _assignment_issues(root))
    with pytest.raises(lab.LabError, match=told):
        lab.load(90, root)
