"""The tests of every task find what is wrong with one: a small task, broken in each way."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dlworkbook.checks.slips import Draft
from dlworkbook.checks.task import Variant
from tests.kit import task_tests


def reference(x, by):
    return np.array([value + 2 * by for value in x])


def task():
    draft = Draft("moved", "moved(x, by): x plus twice by.", reference)
    draft.probe("two", [1, 2], 3)
    draft.probe("two others", [4, -1], 0.5)
    draft.probe("three", [0, 7, 2], -1.2345)
    draft.slip("T-1", "the wrong way", "Your numbers move down.", "Which sign has `by`?",
               draft.given(by=lambda by: -by), keeps=0.75)
    draft.slip("T-2", "once only", "Your numbers move half as far.", "How often is `by` added?",
               draft.given(by=lambda by: by / 2))
    draft.slip("T-3", "reversed", "Your numbers stand in reversed order.", "Is anything turned?",
               draft.out(lambda Y: Y[::-1]))
    return draft.task()


def vectorised(x, by):
    return np.add(x, 2 * by)


def loops(x, by):
    return np.array([v + by + by for v in x])


def tensors(x, by):
    return x.clone() + 2 * by


def subtracts(x, by):
    return x - 2 * by


def turns_and_halves(x, by):
    return (x + by)[::-1]


DATA = {
    "RIGHT": [vectorised, loops, tensors],
    "WRONG": {"T-1": [subtracts], ("T-2", "T-3"): [turns_and_halves]},
    "TWO": [("T-1", "T-3")],
    "COURSE": {"T-1"},
    "framework": lambda x, by: x + 2 * by,
}


def problems(made=None, **data):
    return task_tests.problems(made or task(), SimpleNamespace(**(DATA | data)))


def with_mistake(k, **changes):
    made = task()
    mistakes = list(made.mistakes)
    mistakes[k] = replace(mistakes[k], **changes)
    return replace(made, mistakes=tuple(mistakes))


def test_nothing_is_wrong_with_the_task_as_it_is():
    assert problems() == []


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (with_mistake(1, variants=(lambda x, by: vectorised(x, by),)),
         "moved: variant 0 of T-2 is not told as T-2"),
        (with_mistake(1, variants=(lambda x, by: x - 2 * by,)),
         "moved: variant 0 of T-1 and variant 0 of T-2 give the same on all probes"),
        (with_mistake(0, hint="Is it np.add(x, 2 * by)?"),
         "moved: the hint of T-1 shows code of the answer: np.add(x, 2 * by)"),
        (with_mistake(2, message="The second number is 4.531, or so."),
         "moved: the message of T-3 shows a number of the answer: 4.531"),
        (with_mistake(2, hint="Look"), "moved: T-3 lacks a variant or a title, or a text does not"),
        (with_mistake(2, keeps=0.3), "moved: T-3 keeps 0.3"),
        (with_mistake(2, id="T-2"), "moved: two mistakes have the id T-2"),
        (with_mistake(0, id="T-9"), "moved: the labs name T-1"),
        (with_mistake(1, variants=(Variant(lambda x, by: x + by),)),
         "moved: <lambda> is not the reference on 'two'"),
        (replace(task(), contract="Adds."), "moved: its contract does not say its name"),
        (replace(task(), probes=task().probes[::2]), "moved: an answer remembered by the shapes"),
    ],
)  # fmt: skip
def test_a_broken_catalogue_is_found(made, words):
    found = problems(made)
    assert any(text.startswith(words) for text in found), found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"RIGHT": [vectorised, loops, np.add]}, "moved: the right answer add does not pass"),
        ({"RIGHT": [vectorised, loops]}, "moved: 2 right answers; three"),
        ({"WRONG": {"T-2": [subtracts]}}, "moved: subtracts is not told as T-2"),
        ({"WRONG": {"T-8": [subtracts]}}, "moved: subtracts: there is no mistake T-8"),
        ({"WRONG": {("T-1", "T-3"): [subtracts]}}, "moved: subtracts is not told as T-1 and T-3"),
        ({"TWO": [("T-1", "T-9")]}, "moved: there are no mistakes T-1 and T-9"),
        ({"framework": np.add}, "moved: the reference is not what the framework gives on 'two'"),
        ({"framework": lambda x, by: None}, "moved: the framework is compared on 0 probes only"),
        ({"CODE": ("turned",)}, "moved: the hint of T-3 shows code of the answer: turned"),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_found(data, words):
    found = problems(**data)
    assert any(text.startswith(words) for text in found), found


def test_a_slow_check_is_found(monkeypatch):
    monkeypatch.setattr(task_tests, "PLAIN", 0.5)

    def slow(x, by):
        for _ in range(1_000_000):
            by = by * 1
        return x + 2 * by

    found = problems(RIGHT=[vectorised, loops, slow])
    assert any(text.startswith("moved: a check of slow costs") for text in found), found
    assert all("yardsticks" in text for text in found)


def test_a_pair_that_is_named_as_a_third_is_found():
    """A mistake that fits whatever two others give together, and is not what they give."""
    from dlworkbook.checks import naming

    made = task()
    third = made.mistakes[2]
    trial = task_tests.Trial(made, SimpleNamespace(**DATA))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naming, "name", lambda *_: third)
        trial.pairs()
    assert any("T-1 and T-2 at once are named T-3" in text or "T-2 and T-1" in text
               for text in trial.found), trial.found  # fmt: skip
