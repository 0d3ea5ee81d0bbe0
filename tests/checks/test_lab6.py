"""The catalogues of lab 6: right GRUs and models are never named, wrong ones as themselves."""

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
from dlworkbook.checks import naming
from dlworkbook.checks.adapters import recurrent as _recurrent
from dlworkbook.checks.tasks import load
from tests.kit import catalogue

pytestmark = pytest.mark.catalogue

GRU_TASK, MODEL_TASK = load("gru"), load("sequence_model")
TASKS = pytest.mark.parametrize("task", [GRU_TASK, MODEL_TASK], ids=lambda t: t.name)
EVERY = [
    pytest.param(task, *p.values, id=f"{task.name}-{p.id}")
    for task in (GRU_TASK, MODEL_TASK)
    for p in catalogue.variants(task)
]
torch.set_num_threads(1)

# ---- right answers, each written on its own ----------------------------------------------------


class GRU(nn.Module):
    """Names of the interface, a loop over time, states stacked at the end."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        for part in "zrh":
            for name, shape in (
                (f"W_x{part}", (num_inputs, num_hiddens)),
                (f"W_h{part}", (num_hiddens, num_hiddens)),
            ):
                setattr(self, name, nn.Parameter(torch.randn(shape) * 0.01))
            setattr(self, f"b_{part}", nn.Parameter(torch.zeros(num_hiddens)))

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * C

    def forward(self, inputs, state):
        H = state.squeeze(0)
        seen = []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t, :], H)
            seen.append(H)
        return torch.stack(seen, dim=1), H.unsqueeze(0)


class Uniform(nn.Module):
    """Parameters as (1, H) biases, drawn uniformly; state kept with its axis of layers."""

    def __init__(self, n_in, n_hid):
        super().__init__()
        k = n_hid**-0.5

        def p(*shape):
            return nn.Parameter(torch.empty(*shape).uniform_(-k, k))

        self.W_xz, self.W_hz, self.b_z = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)
        self.W_xr, self.W_hr, self.b_r = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)
        self.W_xh, self.W_hh, self.b_h = p(n_in, n_hid), p(n_hid, n_hid), p(1, n_hid)

    def forward(self, x, h):
        out = []
        for xt in x.transpose(0, 1):  # (B, I)
            gate = torch.sigmoid(xt @ self.W_xz + h @ self.W_hz + self.b_z)
            reset = torch.sigmoid(xt @ self.W_xr + h @ self.W_hr + self.b_r)
            new = torch.tanh(xt @ self.W_xh + (reset * h) @ self.W_hh + self.b_h)
            h = h + (1 - gate) * (new - h)
            out.append(h)
        return torch.cat(out).transpose(0, 1), h


class Double(nn.Module):
    """float64, the input's part of all three sums before the loop, results written in place."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        for name, shape in _recurrent.shapes(num_inputs, num_hiddens).items():
            weight = torch.zeros(shape, dtype=torch.float64)
            self.register_parameter(name, nn.Parameter(weight))
        self.num_hiddens = num_hiddens

    def forward(self, inputs, state):
        W_x = torch.cat([self.W_xz, self.W_xr, self.W_xh], 1)
        b = torch.cat([self.b_z, self.b_r, self.b_h])
        W_h = torch.cat([self.W_hz, self.W_hr], 1)
        parts = inputs @ W_x + b  # (B, S, 3H)
        n, H = self.num_hiddens, state[0]
        outputs = torch.zeros(*inputs.shape[:2], n, dtype=state.dtype)
        for t in range(inputs.shape[1]):
            gates = torch.sigmoid(parts[:, t, : 2 * n] + H @ W_h)
            Z, R = gates[:, :n], gates[:, n:]
            H_tilde = torch.tanh(parts[:, t, 2 * n :] + (H * R) @ self.W_hh)
            H = torch.lerp(H_tilde, H, Z)
            outputs[:, t] = H
        return outputs, outputs[:, -1].unsqueeze(0).clone()


