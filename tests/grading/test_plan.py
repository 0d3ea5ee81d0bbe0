"""Files of assignments: what they say, and what is said of a broken one, with file and line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from grading import grade
from grading.make import lab, plan
from publish import lint
from tests.grading import small_lab
from tests.grading.test_boxes import EXERCISE

GOOD = """\
title: "Week 1: small"
pages:
  - page: ch06_small/lab_example
    points: {ex-lab93-size: 3, linear: 6}
    written:
      ex-lab90-why:
        points: 4
        rubric: ["names the window: 1", "says why it slides: 3"]
practice: {rnn_step.2.17: 3}
opens: 2026-09-07T08:00+02:00
due: 2026-09-14T23:59:00+02:00
late: {grace_minutes: 10, free_days: 1, per_day: 10, days: 3}
counts: best
show: [linear]
"""
WHY = """\
::::{exercise} Why a window
:label: ex-lab90-why
:number: own
:level: E

Why does the window slide?
::::

:::{solution} ex-lab90-why
What it looks for may stand anywhere.
:::

"""


@pytest.fixture
def root(tmp_path) -> Path:
    """A small book with a box, two tasks and a question in words, and an assignment of it."""
    made = small_lab.make(tmp_path / "book")
    page = made / "book" / "ch06_small" / "lab_example.md"
    text = page.read_text(encoding="utf-8")
    at = "::::{exercise} A linear"
    page.write_text(text.replace(at, f"{EXERCISE}{WHY}{at}"), encoding="utf-8")
    (made / "assignments" / "week01.yml").write_text(GOOD, encoding="utf-8")
    return made


def test_all_that_a_file_may_say(root):
    found = plan.load(root / "assignments" / "week01.yml", root)
    zone = timezone(timedelta(hours=2))
    (part,) = found.pages
    assert (found.name, found.heading, found.lab) == ("week01", "Week 1: small", None)
    assert part.name == "book/ch06_small/lab_example" and not part.whole
    assert found.points == {"ex-lab93-size": 3, "linear": 6}
    rubric = part.written["ex-lab90-why"].rubric
    assert list(map(plan.rubric_points, rubric)) == [
        ("names the window", 1), ("says why it slides", 3)]
    assert found.practice == {"rnn_step.2.17": 3}
    assert found.opens == datetime(2026, 9, 7, 8, tzinfo=zone)
    assert found.due == datetime(2026, 9, 14, 23, 59, tzinfo=zone)
    assert found.late == plan.Late(10, 1, 10, 3) and found.counts == "best"
    assert found.shows("linear") and not found.shows("ex-lab93-size")
    assert found.line("pages", 0, "points", "linear") == 4
    assert found.command == "make assignment FILE=assignments/week01.yml"
    Draft202012Validator.check_schema(plan.SCHEMA)


def test_what_is_not_said(root):
    path = root / "assignments" / "short.yml"
    path.write_text("title: t\npages:\n- {page: ch06_small/lab_example, points: {linear: 1}}\n")
    found = plan.load(path, root)
    assert (found.practice, found.opens, found.due, found.late) == ({}, None, None, None)
    assert (found.counts, found.show, found.pages[0].text) == ("latest", "all", "exercises")


# What is replaced, by what, the line of the finding, what is said.
BROKEN = {
    "no YAML": ("counts: best", "counts: [best", 14, "not YAML"),
    "a colon in the title": ('title: "Week 1: small"', "title: Week 1: small", 1,
                             "put a text that holds a colon into quotation marks"),
    "a tab": ("    points: {ex", "\tpoints: {ex", 4, "indent with blanks, not with tabs"),
    "an open bracket": ("6}\n", "6\n", 5, "close each bracket that opens"),
    "an open quotation mark": ('small"', "small", 8, "in two quotation marks or in none"),
    "no colon": ("counts: best", "counts best", 14, "a colon and a blank behind each key"),
    "a key twice": ("counts: best", "due: 2026-09-15T00:00+02:00", 13, "'due' stands here twice"),
    "points twice": ("linear: 6", "linear: 6, linear: 7", 4, "'linear' stands here twice"),
    "no title": ('title: "Week 1: small"\n', "", 1, "'title' is missing"),
    "no pages": (GOOD[GOOD.index("pages"):GOOD.index("practice")], "", 1, "'pages' is missing"),
    "unknown key": ("counts: best", "count: best", 13, "unknown key 'count'; known are title, lab, "
                    "pages, practice, own, opens, due, late, counts, show; is it 'counts'?"),
    "a prediction": ("ex-lab93-size: 3", "pr-lab93-size: 3", 4, "the box of a prediction"),
    "no check that is like it": ("linear: 6", "qwertz: 6", 4, "it is the name in checks.check("),
    "unknown key of a page": ("    points: {ex", "    point: {ex", 4, "unknown key 'point'"),
    "unknown page": ("ch06_small/lab_example", "ch06_small/lab", 3,
                     "there is no page book/ch06_small/lab.md"),
    "page with .md": ("lab_example", "lab_example.md", 3, "must be the page below book/"),
    "unknown task": ("linear: 6", "lineal: 6", 4, "there is no check 'lineal'; is it 'linear'?"),
    "task of another page": ("ex-lab93-size: 3", "softmax: 3", 4,
                             "no exercise of the page asks for task 'softmax'"),
    "unknown box": ("ex-lab93-size: 3", "ex-lab93-sise: 3", 4, "holds the answer 'ex-lab93-sise'; "
                    "the boxes there are ex-lab93-size, ex-lab93-size-shape"),
    "exercise for its boxes": ("ex-lab93-size: 3", "ex-lab90-linear: 3", 4,
                               "no exercise of the page holds the answer 'ex-lab90-linear'"),
    "order": ("{ex-lab93-size: 3, linear: 6}", "{linear: 6, ex-lab93-size: 3}", 4,
              "in the order ex-lab93-size, linear"),
    "no points": ("linear: 6", "linear:", 4, "must be points, a number above 0, not None"),
    "zero points": ("linear: 6", "linear: 0", 4, "a number above 0, not 0"),
    "points in words": ("linear: 6", "linear: six", 4, "a number above 0, not 'six'"),
    "infinite points": ("linear: 6", "linear: .inf", 4, "a number above 0, not inf"),
    "nothing has points": (GOOD[GOOD.index("    points: {ex"):GOOD.index("practice")], "", 3,
                           "nothing of page 'ch06_small/lab_example' has points"),
    "unknown question": ("ex-lab90-why", "ex-lab90-how", 6, "has no exercise 'ex-lab90-how'; its "
                         "exercises are ex-lab90-corr2d, ex-lab93-size, ex-lab90-why"),
    "question with a check": ("ex-lab90-why", "ex-lab90-linear", 6, "has a check, which marks it"),
    "points and written": ("ex-lab90-why", "ex-lab93-size", 6, "has points and is written"),
    "a box and written": ("{ex-lab93-size: 3, linear: 6}\n    written:\n      ex-lab90-why",
                          "{ex-lab93-size-shape: 3, linear: 6}\n    written:\n      ex-lab93-size",
                          6, "is written, and 'ex-lab93-size-shape' in it has points"),
    "question without points": ("        points: 4\n", "", 6, "'points' is missing"),
    "rubric without points": ("slides: 3", "slides", 8, "with its points behind it"),
    "rubric as a mapping": ('["names the window: 1", "says why it slides: 3"]', "{a: 4}", 8,
                            "must be a list of lines"),
    "rubric of other points": ("slides: 3", "slides: 2", 8,
                               "the rubric of 'ex-lab90-why' gives 3 points, and the question has 4"
                               ),
    "unknown family": ("rnn_step.2.17: 3", "rnn_steps.2.17: 3", 9, "no family 'rnn_steps'"),
    "unknown level": ("rnn_step.2.17: 3", "rnn_step.7.17: 3", 9, "no level 7"),
    "due before it opens": ("due: 2026-09-14", "due: 2026-09-01", 11, "put 'due' after 'opens'"),
    "no zone": ("08:00+02:00", "08:00", 10, "has no zone"),
    "no time": ("2026-09-07T08:00+02:00", "soon", 10, "must be a time with its zone"),
    "late without due": ("due: 2026-09-14T23:59:00+02:00\n", "", 11, "nothing is due"),
    "more free days than days": ("free_days: 1", "free_days: 4", 12, "at least 'free_days'"),
    "half a day": ("free_days: 1", "free_days: 0.5", 12, "a whole number of days"),
    "more than all": ("per_day: 10", "per_day: 110", 12, "from 0 to 100"),
    "which one counts": ("counts: best", "counts: first", 13, "must be 'latest' or 'best'"),
    "what is shown": (
        "show: [linear", "show: [conv2d", 14, "'conv2d' in 'show' has no points here; "
        "known are ex-lab93-size, linear, rnn_step.2.17"),
    "no own folder": ("counts: best", "own: mine", 13, "there is no folder 'mine' beside"),
    "an own page without a folder": ("page: ch06_small/lab_example", "page: own/mine", 3,
                                     "no folder is named; add 'own: "),
    "a page twice": ("practice:", "  - {page: ch06_small/lab_example, points: {corr2d: 1}}\n"
                     "practice:", 9, "stands here twice"),
    "a list": (GOOD, "- a\n", 1, "the file must hold 'title' and 'pages'"),
    "nothing": (GOOD, "", 1, "the file must hold 'title' and 'pages'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_told_with_its_line(root, case):
    old, new, line, message = BROKEN[case]
    assert GOOD.count(old) == 1
    path = root / "assignments" / "week01.yml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(lab.LabError) as refused:  # by `make assignment`
        lab.load(path, root)
    told = str(refused.value)
    assert told.startswith(f"assignments/week01.yml:{line}: ") and message in told
    assert told in map(str, lint.lint(root))  # by `make lint`, in the same words


def test_names_of_files(root, capsys):
    path = root / "assignments" / "Week-1.yml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(plan.PlanError, match=r"Week-1.yml:1: .* take small letters, digits and _"):
        plan.load(path, root)
    assert grade.main([str(root / "assignments" / "week9.yml"), "in", "--root", str(root)]) == 1
    told = capsys.readouterr().err
    assert "week9.yml:1: there is no such file; the book has the assignments Week-1," in told
    path.write_bytes("title: é\n".encode("latin-1"))
    with pytest.raises(plan.PlanError, match="not UTF-8"):
        plan.load(path, root)


def test_two_answers_of_one_name(root):
    """On two pages: the second would replace the first."""
    other = root / "book" / "ch06_small" / "other.md"
    text = (root / "book" / "ch06_small" / "lab_example.md").read_text(encoding="utf-8")
    other.write_text(text.replace("lab90", "lab91").replace("lab93", "lab94"), encoding="utf-8")
    toc = root / "_toc.yml"
    toc.write_text(toc.read_text() + "  - file: book/ch06_small/other\n", encoding="utf-8")
    path = root / "assignments" / "week01.yml"
    more = "  - {page: ch06_small/other, points: {linear: 1}}\npractice:"
    path.write_text(GOOD.replace("practice:", more), encoding="utf-8")
    with pytest.raises(lab.LabError, match=r"week01.yml:9: students would call two answers `linear`"
                                           r".*lab_example'.*other'; take one out"):
        lab.load(path, root)
