"""The catalogue of ``attention_decoder``: right ones are never named, wrong ones are."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import checks
from dlworkbook.checks import naming, values
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch10_attention import attention_decoder as task_module
from dlworkbook.checks.tasks.ch10_attention._attention_numbers import RIGHT, Layers, recipe, weights
from tests.kit import catalogue

pytestmark = pytest.mark.catalogue

TASK = load("attention_decoder")
torch.set_num_threads(1)

# ---- right answers, each written on its own ----------------------------------------------------


class Layered(nn.Module):
    """The layers of the interface, for answers that differ in ``decode`` only."""

    def __init__(self, vocab_size, embedding_size, num_hiddens):
        super().__init__()
        self.emb_layer = nn.Embedding(vocab_size, embedding_size)
        self.mlp1 = nn.Linear(num_hiddens, num_hiddens)
        self.decoder = nn.GRU(num_hiddens + embedding_size, num_hiddens, batch_first=True)
        self.mlp2 = nn.Linear(num_hiddens, vocab_size)
        self.softmax = nn.Softmax(dim=-1)


class BatchedProducts(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        embedded, rows = self.emb_layer(dec_y), []
        if is_first_step:
            state = torch.mean(self.mlp1(enc_hidden), dim=1).unsqueeze(0)
        for t in range(dec_y.size(1)):
            alpha = self.softmax(torch.bmm(state.permute(1, 0, 2), enc_hidden.permute(0, 2, 1)))
            context = torch.bmm(alpha, enc_hidden)
            row, state = self.decoder(
                torch.cat((context, embedded[:, [t]]), -1), state.contiguous()
            )
            rows.append(self.mlp2(row))
        return torch.cat(rows, 1), state


class SampleBySample(nn.Module):
    """Loops over everything, in float64, with a cell instead of a layer."""

    def __init__(self, V, E, H):
        super().__init__()
        self.emb_layer, self.mlp1 = nn.Embedding(V, E), nn.Linear(H, H)
        self.decoder, self.mlp2 = nn.GRUCell(H + E, H), nn.Linear(H, V)
        self.softmax = nn.Softmax(dim=0)
        self.double()

    def decode(self, dec_y, enc_hidden, state, is_first_step):
        all_scores, all_states = [], []
        for b, (tokens, keys) in enumerate(zip(dec_y, enc_hidden)):
            s = sum(self.mlp1(k) for k in keys) / len(keys) if is_first_step else state[0, b]
            scores = []
            for token in tokens:
                alpha = self.softmax(torch.stack([s @ k for k in keys]))
                context = sum(a * k for a, k in zip(alpha, keys))
                s = self.decoder(torch.cat([context, self.emb_layer(token)])[None], s[None])[0]
                scores.append(self.mlp2(s))
            all_scores.append(torch.stack(scores))
            all_states.append(s)
        return torch.stack(all_scores), torch.stack(all_states)[None]


class TimeFirst(nn.Module):
    """A recurrent layer with time first, and einsum."""

    def __init__(self, n_tokens, d_emb, d_hid):
        super().__init__()
        self.emb_layer = nn.Embedding(n_tokens, d_emb)
        self.mlp1 = nn.Sequential(nn.Linear(d_hid, d_hid))
        self.decoder = nn.GRU(d_emb + d_hid, d_hid)
        self.mlp2 = nn.Sequential(nn.Dropout(0.5), nn.Linear(d_hid, n_tokens))
        self.softmax = nn.Softmax(dim=1)

    def decode(self, y, memory, hidden, start):
        if start:
            hidden = torch.einsum("bsh->bh", self.mlp1(memory)).div(memory.shape[1])[None]
        steps = []
        for embedded in self.emb_layer(y.T):  # (B, E)
            scores = torch.einsum("lbh,bsh->bs", hidden, memory)
            mixed = torch.einsum("bs,bsh->bh", self.softmax(scores), memory)
            step, hidden = self.decoder(torch.hstack([mixed, embedded])[None], hidden)
            steps.append(step)
        return self.mlp2(torch.cat(steps)).transpose(0, 1), hidden


class LibraryAttention(Layered):
    """Attention by the library; mlp2 on every step; a list instead of a tuple."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(dim=1, keepdim=True).transpose(0, 1)
        scores = torch.empty(*dec_y.shape, self.mlp2.out_features)
        for t, x in enumerate(self.emb_layer(dec_y).unbind(1)):
            q = state.transpose(0, 1)
            context = F.scaled_dot_product_attention(q, enc_hidden, enc_hidden, scale=1.0)
            out, state = self.decoder(torch.cat([context[:, 0], x], 1)[:, None], state.contiguous())
            scores[:, t] = self.mlp2(out[:, 0])
        return [scores, state]


