"""What is special about ``softmax``; the rest is tested in ``test_tasks``."""

import numpy as np

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.kit.task_tests import probe, variant

SOFTMAX = load("softmax")


def test_numbers_that_the_list_of_mistakes_states():
    names = ("sm_square", "sm_big", "one row")
    square, big, one = (probe(SOFTMAX, name).inputs[0] for name in names)
    wanted = [0.09003057, 0.24472847, 0.66524096]
    assert np.allclose(SOFTMAX.reference(square)[0], wanted)
    assert np.allclose(SOFTMAX.reference(big)[0], wanted)
    assert np.allclose(variant(SOFTMAX, "LAB3-01")(square).sum(0), 1)
    assert (variant(SOFTMAX, "LAB3-01")(one) == 1).all()
    with np.errstate(all="ignore"):
        assert np.isnan(variant(SOFTMAX, "LAB3-02")(big)).all()
    E = np.exp(square - square.max(1, keepdims=True))
    assert np.allclose(variant(SOFTMAX, "LAB3-04")(square)[:, 1], E[:, 1] / E[1].sum())
    assert np.allclose(variant(SOFTMAX, "LAB3-06")(one), 1 / 3)
    assert np.allclose(np.exp(variant(SOFTMAX, "LAB3-07")(square)), SOFTMAX.reference(square))


def test_probes_hold_the_silent_cases():
    sizes = [p.inputs[0].shape for p in SOFTMAX.asked]
    assert any(n == q > 1 for n, q in sizes) and any(n > q for n, q in sizes)
    assert any(abs(p.inputs[0]).max() >= 1000 for p in SOFTMAX.asked)


def test_a_function_without_parameters_has_a_wrong_signature():
    assert checks.check("softmax", lambda: None).status == "wrong_signature"
