"""What is special about ``mean_squared_error``; the rest is tested in ``test_tasks``."""

from dlworkbook.checks.tasks import load
from tests.kit.task_tests import probe, variant

LOSS = load("mean_squared_error")


def test_numbers_that_the_list_of_mistakes_states():
    wrong, perfect = (probe(LOSS, name).inputs for name in ("loss_wrong", "loss_perfect"))
    assert (LOSS.reference(*wrong), LOSS.reference(*perfect)) == (31.5, 0)
    assert variant(LOSS, "LAB2-06")(*wrong) == 126 and variant(LOSS, "LAB2-07")(*wrong) == 15.75