class ByHand(nn.Module):
    """No layer of torch's is called: products and softmax with the layers' weights."""

    def __init__(self, V, E, H):
        super().__init__()
        self.emb_layer = nn.Embedding(V, E, dtype=torch.float64)
        self.mlp1 = nn.Linear(H, H, dtype=torch.float64)
        self.decoder = nn.GRU(H + E, H, batch_first=True, dtype=torch.float64)
        self.mlp2 = nn.Linear(H, V, dtype=torch.float64)
        self.softmax = self.own_softmax

    def own_softmax(self, z):
        e = torch.exp(z - z.max(-1, keepdim=True).values)
        return e / e.sum(-1, keepdim=True)

    def cell(self, x, h):
        W, U, b, c = self.decoder.parameters()
        (r, z, n), (hr, hz, hn) = (x @ W.T + b).chunk(3, -1), (h @ U.T + c).chunk(3, -1)
        z = (z + hz).sigmoid()
        return (n + (r + hr).sigmoid() * hn).tanh() * (1 - z) + z * h

    def decode(self, dec_y, enc_hidden, state, is_first_step):
        h = self.mlp1(enc_hidden).mean(1) if is_first_step else state.squeeze(0)
        out = []
        for t in range(dec_y.shape[-1]):
            a = self.softmax((enc_hidden * h[:, None]).sum(-1))
            c = (a[..., None] * enc_hidden).sum(-2)
            h = self.cell(torch.cat([c, self.emb_layer.weight[dec_y[:, t]]], -1), h)
            out += [h @ self.mlp2.weight.T + self.mlp2.bias]
        return torch.stack(out, dim=-2), h.unsqueeze(0)


