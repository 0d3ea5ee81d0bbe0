"""Studies for the page on gated units: who remembers the first sign, and what gates do for it.

The task: the first of T signs is one of KINDS, the others are noise from NOISE further signs; after
the last one the network names the first. What is learned is judged on new sequences; guessing is
right once in KINDS. In other forms of the task the signs after the first are blank, or the loss is
taken at every sign, or each batch has a length from 2 to T. Besides: trained networks whose forget
gate is shut for one step, LSTMs whose gradient is cut on one of its two ways, half GRUs, and
letters and words of the sonnets.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from dlworkbook.data import verse
from publish.tools.experiments import side_by_side
from tests.kit.pages import definitions

KINDS, NOISE, H, BATCH, STEPS, RATE, EPOCHS = 8, 4, 24, 32, 300, 0.01, 2
LENGTHS, SEEDS = (10, 30, 100), range(3)
LAB = "ch09_modern_rnn/lab_verse"


def sequences(number, T, generator, blank=False):
    """One-hot sequences (number, T, KINDS + NOISE) and the first sign; zeros for noise if blank."""
    first = torch.randint(KINDS, (number,), generator=generator)
    signs = torch.randint(KINDS, KINDS + NOISE, (number, T), generator=generator)
    signs[:, 0] = first
    X = F.one_hot(signs, KINDS + NOISE).float()
    if blank:
        X[:, 1:] = 0
    return X, first


class Net(nn.Module):
    """A recurrent layer and a linear layer behind its last state."""

    def __init__(self, kind, bias=None, into=None):
        super().__init__()
        name = kind.split(",")[0]
        self.cell = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}[name](
            KINDS + NOISE, H, batch_first=True)
        self.out = nn.Linear(H, KINDS)
        self.kind = kind
        with torch.no_grad():
            for block, value in ((1, bias), (0, into)):  # forget or update gate, input gate
                if value is not None:
                    self.cell.bias_ih_l0[block * H : (block + 1) * H] = value
                    self.cell.bias_hh_l0[block * H : (block + 1) * H] = 0

    def forward(self, X):
        """Scores (B, KINDS) after the last sign."""
        if any(word in self.kind for word in ("cut", "only", "no tanh")):
            return self.out(self.slowly(X))
        return self.out(self.cell(X)[0][:, -1])

    def slowly(self, X, shut=(), wipe=False):
        """The last h, step by step; gates shut at some steps, or a way of the gradient cut."""
        cell, kind = self.cell, self.kind
        A = X @ cell.weight_ih_l0.T + cell.bias_ih_l0
        h = c = X.new_zeros(len(X), H)
        for t in range(X.shape[1]):
            if wipe and t in shut:  # neither memory nor state comes through
                h = torch.zeros_like(h)
            U = (h.detach() if kind == "LSTM, state cut" else h) @ cell.weight_hh_l0.T
            U = U + cell.bias_hh_l0
            if kind.startswith("GRU"):
                (a_r, a_z, a_n), (u_r, u_z, u_n) = A[:, t].chunk(3, 1), U.chunk(3, 1)
                r, z = torch.sigmoid(a_r + u_r), torch.sigmoid(a_z + u_z)
                r = torch.ones_like(r) if "update only" in kind else r
                z = torch.zeros_like(z) if "reset only" in kind or t in shut else z
                n = torch.tanh(a_n + r * u_n)
                h = (1 - z) * n + z * h
            else:
                i, f, g, o = (A[:, t] + U).chunk(4, 1)
                f = torch.zeros_like(f) if t in shut else torch.sigmoid(f)
                kept = c.detach() if kind == "LSTM, direct path cut" else c
                c = f * kept + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * (c if kind == "LSTM, no tanh" else torch.tanh(c))
        return h


def accuracy(scores, y):
    """Share of right answers."""
    return round((scores.argmax(1) == y).float().mean().item(), 3)


def remember(job):
    """Accuracy on new sequences; of a trained LSTM or GRU also with its gate shut at one step."""
    kind, T, seed, bias, into, rate, steps, form = job
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(1000 + seed)
    net = Net(kind, bias, into)
    optimizer = torch.optim.Adam(net.parameters(), rate)
    for _ in range(steps):
        length = T
        if form == "short":
            length = int(torch.randint(2, T + 1, (1,), generator=generator))
        X, y = sequences(BATCH, length, generator, form == "blanks")
        if form == "every":  # the first sign is to be named after each sign
            scores = net.out(net.cell(X)[0]).flatten(0, 1)
            loss = F.cross_entropy(scores, y.repeat_interleave(T))
        else:
            loss = F.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()
    X, y = sequences(500, T, torch.Generator().manual_seed(7 + seed), form == "blanks")
    with torch.no_grad():
        found = {"right": accuracy(net(X), y)}
        if kind in ("GRU", "LSTM") and bias is not None:
            shut = (T // 2,)
            found["shut"] = accuracy(net.out(net.slowly(X, shut)), y)
            found["shut, state wiped"] = accuracy(net.out(net.slowly(X, shut, True)), y)
    print(*job, found, flush=True)
    return found


def jobs():
    """Name -> jobs, one for each seed."""
    found = {}

    def add(name, kind, T, bias=None, into=None, rate=RATE, steps=STEPS, form="", seeds=SEEDS):
        found[f"{name}; {T}"] = [
            (kind, T, seed, bias, into, rate, steps, form) for seed in seeds]

    for T in LENGTHS:
        add("RNN", "RNN", T)
        add("GRU", "GRU", T)
        add("LSTM", "LSTM", T)
        add("LSTM, 1", "LSTM", T, 1)
        add("LSTM, 5 and -5", "LSTM", T, 5, -5)
    add("GRU, 5", "GRU", 100, 5)
    add("LSTM, 5", "LSTM", 100, 5)
    add("LSTM, 5, blanks", "LSTM", 100, 5, form="blanks")
    add("LSTM, ten times the steps", "LSTM", 30, steps=10 * STEPS, seeds=SEEDS[:2])
    add("LSTM, three times the rate", "LSTM", 30, rate=3 * RATE)
    add("LSTM, a third of the rate", "LSTM", 30, rate=RATE / 3)
    add("LSTM, 5", "LSTM", 30, 5)
    for kind in ("RNN", "GRU", "LSTM"):
        add(f"{kind}, short", kind, 30, form="short")
        for T in (10, 30):
            add(f"{kind}, other seeds", kind, T, seeds=range(10, 15))
        for T in (30, 100):
            add(f"{kind}, every", kind, T, form="every")
    for kind, T in (("RNN", 10), ("RNN", 30), ("GRU", 30)):
        add(f"{kind}, ten times the steps", kind, T, steps=10 * STEPS)
    add("LSTM, 5, ten times the steps", "LSTM", 100, 5, steps=10 * STEPS)
    for way in ("state cut", "direct path cut"):
        add(f"LSTM, {way}", f"LSTM, {way}", 30, 5, -5)
    add("LSTM, no tanh", "LSTM, no tanh", 100, 5)  # behind the cell; the forget bias alone
    for half in ("reset only", "update only"):
        add(f"GRU, {half}", f"GRU, {half}", 30, 5)
    return found


class Letters:
    """The sonnets as the lab reads them: by letters, or by words."""

    def __init__(self, words):
        self.page = definitions(LAB, math=math)
        sonnets = verse.sonnets()
        parts = ["\n\n".join(part) + "\n\n" for part in (sonnets[:138], sonnets[138:])]
        self.signs = sum(map(len, parts[1:]))
        if words:
            parts = [part.replace("\n", " \n ").lower().split(" ") for part in parts]
            parts = [[word for word in part if word] for part in parts]
            counts = {}
            for word in parts[0]:
                counts[word] = counts.get(word, 0) + 1
            known = ["?", *sorted(word for word, n in counts.items() if n > 1)]
            index = {word: n for n, word in enumerate(known)}
            self.train, self.test = (
                torch.tensor([index.get(word, 0) for word in part]) for part in parts)
            self.size = len(known)
        else:
            letters = sorted(set("".join(parts)))
            self.train, self.test = (self.page["encode"](part, letters) for part in parts)
            self.size, self.letters = len(letters), letters


class Model(nn.Module):
    """Embedding, recurrent layer, linear layer."""

    def __init__(self, kind, size, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(size, 32)
        self.cell = getattr(nn, kind)(32, num_hiddens, batch_first=True)
        self.linear = nn.Linear(num_hiddens, size)

    def forward(self, tokens, state=None):
        """Scores (B, S, size) and the last state."""
        outputs, state = self.cell(self.embedding(tokens), state)
        return self.linear(outputs), state


@torch.no_grad()
def write(model, data, length=140):
    """What a model of letters writes after the end of a line."""
    rng, state, text = torch.Generator().manual_seed(1), None, ""
    token = data.page["encode"]("\n", data.letters)[None]
    for _ in range(length):
        scores, state = model(token, state)
        token = torch.multinomial((scores[0, -1:] / 0.8).softmax(1), 1, generator=rng)
        text += data.letters[token.item()]
    return text.strip()


def read(job):
    """Perplexity on the sonnets for testing."""
    kind, num_hiddens, words, epochs, seed = job
    torch.set_num_threads(1)
    data = Letters(words)
    torch.manual_seed(seed)
    model = Model(kind, data.size, num_hiddens)
    pieces = data.page["strips"](data.train, *((16, 16) if words else (64, 32)))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(epochs):
        state = None
        for X, Y in pieces:
            scores, state = model(X, state)
            state = tuple(s.detach() for s in state) if kind == "LSTM" else state.detach()
            loss = F.cross_entropy(scores.flatten(0, 1), Y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
    with torch.no_grad():
        scores, _ = model(data.test[None, :-1])
        loss = F.cross_entropy(scores[0], data.test[1:])
    found = {"perplexity": round(loss.exp().item(), 3)}
    if num_hiddens == 96 and not words and seed == 0:
        found["sample"] = write(model, data)
    if words:
        found |= {"words": len(data.test), "signs": data.signs, "vocabulary": data.size,
                  "unknown": round((data.test == 0).float().mean().item(), 4)}
    print(*job, found, flush=True)
    return found


def make() -> dict:
    """Accuracies and perplexities, one for each seed."""
    memory = [(name, job) for name, some in jobs().items() for job in some]
    result: dict = {"steps": STEPS, "memory": {}, "verse": {}}
    for (name, _), made in zip(memory, side_by_side(remember, [j for _, j in memory]),
                               strict=True):
        result["memory"].setdefault(name, []).append(made)
    texts = [(f"{kind}, {n}", (kind, n, False, EPOCHS, seed))
             for kind, n in (("RNN", 96), ("GRU", 96), ("LSTM", 96), ("GRU", 24), ("GRU", 192))
             for seed in SEEDS]
    texts += [("words", ("LSTM", 96, True, EPOCHS, seed)) for seed in SEEDS[:2]]
    for (name, _), made in zip(texts, side_by_side(read, [j for _, j in texts]), strict=True):
        result["verse"].setdefault(name, []).append(made)
    return result
