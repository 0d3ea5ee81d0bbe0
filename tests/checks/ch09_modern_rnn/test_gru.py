"""What is special about ``gru``; the rest is tested in ``test_tasks``."""

import inspect
import os
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from torch import nn

from dlworkbook import checks
from dlworkbook.checks.adapters.recurrent import put_into_torch
from dlworkbook.checks.references import recurrent as _recurrent
from dlworkbook.checks.tasks import load
from tests.checks.ch09_modern_rnn.gru import (
    GRU,
    Detached,
    FlatState,
    NotTransposed,
    Plain,
    Remembers,
    SampleByState,
    StateAsItCame,
    UpdateGateReversed,
    WithoutUnderscores,
)
from tests.checks.ch09_modern_rnn.sequence_model import Linears, SequenceModel
from tests.kit import task_tests

pytestmark = pytest.mark.catalogue

GRU_TASK, MODEL_TASK = load("gru"), load("sequence_model")


def test_answers_defined_without_source_are_checked_too():
    """Classes of a notebook have no source that inspect could read."""
    space = {"nn": nn, "torch": torch}
    exec(inspect.getsource(GRU), space)
    task_tests.assert_accepted(GRU_TASK, space["GRU"])


def test_the_reference_is_torchs_gru_where_the_reset_gate_is_one():
    rng = np.random.default_rng(0)
    for B, S, I, H in [(2, 5, 3, 4), (1, 1, 1, 2), (3, 2, 4, 3)]:
        shapes = _recurrent.shapes(I, H)
        p = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        X, H0 = rng.normal(size=(B, S, I)), rng.normal(size=(1, B, H))
        layer = nn.GRU(I, H, batch_first=True).double()
        for value, same in ((0.0, False), (60.0, True)):
            p["b_r"] = np.full(H, value)
            p["W_xr"], p["W_hr"] = p["W_xr"] * (not same), p["W_hr"] * (not same)
            put_into_torch(layer, p)
            with torch.no_grad():
                theirs = [t.numpy() for t in layer(torch.tensor(X), torch.tensor(H0))]
            ours = _recurrent.by_the_formulas(X, H0, p)
            assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(ours, theirs)) == same


def test_named_numbers_of_the_course():
    """The signature that the list of mistakes gives for a sigmoid in the candidate."""
    probe = next(p for p in GRU_TASK.probes if p.name == "candidate from its bias only")
    wanted = GRU_TASK.expected(probe)[0][0, 0]
    assert np.allclose(wanted, np.tanh([5, -5, 0, 1]))
    got = GRU_TASK.outcome(by_id(GRU_TASK, "LAB6-04").variants[0], probe)[0][0, 0]
    assert np.allclose(got, [0.9933, 0.0067, 0.5, 0.7311], atol=1e-4)


def by_id(task, id_):
    return next(m for m in task.mistakes if m.id == id_)