class OneSampleAtATime(nn.Module):
    """Parameters from a dictionary, loops over samples and steps, result as a list of lists."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        sizes = {"x": num_inputs, "h": num_hiddens}
        for gate in ("z", "r", "h"):
            for source, rows in sizes.items():
                weight = nn.init.xavier_uniform_(torch.empty(rows, num_hiddens))
                setattr(self, f"W_{source}{gate}", nn.Parameter(weight))
            setattr(self, f"b_{gate}", nn.Parameter(torch.zeros(num_hiddens)))

    def total(self, x, h, gate):
        W_x, W_h = getattr(self, f"W_x{gate}"), getattr(self, f"W_h{gate}")
        return x @ W_x + h @ W_h + getattr(self, f"b_{gate}")

    def forward(self, inputs, state):
        rows, last = [], []
        for sequence, h in zip(inputs, state[0]):
            steps = []
            for x in sequence:
                z = self.total(x, h, "z").sigmoid()
                r = self.total(x, h, "r").sigmoid()
                h = z * h + (1 - z) * self.total(x, r * h, "h").tanh()
                steps.append(h)
            rows.append(torch.stack(steps))
            last.append(h)
        return torch.stack(rows), torch.stack(last)[None]


class WithLists(GRU):
    """Returns a list; clones its state first and changes the clone's place."""

    def forward(self, inputs, state):
        state = state.clone()
        outputs = []
        for X in inputs.unbind(dim=1):
            state = self.update(X, state[0]).reshape(1, len(X), -1)
            outputs.append(state)
        return [torch.cat(outputs, dim=0).permute(1, 0, 2), state]


class Linears(nn.Module):
    """A model with layers of other names and nn.GRU."""

    def __init__(self, vocab_size, embedding_size, num_outputs, num_hiddens):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, embedding_size)
        self.rnn = nn.GRU(embedding_size, num_hiddens, batch_first=True)
        self.out = nn.Linear(num_hiddens, num_outputs)

    def forward(self, sent, state):
        output, state = self.rnn(self.emb(sent), state)
        return self.out(output), state


class SequenceModel(nn.Module):
    """Names of the interface, and an own GRU."""

    def __init__(self, vocab_size, embedding_size, num_outputs, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_size)
        self.gru = GRU(embedding_size, num_hiddens)
        self.linear = nn.Linear(num_hiddens, num_outputs)

    def forward(self, tokens, state):
        outputs, state = self.gru(self.embedding(tokens), state)
        return self.linear(outputs), state


class TimeFirst(SequenceModel):
    """nn.GRU as it comes, with transposes around it; weights in float64; a dropout layer."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.gru = nn.GRU(sizes[1], sizes[3])
        self.dropout = nn.Dropout(0.5)
        self.double()

    def forward(self, tokens, state):
        outputs, state = self.gru(self.embedding(tokens.t()), state)
        return self.linear(self.dropout(outputs)).transpose(0, 1), state


class WithCell(nn.Module):
    """nn.GRUCell in a loop of its own, one row of scores at a time."""

    def __init__(self, v, e, o, h):
        super().__init__()
        self.layers = nn.ModuleDict(
            {
                "look up": nn.Embedding(v, e),
                "step": nn.GRUCell(e, h),
                "score": nn.Linear(h, o),
            }
        )

    def forward(self, tokens, state):
        h, scores = state[0], []
        for column in tokens.T:
            h = self.layers["step"](self.layers["look up"](column), h)
            scores.append(self.layers["score"](h))
        return torch.stack(scores, 1), h[None]


class FromScratch(nn.Module):
    """Embedding and output layer as plain parameters, the weight as (H, O)."""

    def __init__(self, vocab_size, embedding_size, num_outputs, num_hiddens):
        super().__init__()
        self.C = nn.Parameter(torch.randn(vocab_size, embedding_size))
        self.gru = Uniform(embedding_size, num_hiddens)
        self.W_hq = nn.Parameter(torch.randn(num_hiddens, num_outputs))
        self.b_q = nn.Parameter(torch.zeros(num_outputs))

    def forward(self, tokens, state):
        H, state = self.gru(self.C[tokens], state)
        return H @ self.W_hq + self.b_q, state


class WithBrokenGRU(SequenceModel):
    """A right model around a GRU whose update gate is the wrong way round."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.gru = UpdateGateReversed(sizes[1], sizes[3])