class MeanFirst(BatchedProducts):
    """Mean, then mlp1: the same function as long as mlp1 is linear."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden.mean(1))[None]
        return super().decode(dec_y, enc_hidden, state, False)


RIGHT_ANSWERS = [BatchedProducts, SampleBySample, TimeFirst, LibraryAttention, ByHand, MeanFirst]


@pytest.mark.parametrize("answer", RIGHT_ANSWERS)
def test_right_answers_pass(answer):
    catalogue.assert_accepted(TASK, answer)


def test_mean_before_mlp1_is_a_remark_and_costs_nothing():
    report = checks.check("attention_decoder", MeanFirst)
    assert report.passed and report.credit == 1
    assert len(report.remarks) == 1 and "LAB8-M1b" in report.remarks[0], str(report)
    for answer in RIGHT_ANSWERS[:-1]:
        assert checks.check("attention_decoder", answer).remarks == []


# ---- the catalogue itself ----------------------------------------------------------------------

LAB8 = {
    "M1a", "M1a-q", "M2", "M3a", "M3b", "M4", "01", "02", "04", "06", "07", "09", "11", "12", "14",
    "16", "17", "19",
}  # fmt: skip
CODE = (
    ".mean(1)", "dim=1", "bmm", "transpose", "unsqueeze", "torch.cat", "softmax(", "state[None]",
    "for t in", "permute", "mlp1(enc_hidden).m",
)  # fmt: skip


def test_catalogue_is_well_formed():
    wanted = {f"LAB8-{name}" for name in LAB8}
    catalogue.assert_well_formed(TASK, wanted, never_shown=CODE)
    assert "LAB8-M1b" not in {m.id for m in TASK.mistakes}, "cannot be seen with a linear mlp1"
    assert "LAB8-M1b" in task_module.ORDER


@pytest.mark.parametrize(("mistake", "k"), catalogue.variants(TASK))
def test_confusion_matrix(mistake, k):
    catalogue.assert_wrong_somewhere(TASK, mistake, k)
    catalogue.assert_no_other_fits(TASK, mistake, k)


def test_reference_and_parts_agree_also_beyond_the_probes():
    rng = np.random.default_rng(0)
    for seed in range(20):
        B, S, T, E, H, V = rng.integers(1, 6, 6)
        layers = Layers(int(V), int(E), int(H), seed, mlp1=["linear", "linear, tanh"][seed % 2])
        p = task_module.probe("", B, S, T, layers, first=bool(seed % 3), seed=seed)
        want = TASK.reference(*p.inputs)
        assert all(map(np.allclose, recipe()(*p.inputs), want))
    for p in TASK.probes:
        assert naming.right(TASK, p, TASK.outcome(recipe(), p), 1e-9), p.name


def test_parts_of_variants_exist():
    parts = {name for m in TASK.mistakes for v in m.variants for name in getattr(v, "parts", {})}
    assert parts <= set(RIGHT)


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


# ---- wrong answers as learners write them ------------------------------------------------------


class CourseAnswer(Layered):
    """Takes the state as (1, B, H), returns it as (B, 1, H)."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        query = self.mlp1(enc_hidden).mean(1)[:, None] if is_first_step else state.transpose(1, 0)
        outs = []
        for e in self.emb_layer(dec_y).split(1, dim=1):
            context = torch.bmm(self.softmax(torch.bmm(query, enc_hidden.mT)), enc_hidden)
            out, query = self.decoder(torch.cat([context, e], 2), query.transpose(0, 1))
            query = query.transpose(0, 1)
            outs.append(self.mlp2(out))
        return torch.cat(outs, 1), query


class BatchInTheMiddle(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1, keepdim=True)
        outs = []
        for e in self.emb_layer(dec_y).split(1, dim=1):
            context = torch.bmm(self.softmax(torch.bmm(state, enc_hidden.mT)), enc_hidden)
            out, state = self.decoder(torch.cat([context, e], 2), state.transpose(0, 1))
            state = state.transpose(0, 1)
            outs.append(out)
        return self.mlp2(torch.cat(outs, 1)), state


class Steps(Layered):
    """A decoder in small methods, one of which a learner gets wrong."""

    def first(self, enc_hidden):
        return self.mlp1(enc_hidden).mean(1).unsqueeze(0)

    def weigh(self, query, keys):
        return F.softmax(query @ keys.transpose(1, 2), dim=2)

    def query(self, state, embedded, enc_hidden, t):
        return state.transpose(0, 1)

    def result(self, scores):
        return scores

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.first(enc_hidden)
        embedded, scores = self.emb_layer(dec_y), []
        for t in range(dec_y.shape[1]):
            e = embedded[:, t].unsqueeze(1)
            context = self.weigh(self.query(state, e, enc_hidden, t), enc_hidden) @ enc_hidden
            out, state = self.decoder(torch.cat([context, e], dim=2), state)
            scores.append(self.mlp2(out))
        return self.result(torch.cat(scores, dim=1)), state


class LastStateOnly(Steps):
    def first(self, enc_hidden):
        return enc_hidden[:, -1].unsqueeze(0).contiguous()


class FirstQueryLastState(Steps):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        self.is_first = is_first_step
        return super().decode(dec_y, enc_hidden, state, is_first_step)

    def query(self, state, embedded, enc_hidden, t):
        if t == 0 and self.is_first:
            return enc_hidden[:, -1:, :]
        return state.transpose(0, 1)


class KeysThroughMlp1(Steps):
    def weigh(self, query, keys):
        return self.softmax(query @ self.mlp1(keys).transpose(1, 2))