def renamed(base, rename):
    """The same unit, with its parameters under other names."""

    class Renamed(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            vars(self)["unit"] = unit = base(*sizes)  # no submodule: names as in one class
            for name in _recurrent.NAMES:
                setattr(self, rename(name), getattr(unit, name))

        def forward(self, *arguments):
            return self.unit(*arguments)

    return Renamed


def around(gru):
    """A model with this class of GRU."""

    class Model(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.gru = gru(sizes[1], sizes[3])

    return Model


SPELLINGS = [
    lambda n: n.replace("_", ""),  # Wxz, bz
    str.lower,  # w_xz
    str.upper,  # W_XZ
    lambda n: n.replace("_", "").lower(),  # wxz
    lambda n: "_".join(n.replace("_", "")),  # W_x_z
    lambda n: n + "_",  # W_xz_
    lambda n: "_" + n,  # _W_xz
    lambda n: n.replace("W_x", "Wx_"),  # Wx_z, the others as they should be
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda s: s("W_xz"))
def test_other_spellings_of_the_names_are_found_and_told(spelling):
    answer = renamed(GRU, spelling)
    task_tests.assert_named(GRU_TASK, answer, "GRU-34")
    report = checks.check("gru", answer)
    assert report.right == report.probes
    other = [n for n in _recurrent.NAMES if spelling(n) != n]
    found = ", ".join(map(spelling, other))
    assert f"asks for {', '.join(other)}; found were {found}, " in report.message
    task_tests.assert_accepted(MODEL_TASK, around(answer))


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        (UpdateGateReversed, "LAB6-01"),
        (NotTransposed, "LAB6-06"),
        (SampleByState, "LAB6-16"),
        (FlatState, "GRU-23"),
        (Remembers, "GRU-30"),
        (Plain, "GRU-31"),
        (Detached, "GRU-32"),
        (StateAsItCame, "GRU-35"),
    ],
)
def test_another_mistake_goes_before_the_names(base, wanted):
    answer = renamed(base, SPELLINGS[0])
    task_tests.assert_named(GRU_TASK, answer, wanted)
    (remark,) = checks.check("gru", answer).remarks
    assert "found were Wxz, Whz, bz, Wxr" in remark
    task_tests.assert_accepted(MODEL_TASK, around(answer))


def test_messages_speak_of_the_names_that_are_there():
    class OutFirst(GRU):
        def __init__(self, i, h):
            super().__init__(i, h)
            self.W_xz = nn.Parameter(torch.zeros(h, i))

    other = renamed(OutFirst, SPELLINGS[0])
    assert "Wxz has shape (3, 2); the task asks for (2, 3)" in message("gru", other)
    text = message("sequence_model", around(other))
    assert "Wxz of the GRU has shape" in text and "W_xz" not in text


def test_names_that_can_be_read_in_two_ways_or_not_at_all_are_missing():
    class Twice(WithoutUnderscores):
        def __init__(self, i, h):
            super().__init__(i, h)
            self.w_xz = nn.Parameter(torch.zeros(i, h))

    class Short(WithoutUnderscores):
        def __init__(self, i, h):
            super().__init__(i, h)
            del self.br

    for answer, lost in ((Twice, "W_xz"), (Short, "b_r")):
        report = checks.check("gru", answer)
        assert report.status == "raised" and f"the object has no {lost}: " in report.message
        assert not report.remarks
        assert "no GRU was found" in message("sequence_model", around(answer))


def test_a_right_name_goes_before_others_like_it():
    class Copy(GRU):
        def __init__(self, i, h):
            super().__init__(i, h)
            self.register_buffer("Wxz", torch.zeros(i, h))
            self.bh = (i, h)

    task_tests.assert_accepted(GRU_TASK, Copy)


def as_it_came(join, last=lambda H: H):
    class AsItCame(GRU):
        def forward(self, inputs, state):
            H, outputs = state, []
            for X in inputs.unbind(1):
                H = self.update(X, H)
                outputs.append(H)
            return join(outputs), last(H)

    return AsItCame


@pytest.mark.parametrize(
    "join",
    [
        lambda outputs: torch.cat(outputs).transpose(0, 1),
        lambda outputs: torch.stack(outputs, 2)[0],
        lambda outputs: torch.stack(outputs, 1).squeeze(0).permute(1, 0, 2),
        lambda outputs: torch.stack(outputs).squeeze(1).transpose(0, 1),
        lambda outputs: torch.cat([H.transpose(0, 1) for H in outputs], 1),
    ],
)
def test_a_state_with_its_axis_of_layers_is_right_where_the_results_are(join):
    task_tests.assert_accepted(GRU_TASK, as_it_came(join))


