"""Values of a notebook as texts, and light answers through ``checks``."""

from __future__ import annotations

import fractions
import json
import math

import numpy as np
import pytest
import sympy
import torch

from dlworkbook import answers, checks
from dlworkbook.answers.expression import ExpressionError
from dlworkbook.answers.values import text_of
from tests.answers.judge_table import ELSE, SPECS

x, y = sympy.symbols("x y")


class Stubborn:
    """Answers every question about itself with an error."""

    def __getattr__(self, name):
        raise RuntimeError(name)


ENDLESS: list = []
ENDLESS.append(ENDLESS)

TEXTS = [
    (None, "number", ""),
    (..., "matrix", ""),
    (6, "integer", "6"),
    (0.5, "number", "0.5"),
    (fractions.Fraction(1, 3), "number", "1/3"),
    (np.float32(0.1), "number", "0.10000000149011612"),
    (np.int64(3), "integer", "3"),
    (torch.tensor(3.0, requires_grad=True), "number", "3.0"),
    (torch.tensor([[3.0]]), "number", "3.0"),
    (math.inf, "number", "inf"),
    (torch.Size([2, 8]), "shape", "[2, 8]"),
    ((2, 8), "shape", "[2, 8]"),
    (np.array([2, 8]), "shape", "[2, 8]"),
    (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "matrix", "[[1.0, 2.0], [3.0, 4.0]]"),
    ((torch.tensor(1.0), np.float64(2)), "vector", "[1.0, 2.0]"),
    (sympy.Matrix([[1, sympy.Rational(1, 2)]]), "matrix", "[[1, 1/2]]"),
    (sympy.sqrt(3) / 12, "number", "sqrt(3)/12"),
    (abs(x) + sympy.Max(x, y) + sympy.E, "expression", "abs(x) + max(x, y) + e"),
    (sympy.Symbol("E") + 1, "expression", "E + 1"),
    ((0, 2 / 3), "interval", "0 to 0.6666666666666666"),
    (np.array([0, np.inf]), "interval", "0.0 to inf"),
    (sympy.Interval.Ropen(0, sympy.Rational(2, 3)), "interval", "[0, 2/3)"),
    (sympy.Interval.open(-sympy.oo, 1), "interval", "(-inf, 1)"),
    (["b", "a"], "order", "[b, a]"),
    ({"c", "a"}, "choice", "[a, c]"),
    (torch.tensor([[True, False]]), "matrix", "[[True, False]]"),
    ([True, False], "vector", "[True, False]"),
    ((np.True_, np.False_), "vector", "[True, False]"),
    (np.array([True]), "vector", "[True]"),
]
WRONG = [
    (True, "number", "This is of type bool; a number is asked for."),
    (np.True_, "integer", "This is of type bool; a whole number is asked for."),
    (torch.tensor(True), "vector", "This is of type Tensor; a list of numbers is asked for."),
    (3 + 2j, "number", "This is of type complex; a number is asked for."),
    (len, "matrix", "This is of type builtin_function_or_method; a matrix is asked for."),
    (torch.tensor([1.0, 2.0]), "number", "This is of type Tensor; a number is asked for."),
    (torch.zeros(2, 2), "shape", "This is a whole array; its shape is asked for."),
    (np.zeros((300, 300)), "matrix", "This array is too large: at most 2000 entries are read."),
    ((1, 2, 3), "interval", "This is of type tuple; an interval is asked for."),
    (Stubborn(), "number", "This is of type Stubborn; a number is asked for."),
    (ENDLESS, "vector", "This is of type list; a list of numbers is asked for."),
    ({}, "choice", "This is of type dict; a letter is asked for."),
    (10**5000, "integer", "This is of type int; a whole number is asked for."),
]


@pytest.mark.parametrize("value, kind, text", TEXTS, ids=range(len(TEXTS)))
def test_values_as_texts(value, kind, text):
    assert text_of(value, kind) == text


@pytest.mark.parametrize("value, kind, say", WRONG, ids=range(len(WRONG)))
def test_values_that_are_no_answer(value, kind, say):
    with pytest.raises(ExpressionError) as error:
        text_of(value, kind)
    assert str(error.value) == say


