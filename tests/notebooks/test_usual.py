"""A lab's table of targets: the learner's numbers beside those of right answers."""

from __future__ import annotations

import pytest

from dlworkbook import targets
from dlworkbook.usual import SPREADS

USUAL = {"loss": [1.0, 2.0, 3.0], "right, %": [90.0, 90.2, 90.4]}


def test_numbers_in_the_usual_range_are_done():
    table = targets({"right, %": 90.3, "loss": 2.5}, USUAL)
    assert table.done and [row.verdict for row in table.rows] == ["usual", "usual"]
    assert [row.cells[1:] for row in table.rows] == [
        ("2.5", "usual", "-1.0 to 5.0", "2.0 ± 1.0"),
        ("90.30", "usual", "89.60 to 90.80", "90.20 ± 0.20")]
    assert table.seeds == 3 and SPREADS == 3


@pytest.mark.parametrize(("loss", "verdict"), [
    (5.01, "higher than usual"), (-1.01, "lower than usual"), (4.99, "usual"),
    (float("nan"), "not a number"), (float("inf"), "not a number"),
])
def test_a_number_outside_is_told(loss, verdict):
    table = targets({"loss": loss, "right, %": 90.3}, USUAL)
    assert table.rows[0].verdict == verdict and table.done == (verdict == "usual")
    assert verdict in str(table) and verdict in table._repr_html_()


def test_a_number_that_has_run_away_does_not_fill_the_screen():
    for loss, told in ((-2.6e194, "-2.6e+194"), (1e7, "1.0e+07"), (31234.5, "31234.5")):
        assert targets({"loss": loss, "right, %": 90}, USUAL).rows[0].cells[1] == told


def test_the_text_has_straight_columns():
    lines = str(targets({"loss": 2, "right, %": 90}, USUAL)).splitlines()
    assert lines[0].lstrip().startswith("yours ") and lines[0].endswith("mean ± spread")
    assert len({line.index("usual") for line in lines[1:]}) == 1


def test_seeds_that_all_give_the_same_leave_no_range():
    table = targets({"a": 1.0}, {"a": [1.0, 1.0]})
    assert table.done and table.rows[0].cells[1:] == ("1", "usual", "1 to 1", "1 ± 0")
    half = targets({"a": .5}, {"a": [.5, .5]})
    assert half.done and half.rows[0].cells[1:] == ("0.50", "usual", "0.50 to 0.50", "0.50 ± 0.00")
    other = targets({"a": 1.1}, {"a": [1.0, 1.0]})
    assert not other.done and other.rows[0].cells[1] == "1.10"
    assert targets({"a": float("nan")}, {"a": [1.0, 1.0]}).rows[0].verdict == "not a number"


@pytest.mark.parametrize(("name", "values", "shown"), [
    ("right, %", [98.0, 99.0, 100.0], "96.0 to 100.0"),
    ("wrong, %", [0.0, 1.0, 2.0], "0.0 to 4.0"),
    ("turned, degrees", [98.0, 99.0, 100.0], "96.0 to 102.0"),
    ("slope", [0.0, 1.0, 2.0], "-2.0 to 4.0"),
])
def test_a_share_shows_no_range_beyond_0_and_100(name, values, shown):
    table = targets({name: values[0]}, {name: values})
    assert table.rows[0].cells[3] == shown and table.done


def test_a_whole_share_that_was_rounded_up_is_usual():
    assert targets({"right, %": 100.00000000000001}, {"right, %": [98.0, 99.0, 100.0]}).done


@pytest.mark.parametrize(("yours", "usual", "told"), [
    ({"loss": 1}, USUAL, "on one side only: right, %"),
    ({"a": 1}, {"a": [1.0]}, "at least 2"),
    ({"a": 1, "b": 1}, {"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]}, "as many seeds"),
])
def test_what_does_not_fit_is_refused(yours, usual, told):
    with pytest.raises(ValueError, match=told):
        targets(yours, usual)