@pytest.mark.parametrize("answer", [GRU, Uniform, Double, OneSampleAtATime, WithLists])
def test_right_grus_are_accepted(answer):
    catalogue.assert_accepted(GRU_TASK, answer)


MODELS = [SequenceModel, Linears, TimeFirst, WithCell, FromScratch]


@pytest.mark.parametrize("answer", MODELS)
def test_right_models_are_accepted(answer):
    catalogue.assert_accepted(MODEL_TASK, answer)


def test_a_mistake_inside_of_the_gru_is_not_counted_again_in_the_model():
    catalogue.assert_accepted(MODEL_TASK, WithBrokenGRU)


def test_answers_defined_without_source_are_checked_too():
    """Classes of a notebook have no source that inspect could read."""
    space = {"nn": nn, "torch": torch}
    exec(inspect.getsource(GRU), space)
    catalogue.assert_accepted(GRU_TASK, space["GRU"])


# ---- the references ----------------------------------------------------------------------------


@TASKS
def test_the_fast_form_is_the_definition(task):
    module = inspect.getmodule(task.reference)
    for probe in task.probes:
        assert naming.same(task.outcome(module.right, probe), task.expected(probe), 1e-12)


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
            _recurrent.put_into_torch(layer, p)
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


# ---- the catalogue -----------------------------------------------------------------------------


def by_id(task, id_):
    return next(m for m in task.mistakes if m.id == id_)


COURSE = {"LAB6-M1", "LAB6-M1-1", "LAB6-M1-2", "LAB6-M1-3", "LAB6-01", "LAB6-02", "LAB6-04"}
COURSE |= {"LAB6-06", "LAB6-07", "LAB6-09", "LAB6-11", "LAB6-12", "LAB6-14", "LAB6-16"}


def test_catalogues_are_well_formed():
    code = ("Z * H +", "(R * H) @", "1 - Z", "stack(", "return_sequences")
    catalogue.assert_well_formed(GRU_TASK, COURSE, never_shown=code)
    code = ("self.linear(", "self.gru(", "self.embedding(", "batch_first=True")
    catalogue.assert_well_formed(MODEL_TASK, {"LAB6-17", "LAB6-19"}, never_shown=code)


@pytest.mark.parametrize(("task", "mistake", "k"), EVERY)
def test_every_variant_is_named_as_itself_and_wrong(task, mistake, k):
    catalogue.assert_wrong_somewhere(task, mistake, k)
    if not mistake.pattern:
        catalogue.assert_no_other_fits(task, mistake, k)


@TASKS
def test_two_mistakes_are_not_named_as_a_third(task):
    catalogue.assert_pairs_are_never_a_third(task)


def test_probes_hold_all_sizes_apart_and_the_silent_cases():
    sizes = [(*p.inputs[0].shape, p.inputs[1].shape[2]) for p in GRU_TASK.asked]  # B S I H
    assert any(len(set(s)) == 4 for s in sizes)
    assert any(s[0] == s[1] > 1 and s[2] != s[3] for s in sizes)
    assert any(s[2] == s[3] for s in sizes) and any(s[0] > s[1] for s in sizes)
    for probe in MODEL_TASK.asked:  # torch's GRU must be right on each
        p = probe.inputs[2]
        assert not p["W_xr"].any() and not p["W_hr"].any() and (p["b_r"] == 50).all()


# ---- wrong answers, as students write them -----------------------------------------------------


