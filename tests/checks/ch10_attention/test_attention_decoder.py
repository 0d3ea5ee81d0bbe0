"""What is special about ``attention_decoder``; the rest is tested in ``test_tasks``."""

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import checks
from dlworkbook.checks import naming, values
from dlworkbook.checks.answer import Answer
from dlworkbook.checks.references.attention import RIGHT, Layers, right, weights
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch10_attention import attention_decoder as task_module
from tests.checks.ch10_attention.attention_decoder import (
    BatchedProducts,
    ByHand,
    CourseAnswer,
    IgnoresFirstStep,
    KeyByKey,
    Layered,
    MeanFirst,
    NoMlp1,
    SampleBySample,
    Steps,
    TimeFirst,
)

pytestmark = pytest.mark.catalogue

TASK = load("attention_decoder")


RIGHT_ANSWERS = [BatchedProducts, SampleBySample, TimeFirst, KeyByKey, ByHand, MeanFirst]


def test_mean_before_mlp1_is_a_remark_and_costs_nothing():
    report = checks.check("attention_decoder", MeanFirst)
    assert report.passed and report.credit == 1
    assert len(report.remarks) == 1 and "LAB8-M1b" in report.remarks[0], str(report)
    for answer in RIGHT_ANSWERS[:-1]:
        assert checks.check("attention_decoder", answer).remarks == []


def test_reference_and_parts_agree_also_beyond_the_probes():
    rng = np.random.default_rng(0)
    for seed in range(20):
        B, S, T, E, H, V = rng.integers(1, 6, 6)
        layers = Layers(int(V), int(E), int(H), seed, mlp1=["linear", "linear, tanh"][seed % 2])
        given = task_module.inputs(B, S, T, layers, first=bool(seed % 3), seed=seed)
        assert all(map(np.allclose, right(*given), TASK.reference(*given)))
    for p in TASK.probes:
        assert naming.right(TASK, p, TASK.outcome(right, p), 1e-9), p.name


def test_parts_of_variants_exist():
    parts = {name for m in TASK.mistakes for v in m.variants for name in getattr(v, "pieces", {})}
    assert parts and parts <= set(RIGHT)


def test_probes_are_what_their_names_say():
    by_name = {p.name: p for p in TASK.probes}
    expected = {name: TASK.expected(p) for name, p in by_name.items()}
    # a later call does not see mlp1
    assert values.equal(expected["next, four tokens"][0], expected["next, other mlp1"][0])
    a, b = (
        weights(by_name[n].inputs[4])["mlp1_w"] for n in ("next, four tokens", "next, other mlp1")
    )
    assert not np.allclose(a, b)
    # the order of the encoder's steps does not matter to a mean
    assert values.equal(
        expected["input-blind decoder"][0], expected["input-blind, encoder steps swapped"][0]
    )
    # glass: scores show the weights, which are a softmax of state . enc_hidden
    scores = expected["glass next"][0][:, 0]
    state, bars = by_name["glass next"].inputs[2][0], by_name["glass next"].inputs[1]
    z = np.einsum("bh,bsh->bs", state, bars)
    alpha = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    assert np.allclose(5 * np.arctanh(scores), alpha)
    (wrong,) = (m for m in TASK.mistakes if m.id == "LAB8-M1a-q")
    row = 5 * np.arctanh(TASK.outcome(wrong.variants[0], by_name["glass first"])[0][0, 0])
    assert np.allclose(row, np.exp([0, 0, 0, 4]) / (3 + np.exp(4)))  # softmax(enc . last enc)
    # sizes: no two alike somewhere, all alike elsewhere
    sizes = {
        p.name: (*p.inputs[1].shape[:2], p.inputs[0].shape[1], *map(vars(p.inputs[4]).get, "EHV"))
        for p in TASK.probes
    }
    assert any(len(set(s)) == 6 for s in sizes.values())
    assert len(set(sizes["all sizes equal"])) == 1


def test_a_batch_of_one_hides_the_layout_of_the_state():
    """The course's answer is right on every probe with one sample, and on no other."""
    for p in TASK.asked:
        single = len(p.inputs[0]) == 1
        got = Answer(CourseAnswer, TASK.use).call(p.inputs, "torch", 2, 5).arrays
        assert naming.right(TASK, p, got) == single, p.name
    report = checks.check("attention_decoder", CourseAnswer)
    assert report.credit == 0.75 and "(1, B, H)" in report.message


def test_a_pair_in_a_learners_class_is_told():
    class Two(NoMlp1):
        def weigh(self, query, keys):
            return self.softmax(query @ keys.transpose(1, 2) / keys.shape[-1] ** 0.5)

    report = checks.check("attention_decoder", Two)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.pair == ("LAB8-12", "LAB8-04") and report.credit == 0.25


