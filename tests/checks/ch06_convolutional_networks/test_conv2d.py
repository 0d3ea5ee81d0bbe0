"""What is special about ``conv2d``; the rest is tested in ``test_tasks``."""

import numpy as np

from dlworkbook.checks.tasks import load
from tests.checks.ch06_convolutional_networks import conv2d as answers
from tests.kit.task_tests import probe, variant

CONV, POOL, LINEAR, CORR = map(load, ["conv2d", "max_pool2d", "linear", "corr2d"])


def test_faults_of_the_correlation_keep_their_name_and_most_points():
    """A wrong ``corr2d`` costs once, in its own task."""
    of_corr2d = {m.id: m for m in CORR.mistakes}
    shared = [m for m in CONV.mistakes if m.id in of_corr2d]
    assert len(shared) > 35
    for m in shared:
        assert m.title == of_corr2d[m.id].title and m.keeps == 0.75


def test_values_of_the_published_probes():
    zero = probe(CONV, "zero image").inputs
    assert (variant(CONV, "LAB5-11")(*zero) == [1, 10, 100]).all()
    assert variant(CONV, "LAB5-12")(*zero)[0, :, 0, 0].tolist() == [2, 20, 200]


def test_probe_sizes_agree_where_they_should():
    shapes = [(p.inputs[0].shape, p.inputs[1].shape) for p in CONV.asked]
    assert any(k[0] == x[3] - k[3] + 1 > 1 for x, k in shapes)  # the bias fits the width
    assert any(k[0] == x[0] > 1 for x, k in shapes)


def test_ready_made_answers_lose_nothing_and_are_remarked_on():
    """The rule of the lab is about learning: the task says so in one sentence, and that is all."""
    assert "`conv2d`" in CONV.remark(answers.conv_torch)
    assert "`unfold`" in CONV.remark(answers.conv_torch_windows)
    for answer in answers.RIGHT[:4]:
        assert CONV.remark(answer) == ""
    assert CONV.remark(np.sin) == ""  # no source
