"""Five output layers for 2,980 words on Shakespeare's sonnets: what each learns in six epochs.

A word is predicted from the mean of the vectors of two words before and two behind it. All layers
begin with zero weights, so that what differs at the start is what the layer itself says then.
"""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

from dlworkbook.data import verse
from publish.tools.experiments import side_by_side

WIDTH, BATCH, EPOCHS, DRAWN = 32, 256, 6, 5
RATES, SEEDS = (0.003, 0.01), (0, 1, 2)
LAYERS = ("softmax", "softmax, frequent first", "tree of Huffman", "Huffman, words exchanged",
          "negative sampling")


def windows(poems: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Four neighbours and the word between them, for every word that has them."""
    pairs = [(p[i - 2:i] + p[i + 1:i + 3], p[i]) for p in poems for i in range(2, len(p) - 2)]
    return torch.tensor([x for x, _ in pairs]), torch.tensor([y for _, y in pairs])


def read() -> tuple:
    """Windows of 138 sonnets and of 16 others, and how often each word stands in the first."""
    poems = [re.findall(r"[a-z]+(?:'[a-z]+)?|[.,:;?!]", p.lower()) for p in verse.sonnets()]
    seen = Counter(w for p in poems[:138] for w in p)
    place = {w: i for i, (w, _) in enumerate(seen.most_common())}
    known = [[place.get(w, -1) for w in p] for p in poems]
    X, y = windows(known[:138])
    X_new, y_new = windows(known[138:])
    whole = (X_new >= 0).all(1) & (y_new >= 0)  # words that were never seen have no vector
    counts = torch.tensor([float(n) for _, n in seen.most_common()])
    return X, y, X_new[whole], y_new[whole], counts


def paths(counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Inner nodes on the way to each word, and signs; 0 where a way is shorter: (V, longest)."""
    heap = [(n, i) for i, n in enumerate(counts.tolist())]
    heapq.heapify(heap)
    up, V = {}, len(heap)
    for node in range(V, 2 * V - 1):
        (a, i), (b, j) = heapq.heappop(heap), heapq.heappop(heap)
        up[i], up[j] = (node, 1.0), (node, -1.0)
        heapq.heappush(heap, (a + b, node))
    ways = []
    for node in range(V):
        way = []
        while node in up:
            node, sign = up[node]
            way.append((node - V, sign))
        ways.append(way[::-1])
    longest = max(map(len, ways))
    nodes = torch.tensor([[n for n, _ in w] + [0] * (longest - len(w)) for w in ways])
    signs = torch.tensor([[s for _, s in w] + [0.0] * (longest - len(w)) for w in ways])
    return nodes, signs


class Layer(nn.Module):
    """Rows of weights and biases, and the loss by one of the five ways."""

    def __init__(self, kind: str, counts: torch.Tensor) -> None:
        super().__init__()
        V, self.kind = len(counts), kind
        self.rows = nn.Parameter(torch.zeros(V, WIDTH))
        self.bias = nn.Parameter(torch.zeros(V))
        self.share = counts / counts.sum()
        if kind == "softmax, frequent first":
            self.bias.data = self.share.log()
        self.nodes, self.signs = paths(counts)
        if kind == "Huffman, words exchanged":
            order = torch.randperm(V, generator=torch.Generator().manual_seed(0))
            self.nodes, self.signs = self.nodes[order], self.signs[order]

    def forward(self, h: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.kind.startswith("softmax"):
            return F.cross_entropy(h @ self.rows.T + self.bias, y)
        if self.kind == "negative sampling":
            drawn = torch.multinomial(self.share, len(y) * DRAWN, True).view(len(y), DRAWN)
            words = torch.cat([y[:, None], drawn], 1)
            scores = (self.rows[words] * h[:, None]).sum(-1) + self.bias[words]
            scores = torch.cat([scores[:, :1], -scores[:, 1:]], 1)
            return -F.logsigmoid(scores).sum(1).mean()
        nodes, signs = self.nodes[y], self.signs[y]
        scores = (self.rows[nodes] * h[:, None]).sum(-1) + self.bias[nodes]
        return -(F.logsigmoid(signs * scores) * (signs != 0)).sum(1).mean()

    def perplexities(self, h: torch.Tensor, y: torch.Tensor) -> list[float]:
        """As the layer is used; for sampling also with the logarithm of the shares added."""
        if self.kind != "negative sampling":
            return [self(h, y).exp().item()]
        scores = h @ self.rows.T + self.bias
        return [F.cross_entropy(scores, y).exp().item(),
                F.cross_entropy(scores + self.share.log(), y).exp().item()]


def run(job: tuple) -> dict:
    """Perplexities on the unread sonnets before training and after each epoch."""
    kind, rate, seed = job
    torch.set_num_threads(1)
    X, y, X_new, y_new, counts = read()
    torch.manual_seed(seed)
    words = nn.Embedding(len(counts), WIDTH)
    nn.init.normal_(words.weight, std=0.3)
    layer = Layer(kind, counts)
    adam = torch.optim.Adam([*words.parameters(), layer.rows, layer.bias], rate)
    found = []
    for epoch in range(EPOCHS + 1):
        with torch.no_grad():
            found.append(layer.perplexities(words(X_new).mean(1), y_new))
        for rows in torch.randperm(len(y)).split(BATCH) if epoch < EPOCHS else ():
            loss = layer(words(X[rows]).mean(1), y[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return {"unread": [[round(v, 2) for v in one] for one in zip(*found, strict=True)]}


def make() -> dict:
    _, y, _, y_new, counts = read()
    share = counts / counts.sum()
    jobs = [(kind, rate, seed) for kind in LAYERS for rate in RATES for seed in SEEDS]
    runs: dict = {kind: {str(rate): [] for rate in RATES} for kind in LAYERS}
    for (kind, rate, _), found in zip(jobs, side_by_side(run, jobs), strict=True):
        runs[kind][str(rate)].append(found["unread"])
    lengths = (paths(counts)[1] != 0).sum(1)
    return {
        "words": len(counts), "windows": len(y), "unread": len(y_new),
        "by share alone": math.exp(-share[y_new].log().mean().item()),
        "mean length": (share * lengths).sum().item(), "runs": runs,
    }
