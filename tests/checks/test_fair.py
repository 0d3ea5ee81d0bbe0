"""Nobody is accused of what is not theirs: our exceptions, chance, settings of the session."""

import threading

import numpy as np
import pytest
import torch

from dlworkbook import checks
from dlworkbook.checks import engine, faults, naming
from dlworkbook.checks.answer import Answer
from dlworkbook.checks.tasks import load, names
from grading.make import lab, rubric
from tests.checks.ch09_modern_rnn.gru import GRU, Detached, InPlace, LikeTorch
from tests.checks.ch09_modern_rnn.sequence_model import Linears, SequenceModel
from tests.checks.ch10_attention.attention_decoder import Steps
from tests.checks.ch14_nlp_pretraining.bert_self_attention import Library
from tests.checks.test_behaviour import good as corr2d
from tests.checks.test_engine import LINE, X4, line, toys  # noqa: F401
from tests.kit import task_tests

GRU_TASK, MODEL_TASK = load("gru"), load("sequence_model")


# ---- an exception of ours is never the learner's -----------------------------------------------


class StateWritten(GRU):
    """Ends by writing the last state into the tensor that came in."""

    def begin(self, state):
        return state[0].clone()

    def forward(self, inputs, state):
        H, outputs = self.begin(state), []
        for X in inputs.unbind(1):
            H = self.update(X, H)
            outputs.append(H)
        state[0] = H
        return torch.stack(outputs, 1), state


class StateCopied(StateWritten):
    def forward(self, inputs, state):
        outputs, last = GRU.forward(self, inputs, state * 1)
        state.data.copy_(last.data)
        return outputs, last


class StateZeroedAfterwards(GRU):
    def forward(self, inputs, state):
        result = super().forward(inputs.clone(), state.clone())
        state.zero_()
        inputs.mul_(0)
        return result


class ViewWritten(StateWritten):
    """The first step has used a view of what is written over: torch cannot go back."""

    def begin(self, state):
        return state[0]


class StateOfModelWritten(SequenceModel):
    def forward(self, tokens, state):
        outputs, last = self.gru(self.embedding(tokens.clone()), state.clone())
        state[:] = last
        tokens.zero_()
        return self.linear(outputs), state


class StateOfModelUsedAndWritten(SequenceModel):
    def forward(self, tokens, state):
        outputs, last = self.gru(self.embedding(tokens), state)
        state[0] = last[0]
        return self.linear(outputs), state


class DecoderWrites(Steps):
    """The encoder's states are written over when they have served."""

    def decode(self, dec_y, enc_hidden, state, is_first_step):
        result = super().decode(dec_y.clone(), enc_hidden.clone(), state, is_first_step)
        dec_y.zero_()
        enc_hidden.data.zero_()
        return result


@pytest.mark.parametrize(
    ("task", "answer", "written"),
    [
        ("gru", StateWritten, "state"),
        ("gru", StateCopied, "state"),
        ("gru", StateZeroedAfterwards, "inputs and state"),
        ("sequence_model", StateOfModelWritten, "tokens and state"),
    ],
)
def test_right_numbers_pass_where_the_state_is_written_into(task, answer, written):
    report = checks.check(task, answer)
    assert report.passed and report.credit == 1, str(report)
    assert any(f"writes into {written}:" in remark for remark in report.remarks)


def called(task, answer, probe):
    """What an answer does on one probe, and whether that is right."""
    known = load(task)
    case = engine.decide.Case(known, engine.run.run(known, Answer(answer, known.use), 5))
    return next((o.call, o.right) for o in case.outcomes if o.probe.name == probe)


def test_a_decoder_that_writes_into_its_arguments_is_compared_with_the_right_gradient():
    """In one call; in two the second meets what the first has left."""
    call, right = called("attention_decoder", DecoderWrites, "gradient")
    assert right and call.changed == (0,)

    class Cut(DecoderWrites):
        def decode(self, dec_y, enc_hidden, *others):
            return super().decode(dec_y, enc_hidden.detach().clone(), *others)

    call, _ = called("attention_decoder", Cut, "gradient")
    assert call.kind == "raised" and "gradient" in call.fault.what


@pytest.mark.parametrize(
    ("task", "answer", "wanted"),
    [("gru", ViewWritten, "GRU-32"), ("sequence_model", StateOfModelUsedAndWritten, "SEQ-19")],
)
def test_where_backward_itself_stops_the_report_says_so(task, answer, wanted):
    """What the task asks for is missing: torch cannot compute a gradient of these."""
    tensors = {"gru": torch.randn(2, 5, 3), "sequence_model": torch.randint(6, (2, 5))}
    module = answer(3, 4) if task == "gru" else answer(6, 3, 5, 4)
    outputs, _ = module(tensors[task], torch.zeros(1, 2, 4))
    with pytest.raises(RuntimeError, match="inplace"):
        outputs.sum().backward()
    report = checks.check(task, answer)
    assert report.mistake == wanted and "inplace" in report.message, str(report)
    assert "change in place" in report.hint and "numpy" not in report.message