class NoDecoder(Layered):
    """The recurrent layer has another name."""

    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.rnn = self.decoder
        del self.decoder

    def decode(self, dec_y, enc_hidden, state, is_first_step):
        return None


class ContextNotFed(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.GRU(E, H, batch_first=True)


class TwoArguments(Steps):
    def __init__(self, V, H):
        super().__init__(V, H, H)


class LongShortTerm(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.LSTM(H + E, H, batch_first=True)


class Elman(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.RNN(H + E, H, batch_first=True)


class ElmanCell(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.RNNCell(H + E, H)


class ReluRnn(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.RNN(H + E, H, nonlinearity="relu", batch_first=True)


class NotRecurrent(Steps):
    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.Linear(H + E, H)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (NoDecoder, ["your object has no decoder", "rnn", "by these names"]),
        (Layered, ["has no decode"]),
        (ContextNotFed, ["inputs", "2 + 3 inputs"]),
        (TwoArguments, ["AttentionDecoder(vocab_size, embedding_size, num_hiddens)", "(V, H)"]),
        (LongShortTerm, ["has to be an nn.GRU; yours is an nn.LSTM"]),
        (Elman, ["has to be an nn.GRU; yours is an nn.RNN."]),
        (ElmanCell, ["has to be an nn.GRU; yours is an nn.RNNCell"]),
        (ReluRnn, ["has to be an nn.GRU; yours is an nn.RNN."]),
        (NotRecurrent, ["GRU", "Linear"]),
    ],
)
def test_another_interface_is_told_in_words(answer, words):
    report = checks.check("attention_decoder", answer)
    assert report.status == "raised" and not report.passed, str(report)
    for word in words:
        assert word in report.message, str(report)


def test_inputs_of_a_first_step_say_that_there_is_no_state():
    class Odd(IgnoresFirstStep):
        def decode(self, *arguments):
            scores, state = super().decode(*arguments)
            return scores.sin(), state

    report = checks.check("attention_decoder", Odd)
    assert report.status == "raised" and ", state None and is_first_step True" in report.message
    shown = [p.shown for p in TASK.probes if p.inputs[2] is None]
    assert shown and all(", state None and is_first_step True" in text for text in shown)


def test_an_untouched_starter_is_not_done():
    class Starter(Layered):
        def decode(self, dec_y, enc_hidden, state, is_first_step=True):
            """dec_y (B, T) -> scores (B, T, V), state (1, B, H)."""
            ...

    assert checks.check("attention_decoder", Starter).status == "not_done"


def test_only_scores_are_too_few_results():
    class ScoresOnly(Steps):
        def decode(self, *arguments):
            return super().decode(*arguments)[0]

    report = checks.check("attention_decoder", ScoresOnly)
    assert report.status == "wrong_type" and "the array of scores, the state" in report.message


def test_an_object_in_place_of_the_class_and_inputs_changed():
    assert checks.check("attention_decoder", Steps(5, 4, 3)).status == "not_callable"

    class Changes(Steps):
        def decode(self, dec_y, enc_hidden, state, is_first_step=True):
            result = super().decode(dec_y, enc_hidden, state, is_first_step)
            if state is not None:
                state += 1
            return result

    report = checks.check("attention_decoder", Changes)
    assert report.passed and "writes into state" in str(report)


def test_a_layer_of_ones_own_is_not_used():
    """A layer that the method makes itself has weights of its own, other ones in each call."""

    class OwnLayer(Steps):
        def first(self, enc_hidden):
            return nn.Linear(*enc_hidden.shape[-1:] * 2)(enc_hidden).mean(1).unsqueeze(0)

    report = checks.check("attention_decoder", OwnLayer)
    assert not report.passed and report.mistake is None


class FirstStateOfTwoAxes(Steps):
    def first(self, enc_hidden):
        return self.mlp1(enc_hidden).mean(1)


class FirstStateLikeAQuery(Steps):
    def first(self, enc_hidden):
        return self.mlp1(enc_hidden).mean(1).unsqueeze(1)


class QueryBesideTheToken(Steps):
    def query(self, state, embedded, enc_hidden, t):
        return torch.cat([state, embedded], 2)


@pytest.mark.parametrize("answer", [FirstStateOfTwoAxes, FirstStateLikeAQuery, QueryBesideTheToken])
def test_where_shapes_do_not_fit_the_axes_of_the_state_are_told(answer):
    report = checks.check("attention_decoder", answer)
    assert report.status == "raised" and "The state is (1, B, H)" in report.hint, str(report)
