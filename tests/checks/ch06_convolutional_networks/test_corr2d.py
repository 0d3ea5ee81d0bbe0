"""What is special about ``corr2d``; the rest is tested in ``test_tasks``."""

import types

import numpy as np
import pytest

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch06_convolutional_networks import corr2d as task_module
from tests.checks.ch06_convolutional_networks.corr2d import with_windows

TASK = load("corr2d")


def test_values_of_the_published_probes():
    """The numbers that the list of mistakes states for its demonstration probe."""
    X, K = TASK.probes[0].inputs
    by_id = {m.id: m for m in TASK.mistakes}
    assert task_module.reference(X, K)[0, 0].tolist() == [[37, 47], [67, 77]]
    assert by_id["LAB5-01"].variants[0](X, K)[0, 0].tolist() == [[23, 33], [53, 63]]
    assert by_id["LAB5-07"].variants[0](X, K)[0, 0].tolist() == [[37, 67], [47, 77]]
    assert by_id["LAB5-04"].variants[0](X, K).shape == (1, 1, 1, 1)


@pytest.mark.parametrize(("first", "unfold", "found"), [
    ("from torch.nn.functional import unfold", "unfold(X, K.shape[2:])", "`F.unfold`"),
    ("import torch.nn.functional as F", "F.unfold(X, K.shape[2:])", "`F.unfold`"),
    ("from torch.nn import Unfold", "Unfold(tuple(K.shape[2:]))(X)", "`nn.Unfold`"),
])
def test_windows_of_torch_are_found_under_any_name_and_told_once(first, unfold, found):
    module = types.ModuleType("handed_in")
    exec(
        f"import torch\n{first}\n"
        "def corr2d(X, K):\n"
        "    (B, _, H, W), (O, _, h, w) = X.shape, K.shape\n"
        "    X, K = torch.as_tensor(X), torch.as_tensor(K)\n"
        f"    Y = K.flatten(1) @ {unfold}\n"
        "    return Y.reshape(B, O, H - h + 1, W - w + 1)\n",
        vars(module),
    )
    report = checks.check("corr2d", module.corr2d)
    assert report.mistake == "CORR2D-45", str(report)
    assert f"In your code stands {found}." in report.message


@pytest.mark.parametrize(
    "wrong",
    [
        lambda X, K: np.sin(with_windows(X, K)),
        lambda X, K: with_windows(X, K) ** 2,
        lambda X, K: with_windows(X, K) + 0.001,
        lambda X, K: with_windows(X, np.sort(K, axis=3)),
        lambda X, K: with_windows(X, K) * 3,
        lambda X, K: np.zeros_like(with_windows(X, K)),
    ],
)
def test_unknown_mistakes_are_located_and_not_named(wrong):
    report = checks.check("corr2d", wrong)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    shown = next(p for p in TASK.probes if p.name == report.probe)
    want = TASK.expected(shown)[0]
    assert report.place is not None
    assert report.expected_entry == pytest.approx(want[report.place])
    assert report.output[report.place] != pytest.approx(want[report.place], abs=1e-4)
    before = np.ravel_multi_index(report.place, want.shape)
    assert np.allclose(report.output.ravel()[:before], want.ravel()[:before])
    assert f"[{', '.join(map(str, report.place))}]" in report.message
    assert np.array_equal(report.inputs[0], shown.inputs[0])


def test_regular_differences_are_described():
    assert "3 times" in checks.check("corr2d", lambda X, K: 3 * with_windows(X, K)).message
    assert "off by 0.5" in checks.check("corr2d", lambda X, K: with_windows(X, K) + 0.5).message
    zero = checks.check("corr2d", lambda X, K: 0 * with_windows(X, K))
    assert "zero" in zero.message


def test_what_failing_inputs_have_in_common_is_said():
    def answer(X, K):
        return with_windows(X, K) * (1.7 if len(X) > 1 else 1)

    report = checks.check("corr2d", answer)
    assert (
        report.status == "differs" and "all that fail have more than one sample" in report.message
    )


@pytest.mark.slow
def test_answers_learnt_by_heart_do_not_pass():
    learnt = np.array([[[[37.0, 47.0], [67.0, 77.0]]]])
    report = checks.check("corr2d", lambda X, K: learnt)
    assert not report.passed and report.right == 1

    memory = {}

    def by_shape(X, K):
        key = (X.shape, K.shape)
        if key not in memory:
            memory[key] = with_windows(X, K)
        return memory[key].copy()

    report = checks.check("corr2d", by_shape)
    assert not report.passed and report.probe == "general, other numbers", str(report)


def test_probe_shapes_have_no_accidental_equality_and_the_silent_cases_are_there():
    shapes = [
        (*p.inputs[0].shape, p.inputs[1].shape[0], *p.inputs[1].shape[2:]) for p in TASK.asked
    ]
    assert any(len(set(s)) == 7 for s in shapes)
    assert any(s[1] == s[4] > 1 for s in shapes)  # as many outputs as inputs
    assert any(s[5] > s[6] for s in shapes) and any(s[5] < s[6] for s in shapes)
