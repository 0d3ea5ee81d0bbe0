"""What is special about ``sgd``; the rest is tested in ``test_tasks``."""

import functools

import numpy as np

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.checks.ch03_linear_networks.sgd import slices
from tests.kit.task_tests import probe, variant


def test_random_order_is_not_repeatable():
    def shuffled(x, y, *rest):
        order = np.random.permutation(len(x))
        return slices(x[order], y[order], *rest)

    # The small probes come out right by chance now and then, never all of them.
    reports = [checks.check("sgd", shuffled) for _ in range(4)]
    assert not any(r.passed for r in reports)
    assert {r.status for r in reports} <= {"not_repeatable", "differs", "named_mistake"}


def test_starters_are_not_done_yet():
    def my_sgd(x, y, w, b, lr, num_epochs, batch_size):
        """w and b after num_epochs passes."""
        ...

    assert checks.check("sgd", my_sgd).status == "not_done"
    assert checks.check("sgd", functools.partial(slices)).passed
    assert checks.check("sgd", lambda x, y, w, b, lr: (w, b)).status == "wrong_signature"


SGD = load("sgd")


def test_numbers_that_the_list_of_mistakes_states():
    step, two = (p.inputs for p in SGD.probes[:2])
    assert np.allclose(SGD.reference(*step), (1.9, 1.2))
    assert np.allclose(variant(SGD, "LAB2-09")(*step), (3.8, 2.4))
    assert np.allclose(variant(SGD, "LAB2-11")(*step), (1.9, 0.63))
    assert variant(SGD, "LAB2-12")(*two)[1] == 0
    x, y, *rest = two
    twice = SGD.reference(np.r_[x[:2], x[:2]], np.r_[y[:2], y[:2]], *rest)
    assert np.allclose(variant(SGD, "LAB2-14")(*two), twice)
    first = np.array(SGD.reference(x[:2], y[:2], *rest))
    right, piled = np.array(SGD.reference(*two)), np.array(variant(SGD, "LAB2-16")(*two))
    assert np.allclose(piled - right, first)  # the first step once more, from 0
    assert np.allclose(SGD.reference(*probe(SGD, "at_optimum").inputs), (2, 3))


def test_probes_hold_batches_that_do_not_fit():
    shapes = [(len(p.inputs[0]), p.inputs[6]) for p in SGD.asked]
    assert any(n % size for n, size in shapes) and any(size > n for n, size in shapes)


def test_results_that_are_printed_are_none():
    report = checks.check("sgd", lambda *inputs: print(slices(*inputs)))
    assert report.status == "wrong_type" and "None" in report.message