@pytest.fixture(autouse=True)
def pages(tmp_path, monkeypatch):
    """Two pages with answers."""
    specs = {f"ex-{name.replace(' ', '-').replace('/', '-')}": s for name, s in SPECS.items()}
    names = list(specs)
    for page, part in [("ch02_b/one", names[:9]), ("ch01_a/two", names[9:])]:
        file = tmp_path / f"{page}.json"
        file.parent.mkdir()
        file.write_text(json.dumps({name: specs[name] for name in part}), encoding="utf-8")
    monkeypatch.setattr(answers, "PAGES", tmp_path)
    return tmp_path


def test_ids_are_in_the_order_of_pages(pages):
    assert len(answers.ids()) == len(SPECS)
    assert answers.ids()[0] == "ex-percent" and answers.ids()[-1] == "ex-micro"
    assert answers.load("ex-six")["is"] == 6
    (pages / "ch01_a/two.json").write_text('{"ex-new": {"kind": "integer", "is": 1}}')
    assert answers.load("ex-new")["is"] == 1  # a file that is written again is read again
    with pytest.raises(KeyError):
        answers.load("ex-six")


def test_reports():
    report = checks.check("ex-six", 6)
    assert report.passed and (report.status, report.message) == ("passed", "")
    report = checks.check("ex-six", torch.tensor(8))
    assert (report.status, report.message, report.credit) == ("slip", "This is slip 0.", 0)
    assert checks.check("ex-six", 7).message == ELSE
    for nothing in [(), (...,), (None,), ("",)]:
        report = checks.check("ex-six", *nothing)
        assert (report.passed, report.status) == (False, "not_done")
        assert report.message.startswith("Not answered yet")
    report = checks.check("ex-six", "2*")
    assert report.status == "malformed" and "Cannot be read" in str(report)
    assert report.message == "Something is missing at the end."
    assert checks.check("ex-six", Stubborn()).status == "malformed"
    assert checks.check("ex-six", len).status == "malformed"
    report = checks.check("ex-sixx", 6)
    assert report.status == "unknown_task" and "did you mean 'ex-six'?" in report.message


def test_a_value_gets_the_verdict_of_its_text():
    for name, value, text in [
        ("ex-shape", torch.Size([2, 8, 6, 6]), "(2, 8, 6, 6)"),
        ("ex-matrix", np.array([[1, 3], [2, 4]]), "1 3; 2 4"),
        ("ex-minus-pq", sympy.sympify("p*(1-p)"), "p(1-p)"),
        ("ex-ends", (-1, 2.5), "-1 to 2.5"),
    ]:
        assert checks.check(name, value).message == checks.check(name, text).message


def test_proofs():
    p, q = sympy.symbols("p q")
    for name, value in [
        ("ex-six", np.int64(6)),
        ("ex-2-9", torch.tensor(2 / 9)),
        ("ex-shape", torch.zeros(2, 8, 5, 5).shape),
        ("ex-matrix", torch.tensor([[1.0, 2.0], [3.0, 4.0]])),
        ("ex-vector", (1, -2, sympy.Rational(1, 3))),
        ("ex-minus-pq", -p * q),
        ("ex-rate", sympy.Interval.Ropen(0, sympy.Rational(2, 3))),
        ("ex-one-of", "b"),
        ("ex-several", ["c", "a"]),
        ("ex-order", ("b", "a", "c")),
    ]:
        assert checks.proves(name, value) is None
    for name, value, said in [
        ("ex-six", 7, "the key of ex-six is 6, this is 7; judged wrong: Think again."),
        ("ex-six", 8, "judged slip: This is slip 0."),
        ("ex-six", True, "judged malformed: This is of type bool"),
        ("ex-six", np.True_, "judged malformed: This is of type bool"),
        ("ex-six", ..., "judged empty"),
        ("ex-shape", torch.zeros(2, 8, 5, 5), "its shape is asked for"),
        ("ex-one-of", "a", "judged slip"),
        ("ex-nothing", 1, "There is no answer 'ex-nothing'"),
    ]:
        with pytest.raises(AssertionError) as error:
            checks.proves(name, value)
        assert said in str(error.value)
