"""Answers to ``bert_self_attention``: right ones, each written on its own, and wrong ones."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


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


def framework(x, mask, layer):
    """Multi-head attention with an output projection that changes nothing; not with dropout."""
    if layer.training and layer.dropout:
        return None
    D = x.shape[-1]
    module = nn.MultiheadAttention(D, layer.heads, batch_first=True).double()
    weights, biases = zip(*(layer.weights[name] for name in ("query", "key", "value")))
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.from_numpy(np.concatenate(weights)))
        module.in_proj_bias.copy_(torch.from_numpy(np.concatenate(biases)))
        module.out_proj.weight.copy_(torch.eye(D))
        module.out_proj.bias.zero_()
        x = torch.from_numpy(x)
        return module(x, x, x, key_padding_mask=torch.from_numpy(mask < 0))[0]


class Wrapped(Linears):
    """The framework's layer with the weights of this one."""

    def forward(self, x, mask):
        parts = self.query, self.key, self.value
        D = x.shape[-1]
        y, _ = F.multi_head_attention_forward(
            *[x.transpose(0, 1)] * 3, D, self.num_heads,
            torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts]),
            None, None, False, self.dropout.p, torch.eye(D), torch.zeros(D),
            training=self.training, key_padding_mask=mask, need_weights=False)
        return y.transpose(0, 1)


RIGHT = [Library, Einsum, HeadByHead, SampleByHeadInDouble, FlatBatch, Functional, Student]
WHOLE = [Library, Einsum, HeadByHead]  # with these the whole lab runs

WRONG = {
    "BERT-44": [Fused, Wrapped],
    "BERT-43": [AveragedWeights, AveragedScores, WeightsOfTheFirstHead],
    "LAB9-01": [NoScale],
    "LAB9-02": [HiddenScale],
    "LAB9-04": [Times],
    "LAB9-06": [SoftmaxDim1],
    "LAB9-07": [KeyAsks],
    "LAB9-09": [RawMask],
    "LAB9-11": [TimesMask],
    "LAB9-12": [MaskAfter],
    "LAB9-14": [OneUnsqueeze],
    "LAB9-16": [NotBack],
    "LAB9-17": [NotContiguous],
    "LAB9-19": [HiddenValues],
    "LAB9-21": [AlwaysDrops, DropsATenth, FreshDropout],
    "LAB9-22": [TwoSoftmaxes],
    "LAB9-24": [OneBigHead, OnlySplitsForTheScale],
    "BERT-01": [OverQueries],
    "BERT-05": [NoSquareRoot],
    "BERT-09": [ExpByHand],
    "BERT-10": [ReshapedKeys],
    "BERT-12": [Causal],
    "BERT-13": [IgnoresMask],
    "BERT-14": [QueryMask],
    "BERT-16": [ZeroIsPadding],
    "BERT-17": [ConvertsAgain],
    "BERT-18": [CutsAfter],
    "BERT-20": [NoUnsqueeze],
    "BERT-22": [CopiedLine],
    "BERT-24": [NoBias],
    "BERT-26": [Projects],
    "BERT-27": [Residual],
    "BERT-28": [Block],
    "BERT-29": [ViewOnly],
    "BERT-30": [WidthBeforeHeads],
    "BERT-32": [Exchanged],
    "BERT-33": [ForgetsPermute],
    "BERT-34": [MeanOfHeads],
    "BERT-35": [NotJoined],
    "BERT-36": [Weights],
    "BERT-39": [NeverDrops],
    "BERT-40": [DropsContext, DropsScores],
    "BERT-41": [OwnRate, DefaultRate],
}

TWO = [
    ("LAB9-01", "LAB9-16"),
    ("LAB9-02", "LAB9-09"),
    ("LAB9-07", "BERT-13"),
    ("LAB9-19", "LAB9-06"),
    ("BERT-29", "BERT-05"),
    ("BERT-29", "BERT-34"),
]

NUMBERS = (1, 2, 4, 6, 7, 9, 11, 12, 14, 16, 17, 19, 21, 22, 24)
COURSE = {f"LAB9-{number:02}" for number in NUMBERS}
CODE = ("softmax(", "transpose(", "permute(", ".view(", "contiguous(", "sqrt(", "self.")
