"""What is special about ``least_squares``; the rest is tested in ``test_tasks``."""

import numpy as np
import pytest

from dlworkbook import checks
from dlworkbook.checks import naming
from dlworkbook.checks.tasks import load
from tests.checks.ch03_linear_networks.least_squares import by_covariance
from tests.kit.task_tests import probe, variant


def slices(x, y, w, b, lr, num_epochs, batch_size):
    for _ in range(num_epochs):
        for i in range(0, len(x), batch_size):
            u, v = x[i : i + batch_size], y[i : i + batch_size]
            r = w * u + b - v
            w, b = w - lr * 2 * np.mean(r * u), b - lr * 2 * np.mean(r)
    return w, b


def test_one_number_where_two_are_asked():
    report = checks.check("least_squares", lambda x, y: by_covariance(x, y)[0])
    assert report.status == "wrong_type" and "returns 1 result;" in report.message


def test_changed_inputs_are_a_remark():
    def centres_in_place(x, y):
        w, b = by_covariance(x, y)
        x -= x.mean()
        return w, b

    report = checks.check("least_squares", centres_in_place)
    assert report.passed and report.credit == 1 and "writes into x" in report.remarks[0]


LINE = load("least_squares")


def test_numbers_that_the_list_of_mistakes_states():
    exact, noisy = (probe(LINE, name).inputs for name in ("ls_exact", "ls_noisy"))
    assert np.allclose(LINE.reference(*exact), (2, 3))
    assert np.allclose(variant(LINE, "LAB2-01")(*exact), (3, 0))
    assert np.allclose(variant(LINE, "LAB2-02")(*exact), (3, 2))
    assert np.allclose(variant(LINE, "LAB2-02")(*noisy), (2.5, 2.3))
    assert np.allclose(variant(LINE, "LAB2-04")(*exact), (2, 3))
    assert variant(LINE, "LAB2-04")(*noisy)[0] == pytest.approx(2.3261, abs=5e-5)


def test_one_line_learnt_by_heart_is_right_once():
    assert sum(naming.right(LINE, p, [np.array(2.0), np.array(3.0)]) for p in LINE.asked) == 1
