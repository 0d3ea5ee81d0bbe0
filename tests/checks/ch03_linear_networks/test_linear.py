"""What is special about ``linear``; the rest is tested in ``test_tasks``."""

import pytest

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.kit.task_tests import probe, variant


def test_two_mistakes_are_told_also_where_one_of_them_stops():
    """The transposed weight raises unless it is square; there the bias is seen to be missing."""
    report = checks.check("linear", lambda X, W, b: X @ W.T)
    assert report.status == "raised" and "stopped with ValueError" in report.message
    assert set(report.pair) == {"LAB5-22", "LINEAR-07"} and report.credit == 0.25


def test_what_always_stops_is_not_searched_for_pairs():
    report = checks.check("linear", lambda X, W, b: 1 / 0)
    assert report.status == "raised" and report.pair is None and report.credit == 0


LINEAR = load("linear")


def test_values_of_the_published_probes():
    transposed = variant(LINEAR, "LAB5-22")
    square = probe(LINEAR, "demo, square").inputs
    assert transposed(*square).tolist() == [[0, 3, 6], [2, 5, 8]]
    with pytest.raises(ValueError):
        transposed(*probe(LINEAR, "demo").inputs)


def test_probe_sizes_differ_and_agree_where_they_should():
    sizes = [(len(p.inputs[0]), *p.inputs[1].shape) for p in LINEAR.asked]
    assert any(len(set(s)) == 3 for s in sizes) and any(len(set(s)) == 1 for s in sizes)
    assert any(s[0] == s[2] != s[1] for s in sizes) and any(s[1] == s[2] != s[0] for s in sizes)