class UpdateGateReversed(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(torch.matmul(X, self.W_xz) + torch.matmul(H, self.W_hz) + self.b_z)
        R = torch.sigmoid(torch.matmul(X, self.W_xr) + torch.matmul(H, self.W_hr) + self.b_r)
        H_tilde = torch.tanh(torch.matmul(X, self.W_xh) + torch.matmul(R * H, self.W_hh) + self.b_h)
        return (1 - Z) * H + Z * H_tilde


class OldStateStored(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0], []
        for t in range(inputs.size(1)):
            H_new = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.stack(outputs, 1), H_new.unsqueeze(0)


class StoredTooEarly(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0], []
        for t in range(inputs.size(1)):
            outputs.append(H)
            H = self.update(inputs[:, t], H)
        return torch.stack(outputs, 1), H[None]


class NeverFedBack(GRU):
    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for t in range(inputs.size(1)):
            H_new = self.update(inputs[:, t], H)
            outputs.append(H_new)
        return torch.stack(outputs, 1), H_new[None]


class AlongTheBatch(GRU):
    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for X in inputs:
            H = self.update(X, H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H.unsqueeze(0)


class LikeTorch(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + self.b_h + R * (H @ self.W_hh))
        return Z * H + (1 - Z) * N


class NotTransposed(GRU):
    def forward(self, inputs, state):
        (H,), outputs = state, []
        for X in inputs.permute(1, 0, 2):
            H = self.update(X, H)
            outputs.append(H)
        return torch.stack(outputs), H.unsqueeze(0)


class Viewed(GRU):
    def forward(self, inputs, state):
        (H,), outputs = state, []
        for X in inputs.permute(1, 0, 2):
            H = self.update(X, H)
            outputs.append(H)
        B, S, _ = inputs.shape
        return torch.cat(outputs).view(B, S, -1), H.unsqueeze(0)


class FromZeros(GRU):
    def forward(self, inputs, state):
        return super().forward(inputs, torch.zeros_like(state))


class FirstState(GRU):
    def forward(self, inputs, state):
        outputs, _ = super().forward(inputs, state)
        return outputs, outputs[:, 0].unsqueeze(0)


class SameGate(GRU):
    def update(self, X, H):
        gate = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        H_tilde = torch.tanh(X @ self.W_xh + (gate * H) @ self.W_hh + self.b_h)
        return gate * H + (1 - gate) * H_tilde


class NoBias(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr)
        return Z * H + (1 - Z) * torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh)


class SampleByState(GRU):
    def forward(self, inputs, state):
        H = state.permute(1, 0, 2)
        outputs = []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.cat(outputs, dim=0).transpose(0, 1), H


class Plain(GRU):
    def __init__(self, num_inputs, num_hiddens):
        nn.Module.__init__(self)
        for name, shape in _recurrent.shapes(num_inputs, num_hiddens).items():
            setattr(self, name, torch.randn(shape, requires_grad=True))


class Detached(GRU):
    def update(self, X, H):
        return super().update(X, H.detach())


class InPlace(GRU):
    def forward(self, inputs, state):
        H, outputs = state[0].clone(), []
        for X in inputs.unbind(1):
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
            H *= Z
            H += (1 - Z) * C
            outputs.append(H.clone())
        return torch.stack(outputs, 1), H[None]


class Remembers(GRU):
    H = None

    def forward(self, inputs, state):
        outputs, self.H = super().forward(inputs, state if self.H is None else self.H)
        return outputs, self.H


class LinearHabit(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz.T + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr.T + self.b_r)
        C = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh.T + self.b_h)
        return Z * H + (1 - Z) * C


class OnlyOutputs(GRU):
    def forward(self, inputs, state):
        return super().forward(inputs, state)[0]


class FlatState(GRU):
    def forward(self, inputs, state):
        outputs, state = super().forward(inputs, state)
        return outputs, state[0]


