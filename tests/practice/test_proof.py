"""The proof finds each kind of fault in a problem that had none."""

from __future__ import annotations

import copy

import pytest

from publish import practice
from publish.practice import proof

BOUNDS = {"most": 99}


@pytest.fixture(scope="module")
def sound():
    (problem,) = practice.problems([("convolution_by_hand", 2, 4)])
    assert proof.faults(problem, BOUNDS) == []
    return problem


def field(problem):
    return problem["fields"][0]


def same_slip(problem):
    field(problem)["slips"][1]["is"] = field(problem)["slips"][0]["is"]


def refused_digits(problem):
    problem["statement"].append("Three significant digits are enough.")
    field(problem)["is"][0][0] = "1001/3"
    field(problem)["tol"] = 1e-4


def refused_decimals(problem):
    field(problem).update(ask="The output, in decimals of four places", tol=0)
    field(problem)["is"][0][0] = "1/3"


BROKEN = {
    "torch finds": lambda p: field(p)["is"][0].__setitem__(0, 98),
    "keys are confirmed, of 2 fields": lambda p: p["fields"].append(copy.deepcopy(field(p))),
    "is missing": lambda p: p.update(family="nothing"),
    "torch refuses": lambda p: p["data"].update(X=[[[1]]], padding=0),
    "is the key": lambda p: field(p)["slips"][0].update({"is": field(p)["is"]}),
    "gets the sentence of another": same_slip,
    "Three significant digits are promised": refused_digits,
    "decimals of four places are promised": refused_decimals,
    "no slip is left": lambda p: field(p).update(slips=[]),
    "fewer than 2 methods": lambda p: field(p).update(slips=field(p)["slips"][:1]),
    "100 is out of bounds": lambda p: p["data"].update(more=[[100]]),
    "0.5 is out of bounds": lambda p: p["data"].update(more=0.5),
    "'NaN' stands in it": lambda p: p["steps"].append("so it is NaN"),
    "no steps": lambda p: p.update(steps=[]),
    "not told in a sentence: Turned round.":
        lambda p: field(p)["slips"][0].update(say="Turned round."),
    "not told in a sentence: You turned the kernel":
        lambda p: field(p)["slips"][0].update(say="You turned the kernel"),
    "the label needs a word": lambda p: field(p).update(ask="$w_{1}$:"),
    "else: it is missing": lambda p: field(p).pop("else"),
}


@pytest.mark.parametrize("words, change", BROKEN.items())
def test_fault(sound, words, change):
    problem = copy.deepcopy(sound)
    change(problem)
    found = proof.faults(problem, BOUNDS)
    assert any(words in fault for fault in found), found


def test_every_level_is_tried():
    assert {level for _, level, _ in proof.requests("cnn_shapes", 3)} == {1, 2, 3}


def test_what_is_asked_wrongly_is_told(capsys):
    with pytest.raises(SystemExit):
        proof.main(["nothing"])
    assert "there is no family nothing" in capsys.readouterr().err
