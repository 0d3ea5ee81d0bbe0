"""Answers to ``sequence_model``: right ones, each written on its own, and wrong ones."""

import torch
from torch import nn

from .gru import GRU, Uniform


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


class UpdateGateReversed(GRU):
    def update(self, X, H):
        Z = torch.sigmoid(torch.matmul(X, self.W_xz) + torch.matmul(H, self.W_hz) + self.b_z)
        R = torch.sigmoid(torch.matmul(X, self.W_xr) + torch.matmul(H, self.W_hr) + self.b_r)
        H_tilde = torch.tanh(torch.matmul(X, self.W_xh) + torch.matmul(R * H, self.W_hh) + self.b_h)
        return (1 - Z) * H + Z * H_tilde


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


class BatchAsTimeAndRelu(Linears):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.rnn = nn.GRU(sizes[1], sizes[3])

    def forward(self, sent, state):
        output, state = self.rnn(self.emb(sent), state)
        return self.out(torch.relu(output)), state


class ProbabilitiesOldState(Probabilities):
    def forward(self, tokens, state):
        return super().forward(tokens, state)[0], state


WHOLE = [SequenceModel, Linears, WithCell]
RIGHT = [SequenceModel, Linears, TimeFirst, WithCell, FromScratch, WithBrokenGRU]

WRONG = {
    "LAB6-17": [Probabilities],
    "LAB6-19": [OldState],
    "SEQ-02": [LastOnly],
    "SEQ-03": [Flattened],
    "SEQ-05": [IgnoresState],
    "SEQ-06": [Relu],
    "SEQ-07": [ForgetsBatchFirst],
    "SEQ-09": [NoBiasModel],
    "SEQ-10": [NoLinear],
    "SEQ-12": [ScoresOnly],
    "SEQ-18": [SizeOfTheVocabulary],
    "SEQ-19": [Frozen],
    ("SEQ-06", "SEQ-07"): [BatchAsTimeAndRelu],
    ("LAB6-17", "LAB6-19"): [ProbabilitiesOldState],
}

COURSE = {"LAB6-17", "LAB6-19"}
CODE = ("self.linear(", "self.gru(", "self.embedding(", "batch_first=True")
