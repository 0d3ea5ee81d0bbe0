"""What is special about ``manual_step``; the rest is tested in ``test_tasks``."""

import numpy as np
import pytest

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.checks.ch03_linear_networks.manual_step import (
    formula,
    in_place,
    probabilities_in_place,
    row_by_row_in_place,
)
from tests.kit.task_tests import probe, variant


def test_w_and_b_may_be_changed_in_place():
    """As the course's own step does; whoever changes y_hat as well is told so."""
    for answer, remarks in ((in_place, 0), (row_by_row_in_place, 0), (probabilities_in_place, 1)):
        report = checks.check("manual_step", answer)
        assert report.passed and len(report.remarks) == remarks, str(report)
    assert "writes into y_hat:" in report.remarks[0]


def test_a_step_in_place_that_returns_nothing_is_told_so():
    def without_return(*inputs):
        in_place(*inputs)

    report = checks.check("manual_step", without_return)
    assert report.status == "wrong_type" and "returns nothing" in report.message


STEP = load("manual_step")


def test_numbers_that_the_list_of_mistakes_states():
    W, b, X, y, y_hat, lr = bw = probe(STEP, "bw").inputs
    new_W, new_b = STEP.reference(*bw)
    assert -np.log(y_hat[[0, 1], y]).mean() == pytest.approx(1.2638293436)
    expected = [[0.0531145, -0.1801883], [-0.0000863, 0.2264920], [0.2469718, 0.1536964]]
    assert np.allclose(new_W, expected, atol=1e-7)
    assert np.allclose(new_b, [0.0288363, 0.0510234, -0.0798597], atol=1e-7)
    up = variant(STEP, "LAB3-09")(*bw)
    assert np.allclose(up[0] - W, W - new_W) and np.allclose(up[1] - b, b - new_b)
    with pytest.raises(ValueError):
        variant(STEP, "LAB3-11")(*bw)
    square = probe(STEP, "bw_square").inputs
    change = STEP.reference(*square)[0] - square[0]
    assert np.allclose(variant(STEP, "LAB3-12")(*square)[0] - square[0], change.T)
    assert np.allclose(variant(STEP, "LAB3-14")(*bw)[1], b)
    not_1 = probe(STEP, "bw_rows_not_1").inputs
    assert np.allclose(variant(STEP, "LAB3-14")(*not_1)[1] - b, 0.025)
    sure = probe(STEP, "confidently wrong").inputs
    assert np.array_equal(variant(STEP, "LAB3-16")(*sure)[0], W)
    moves = (variant(STEP, "LAB3-17")(*bw)[1] - b) / (lr / len(X))
    assert np.allclose(moves, np.round(moves))
    assert np.allclose(variant(STEP, "LAB3-19")(*bw)[0] - W, (new_W - W) / lr)


def test_probes_hold_the_silent_cases():
    shapes = [(*p.inputs[2].shape, len(p.inputs[1])) for p in STEP.asked]
    assert any(len({B, D, C}) == 3 for B, D, C in shapes)
    assert any(B == D == C > 1 for B, D, C in shapes)  # nothing raises
    assert any(D == C != B for B, D, C in shapes)
    assert any(len(set(p.inputs[3].tolist())) < len(p.inputs[1]) for p in STEP.asked)


def test_what_is_wrong_is_told_by_the_name_of_its_result():
    def wrong(*inputs):
        W, b = formula(*inputs)
        return W, b + 0.001

    report = checks.check("manual_step", wrong)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert "The new b" in report.message and "off by 0.001" in report.message
    report = checks.check("manual_step", lambda W, b, X, y, y_hat, lr: W)
    assert report.status == "wrong_type" and "returns 1 result;" in report.message
