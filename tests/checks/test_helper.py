"""An answer that calls the answer to an earlier task: a wrong ``corr2d`` costs ``conv2d`` once."""

import functools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlworkbook import checks
from dlworkbook.checks import helper
from dlworkbook.checks.report import KEPT
from dlworkbook.checks.tasks import load
from grading.make import lab, rubric

CORR = load("corr2d")

# conv2d as students write it around their own corr2d; each is right.
STYLES = [
    "def conv2d(X, K, b):\n    return corr2d(X, K) + b[:, None, None]",
    "def conv2d(X, K, b):\n    return corr2d(X, K) + b.reshape(1, -1, 1, 1)",
    """
def conv2d(X, K, b):
    Y = corr2d(X, K)
    for o in range(len(b)):
        Y[:, o] = Y[:, o] + b[o]
    return Y
""",
    """
def add_bias(Y, b):
    return np.array([[Y[n, o] + b[o] for o in range(len(b))] for n in range(len(Y))])

def conv2d(X, K, b):
    return add_bias(correlate(X, K), b)

def correlate(X, K):
    return corr2d(X, K)
""",
]


def notebook(corr2d, code):
    """The conv2d that a notebook defines in which corr2d is this one."""
    names = {"np": np, "torch": torch, "F": F, "corr2d": corr2d}
    exec(code, names)
    return names["conv2d"], names


@pytest.mark.catalogue
def test_a_wrong_corr2d_costs_a_quarter_of_conv2d():
    """For every wrong ``corr2d`` of the catalogue, in two ways of writing ``conv2d``."""
    found = []
    for number, mistake in enumerate(CORR.mistakes):
        for k, variant in enumerate(mistake.variants):

            def corr2d(X, K, variant=variant):
                return variant(X, K)

            for code in (STYLES[0], STYLES[1 + (k + number) % 3]):
                conv2d, names = notebook(corr2d, code)
                report = checks.check("conv2d", conv2d)
                # Adding a bias may put an axis back that was lost.
                back = report.passed and mistake.id == "CORR2D-40"
                told = report.mistake in (None, mistake.id) and (report.credit == 0.75 or back)
                if not told or names["corr2d"] is not corr2d:
                    found.append(f"{mistake.id}, variant {k}, in {code}\n{report}")
    assert not found, "\n".join(found)


def right(X, K):
    return F.conv2d(torch.as_tensor(X), torch.as_tensor(K)).numpy()


def starter(X, K):
    """Cross-correlation."""
    ...


def broken(X, K):
    return X[99]


def endless(X, K):
    while True:
        pass


def unheard_of(X, K):
    return np.sin(right(X, K))


def writes_into_kernel(X, K):
    Y = right(X, K).copy()
    K *= 0
    return Y


@pytest.mark.parametrize("corr2d", [starter, broken, endless, unheard_of], ids=lambda f: f.__name__)
def test_whatever_is_wrong_with_corr2d(corr2d):
    conv2d, _ = notebook(corr2d, STYLES[0])
    report = checks.check("conv2d", conv2d, seconds=0.5)
    assert report.status == "wrong_helper" and report.credit == KEPT["wrong_helper"] == 0.75
    assert not report.passed and "a right `corr2d`" in report.message and report.mistake is None
    assert "Right, but for a function that it calls" in str(report)


def test_a_corr2d_that_no_cell_defined():
    conv2d, names = notebook(None, STYLES[1])
    del names["corr2d"]
    assert checks.check("conv2d", conv2d).status == "wrong_helper"
    assert "corr2d" not in names


def test_names_of_the_starters_in_the_book():
    names = {"np": np, "my_corr2d": unheard_of, "corr2d": right}
    exec("def my_conv2d(X, K, b):\n    return my_corr2d(X, K) + b[:, None, None]", names)
    assert checks.check("conv2d", names["my_conv2d"]).status == "wrong_helper"
    assert names["my_corr2d"] is unheard_of and names["corr2d"] is right


def test_tensors():
    code = "def conv2d(X, K, b):\n    return corr2d(X, K) + b.view(-1, 1, 1)"
    conv2d, _ = notebook(lambda X, K: F.conv2d(X, K).exp(), code)
    assert checks.check("conv2d", conv2d).status == "wrong_helper"
    conv2d, _ = notebook(lambda X, K: F.conv2d(X, K.flip(2, 3)), code)
    assert checks.check("conv2d", conv2d).mistake == "LAB5-01"


def test_a_mistake_of_its_own_costs_as_well():
    """The bias forgotten beside a wrong corr2d: each costs what it costs alone."""
    forgets = "def conv2d(X, K, b):\n    return corr2d(X, K)"
    conv2d, _ = notebook(unheard_of, forgets)
    report = checks.check("conv2d", conv2d)
    assert report.mistake == "CONV2D-01" and report.credit == 0.5, str(report)
    assert "Besides, the `corr2d` that it calls is wrong" in report.message
    conv2d, _ = notebook(right, forgets)
    report = checks.check("conv2d", conv2d)
    assert report.mistake == "CONV2D-01" and report.credit == 0.75
    assert "Besides" not in report.message


def test_the_fault_of_corr2d_is_not_put_down_to_the_bias():
    """Ones in place of zeros to begin with look like another bias."""
    conv2d, _ = notebook(lambda X, K: np.maximum(right(X, K), 0), STYLES[0])
    assert checks.check("conv2d", conv2d).status == "wrong_helper"
    conv2d, _ = notebook(lambda X, K: right(X, K)[0] if len(X) == 1 else right(X, K), STYLES[0])
    assert checks.check("conv2d", conv2d).mistake is None


def test_a_conv2d_that_calls_no_corr2d_is_checked_once():
    ran = []

    def conv2d(X, K, b):
        ran.append(1)
        return right(X, K) * b[:, None, None]

    report = checks.check("conv2d", conv2d)
    assert report.mistake == "CONV2D-04" and len(ran) <= len(load("conv2d").asked) + 1


def test_where_a_name_is_looked_for():
    """In globals, in the cells of outer functions, and in helpers of the same notebook only."""
    conv2d, names = notebook(unheard_of, STYLES[3])
    with helper.replaced(conv2d, ("corr2d",), right) as found:
        assert found and names["corr2d"] is right
    assert names["corr2d"] is unheard_of

    def outer(corr2d):
        def conv2d(X, K, b):
            return corr2d(X, K) + b[:, None, None]

        return conv2d

    inside = outer(unheard_of)
    for answer in (inside, functools.wraps(inside)(lambda *inputs: inside(*inputs))):
        assert checks.check("conv2d", answer).status == "wrong_helper"
    assert inside.__closure__[0].cell_contents is unheard_of
    for other in (np.sin, print, object(), right, None, functools.partial(max)):
        with helper.replaced(other, ("corr2d",), right) as found:
            assert not found


def test_the_rubric_says_so_where_a_task_calls_another():
    assert f"| {rubric.HELPED[0]} | 75% |" in rubric.markdown(lab.load(5))
    assert rubric.HELPED[0] in rubric.page(lab.load(5))
    assert rubric.HELPED[0] not in rubric.markdown(lab.load(2))
