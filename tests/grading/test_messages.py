"""No report that a check can make is taken for a forged one."""

from __future__ import annotations

import json

import pytest

from dlworkbook.checks import names
from dlworkbook.checks.report import HEADS, Report
from dlworkbook.checks.tasks import load
from grading.report import results
from grading.run import messages


def through_the_pipe(report: Report) -> dict:
    """What the keeper makes of a report as the worker sends it."""
    told = json.loads(json.dumps(report.as_dict() | {"credit": report.credit}))
    return messages.report(told, report.task)


@pytest.mark.parametrize("task", names())
def test_every_mistake_of_every_task_comes_through(task):
    mistakes = load(task).mistakes
    for mistake in mistakes:
        told = through_the_pipe(Report(
            task, "named_mistake", mistake.message, mistake.hint, mistake.id, mistake.title,
            keeps=mistake.keeps,
        ))
        assert (told["mistake"], told["title"]) == (mistake.id, mistake.title)
        assert (told["message"], told["hint"]) == (mistake.message, mistake.hint)
        assert told["credit"] == mistake.keeps and results._sound(told)
        pair = (mistake.id, mistakes[0].id)
        assert through_the_pipe(Report(task, "differs", "m", pair=pair))["pair"] == list(pair)


def test_every_status_comes_through():
    for status in (*HEADS, "differs", "passed"):
        assert through_the_pipe(Report("corr2d", status, "m"))["status"] == status


@pytest.mark.parametrize(
    "name", ["x", "LAB8", "LAB8-", "-M1a", "lab8-M1a", "LAB8-M1a-q-r-s", "A-b c"]
)
def test_what_is_no_name_of_a_mistake_is_forged(name):
    with pytest.raises(messages.Forged):
        through_the_pipe(Report("corr2d", "named_mistake", "m", mistake=name))


@pytest.mark.parametrize(("parts", "credit", "sound"), [
    (4, .25, True), (4, 1 / 3, False), (3, 1 / 3, True), (3, .25, False), (1, .5, False),
    (3, 4 / 3, False), (5, 3 / 5, True),
])
def test_credit_comes_in_equal_parts(parts, credit, sound):
    """Quarters of a check, and of a practice problem one part for each answer."""
    report = Report("problem-6-1", "wrong", "m", keeps=credit)
    told = json.loads(json.dumps(report.as_dict() | {"credit": report.credit}))
    if sound:
        assert messages.report(told, "problem-6-1", parts)["credit"] == credit
    else:
        with pytest.raises(messages.Forged):
            messages.report(told, "problem-6-1", parts)