@pytest.mark.parametrize(
    ("join", "wanted"),
    [
        (lambda outputs: torch.stack(outputs, 1), "GRU-35"),  # (1, S, B, H)
        (torch.stack, "GRU-35"),  # (S, 1, B, H)
        (lambda outputs: torch.stack(outputs, 2), "GRU-35"),  # (1, B, S, H)
        (lambda outputs: torch.stack(outputs).transpose(0, 2), "GRU-35"),  # (B, 1, S, H)
        (lambda outputs: torch.stack(outputs, 1).transpose(0, 2), "GRU-35"),  # (B, S, 1, H)
        (lambda outputs: torch.stack(outputs).transpose(1, 2), "GRU-35"),  # (S, B, 1, H)
        (torch.cat, "LAB6-06"),  # (S, B, H)
        (lambda outputs: torch.stack(outputs, 1).squeeze(0), "LAB6-06"),
        (lambda outputs: torch.cat(outputs, 1), "GRU-28"),  # (1, S B, H)
        (lambda outputs: torch.cat(outputs, 2), "GRU-28"),  # (1, B, S H)
    ],
)
def test_a_state_with_its_axis_of_layers_is_named_where_the_shapes_are_wrong(join, wanted):
    task_tests.assert_named(GRU_TASK, as_it_came(join), wanted)
    report = checks.check("gru", as_it_came(join, lambda H: H[None]))
    if wanted == "GRU-35":  # one thought behind both results
        assert report.mistake == wanted, str(report)
    elif wanted == "LAB6-06":
        assert report.pair == (wanted, "GRU-23"), str(report)


@pytest.mark.parametrize("last", [lambda H: H[None], lambda H: H[0]])
def test_right_outputs_beside_a_state_of_other_axes(last):
    answer = as_it_came(lambda outputs: torch.cat(outputs).transpose(0, 1), last)
    task_tests.assert_named(GRU_TASK, answer, "GRU-23")


def test_an_unknown_mistake_is_located():
    class Louder(GRU):
        def forward(self, inputs, state):
            outputs, state = super().forward(inputs, state)
            return outputs + 0.5 * inputs.sum(2, keepdim=True) ** 2, state

    report = checks.check("gru", Louder)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.place == (0, 0, 0) and report.probe == "one step"


def message(task, answer):
    report = checks.check(task, answer)
    assert report.status == "raised", str(report)
    return report.message


def test_missing_attributes_are_told_by_name():
    class OtherNames(nn.Module):
        def __init__(self, i, h):
            super().__init__()
            self.gru = nn.GRU(i, h, batch_first=True)

        def forward(self, inputs, state):
            return self.gru(inputs, state)

    text = message("gru", OtherNames)
    assert "`OtherNames`: the object has no W_xz, W_hz, b_z" in text
    assert "holds an nn.GRU instead" in text

    class OneShort(GRU):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            del self.b_r

    assert "no b_r:" in message("gru", OneShort)


def test_wrong_kinds_and_shapes_of_parameters_are_told():
    class OutFirst(GRU):
        def __init__(self, i, h):
            super().__init__(i, h)
            self.W_xz = nn.Parameter(torch.zeros(h, i))

    assert "W_xz has shape (3, 2); the task asks for (2, 3)" in message("gru", OutFirst)

    class Layers(GRU):
        def __init__(self, i, h):
            super().__init__(i, h)
            del self.W_xr
            self.W_xr = nn.Linear(i, h)

    assert "W_xr is a layer (Linear)" in message("gru", Layers)

    class NoModule:
        def __init__(self, i, h):
            pass

    assert "NoModule is no nn.Module" in message("gru", NoModule)
    assert "takes 2 positional arguments" in message(
        "gru", type("Short", (GRU,), {"__init__": lambda self, i: None})
    )


STARTER = '''
class MyGRU(nn.Module):
    """GRU"""

    def __init__(self, *sizes):
        super().__init__()
        ...

    def forward(self, inputs, state):
        """Steps."""
        ...
'''


BEGUN = " = ".join(f"self.{name}" for name in (*_recurrent.NAMES, "gru"))


