"""What is special about ``conv2d``; the rest is tested in ``test_tasks``."""

import types

from dlworkbook.checks.tasks import load
from tests.kit.task_tests import assert_accepted, assert_named, probe, variant

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


def test_what_corr2d_uses_costs_there_and_not_here():
    """The rule of the lab is broken once: by the answer in whose code it is broken."""
    module = types.ModuleType("handed_in")
    exec(
        "import numpy as np, torch\n"
        "def corr2d(X, K):\n"
        "    return torch.conv2d(torch.tensor(X), torch.tensor(K)).numpy()\n"
        "def conv2d(X, K, b):\n"
        "    return corr2d(X, K) + b[:, None, None]\n"
        "def conv2d_alone(X, K, b):\n"
        "    return torch.conv2d(*map(torch.tensor, (X, K, b))).numpy()\n",
        vars(module),
    )
    assert_named(CORR, module.corr2d, "CORR2D-45")
    assert_accepted(CONV, module.conv2d)
    assert_named(CONV, module.conv2d_alone, "CONV2D-13")