class OneNameForTheState(GRU):
    """H is a share of itself before the candidate reads it."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = Z * H
        H_tilde = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        H = H + (1 - Z) * H_tilde
        return H


class CandidateUnderTheSameName(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
        return Z * H + (1 - Z) * H


class ResetInPlace(GRU):
    """The reset comes first, and the update gate reads what it has left."""

    def update(self, X, H):
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        H = R * H
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        return Z * H + (1 - Z) * torch.tanh(X @ self.W_xh + H @ self.W_hh + self.b_h)


class KeptFirst(GRU):
    """One gate after the other, each used at once."""

    def forward(self, inputs, state):
        H, outputs = state.squeeze(0), []
        for X in inputs.unbind(1):
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            H = H * Z
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            H = H + torch.tanh(X @ self.W_xh + H * R @ self.W_hh + self.b_h) * (1 - Z)
            outputs.append(H)
        return torch.stack(outputs, 1), H.unsqueeze(0)


class WithoutUnderscores(nn.Module):
    """The names of the parameters as one hears them."""

    def __init__(self, num_inputs, num_hiddens):
        super().__init__()

        def weight(*shape):
            return nn.Parameter(torch.randn(*shape) * 0.01)

        self.Wxz, self.Whz = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.Wxr, self.Whr = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.Wxh, self.Whh = weight(num_inputs, num_hiddens), weight(num_hiddens, num_hiddens)
        self.bz, self.br = weight(num_hiddens), weight(num_hiddens)
        self.bh = weight(num_hiddens)

    def forward(self, inputs, state):
        H, outputs = state[0], []
        for X in inputs.transpose(0, 1):
            Z = torch.sigmoid(X @ self.Wxz + H @ self.Whz + self.bz)
            R = torch.sigmoid(X @ self.Wxr + H @ self.Whr + self.br)
            H_tilde = torch.tanh(X @ self.Wxh + (R * H) @ self.Whh + self.bh)
            H = Z * H + (1 - Z) * H_tilde
            outputs.append(H)
        return torch.stack(outputs, 1), H.unsqueeze(0)


class StateAsItCame(GRU):
    """`H = state`: every state is (1, B, H), and the stack of them has four axes."""

    def forward(self, inputs, state):
        H, outputs = state, []
        for t in range(inputs.shape[1]):
            H = self.update(inputs[:, t], H)
            outputs.append(H)
        return torch.stack(outputs, dim=1), H


GRU_STUDENTS = {
    WithoutUnderscores: "GRU-34",
    StateAsItCame: "GRU-35",
    UpdateGateReversed: "LAB6-01",
    OldStateStored: "LAB6-M1",
    StoredTooEarly: "LAB6-M1-1",
    NeverFedBack: "LAB6-M1-2",
    AlongTheBatch: "LAB6-M1-3",
    LikeTorch: "LAB6-02",
    NotTransposed: "LAB6-06",
    Viewed: "LAB6-07",
    FromZeros: "LAB6-09",
    FirstState: "LAB6-11",
    SameGate: "LAB6-12",
    NoBias: "LAB6-14",
    SampleByState: "LAB6-16",
    LinearHabit: "GRU-11",
    FlatState: "GRU-23",
    OnlyOutputs: "GRU-24",
    Remembers: "GRU-30",
    Plain: "GRU-31",
    Detached: "GRU-32",
    InPlace: "GRU-32",
    OneNameForTheState: "GRU-33",
    CandidateUnderTheSameName: "GRU-33",
    ResetInPlace: "GRU-33",
    KeptFirst: "GRU-33",
}


@pytest.mark.parametrize(("answer", "wanted"), GRU_STUDENTS.items())
def test_wrong_grus_are_named(answer, wanted):
    catalogue.assert_named(GRU_TASK, answer, wanted)


# ---- parameters of other names -----------------------------------------------------------------


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
    catalogue.assert_named(GRU_TASK, answer, "GRU-34")
    report = checks.check("gru", answer)
    assert report.right == report.probes
    other = [n for n in _recurrent.NAMES if spelling(n) != n]
    found = ", ".join(map(spelling, other))
    assert f"asks for {', '.join(other)}; found were {found}, " in report.message
    catalogue.assert_accepted(MODEL_TASK, around(answer))


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
    catalogue.assert_named(GRU_TASK, answer, wanted)
    (remark,) = checks.check("gru", answer).remarks
    assert "found were Wxz, Whz, bz, Wxr" in remark
    catalogue.assert_accepted(MODEL_TASK, around(answer))


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

    catalogue.assert_accepted(GRU_TASK, Copy)


# ---- `H = state`: every state is (1, B, H) -----------------------------------------------------


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
    catalogue.assert_accepted(GRU_TASK, as_it_came(join))


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
    catalogue.assert_named(GRU_TASK, as_it_came(join), wanted)
    report = checks.check("gru", as_it_came(join, lambda H: H[None]))
    if wanted == "GRU-35":  # one thought behind both results
        assert report.mistake == wanted, str(report)
    elif wanted == "LAB6-06":
        assert report.pair == (wanted, "GRU-23"), str(report)


@pytest.mark.parametrize("last", [lambda H: H[None], lambda H: H[0]])
def test_right_outputs_beside_a_state_of_other_axes(last):
    answer = as_it_came(lambda outputs: torch.cat(outputs).transpose(0, 1), last)
    catalogue.assert_named(GRU_TASK, answer, "GRU-23")


def test_the_model_is_not_lost_with_a_state_that_keeps_its_axis():
    for answer in (StateAsItCame, Uniform):
        catalogue.assert_accepted(MODEL_TASK, around(answer))


class Probabilities(SequenceModel):
    def forward(self, tokens, state):
        scores, state = super().forward(tokens, state)
        return torch.softmax(scores, dim=-1), state


class OldState(SequenceModel):
    def forward(self, tokens, state):
        outputs, _ = self.gru(self.embedding(tokens), state)
        return self.linear(outputs), state


class LastOnly(SequenceModel):
    def forward(self, tokens, state):
        _, state = self.gru(self.embedding(tokens), state)
        return self.linear(state[0]), state


class ForgetsBatchFirst(Linears):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.rnn = nn.GRU(sizes[1], sizes[3])


class IgnoresState(Linears):
    def forward(self, sent, state):
        output, state = self.rnn(self.emb(sent))
        return self.out(output), state


class Flattened(SequenceModel):
    def forward(self, tokens, state):
        scores, state = super().forward(tokens, state)
        return scores.reshape(-1, scores.shape[-1]), state


class Relu(SequenceModel):
    def forward(self, tokens, state):
        outputs, state = self.gru(self.embedding(tokens), state)
        return self.linear(torch.relu(outputs)), state


class SizeOfTheVocabulary(SequenceModel):
    def __init__(self, vocab_size, embedding_size, num_outputs, num_hiddens):
        super().__init__(vocab_size, embedding_size, vocab_size, num_hiddens)


class Frozen(SequenceModel):
    def forward(self, tokens, state):
        with torch.no_grad():
            X = self.embedding(tokens)
        outputs, state = self.gru(X, state)
        return self.linear(outputs), state


class NoLinear(SequenceModel):
    def forward(self, tokens, state):
        return self.gru(self.embedding(tokens), state)


class ScoresOnly(SequenceModel):
    def forward(self, tokens, state):
        return super().forward(tokens, state)[0]


class NoBiasModel(SequenceModel):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.linear = nn.Linear(sizes[3], sizes[2], bias=False)


MODEL_STUDENTS = {
    Probabilities: "LAB6-17",
    OldState: "LAB6-19",
    LastOnly: "SEQ-02",
    Flattened: "SEQ-03",
    IgnoresState: "SEQ-05",
    Relu: "SEQ-06",
    ForgetsBatchFirst: "SEQ-07",
    NoBiasModel: "SEQ-09",
    NoLinear: "SEQ-10",
    ScoresOnly: "SEQ-12",
    SizeOfTheVocabulary: "SEQ-18",
    Frozen: "SEQ-19",
}


@pytest.mark.parametrize(("answer", "wanted"), MODEL_STUDENTS.items())
def test_wrong_models_are_named(answer, wanted):
    catalogue.assert_named(MODEL_TASK, answer, wanted)


class ReversedAndNotTransposed(UpdateGateReversed, NotTransposed):
    two = True


class BothConventions(GRU):
    """The update gate as in other books, the reset gate as in nn.GRU: two changes of one line."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + R * (H @ self.W_hh) + self.b_h)
        return (1 - Z) * H + Z * N


