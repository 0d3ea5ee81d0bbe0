"""All tasks at once: each state of an answer is a line with its points, and nothing is raised."""

from __future__ import annotations

import pytest

from dlworkbook import checks
from dlworkbook.answers import HELD
from dlworkbook.checks import engine, summary

PROBLEM = {"fields": [{"kind": "number", "is": "2/3", "ask": "First"},
                      {"kind": "integer", "is": 4, "ask": "Second"}]}  # fmt: skip


def right(X, W, b):
    return X @ W + b


def mistaken(X, W, b):
    return X @ W - b


def gap(X, W, b):
    ...


def raises(*args):
    raise RuntimeError("<b>my own words</b>")


class Hostile:
    """Breaks whoever looks at it."""

    def __call__(self, *args):
        raise SystemExit

    def __getattribute__(self, name):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    __hash__ = None


@pytest.fixture
def problem(monkeypatch):
    monkeypatch.setitem(HELD, "problem-9-1", PROBLEM)


def one(answer, task="linear", most=6):
    (line,) = checks.everything({"it": answer}, {task: ("it", most)}).lines
    return line


def test_each_state_of_an_answer():
    assert (one(right).says, one(right).points) == ("right", 6)
    named = one(mistaken)
    assert named.says.endswith("(LINEAR-08)") and named.points == 4.5 and named.sign == "✗"
    assert {one(empty).says for empty in (gap, None, ..., NotImplemented)} == {"not done yet"}
    assert checks.everything({}, {"linear": ("it", 6)}).lines[0].says == "not done yet"
    assert "RuntimeError" in one(raises).says and one(raises).points == 0
    for thing in (Hostile(), 3, "linear", lambda: 1):
        assert one(thing).points == 0 and one(thing).sign in "✗?"


def test_a_problem_of_several_answers(problem):
    def state(value):
        line = one(value, "problem-9-1", 4)
        return line.says.partition(":")[0], line.points

    assert state(["2/3", 4]) == ("right", 4)
    assert state(["2/3", 5]) == ("Answer 2", 2)  # half of the points, and which one is wrong
    assert state([..., ...]) == state(...) == ("not done yet", 0)


def test_what_is_no_fault_of_the_answer_costs_no_points():
    """An old copy of the package does not know the task: nothing is said about the answer."""
    line = one(right, "not_a_task")
    assert line.points is None and line.sign == "?"


def test_what_only_the_grading_can_tell_is_left_open(monkeypatch):
    asked = []
    monkeypatch.setattr(engine, "check", lambda task, answer: asked.append(task))
    told = checks.everything(
        {"right": right, "gap": gap}, {}, by_hand={"Why?": 4},
        later={"linear": ("right", 6), "max_pool2d": ("gap", 3), "softmax": ("missing", 2)},
    )  # fmt: skip
    assert asked == []
    assert [line.says for line in told.lines] == [
        summary.LATER, f"still holds ...; {summary.LATER}", f"not done yet; {summary.LATER}",
        summary.BY_HAND,
    ]  # fmt: skip
    assert told.most == 0 and told.open == 15


def test_no_task_is_checked_twice_and_the_sum_is_right(monkeypatch):
    asked = []
    plain = engine.check
    monkeypatch.setattr(engine, "check", lambda t, a: asked.append(t) or plain(t, a))
    tasks = {"linear": ("right", 6), "max_pool2d": ("gap", 3)}
    told = checks.everything({"right": right, "gap": gap}, tasks, by_hand={"Why?": 2.5})
    assert asked == ["linear", "max_pool2d"]
    assert told.says == "6 of 9 points so far; 2.5 more are given later."
    _ = str(told), told._repr_html_()
    assert asked == ["linear", "max_pool2d"]


def test_both_forms_tell_the_same():
    names = {"right": right, "raises": raises}
    tasks = {"linear": ("right", 6), "max_pool2d": ("raises", 3), "softmax": ("missing", 2)}
    told = checks.everything(names, tasks, by_hand={"为什么 <i>": 4})
    text, page = str(told), told._repr_html_()
    for part in ("linear", "right", "6 of 6", "0 of 3", "not done yet", told.says):
        assert part in text and part in page
    assert "<b>my" not in page and "&lt;i&gt;" in page
    lines = text.split("\n")[1:-2]
    columns = {len(line) + sum(line.count(sign) for sign in "为什么") for line in lines}
    assert len(columns) == 1  # the points stand below each other, behind Chinese titles too
