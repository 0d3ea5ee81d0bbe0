"""What is special about ``bert_self_attention``; the rest is tested in ``test_tasks``."""

import math

import numpy as np
import pytest
from torch import nn

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from tests.checks.ch14_nlp_pretraining.bert_self_attention import Linears, Student
from tests.kit import task_tests

pytestmark = pytest.mark.catalogue

TASK = load("bert_self_attention")


def test_one_weight_is_kept_in_one_probe_and_dropped_in_the_other():
    names = ("training, one weight", "training, another draw")
    first, second = (TASK.expected(p)[0] for p in TASK.probes if p.name in names)
    assert (first == 0).all() != (second == 0).all()


def test_published_signatures_of_the_course_mistakes():
    """The numbers that the list of mistakes states for its glass probes."""
    by_id = {m.id: m.variants[0] for m in TASK.mistakes}
    probes = {p.name: p for p in TASK.probes}

    def on(name, id_=None):
        probe = probes[name]
        out = TASK.expected(probe) if id_ is None else TASK.outcome(by_id[id_], probe)
        return out[0]

    def heads(out):
        return out[0].reshape(4, 2, 4).transpose(1, 0, 2)  # (2, queries, keys)

    def odds(a):
        return np.log(a[..., 0] / a[..., 1])

    a = heads(on("glass"))
    assert np.allclose(a.sum(-1), 1)
    for id_, factor in [("LAB9-01", 2), ("LAB9-02", 0.5**0.5), ("LAB9-04", 4)]:
        assert np.allclose(odds(heads(on("glass", id_))), factor * odds(a), rtol=1e-3, atol=1e-4)
    assert np.allclose(on("glass, one head"), on("glass, one head", "LAB9-02"))
    assert np.allclose(heads(on("glass", "LAB9-06")).sum(0), 1)
    assert np.allclose(on("glass, one head", "LAB9-06"), 1)
    assert np.allclose(on("glass", "LAB9-16").reshape(2, 4, 4), a)
    twice = heads(on("glass", "LAB9-22"))
    assert (twice.max(-1) / twice.min(-1) <= math.e + 1e-6).all()
    one = heads(on("glass", "LAB9-24"))
    assert np.allclose(one[0], one[1])
    m = heads(on("glass, last key padded"))
    assert np.allclose(m[..., 3], 0) and np.allclose(m.sum(-1), 1)
    raw = heads(on("glass, last key padded", "LAB9-09"))
    assert np.allclose(raw[..., 0] / raw[..., 3], math.e * a[..., 0] / a[..., 3], rtol=1e-4)
    assert (on("glass, last key padded", "LAB9-12") < -9000).any()
    assert np.allclose(on("one token", "LAB9-19"), probes["one token"].inputs[0])


def test_a_key_without_bias_cannot_be_told_and_passes():
    """Its bias adds the same number to all scores of a query."""

    class NoKeyBias(Student):
        def __init__(self, config):
            super().__init__(config)
            self.key = nn.Linear(config.hidden_size, config.hidden_size, bias=False)

    task_tests.assert_accepted(TASK, NoKeyBias)


def test_answers_remembered_by_shape_fail():
    memory = {}

    class ByShape(Student):
        def forward(self, x, mask):
            key = (x.shape, self.num_heads, self.training)
            if key not in memory:
                memory[key] = super().forward(x, mask)
            return memory[key].clone()

    report = checks.check(TASK.name, ByShape)
    assert not report.passed and report.mistake is None


def test_a_layer_without_the_agreed_names_is_told_which():
    class OtherNames(nn.Module):
        def __init__(self, config):
            super().__init__()
            D = config.hidden_size
            self.query, self.W_k, self.W_v = (nn.Linear(D, D) for _ in range(3))

    report = checks.check(TASK.name, OtherNames)
    assert report.status == "raised", str(report)
    assert "no attribute 'key' and 'value'" in report.message and "nn.Linear" in report.message


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda D: [nn.Linear(D // 2, D // 2) for _ in range(3)], "one nn.Linear"),
        (lambda D: [nn.Dropout() for _ in range(3)], "should be an nn.Linear"),
    ],
)
def test_layers_of_another_kind_are_told(make, words):
    class Other(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.query, self.key, self.value = make(config.hidden_size)

    report = checks.check(TASK.name, Other)
    assert report.status == "raised" and words in report.message, str(report)


def test_a_class_that_is_no_module_and_a_starter_are_told():
    class Plain:
        def __init__(self, config):
            pass

    assert "nn.Module" in checks.check(TASK.name, Plain).message

    class Starter(nn.Module):
        def __init__(self, config):
            super().__init__()
            ...

        def forward(self, hidden_states, attention_mask): ...

    assert checks.check(TASK.name, Starter).status == "not_done"

    space = {"nn": nn}  # as in a notebook, where the source of a class is not found
    exec(
        "class Starter(nn.Module):\n"
        "    def __init__(self, config):\n        super().__init__()\n        ...\n"
        "    def forward(self, hidden_states, attention_mask): ...\n",
        space,
    )
    assert checks.check(TASK.name, space["Starter"]).status == "not_done"

    class Begun(Linears):
        def forward(self, hidden_states, attention_mask):
            q = self.query(hidden_states)  # noqa: F841
            ...

    assert checks.check(TASK.name, Begun).status == "not_done"


def test_a_constructor_with_other_arguments_is_told_the_agreed_one():
    class Two(nn.Module):
        def __init__(self, hidden_size, num_heads):
            super().__init__()

    report = checks.check(TASK.name, Two)
    assert report.status == "wrong_signature" and "BertSelfAttention(config)" in report.message


def test_output_and_weights_as_a_pair_are_told():
    class Pair(Student):
        def forward(self, x, mask):
            return super().forward(x, mask), None

    report = checks.check(TASK.name, Pair)
    assert report.status == "wrong_type" and "tuple" in report.message