class BothConventionsWithBias(GRU):
    """The bias inside of the reset: not the first form of that mistake."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        N = torch.tanh(X @ self.W_xh + R * (H @ self.W_hh + self.b_h))
        return (1 - Z) * H + Z * N


class NeverFedBackLikeTorch(LikeTorch, NeverFedBack):
    two = True


class OneGateWithoutTheState(GRU):
    """Neither mistake in its first form, and both inside of the step."""

    def update(self, X, H):
        Z = torch.sigmoid(X @ self.W_xz + self.b_z)
        R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
        return Z * H + (1 - Z) * torch.relu(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)


class BatchAsTimeAndRelu(Linears):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.rnn = nn.GRU(sizes[1], sizes[3])

    def forward(self, sent, state):
        output, state = self.rnn(self.emb(sent), state)
        return self.out(torch.relu(output)), state


class NoBiasFirstState(NoBias, FirstState):
    two = True


class ProbabilitiesOldState(Probabilities):
    def forward(self, tokens, state):
        return super().forward(tokens, state)[0], state


@pytest.mark.parametrize(
    ("task", "answer", "both"),
    [
        (GRU_TASK, ReversedAndNotTransposed, ("LAB6-01", "LAB6-06")),
        (GRU_TASK, NoBiasFirstState, ("LAB6-11", "LAB6-14")),
        (GRU_TASK, BothConventions, ("LAB6-01", "LAB6-02")),
        (GRU_TASK, BothConventionsWithBias, ("LAB6-01", "LAB6-02")),
        (GRU_TASK, NeverFedBackLikeTorch, ("LAB6-02", "LAB6-M1-2")),
        (GRU_TASK, OneGateWithoutTheState, ("GRU-06", "GRU-12")),
        (MODEL_TASK, BatchAsTimeAndRelu, ("SEQ-06", "SEQ-07")),
        (MODEL_TASK, ProbabilitiesOldState, ("LAB6-17", "LAB6-19")),
    ],
)
def test_two_mistakes_at_once_are_told_as_two(task, answer, both):
    report = checks.check(task.name, answer)
    assert report.mistake is None and not report.passed
    assert report.pair and tuple(sorted(report.pair)) == both, str(report)


def test_an_unknown_mistake_is_located():
    class Louder(GRU):
        def forward(self, inputs, state):
            outputs, state = super().forward(inputs, state)
            return outputs + 0.5 * inputs.sum(2, keepdim=True) ** 2, state

    report = checks.check("gru", Louder)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.place == (0, 0, 0) and report.probe == "one step"


# ---- classes that cannot be tried --------------------------------------------------------------


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


def test_models_without_a_layer_are_told_which():
    class Lstm(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.rnn = nn.LSTM(sizes[1], sizes[3], batch_first=True)

    assert "holds an nn.LSTM; the task asks for a GRU" in message("sequence_model", Lstm)

    class NoEmbedding(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            del self.emb

    assert "no nn.Embedding was found" in message("sequence_model", NoEmbedding)

    class TwoLayers(Linears):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.rnn = nn.GRU(sizes[1], sizes[3], num_layers=2, batch_first=True)

    assert "more than one layer" in message("sequence_model", TwoLayers)

    class Extra(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.more = nn.Linear(sizes[3], sizes[3])

    assert "does not ask for: more.weight" in message("sequence_model", Extra)

    class Sizes(SequenceModel):
        def __init__(self, *sizes):
            super().__init__(*sizes)
            self.gru = GRU(sizes[0], sizes[3])

    assert "W_xz of the GRU has shape (6, 3)" in message("sequence_model", Sizes)


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


def test_the_learners_random_numbers_go_on():
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    checks.check("gru", GRU)
    checks.check("sequence_model", SequenceModel)
    assert torch.equal(torch.rand(2), wanted)


def test_a_check_is_quick():
    catalogue.assert_quick(GRU_TASK, GRU, LikeTorch, NoBiasFirstState)
    catalogue.assert_quick(MODEL_TASK, Linears, ForgetsBatchFirst, ProbabilitiesOldState)


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
