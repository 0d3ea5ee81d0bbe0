"""The catalogue of ``bert_self_attention``: right answers pass, wrong ones are named."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook import checks
from dlworkbook.checks.tasks import load
from dlworkbook.checks.tasks.ch14_nlp_pretraining import bert_self_attention as task_module
from tests.kit import catalogue

pytestmark = pytest.mark.catalogue

TASK = load("bert_self_attention")
torch.set_num_threads(1)

# ---- right answers, each written on its own ----------------------------------------------------


class Linears(nn.Module):
    """The constructor that most answers share."""

    def __init__(self, config):
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.head_size = config.hidden_size // config.num_attention_heads
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.hidden_size, config.hidden_size)
        self.value = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)


class Library(Linears):
    """In the way of the well-known library."""

    def transpose_for_scores(self, x):
        x = x.view(*x.size()[:-1], self.num_heads, self.head_size)
        return x.permute(0, 2, 1, 3)

    def forward(self, hidden_states, attention_mask):
        query_layer = self.transpose_for_scores(self.query(hidden_states))
        key_layer = self.transpose_for_scores(self.key(hidden_states))
        value_layer = self.transpose_for_scores(self.value(hidden_states))
        scores = torch.matmul(query_layer, key_layer.transpose(-1, -2))
        scores = scores / math.sqrt(self.head_size)
        scores = scores + attention_mask.unsqueeze(1).unsqueeze(2)
        probs = self.dropout(nn.Softmax(dim=-1)(scores))
        context = torch.matmul(probs, value_layer).permute(0, 2, 1, 3).contiguous()
        return context.view(*context.shape[:2], -1)


class Einsum(Linears):
    def forward(self, x, mask):
        q, k, v = (
            f(x).unflatten(-1, (self.num_heads, -1)) for f in (self.query, self.key, self.value)
        )
        e = torch.einsum("bihd,bjhd->bhij", q * self.head_size**-0.5, k)
        e = e.masked_fill(mask[:, None, None] < 0, -torch.inf)
        return torch.einsum("bhij,bjhd->bihd", self.dropout(F.softmax(e, 3)), v).flatten(2)


class HeadByHead(Linears):
    """One head at a time, both factors scaled, weights normalised by hand."""

    def forward(self, H, M):
        d = self.head_size
        Q, K, V = self.query(H), self.key(H), self.value(H)
        context = torch.empty_like(H)
        for h in range(self.num_heads):
            part = slice(h * d, h * d + d)
            scores = (Q[..., part] / d**0.25) @ (K[..., part] / d**0.25).mT + M[:, None]
            e = (scores - scores.amax(2, keepdim=True)).exp()
            context[..., part] = self.dropout(e / e.sum(2, keepdim=True)) @ V[..., part]
        return context


class SampleByHeadInDouble(Linears):
    """Loops over samples, heads and queries, in double precision throughout."""

    def __init__(self, config):
        super().__init__(config)
        self.double()

    def forward(self, hidden, mask):
        result = []
        for x, m in zip(hidden, mask):
            heads = []
            for q, k, v in zip(
                self.query(x).chunk(self.num_heads, 1),
                self.key(x).chunk(self.num_heads, 1),
                self.value(x).chunk(self.num_heads, 1),
            ):
                rows = []
                for one in q:
                    w = torch.softmax(k @ one / math.sqrt(self.head_size) + m, 0)
                    rows.append(self.dropout(w) @ v)
                heads.append(torch.stack(rows))
            result.append(torch.cat(heads, 1))
        return torch.stack(result)


class Fused(Linears):
    def forward(self, x, mask):
        q, k, v = (
            f(x).view(*x.shape[:2], self.num_heads, -1).transpose(1, 2)
            for f in (self.query, self.key, self.value)
        )
        p = self.dropout.p if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, mask[:, None, None], dropout_p=p)
        return y.transpose(1, 2).reshape(x.shape)


class FlatBatch(Linears):
    """Batch and heads as one axis, the mask repeated for each head."""

    def forward(self, x, mask):
        B, S, D = x.shape
        n, d = self.num_heads, self.head_size

        def heads(t):
            return t.reshape(B, S, n, d).transpose(1, 2).reshape(B * n, S, d)

        bias = mask.repeat_interleave(n, 0)[:, None, :].expand(B * n, S, S)
        q, k, v = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        a = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=1 / math.sqrt(d)).softmax(2)
        return (self.dropout(a) @ v).view(B, n, S, d).transpose(1, 2).reshape(B, S, D)


class Functional(nn.Module):
    """Functional dropout that is told the mode; the mask multiplies, rows are renormalised."""

    def __init__(self, cfg):
        super().__init__()
        D = cfg.hidden_size
        self.h, self.p = cfg.num_attention_heads, cfg.attention_probs_dropout_prob
        self.query, self.key, self.value = (nn.Linear(D, D) for _ in range(3))

    def forward(self, x, mask):
        q, k, v = (
            torch.stack(f(x).tensor_split(self.h, 2), 1) for f in (self.query, self.key, self.value)
        )
        a = (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1) * (mask > -1)[:, None, None]
        a = F.dropout(a / a.sum(-1, keepdim=True), self.p, self.training)
        return torch.cat((a @ v).unbind(1), -1)


RIGHT = [Library, Einsum, HeadByHead, SampleByHeadInDouble, Fused, FlatBatch, Functional]


@pytest.mark.parametrize("answer", RIGHT)
def test_right_answers_pass_and_are_never_named(answer):
    catalogue.assert_accepted(TASK, answer)


def test_the_reference_is_torchs_attention():
    """Values on random layers, against the library function and against multi-head attention."""
    rng = np.random.default_rng(0)
    for B, S, D, h in [(1, 1, 2, 1), (3, 5, 8, 2), (2, 4, 12, 3)]:
        weights = {
            name: (rng.standard_normal((D, D)), rng.standard_normal(D))
            for name in task_module.NAMES
        }
        x = torch.from_numpy(rng.standard_normal((B, S, D))).float()
        mask = torch.zeros(B, S)
        mask[0, 1:] = -10000
        module = nn.MultiheadAttention(D, h, batch_first=True)
        with torch.no_grad():
            w = np.concatenate([weights[n][0] for n in task_module.NAMES])
            b = np.concatenate([weights[n][1] for n in task_module.NAMES])
            module.in_proj_weight.copy_(torch.from_numpy(w))
            module.in_proj_bias.copy_(torch.from_numpy(b))
            module.out_proj.weight.copy_(torch.eye(D))
            module.out_proj.bias.zero_()
            want, _ = module(x, x, x, key_padding_mask=mask < 0)
        layer = task_module.Layer(h, weights)
        for ours in (task_module.reference, task_module.right):
            assert torch.allclose(ours(x, mask, layer).float(), want, atol=1e-5)


def test_one_weight_is_kept_in_one_probe_and_dropped_in_the_other():
    names = ("training, one weight", "training, another draw")
    first, second = (TASK.expected(p)[0] for p in TASK.probes if p.name in names)
    assert (first == 0).all() != (second == 0).all()


# ---- the confusion matrix ----------------------------------------------------------------------


@pytest.mark.parametrize(("mistake", "k"), catalogue.variants(TASK))
def test_each_variant_has_a_signature_of_its_own(mistake, k):
    catalogue.assert_no_other_fits(TASK, mistake, k)
    catalogue.assert_wrong_somewhere(TASK, mistake, k)


def test_the_catalogue_is_complete_and_well_formed():
    wanted = {f"LAB9-{n:02}" for n in (1, 2, 4, 6, 7, 9, 11, 12, 14, 16, 17, 19, 21, 22, 24)}
    code = ("softmax(", "transpose(", "permute(", ".view(", "contiguous(", "sqrt(", "self.")
    catalogue.assert_well_formed(TASK, wanted, never_shown=code)
    assert len([m for m in TASK.mistakes if m.id.startswith("BERT-")]) >= 30


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


# ---- wrong answers as students write them ------------------------------------------------------


class Student(Linears):
    """Right as it stands; each wrong answer changes what it is about."""

    def heads(self, t):
        return t.view(t.shape[0], t.shape[1], self.num_heads, self.head_size).permute(0, 2, 1, 3)

    def qkv(self, x):
        return self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x))

    def join(self, y):
        return y.permute(0, 2, 1, 3).contiguous().view(y.shape[0], y.shape[2], -1)

    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(self.dropout(self.weights(q, k, mask)) @ v)

    def weights(self, q, k, mask):
        s = self.scores(q, k) + mask[:, None, None, :]
        return F.softmax(s, dim=-1)

    def scores(self, q, k):
        return q @ k.transpose(2, 3) / math.sqrt(self.head_size)


class NoScale(Student):
    def scores(self, q, k):
        return torch.einsum("bhid,bhjd->bhij", q, k)


class HiddenScale(Student):
    def __init__(self, config):
        super().__init__(config)
        self.size = config.hidden_size

    def scores(self, q, k):
        return torch.matmul(q / math.sqrt(self.size), k.mT)


class Times(Student):
    def scores(self, q, k):
        return torch.matmul(q, k.mT) * math.sqrt(self.head_size)


class SoftmaxDim1(Student):
    def weights(self, q, k, mask):
        return nn.Softmax(dim=1)(self.scores(q, k) + mask.unsqueeze(1).unsqueeze(1))


class KeyAsks(Student):
    def qkv(self, x):
        return self.heads(self.key(x)), self.heads(self.query(x)), self.heads(self.value(x))


class RawMask(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k) + (mask > -1).float()[:, None, None], -1)


class TimesMask(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k) * (mask == 0)[:, None, None], -1)


class MaskAfter(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k), -1) + mask[:, None, None]


class OneUnsqueeze(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k) + mask.unsqueeze(1), -1)


class NotBack(Student):
    def join(self, y):
        return y.reshape(y.shape[0], y.shape[2], y.shape[1] * y.shape[3])


class NotContiguous(Student):
    def join(self, y):
        y = y.transpose(1, 2)
        return y.view(y.shape[0], y.shape[1], -1)


class HiddenValues(Student):
    def qkv(self, x):
        return self.heads(self.query(x)), self.heads(self.key(x)), self.heads(x)


class AlwaysDrops(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(F.dropout(self.weights(q, k, mask), p=self.dropout.p) @ v)


class DropsATenth(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(F.dropout(self.weights(q, k, mask), 0.1) @ v)


class FreshDropout(Student):
    """A dropout layer that is made in forward is in training mode for ever."""

    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(nn.Dropout(self.dropout.p)(self.weights(q, k, mask)) @ v)


class TwoSoftmaxes(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(self.dropout(self.weights(q, k, mask).softmax(-1)) @ v)


class OneBigHead(Student):
    def forward(self, x, mask):
        q, k, v = self.query(x), self.key(x), self.value(x)
        s = q @ k.transpose(1, 2) / math.sqrt(q.size(-1)) + mask[:, None]
        return self.dropout(s.softmax(-1)) @ v


class OnlySplitsForTheScale(Student):
    def forward(self, x, mask):
        s = self.query(x) @ self.key(x).mT / math.sqrt(self.head_size) + mask.unsqueeze(1)
        return self.dropout(torch.softmax(s, 2)) @ self.value(x)


class OverQueries(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k) + mask[:, None, None], dim=2)


class NoSquareRoot(Student):
    def scores(self, q, k):
        return q @ k.mT / self.head_size


class ReshapedKeys(Student):
    def scores(self, q, k):
        k = k.reshape(k.shape[0], k.shape[1], k.shape[3], k.shape[2])
        return torch.matmul(q, k) / math.sqrt(self.head_size)


class ExpByHand(Student):
    def weights(self, q, k, mask):
        e = torch.exp(self.scores(q, k) + mask[:, None, None])
        return e / torch.sum(e, dim=-1, keepdim=True)


class IgnoresMask(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k), dim=-1)


class QueryMask(Student):
    def weights(self, q, k, mask):
        return torch.softmax(mask.unsqueeze(1).unsqueeze(-1) + self.scores(q, k), dim=-1)


class ZeroIsPadding(Student):
    def weights(self, q, k, mask):
        s = self.scores(q, k).masked_fill(mask.unsqueeze(1).unsqueeze(2) == 0, -1e9)
        return torch.softmax(s, dim=-1)


class ConvertsAgain(Student):
    def weights(self, q, k, mask):
        mask = (1.0 - mask[:, None, None, :]) * -10000.0
        return torch.softmax(self.scores(q, k) + mask, dim=-1)


class CutsAfter(Student):
    def weights(self, q, k, mask):
        return super().weights(q, k, 0 * mask) * (mask == 0)[:, None, None]


class NoUnsqueeze(Student):
    def weights(self, q, k, mask):
        return torch.softmax(self.scores(q, k) + mask, dim=-1)


class CopiedLine(Student):
    def qkv(self, x):
        return self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.key(x))


class NoBias(Student):
    def __init__(self, config):
        super().__init__(config)
        D = config.hidden_size
        self.query, self.key, self.value = (nn.Linear(D, D, bias=False) for _ in range(3))


class Projects(Student):
    def __init__(self, config):
        super().__init__(config)
        self.out = nn.Linear(config.hidden_size, config.hidden_size)

    def join(self, y):
        return self.out(super().join(y))


class Residual(Student):
    def forward(self, x, mask):
        return x + super().forward(x, mask)


class Block(Projects):
    def __init__(self, config):
        super().__init__(config)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=1e-12)

    def forward(self, x, mask):
        return self.LayerNorm(x + super().forward(x, mask))


class ViewOnly(Student):
    def heads(self, t):
        return t.view(t.shape[0], self.num_heads, t.shape[1], self.head_size)


class WidthBeforeHeads(Student):
    def heads(self, t):
        return t.view(t.shape[0], t.shape[1], self.head_size, self.num_heads).permute(0, 3, 1, 2)


class Exchanged(Student):
    def heads(self, t):
        B, S, _ = t.shape
        return t.view(B, S, self.head_size, self.num_heads).permute(0, 2, 1, 3)


class ForgetsPermute(Student):
    def heads(self, t):
        return t.view(t.shape[0], t.shape[1], self.num_heads, self.head_size)

    def join(self, y):
        return y.reshape(y.shape[0], y.shape[1], -1)


class MeanOfHeads(Student):
    def join(self, y):
        return y.mean(dim=1)


class NotJoined(Student):
    def join(self, y):
        return y.permute(0, 2, 1, 3)


class NeverDrops(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.join(self.weights(q, k, mask) @ v)


class DropsContext(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        return self.dropout(self.join(self.weights(q, k, mask) @ v))


class DropsScores(Student):
    def forward(self, x, mask):
        q, k, v = self.qkv(x)
        s = self.dropout(self.scores(q, k) + mask[:, None, None])
        return self.join(torch.softmax(s, -1) @ v)


class OwnRate(Student):
    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout(0.1)


class DefaultRate(Student):
    def __init__(self, config):
        super().__init__(config)
        self.dropout = nn.Dropout()


class Causal(Student):
    def weights(self, q, k, mask):
        allowed = torch.tril(torch.ones(q.shape[2], q.shape[2]))
        s = self.scores(q, k) + mask[:, None, None]
        return s.masked_fill(allowed == 0, -1e9).softmax(-1)


class Weights(Student):
    def forward(self, x, mask):
        q, k, _ = self.qkv(x)
        return self.dropout(self.weights(q, k, mask))


class AveragedWeights(Student):
    def weights(self, q, k, mask):
        return super().weights(q, k, mask).mean(dim=1, keepdim=True)


class AveragedScores(Student):
    def scores(self, q, k):
        return super().scores(q, k).mean(1).unsqueeze(1).expand(-1, self.num_heads, -1, -1)


class WeightsOfTheFirstHead(Student):
    """What is shown in a picture is used in the layer."""

    def weights(self, q, k, mask):
        every = super().weights(q, k, mask)
        return torch.stack([every[:, 0]] * self.num_heads, dim=1)


STUDENTS = {
    AveragedWeights: "BERT-43",
    AveragedScores: "BERT-43",
    WeightsOfTheFirstHead: "BERT-43",
    NoScale: "LAB9-01",
    HiddenScale: "LAB9-02",
    Times: "LAB9-04",
    SoftmaxDim1: "LAB9-06",
    KeyAsks: "LAB9-07",
    RawMask: "LAB9-09",
    TimesMask: "LAB9-11",
    MaskAfter: "LAB9-12",
    OneUnsqueeze: "LAB9-14",
    NotBack: "LAB9-16",
    NotContiguous: "LAB9-17",
    HiddenValues: "LAB9-19",
    AlwaysDrops: "LAB9-21",
    DropsATenth: "LAB9-21",
    FreshDropout: "LAB9-21",
    TwoSoftmaxes: "LAB9-22",
    OneBigHead: "LAB9-24",
    OnlySplitsForTheScale: "LAB9-24",
    OverQueries: "BERT-01",
    NoSquareRoot: "BERT-05",
    ExpByHand: "BERT-09",
    ReshapedKeys: "BERT-10",
    Causal: "BERT-12",
    IgnoresMask: "BERT-13",
    QueryMask: "BERT-14",
    ZeroIsPadding: "BERT-16",
    ConvertsAgain: "BERT-17",
    CutsAfter: "BERT-18",
    NoUnsqueeze: "BERT-20",
    CopiedLine: "BERT-22",
    NoBias: "BERT-24",
    Projects: "BERT-26",
    Residual: "BERT-27",
    Block: "BERT-28",
    ViewOnly: "BERT-29",
    WidthBeforeHeads: "BERT-30",
    Exchanged: "BERT-32",
    ForgetsPermute: "BERT-33",
    MeanOfHeads: "BERT-34",
    NotJoined: "BERT-35",
    Weights: "BERT-36",
    NeverDrops: "BERT-39",
    DropsContext: "BERT-40",
    DropsScores: "BERT-40",
    OwnRate: "BERT-41",
    DefaultRate: "BERT-41",
}


@pytest.mark.parametrize(
    ("answer", "wanted"), STUDENTS.items(), ids=lambda x: getattr(x, "__name__", x)
)
def test_wrong_answers_of_students_are_named(answer, wanted):
    catalogue.assert_named(TASK, answer, wanted)


def test_the_student_who_makes_no_mistake_passes():
    catalogue.assert_accepted(TASK, Student)


def test_a_key_without_bias_cannot_be_told_and_passes():
    """Its bias adds the same number to all scores of a query."""

    class NoKeyBias(Student):
        def __init__(self, config):
            super().__init__(config)
            self.key = nn.Linear(config.hidden_size, config.hidden_size, bias=False)

    catalogue.assert_accepted(TASK, NoKeyBias)


# ---- two at once, and answers that have no name ------------------------------------------------

PAIRS = [
    ("LAB9-01", "LAB9-16"),
    ("LAB9-02", "LAB9-09"),
    ("LAB9-07", "BERT-13"),
    ("LAB9-19", "LAB9-06"),
    ("BERT-29", "BERT-05"),
    ("BERT-29", "BERT-34"),  # hidden with one head, as if it worked only there (BERT-37)
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_mistakes_at_once_are_told_as_two(first, second):
    by_id = {m.id: m.variants[0] for m in TASK.mistakes}
    a, b = by_id[first], by_id[second]
    both = a.with_other(b) or b.with_other(a)

    class Answer(Linears):
        def forward(self, x, mask):
            parts = {n: getattr(self, n) for n in task_module.NAMES}
            arrays = {
                n: (p.weight.detach().double().numpy(), p.bias.detach().double().numpy())
                for n, p in parts.items()
            }
            layer = task_module.Layer(self.num_heads, arrays, self.dropout.p, self.training)
            return both(x, mask, layer)

    report = checks.check(TASK.name, Answer)
    assert report.mistake is None and set(report.pair or ()) == {first, second}, str(report)


def test_pairs_are_never_named_as_a_third_one():
    catalogue.assert_pairs_are_never_a_third(TASK)


def test_an_unknown_mistake_is_located_and_not_named():
    class Odd(Student):
        def join(self, y):
            return super().join(y).sin()

    report = checks.check(TASK.name, Odd)
    assert (report.status, report.mistake) == ("differs", None), str(report)
    assert report.place is not None and "the first at [" in report.message


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


# ---- objects that are not what was agreed ------------------------------------------------------


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


def test_a_check_leaves_the_learners_random_numbers_alone():
    torch.manual_seed(1)
    want = torch.rand(3)
    torch.manual_seed(1)
    checks.check(TASK.name, Library)
    assert torch.equal(torch.rand(3), want)


def test_a_check_is_quick():
    class Odd(Student):
        def join(self, y):
            return super().join(y).sin()

    catalogue.assert_quick(TASK, Library, NoScale, Odd)