def test_the_gradient_need_not_reach_the_state():
    class StartsDetached(GRU):
        def forward(self, inputs, state):
            h, outputs = state.detach()[0], []
            for X in inputs.unbind(1):
                h = self.update(X, h)
                outputs.append(h)
            return torch.stack(outputs, 1), h[None]

    class Data(StartsDetached):
        def forward(self, inputs, state):
            return super().forward(inputs, state.data)

    task_tests.assert_accepted(GRU_TASK, StartsDetached)
    task_tests.assert_accepted(GRU_TASK, Data)


class GatesWithoutGradient(GRU):
    def update(self, X, H):
        with torch.no_grad():
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * C


class LastStepOnly(GRU):
    def forward(self, inputs, state):
        with torch.no_grad():
            outputs, H = super().forward(inputs[:, :-1], state)
        last, H = super().forward(inputs[:, -1:], H)
        return torch.cat([outputs, last], 1), H


class CandidateOfDetached(GRU):
    """A part of the way back only is cut."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H.detach()) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * C


@pytest.mark.parametrize("answer", [Detached, InPlace, GatesWithoutGradient, CandidateOfDetached])
def test_a_cut_gradient_is_named(answer):
    task_tests.assert_named(GRU_TASK, answer, "GRU-32")


def of_ours(text):
    """A function as if it stood in a file of the checks."""
    space = {}
    exec(compile(text, faults.__file__, "exec"), space)
    return space.popitem()[1]


broken = of_ours("def broken(*_): raise RuntimeError('inside of a reference')")


@pytest.mark.parametrize("task", ["gru", "sequence_model", "attention_decoder", "corr2d"])
def test_a_fault_of_ours_is_told_as_ours(monkeypatch, task):
    from dlworkbook.checks.references import attention as _attention_learner
    from dlworkbook.checks.references import recurrent as _recurrent
    from dlworkbook.checks.tasks.ch09_modern_rnn import gru as gru_task

    answers = {"gru": GRU, "sequence_model": Linears, "attention_decoder": Steps}
    if task == "corr2d":
        monkeypatch.setattr(engine.values, "changed", broken)
    else:
        monkeypatch.setattr(gru_task, "right", broken)
        monkeypatch.setattr(_recurrent, "right_gradients", broken)
        monkeypatch.setattr(MODEL_TASK, "beyond", broken)
        monkeypatch.setattr(_attention_learner, "_gradients_of_ours", broken)
    report = checks.check(task, answers.get(task, corr2d))
    assert (report.status, report.mistake) == ("check_failed", None), str(report)
    assert "not of your answer" in report.message


def test_a_reference_that_fails_is_a_fault_of_ours(monkeypatch, toys):  # noqa: F811
    monkeypatch.setattr(LINE, "reference", broken)
    assert checks.check("line", line).status == "check_failed"


def test_a_list_called_parameters_is_not_a_fault_of_ours():
    class Listed(GRU):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.parameters = [self.W_xz, self.W_hz, self.b_z]

    task_tests.assert_named(GRU_TASK, Listed, "GRU-31")


def raised(function):
    try:
        function()
    except BaseException as error:
        return error


def test_whose_exception_it_is():
    from dlworkbook.checks.adapters import call

    def learners(x):
        raise ValueError

    def asks(x):
        return np.zeros(2) @ np.zeros(3)

    assert not faults.ours(raised(lambda: call(learners, (1,))))
    assert not faults.ours(raised(lambda: call(asks, (1,))))
    # Called wrongly: no line of the learner's is reached, and yet it is not ours.
    for wrong in (lambda: call(len, (1,)), lambda: call(GRU, ()), lambda: call(3, (1,))):
        assert not faults.ours(raised(wrong))
    error = raised(broken)
    error.__traceback__ = error.__traceback__.tb_next  # without this file
    assert faults.ours(error) and not faults.ours(faults.Finding("too short"))


def test_what_the_check_finds_is_no_exception_of_the_learners():
    class OneShort(GRU):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            del self.b_r

    report = checks.check("gru", OneShort)
    assert report.message.startswith("`OneShort`: the object has no b_r: the task names")
    assert "Error" not in report.message and "stopped" not in report.message


def test_no_answer_can_reach_the_numbers_of_the_check():
    """Layers get copies: what a class writes into its own layers stays there."""

    class Zeroes(Steps):
        def decode(self, *arguments):
            result = super().decode(*arguments)
            with torch.no_grad():
                for parameter in self.parameters():
                    parameter.zero_()
            return result

    class Doubled(Zeroes):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.double()

    class Embeds(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.double()

        def forward(self, tokens, state):
            result = super().forward(tokens, state)
            with torch.no_grad():
                for parameter in self.parameters():
                    parameter.zero_()
            return result

    for answer in (Zeroes, Doubled):
        checks.check("attention_decoder", answer)
    checks.check("sequence_model", Embeds)
    assert checks.check("attention_decoder", Steps).passed
    assert checks.check("sequence_model", SequenceModel).passed
    for task in (load("attention_decoder"), MODEL_TASK):
        for probe in task.probes:  # computed anew, not remembered
            assert naming.same(task.compute(task.reference, probe), task.expected(probe))


# ---- names from outside of the contract --------------------------------------------------------


def test_chance_outside_of_the_contract_gives_no_name():
    for slope in (
        lambda x, y: ((x * y).sum() - x.sum() * y.mean()) / ((x * x).sum() - x.sum()),
        lambda x, y: (
            ((x * y).sum() - x.sum() * y.mean()) / (len(x) * x.sum() - x.sum() ** 2 / len(x))
        ),
    ):

        def answer(x, y, slope=slope):
            w = slope(x, y)
            return w, y.mean() - w * x.mean()

        report = checks.check("least_squares", answer)
        assert report.mistake != "LSQ-35" and not report.passed, str(report)


def outside(task):
    return [p for p in load(task).probes if not p.contract]


@pytest.mark.parametrize("task", [n for n in names() if outside(n)])
def test_one_probe_outside_of_the_contract_is_not_enough(task):
    """What is right on one of them by chance, and wrong within the contract, has no name."""
    task = load(task)
    for mistake in task.mistakes:
        for variant in mistake.variants:
            within = [task.outcome(variant, p) for p in task.asked]
            seen = [p for p in outside(task.name) if task.outcome(variant, p) is not None]
            if any(got is not None for got in within) or not seen:
                continue
            assert len(seen) >= 2, (mistake.id, "rests on one probe")
            nothing = [(p, None) for p in task.asked]
            both = nothing + [(p, task.outcome(variant, p)) for p in seen]
            assert naming.name(task, both) is mistake
            assert naming.name(task, nothing + both[-1:]) is None
            # As many results of the right form within the contract: it is made for that.
            numbers = [(p, [a + 1.7 for a in task.expected(p)]) for p in task.asked]
            assert naming.name(task, numbers + both[len(nothing) :]) is not mistake


# ---- settings of the session -------------------------------------------------------------------


def context(make):
    """Switch a context manager on and off again, as two cells would."""
    entered = []

    def on():
        entered.append(make())
        entered[-1].__enter__()

    return on, lambda: entered.pop().__exit__(None, None, None)


def default(change, value, usual):
    return (lambda: change(value)), (lambda: change(usual))


def threads(number):
    """As another cell would: afterwards as many as before."""
    kept = []

    def on():
        kept.append(torch.get_num_threads())
        torch.set_num_threads(number)

    return on, lambda: torch.set_num_threads(kept.pop())


SETTINGS = {
    "device meta": default(torch.set_default_device, "meta", None),
    "device cuda": default(torch.set_default_device, "cuda", None),
    "device mps": default(torch.set_default_device, "mps", None),
    "inside of a device": context(lambda: torch.device("meta")),
    "float64": default(torch.set_default_dtype, torch.float64, torch.float32),
    "float16": default(torch.set_default_dtype, torch.float16, torch.float32),
    "no gradients": default(torch.set_grad_enabled, False, True),
    "inference mode": context(torch.inference_mode),
    "autocast": context(lambda: torch.autocast("cpu", torch.bfloat16)),
    "precision": default(torch.set_float32_matmul_precision, "medium", "highest"),
    "threads": threads(3),
    "NumPy raises": context(lambda: np.errstate(all="raise")),
}
ANSWERS = {
    ("corr2d", corr2d): "passed",
    ("corr2d", lambda X, K: torch.conv2d(X, K)): "CORR2D-45",
    ("gru", GRU): "passed",
    ("gru", LikeTorch): "LAB6-02",
    ("gru", Detached): "GRU-32",
    ("sequence_model", Linears): "passed",
    ("attention_decoder", Steps): "passed",
    ("bert_self_attention", Library): "passed",
}


def seen_settings():
    """What a learner can see of the settings."""
    device = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return (
        getattr(device, "device", None),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.get_float32_matmul_precision(),
        torch.get_num_threads(),
        np.geterr(),
    )


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_of_the_session_change_no_result(setting):
    on, off = SETTINGS[setting]
    usual = seen_settings()
    on()
    try:
        before = seen_settings()
        for (task, answer), wanted in ANSWERS.items():
            load(task)._known.clear()  # what is remembered from another setting would hide it
            report = checks.check(task, answer)
            assert (report.mistake or report.status) == wanted, str(report)
            assert seen_settings() == before
    finally:
        off()
    assert seen_settings() == usual


def test_settings_that_an_answer_changes_are_put_back():
    def changes(X, K):
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_grad_enabled(False)
        torch.set_num_threads(2)
        np.seterr(all="raise")
        return corr2d(X, K)

    before = seen_settings()
    assert checks.check("corr2d", changes).passed
    assert seen_settings() == before


def test_no_default_device_stays_none_at_all():
    """Torch 2.6 stops in get_default_device where a check left None as the default device."""
    left = []

    def in_a_thread_of_its_own():
        assert checks.check("corr2d", corr2d).passed
        left.append(vars(torch._GLOBAL_DEVICE_CONTEXT))

    thread = threading.Thread(target=in_a_thread_of_its_own)
    thread.start()
    thread.join()
    assert left == [{}]


# ---- writing into an argument ------------------------------------------------------------------


@pytest.mark.parametrize("task", names())
def test_an_argument_must_stay_where_the_contract_says_so_and_nowhere_else(task):
    task = load(task)
    assert task.inputs_stay == ("Leave the arguments unchanged" in " ".join(task.contract.split()))


@pytest.mark.parametrize("task", names())
def test_the_rubric_tells_of_it_where_it_costs(task):
    check = load(task)
    made = lab.Lab(1, "", "", [lab.Task(task, task, 4, "")], [])
    ((_, left),) = rubric.rows(made)
    costs = [points for id_, _, points in left if id_ == "changed_input"]
    assert costs == ([3] if check.inputs_stay else [])
    assert "changed" not in str(rubric.OTHER)


# ---- messages ----------------------------------------------------------------------------------


def factor(by):
    def answer(X, K):
        Y = corr2d(X, K)
        return by(Y, X)

    return checks.check("corr2d", answer)


def test_a_regularity_is_told_only_where_it_is_beyond_doubt():
    assert "All your numbers are 1.5 times" in factor(lambda Y, X: 1.5 * Y).message
    assert "All your numbers are off by 0.25" in factor(lambda Y, X: Y + 0.25).message
    # A small difference of any cause looks like a factor, or like a constant.
    for by in (
        lambda Y, X: 0.999919 * Y,
        lambda Y, X: Y + 0.0001,
        lambda Y, X: Y * (1 - 8e-5) + 1e-5 * np.sin(np.arange(Y.size)).reshape(Y.shape),
    ):
        assert "All your numbers" not in factor(by).message
    # Nearly a factor is none.
    wobbly = factor(lambda Y, X: 2 * Y * (1 + 1e-3 * np.cos(np.arange(Y.size)).reshape(Y.shape)))
    assert "All your numbers" not in wobbly.message


def test_scalars_read_well():
    def summed(w, b, x, y):
        return ((w * x + b - y) ** 2).sum()

    report = checks.check("mean_squared_error", summed)
    assert report.mistake == "LAB2-06" and ": the loss is 126." in report.message, str(report)

    def odd(w, b, x, y):
        return (abs(w * x + b - y) ** 1.5).mean()

    text = checks.check("mean_squared_error", odd).message
    assert text.startswith("The loss of `odd` should be another number; yours is "), text
    assert "differ" not in text and "first" not in text

    def doubled(w, b, x, y):
        return 3 * ((w * x + b - y) ** 2).mean()

    assert "All your numbers are 3 times" in checks.check("mean_squared_error", doubled).message


def test_names_of_arguments_keep_their_case(toys):  # noqa: F811
    report = checks.check("line", lambda x, y: (line(x, y)[0] + 1, line(x, y)[1] - 3))
    assert report.message.startswith("w of "), report.message
    assert "\nW" not in report.message


def test_a_trait_is_told_though_one_input_hides_the_mistake():
    """All parameters zero: whatever the batch does there, the result is zero."""

    class FirstSample(GRU):
        def forward(self, inputs, state):
            if len(inputs) > 1 and any(p.any() for p in self.parameters()):
                raise ValueError("one at a time")
            return super().forward(inputs, state)

    report = checks.check("gru", FirstSample)
    assert "all that fail have more than one sample, and only" in report.message, report.message

    class OtherSteps(GRU):
        def forward(self, inputs, state):
            outputs, state = super().forward(inputs, state)
            return outputs + (inputs.shape[1] > 1) * state[0][:, None] ** 2, state

    assert "all that fail have more than one step" in checks.check("gru", OtherSteps).message
