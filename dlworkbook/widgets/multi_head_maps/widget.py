"""Attention maps of a real encoder: the Python side, without torch."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.pack import Reader
from dlworkbook.widgets.kit.settings import fields

LAYERS, HEADS, UNIT = 6, 12, 500  # weights are whole multiples of 1/UNIT
SENTENCES = declared("multi_head_maps")["fields"]["sentence"]["names"]


def context(column: int, columns: int, above: int) -> int:
    """Where the coder keeps what it knows of such a weight: place in the row, and weight above."""
    place = 0 if column == 0 else 1 if column == columns - 1 else 2
    size = sum(above >= bound for bound in (1, 5, 15, 40, 100, 200, 350))
    return 8 * place + size


@cache
def runs() -> list[dict[str, Any]]:
    """For each sentence its tokens, changes in per mille ([layer][head]), and packed maps."""
    text = Path(__file__).with_name("runs.json").read_text(encoding="utf-8")
    return json.loads(text)["runs"]


@cache
def maps(sentence: int) -> list[list[list[list[int]]]]:
    """Weights of a sentence in units of 1/UNIT, as [layer][head][query][key]."""
    run = runs()[sentence]
    coder, n, found = Reader(run["maps"]), len(run["tokens"]), []
    for _ in range(LAYERS * HEADS):
        rows, above = [], [0] * n
        for _ in range(n):
            above = [coder.number(context(j, n, above[j])) for j in range(n)]
            rows.append(above)
        found.append(rows)
    return [found[HEADS * k : HEADS * (k + 1)] for k in range(LAYERS)]


class MultiHeadMaps(Widget):
    """Where the tokens of a sentence look, in each head of a pretrained encoder.

    - ``sentence``: 0 to 9;
    - ``layer``: block, 1 to 6; ``head``: 1 to 12, or 0 for the mean of the twelve;
    - ``token``: the token in view, [CLS] being 0; the nearest one in view;
    - ``special``: leave [CLS] and [SEP] out, and rescale what is left of each row.

    A setting out of range raises ``StateError`` (a ``ValueError``) that names it.
    """

    widget_name = "multi_head_maps"
    SENTENCES = SENTENCES
    sentence, layer, head, token, special = fields("multi_head_maps")

    def places(self) -> range:
        """The places of the tokens in view: all, or those of words."""
        n = len(runs()[self.sentence]["tokens"])
        return range(1, n - 1) if self.special else range(n)

    def tokens(self) -> list[str]:
        """The tokens in view."""
        return [runs()[self.sentence]["tokens"][k] for k in self.places()]

    def map(self) -> list[list[float]]:
        """The weights in view: a row for each token that asks; rows sum to one."""
        heads = maps(self.sentence)[self.layer - 1]
        heads = [heads[self.head - 1]] if self.head else heads
        kept, rows = self.places(), []
        for i in kept:
            row = [sum(head[i][j] for head in heads) for j in kept]
            total = sum(row)
            rows.append([v / total if total else 0.0 for v in row])
        return rows

    def at(self) -> int:
        """The token in view, as an index of ``tokens()``."""
        places = self.places()
        return max(0, min(self.token - places[0], len(places) - 1))

    def received(self) -> list[float]:
        """What each token gets of all attention: the means of the columns."""
        rows = self.map()
        return [sum(column) / len(rows) for column in zip(*rows, strict=True)]

    def without(self) -> float:
        """Mean relative change of the words' last vectors without this head, or this block's."""
        return runs()[self.sentence]["changes"][self.layer - 1][self.head] / 1000

    def to_cls(self) -> float:
        """Mean weight that words give to [CLS] in the heads in view."""
        whole = MultiHeadMaps(sentence=self.sentence, layer=self.layer, head=self.head).map()
        words = whole[1:-1]
        return sum(row[0] for row in words) / len(words)

    def describe(self) -> str:
        tokens, rows, at = self.tokens(), self.map(), self.at()
        best = max(range(len(tokens)), key=lambda j: rows[at][j])
        which = f"head {self.head}" if self.head else "mean of 12 heads"
        left = ", special tokens left out" if self.special else ""
        return (
            f"Block {self.layer}, {which}{left}: “{tokens[at]}” looks most at "
            f"“{tokens[best]}”, with {100 * rows[at][best]:.1f}% of its attention."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        tokens = self.tokens()
        figure = Figure(figsize=(4.4, 4), layout="constrained")
        ax = figure.subplots()
        ax.imshow(self.map(), cmap="Blues", vmin=0, vmax=1)
        ax.set_xticks(range(len(tokens)), tokens, rotation=90)
        ax.set_yticks(range(len(tokens)), tokens)
        ax.tick_params(length=0)
        return figure
