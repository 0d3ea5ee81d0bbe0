"""Answers to ``attention_decoder``: right ones, each written on its own, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn


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
    """Attention by the library, which the task leaves out; a list instead of a tuple."""

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


class MultiheadAttention(BatchedProducts):
    """Attention by the library's layer, its projections taken out."""

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        H = enc_hidden.shape[2]
        attend, one = nn.MultiheadAttention(H, 1, bias=False, batch_first=True), torch.eye(H)
        attend.in_proj_weight = nn.Parameter(torch.cat([H**0.5 * one, one, one]))
        attend.out_proj.weight = nn.Parameter(one)
        if is_first_step:
            state = self.mlp1(enc_hidden).mean(1)[None]
        rows = []
        for e in self.emb_layer(dec_y).split(1, 1):
            context, _ = attend(state.transpose(0, 1), enc_hidden, enc_hidden)
            row, state = self.decoder(torch.cat([context, e], 2), state)
            rows.append(self.mlp2(row))
        return torch.cat(rows, 1), state


class KeyByKey(Layered):
    """Plain loops and list comprehensions: a score for each key, a sum for the context."""

    def look(self, query, keys):
        scores = [(query * key).sum(dim=1) for key in keys]
        alpha = self.softmax(torch.stack(scores, dim=1))
        return sum(alpha[:, [i]] * key for i, key in enumerate(keys))

    def decode(self, dec_y, enc_hidden, state, is_first_step=True):
        keys = [enc_hidden[:, i] for i in range(enc_hidden.shape[1])]
        if is_first_step:
            state = (sum(self.mlp1(key) for key in keys) / len(keys)).unsqueeze(0)
        scores = []
        for t in range(dec_y.shape[1]):
            context = self.look(state[0], keys)
            x = torch.cat((context, self.emb_layer(dec_y[:, t])), dim=1)
            output, state = self.decoder(x.unsqueeze(1), state)
            scores.append(self.mlp2(output.squeeze(1)))
        return torch.stack(scores, dim=1), state


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


class KeysAsTheyAre(Steps):
    def weigh(self, query, keys):
        return self.softmax(query @ keys)


class KeysReshaped(Steps):
    def weigh(self, query, keys):
        return self.softmax(torch.bmm(query, keys.reshape(len(keys), keys.shape[2], -1)))


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


RIGHT = [BatchedProducts, SampleBySample, TimeFirst, KeyByKey, ByHand, MeanFirst, Steps]
WHOLE = [BatchedProducts, KeyByKey, Steps]  # float32 and fast: with these the whole lab runs

WRONG = {
    "DEC-35": [IgnoresFirstStep, IgnoresFirstStepWithCell, FirstStateNotKept],
    "DEC-38": [KeysAsTheyAre, KeysReshaped],
    "DEC-37": [LibraryAttention, MultiheadAttention],
    "DEC-36": [
        ContextAfterTheStep,
        StartsFromNoContext,
        StartsFromLastEncoderState,
        FirstContextTwice,
    ],
    "LAB8-19": [CourseAnswer, BatchInTheMiddle],
    "LAB8-M1a": [LastStateOnly],
    "LAB8-M1a-q": [FirstQueryLastState],
    "LAB8-M2": [KeysThroughMlp1],
    "LAB8-M3a": [QueryEmbedding],
    "LAB8-M3b": [QueryThroughMlp1],
    "LAB8-M4": [NoLoop],
    "LAB8-01": [SoftmaxOverQueries],
    "LAB8-02": [SoftmaxWithoutAxis],
    "LAB8-04": [Scaled],
    "LAB8-06": [AttentionBeforeTheLoop],
    "LAB8-07": [StateForgotten],
    "LAB8-09": [FeedsItself],
    "LAB8-11": [SumOverTime],
    "LAB8-12": [NoMlp1],
    "LAB8-14": [Uniform],
    "LAB8-16": [ScoresFromContext],
    "LAB8-17": [Probabilities],
    "DEC-03": [OverBatch],
    "DEC-06": [AlwaysNew],
    "DEC-07": [NoneDecides],
    "DEC-14": [NoStateInCall],
    "DEC-15": [EmbeddingFirst],
    "DEC-20": [Detached, NoGrad],
    "DEC-30": [Squeezed],
    "DEC-32": [TimeFirstLayer],
    "DEC-33": [LaterCallFails],
}

TWO = [
    ("LAB8-12", "LAB8-04"),
    ("LAB8-M3b", "LAB8-19"),
    ("DEC-15", "LAB8-17"),
    ("LAB8-01", "LAB8-07"),
]

NUMBERS = "M1a M1a-q M2 M3a M3b M4 01 02 04 06 07 09 11 12 14 16 17 19"
COURSE = {f"LAB8-{number}" for number in NUMBERS.split()}
CODE = (
    ".mean(1)", "dim=1", "bmm", "transpose", "unsqueeze", "torch.cat", "softmax(", "state[None]",
    "for t in", "permute", "mlp1(enc_hidden).m",
)  # fmt: skip
