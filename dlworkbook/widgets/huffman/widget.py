"""Huffman's tree of five words: the Python side, with the sentence and the still picture."""

from __future__ import annotations

import heapq
import math
from typing import Any

from dlworkbook.widgets.kit.settings import fields

from ..kit.base import Widget

WORDS = ("the", "sea", "love", "moon", "oar")


class Huffman(Widget):
    """Counts of five words make a tree with the least mean way.

    - ``a`` to ``e``: how often *the*, *sea*, *love*, *moon* and *oar* occur, 1 to 16;
    - ``word``: 0 to 4, the word whose way is drawn.
    """

    widget_name = "huffman"
    a, b, c, d, e, word = fields("huffman")

    def counts(self) -> list[int]:
        return [self.a, self.b, self.c, self.d, self.e]

    def codes(self) -> list[str]:
        """From the root: 0 to the rarer side, of two alike to the older node."""
        heap = [(n, k, [k]) for k, n in enumerate(self.counts())]
        found = [""] * len(WORDS)
        node = len(WORDS)
        heapq.heapify(heap)
        while len(heap) > 1:
            (p, _, left), (q, _, right) = heapq.heappop(heap), heapq.heappop(heap)
            for leaves, bit in ((left, "0"), (right, "1")):
                for k in leaves:
                    found[k] = bit + found[k]
            heapq.heappush(heap, (p + q, node, left + right))
            node += 1
        return found

    def mean(self) -> float:
        """Questions on average."""
        pairs = zip(self.counts(), self.codes(), strict=True)
        return sum(n * len(code) for n, code in pairs) / sum(self.counts())

    def entropy(self) -> float:
        """Of the shares, in bits."""
        total = sum(self.counts())
        return -math.fsum(n / total * math.log2(n / total) for n in self.counts())

    def describe(self) -> str:
        listed = ", ".join(f"{w} {code}" for w, code in zip(WORDS, self.codes(), strict=True))
        return (
            f"Huffman's codes for counts {', '.join(map(str, self.counts()))}: {listed}; mean "
            f"{self.mean():.3f} questions, entropy {self.entropy():.3f} bits."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 2.6), layout="constrained")
        ax = figure.subplots()
        codes = self.codes()
        total = sum(self.counts())
        ax.bar(range(5), [n / total for n in self.counts()], color="#0072B2", width=0.4)
        ax.bar([k + 0.4 for k in range(5)], [0.5 ** len(code) for code in codes],
               color="#D55E00", width=0.4)
        names = [f"{w}\n{code}" for w, code in zip(WORDS, codes, strict=True)]
        ax.set_xticks([k + 0.2 for k in range(5)], names)
        ax.set_ylabel("share, and ½ to the length")
        return figure