@pytest.mark.parametrize(
    "text",
    [
        STARTER,
        STARTER.replace('"""Steps."""\n        ...', "raise NotImplementedError"),
        STARTER.replace("        ...", f"        {BEGUN} = ...", 1).replace(
            "        ...", "        return self.gru(inputs) @ self.W_xz"
        ),
    ],
)
def test_a_starter_is_not_done(text):
    assert text == STARTER or "Not" in text or "self.gru" in text
    space = {"nn": nn, "__name__": "__main__"}
    exec(text, space)
    for task in ("gru", "sequence_model"):
        report = checks.check(task, space["MyGRU"])
        assert report.status == "not_done", str(report)


class StateJoined(GRU):
    """(B, I) and (1, B, H) side by side."""

    def forward(self, inputs, state):
        outputs = [torch.cat([X, state], 1) for X in inputs.unbind(1)]
        return torch.stack(outputs, 1), state


class CellWithAllAxes(nn.Module):
    def __init__(self, vocab_size, embedding_size, num_outputs, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = nn.GRUCell(embedding_size, num_hiddens)
        self.linear = nn.Linear(num_hiddens, num_outputs)

    def forward(self, tokens, state):
        outputs = []
        for X in self.embedding(tokens).unbind(1):
            state = self.gru(X, state)
            outputs.append(self.linear(state))
        return torch.stack(outputs, 1), state


class LayerWithoutAxis(Linears):
    def forward(self, sent, state):
        output, state = self.rnn(self.emb(sent), state[0])
        return self.out(output), state


class OwnWithoutAxis(SequenceModel):
    def forward(self, tokens, state):
        outputs, state = self.gru(self.embedding(tokens), state[0])
        return self.linear(outputs), state


@pytest.mark.parametrize(
    ("task", "answer", "told"),
    [
        ("gru", StateJoined, "One step works on an X of shape (B, I)"),
        ("sequence_model", CellWithAllAxes, "takes (B, H) beside (B, E)"),
        ("sequence_model", LayerWithoutAxis, "A GRU takes it as it is"),
        ("sequence_model", OwnWithoutAxis, "A GRU takes it as it is"),
    ],
)
def test_where_shapes_do_not_fit_the_axes_of_the_state_are_told(task, answer, told):
    report = checks.check(task, answer)
    assert report.status == "raised" and told in report.hint, str(report)
    assert "The state comes as (1, B, H)" in report.hint and "Print both shapes" in report.hint


def test_a_constructor_that_forgets_its_parent_is_told_so():
    class Forgetful(nn.Module):
        def __init__(self, num_inputs, num_hiddens):
            self.W_xz = nn.Parameter(torch.zeros(num_inputs, num_hiddens))

    report = checks.check("gru", Forgetful)
    assert report.status == "raised" and "super().__init__()" in report.hint
    assert "`Forgetful`" in report.message


@pytest.fixture
def busy_processor():
    """This thread shares one processor with twelve processes that never wait."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    others = [subprocess.Popen([sys.executable, "-Sc", "while True: pass"]) for _ in range(12)]
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        for process in others:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_right_answer_passes_on_a_busy_machine(busy_processor):
    """It works for five times the limit on the clock, and gets a thirteenth of that."""

    class Slow(GRU):
        def forward(self, inputs, state):
            nonlocal end
            end = end or time.monotonic() + 5 * limit
            while time.monotonic() < end:
                pass
            return super().forward(inputs, state)

    limit, end = 0.5, None
    report = checks.check("gru", Slow, seconds=limit)
    assert report.passed and report.seconds > 5 * limit, report


def test_probes_hold_all_sizes_apart_and_the_silent_cases():
    sizes = [(*p.inputs[0].shape, p.inputs[1].shape[2]) for p in GRU_TASK.asked]  # B S I H
    assert any(len(set(s)) == 4 for s in sizes)
    assert any(s[0] == s[1] > 1 and s[2] != s[3] for s in sizes)
    assert any(s[2] == s[3] for s in sizes) and any(s[0] > s[1] for s in sizes)
