"""Declarations of light answers: the good ones pass, and each fault is named."""

from __future__ import annotations

import copy

import pytest

from dlworkbook.answers import problems
from dlworkbook.answers.spec import spellings
from tests.answers.judge_table import SPECS


def good(name: str, **other) -> dict:
    spec = copy.deepcopy(SPECS[name])
    if spec["kind"] == "choice":
        spec["right"] = "Indeed."
    return {key: value for key, value in {**spec, **other}.items() if value is not None}


@pytest.mark.parametrize("name", [n for n in SPECS if n != "both"])
def test_good_declarations(name):
    assert problems(good(name)) == []
    assert len(spellings(SPECS[name]["kind"], SPECS[name], SPECS[name])) >= 3


OF = {"a": "x", "b": "y", "c": "z"}
FAULTS = [
    ("six", {"kind": "count"}, "kind: it is 'count'"),
    ("six", {"vary": "n"}, "vary: reserved for numbers that change with a seed; not built yet"),
    ("six", {"is": None}, "is: the key is missing"),
    ("six", {"is": 6.5}, "is: 6.5 is no whole number"),
    ("six", {"is": True}, "is: True is no whole number"),
    ("six", {"else": None}, "else: it is missing"),
    ("six", {"else": " "}, "else: it must be a text"),
    ("six", {"tol": 0.1}, "tol: kind integer has no such key; it belongs to number"),
    ("six", {"answer": 6}, "answer: kind integer has no such key; use kind"),
    ("six", {"else": "Count *all* places."}, "else: '*all*' would be shown as it stands"),
    ("six", {"right": "It is $6$."}, "right: '$' would be shown"),
    ("six", {"slips": [{"is": 8, "say": "See {ref}`x`."}]}, "slips: number 1: say: '{ref}' would"),
    ("six", {"slips": {"is": 8, "say": "x"}}, "slips: it must be a list"),
    ("six", {"slips": [{"is": 8}]}, "slips: number 1: it needs is"),
    ("six", {"slips": [{"is": 8, "say": "x", "why": "y"}]}, "slips: number 1: a slip has no key"),
    ("six", {"slips": [{"is": 6.0, "say": "x"}]}, "slips: number 1 is right by the key"),
    ("six", {"slips": [{"is": 8, "say": "x"}, {"is": "2^3", "say": "y"}]}, "slips: number 2 gets"),
    ("2/9", {"is": "2/x"}, "is: '2/x' is no number"),
    ("2/9", {"is": "1/0"}, "is: '1/0' is no number"),
    ("2/9", {"tol": -1}, "tol: it must be a number of at least 0"),
    ("2/9", {"tol": "1e-2"}, "tol: it must be a number of at least 0"),
    ("2/9", {"slips": [{"is": 0.2223, "say": "x"}]}, "slips: number 1 is right by the key"),
    ("2/9", {"is": "3/203", "slips": None}, "tol: say it, for the key rounded"),
    ("2/9", {"unit": 5}, "unit: it must be a text"),
    ("shape", {"is": [2, 2.5]}, "is: [2, 2.5] is no list of whole numbers"),
    ("shape", {"is": 6}, "is: 6 is no list of whole numbers"),
    ("vector", {"is": []}, "is: [] is no list of numbers"),
    ("vector", {"is": [1, "x"]}, "is: [1, 'x'] is no list of numbers"),
    ("matrix", {"is": [[1, 2], [3]]}, "is: [[1, 2], [3]] is no list of rows"),
    ("matrix", {"is": [1, 2]}, "is: [1, 2] is no list of rows"),
    ("rate", {"is": [1, 0]}, "is: [1, 0] is no interval"),
    ("rate", {"is": "0 to 1"}, "is: '0 to 1' is no interval"),
    ("rate", {"open": [0, 1]}, "is: open must be two of true and false"),
    ("minus pq", {"is": "-p*z"}, "is: '-p*z' cannot be read"),
    ("minus pq", {"names": None}, "names: it must give each name its domain"),
    ("minus pq", {"names": {"p": [0, 1], "q": [1, 0]}}, "names: q needs a domain"),
    ("minus pq", {"names": {"p": [0, 1], "q": [0, 1, "whole"]}}, "names: q needs a domain"),
    ("minus pq", {"names": {"p": [0, 1], "q": None}}, "names: q needs a domain"),
    ("minus pq", {"slips": [{"is": "-q*p", "say": "x"}]}, "slips: number 1 is right by the key"),
    ("decay", {"is": "log(-x)", "slips": None}, "is: the key, as 'log(-x)', is judged malformed"),
    ("one of", {"is": "d"}, "is: 'd' is not among the letters a, b, c"),
    ("one of", {"right": None}, "right: it is missing"),
    ("one of", {"slips": None, "else": None}, "slips: no sentence for a, c"),
    ("one of", {"of": {"b": "x"}}, "of: it must name two things or more"),
    ("one of", {"of": {**OF, "B": "w"}}, "of: two letters differ in upper and lower case only"),
    ("one of", {"of": {**OF, "a": 5}}, "of: a must be a text"),
    ("order", {"is": ["a", "b"]}, "is: ['a', 'b'] must be a list of a, b, c, each once"),
    ("order", {"slips": [{"is": ["b", "a", "c"], "say": "x"}]}, "slips: number 1 is right"),
]


@pytest.mark.parametrize("name, change, said", FAULTS, ids=[said[:40] for *_, said in FAULTS])
def test_faults_are_named(name, change, said):
    found = problems(good(name, **change))
    assert any(text.startswith(said) for text in found), found