class QueryEmbedding(Steps):
    def query(self, state, embedded, enc_hidden, t):
        return embedded


class QueryThroughMlp1(Steps):
    def query(self, state, embedded, enc_hidden, t):
        return self.mlp1(state).transpose(0, 1)


class NoLoop(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        e = self.emb_layer(dec_y)
        context = self.softmax(torch.bmm(e, enc_hidden.transpose(1, 2))) @ enc_hidden
        if is_first_step:
            state = None
        out, state = self.decoder(torch.cat([e, context], -1), state)
        return self.mlp2(out), state


class SoftmaxOverQueries(Steps):
    def weigh(self, query, keys):
        return torch.softmax(torch.bmm(query, keys.transpose(1, 2)), dim=1)


class SoftmaxWithoutAxis(Steps):
    """nn.Softmax() takes axis 0 of three-dimensional scores."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.softmax = nn.Softmax()

    def weigh(self, query, keys):
        return self.softmax(query @ keys.transpose(1, 2))


class Scaled(Steps):
    def weigh(self, query, keys):
        return self.softmax(query @ keys.transpose(1, 2) / keys.shape[-1] ** 0.5)


class AttentionBeforeTheLoop(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        state = self.mlp1(enc_hidden).mean(1)[None] if is_first_step else state
        context = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
        e = self.emb_layer(dec_y)
        out, state = self.decoder(torch.cat([context.expand(-1, e.shape[1], -1), e], 2), state)
        return self.mlp2(out), state


class StateForgotten(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        scores = []
        for t in range(dec_y.shape[1]):
            c = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            out, new_state = self.decoder(
                torch.cat([c, self.emb_layer(dec_y[:, t : t + 1])], 2), state
            )
            scores.append(self.mlp2(out))
        return torch.cat(scores, 1), new_state


class FeedsItself(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        token, scores = dec_y[:, :1], []
        for _ in range(dec_y.shape[1]):
            c = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            out, state = self.decoder(torch.cat([c, self.emb_layer(token)], 2), state)
            scores.append(self.mlp2(out))
            token = scores[-1].argmax(-1)
        return torch.cat(scores, 1), state


class SumOverTime(Steps):
    def first(self, enc_hidden):
        return self.mlp1(enc_hidden).sum(1).unsqueeze(0)


class NoMlp1(Steps):
    def first(self, enc_hidden):
        return enc_hidden.mean(1).unsqueeze(0)


class Uniform(Steps):
    def weigh(self, query, keys):
        return torch.ones(len(keys), 1, keys.shape[1]) / keys.shape[1]


class ScoresFromContext(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        scores = []
        for e in self.emb_layer(dec_y).split(1, 1):
            c = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            _, state = self.decoder(torch.cat([c, e], 2), state)
            scores.append(self.mlp2(c))
        return torch.cat(scores, 1), state


class Probabilities(Steps):
    def result(self, scores):
        return self.softmax(scores)


class OverBatch(Steps):
    def first(self, enc_hidden):
        return self.mlp1(enc_hidden).mean(0).unsqueeze(0)


class EmbeddingFirst(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        scores = []
        for e in self.emb_layer(dec_y).split(1, 1):
            c = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            out, state = self.decoder(torch.cat([e, c], 2), state)
            scores.append(self.mlp2(out))
        return torch.cat(scores, 1), state


class NoStateInCall(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        scores = []
        for e in self.emb_layer(dec_y).split(1, 1):
            c = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            out, state = self.decoder(torch.cat([c, e], 2))
            scores.append(self.mlp2(out))
        return torch.cat(scores, 1), state


class AlwaysNew(Steps):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        return super().decode(dec_y, enc_hidden, state, True)


class NoneDecides(Steps):
    def decode(self, dec_y, enc_hidden, state=None, is_first_step=True):
        return super().decode(dec_y, enc_hidden, state, state is None)


class Detached(Steps):
    def query(self, state, embedded, enc_hidden, t):
        return state.detach().transpose(0, 1)


class NoGrad(Steps):
    @torch.no_grad()
    def decode(self, *arguments):
        return super().decode(*arguments)


class Squeezed(Steps):
    def result(self, scores):
        return scores.squeeze(1)


class TimeFirstLayer(Layered):
    """The recurrent layer's default is time first; the input is batch first."""

    def __init__(self, V, E, H):
        super().__init__(V, E, H)
        self.decoder = nn.GRU(H + E, H)

    decode = Steps.decode
    first, weigh, query, result = Steps.first, Steps.weigh, Steps.query, Steps.result


class LaterCallFails(Layered):
    """The state is a query inside, and never becomes one when it is handed over."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1, keepdim=True)
        if not is_first_step:
            state = state.squeeze(0)
        outs = []
        for e in self.emb_layer(dec_y).split(1, dim=1):
            context = torch.bmm(self.softmax(torch.bmm(state, enc_hidden.mT)), enc_hidden)
            out, state = self.decoder(torch.cat([context, e], 2), state.transpose(0, 1))
            state = state.transpose(0, 1)
            outs.append(out)
        return self.mlp2(torch.cat(outs, 1)), state.transpose(0, 1)


class IgnoresFirstStep(Layered):
    """Always goes on from the state that is handed over."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        rows = []
        for e in self.emb_layer(dec_y).split(1, 1):
            query = state.permute(1, 0, 2)
            context = self.softmax(query @ enc_hidden.mT) @ enc_hidden
            out, state = self.decoder(torch.cat([context, e], 2), state)
            rows.append(self.mlp2(out))
        return torch.cat(rows, 1), state


class IgnoresFirstStepWithCell(SampleBySample):
    def decode(self, dec_y, enc_hidden, state, is_first_step):
        return super().decode(dec_y, enc_hidden, state, False)


class FirstStateNotKept(Steps):
    """The first state is made, under a name that nothing reads."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            self.state = self.first(enc_hidden)
        return super().decode(dec_y, enc_hidden, state, False)


class ContextAfterTheStep(Layered):
    """The context is made at the end of a round, with the query of its beginning."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        context, rows = torch.zeros_like(enc_hidden[:, :1]), []
        for e in self.emb_layer(dec_y).split(1, 1):
            query = state.transpose(0, 1)
            out, state = self.decoder(torch.cat([context, e], 2), state)
            context = self.softmax(query @ enc_hidden.mT) @ enc_hidden
            rows.append(self.mlp2(out))
        return torch.cat(rows, 1), state


class StartsFromNoContext(Layered):
    """The context of the next round is right; the first one is zeros."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        context, rows = 0 * enc_hidden[:, :1], []
        for t in range(dec_y.shape[1]):
            e = self.emb_layer(dec_y[:, t : t + 1])
            out, state = self.decoder(torch.cat([context, e], 2), state)
            context = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            rows.append(self.mlp2(out))
        return torch.cat(rows, 1), state


class StartsFromLastEncoderState(Layered):
    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        context, rows = enc_hidden[:, -1:], []
        for e in self.emb_layer(dec_y).split(1, 1):
            out, state = self.decoder(torch.cat([context, e], 2), state)
            context = self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden
            rows.append(self.mlp2(out))
        return torch.cat(rows, 1), state


class FirstContextTwice(Layered):
    """A list of contexts, read one place too early."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        contexts, rows = [], []
        for t, e in enumerate(self.emb_layer(dec_y).split(1, 1)):
            contexts.append(self.softmax(state.transpose(0, 1) @ enc_hidden.mT) @ enc_hidden)
            out, state = self.decoder(torch.cat([contexts[max(t - 1, 0)], e], 2), state)
            rows.append(self.mlp2(out))
        return torch.cat(rows, 1), state


STUDENTS = {
    IgnoresFirstStep: "DEC-35",
    IgnoresFirstStepWithCell: "DEC-35",
    FirstStateNotKept: "DEC-35",
    ContextAfterTheStep: "DEC-36",
    StartsFromNoContext: "DEC-36",
    StartsFromLastEncoderState: "DEC-36",
    FirstContextTwice: "DEC-36",
    CourseAnswer: "LAB8-19",
    BatchInTheMiddle: "LAB8-19",
    LastStateOnly: "LAB8-M1a",
    FirstQueryLastState: "LAB8-M1a-q",
    KeysThroughMlp1: "LAB8-M2",
    QueryEmbedding: "LAB8-M3a",
    QueryThroughMlp1: "LAB8-M3b",
    NoLoop: "LAB8-M4",
    SoftmaxOverQueries: "LAB8-01",
    SoftmaxWithoutAxis: "LAB8-02",
    Scaled: "LAB8-04",
    AttentionBeforeTheLoop: "LAB8-06",
    StateForgotten: "LAB8-07",
    FeedsItself: "LAB8-09",
    SumOverTime: "LAB8-11",
    NoMlp1: "LAB8-12",
    Uniform: "LAB8-14",
    ScoresFromContext: "LAB8-16",
    Probabilities: "LAB8-17",
    OverBatch: "DEC-03",
    AlwaysNew: "DEC-06",
    NoneDecides: "DEC-07",
    NoStateInCall: "DEC-14",
    EmbeddingFirst: "DEC-15",
    Detached: "DEC-20",
    NoGrad: "DEC-20",
    Squeezed: "DEC-30",
    TimeFirstLayer: "DEC-32",
    LaterCallFails: "DEC-33",
}


@pytest.mark.parametrize(("answer", "wanted"), STUDENTS.items(), ids=lambda x: str(x)[-30:])
def test_wrong_answers_of_students_are_named(answer, wanted):
    catalogue.assert_named(TASK, answer, wanted)


def test_steps_itself_is_right():
    catalogue.assert_accepted(TASK, Steps)


def test_a_batch_of_one_hides_the_layout_of_the_state():
    """The course's answer is right on every probe with one sample, and on no other."""
    for p in TASK.asked:
        single = len(p.inputs[0]) == 1
        got = TASK.compute(CourseAnswer, p)
        assert naming.right(TASK, p, got) == single, p.name
    report = checks.check("attention_decoder", CourseAnswer)
    assert report.credit == 0.75 and "(1, B, H)" in report.message


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    ("LAB8-12", "LAB8-04"),
    ("LAB8-M3b", "LAB8-19"),
    ("DEC-15", "LAB8-17"),
    ("LAB8-01", "LAB8-07"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_mistakes_at_once_are_told_as_two(first, second):
    by_id = {m.id: m.variants[0] for m in TASK.mistakes}
    both = by_id[first].with_other(by_id[second])
    outcomes = [(p, TASK.compute(both, p)) for p in TASK.probes]
    assert naming.name(TASK, outcomes) is None
    found = naming.pair(TASK, outcomes)
    assert found and [m.id for m in found] == [first, second]


def test_no_pair_is_named_as_a_third():
    catalogue.assert_pairs_are_never_a_third(TASK)


def test_a_pair_in_a_learners_class_is_told():
    class Two(NoMlp1):
        def weigh(self, query, keys):
            return self.softmax(query @ keys.transpose(1, 2) / keys.shape[-1] ** 0.5)

    report = checks.check("attention_decoder", Two)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.pair == ("LAB8-12", "LAB8-04") and report.credit == 0.25


def test_an_unknown_mistake_is_located():
    class Odd(Steps):
        def result(self, scores):
            return scores + 0.5

    report = checks.check("attention_decoder", Odd)
    assert (report.status, report.mistake, report.pair) == ("differs", None, None), str(report)
    assert "scores" in report.message and "off by 0.5" in report.message


# ---- the interface -----------------------------------------------------------------------------


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


def test_the_learners_random_numbers_stay_as_they_are():
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    checks.check("attention_decoder", Steps)
    assert torch.equal(torch.rand(3), wanted)


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


def test_a_check_is_quick():
    class Odd(Steps):
        def result(self, scores):
            return scores.sin()

    catalogue.assert_quick(TASK, Steps, SampleBySample, KeysThroughMlp1, Odd)
