"""Temperature, top-k and top-p on stored scores of the next letter: the Python side."""

from __future__ import annotations

import json
import math
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.random import generator
from dlworkbook.widgets.kit.settings import fields

NAMES = declared("next_token")["fields"]["text"]["names"]  # shortened, _ for a blank at the end
BARS, DRAWS = 16, 40  # letters in sight; letters drawn


@cache
def stored() -> dict[str, Any]:
    """The letters, the model's loss, the texts, and scores in hundredths for each of them."""
    return json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))


def softmax(scores: list[float], heat: float = 1) -> list[float]:
    """Probabilities of scores at a temperature."""
    powers = [math.exp((z - max(scores)) / heat) for z in scores]
    return [v / sum(powers) for v in powers]


class NextToken(Widget):
    """What temperature, top-k and top-p leave of a model's probabilities.

    The scores are those of a small language model, for the letter behind one of eight texts.

    - ``text``: the number of a text, 0 to 7;
    - ``heat``: the temperature, from a list;
    - ``most``: k of top-k; 61, the number of letters, cuts nothing;
    - ``share``: p of top-p; 1 cuts nothing;
    - ``order``: "first" (temperature, then both cuts) or "last";
    - ``seed``: 1 to 12, other draws.

    A setting out of range raises ``StateError`` (a ``ValueError``) that names it.
    """

    widget_name = "next_token"
    text, heat, most, share, order, seed = fields("next_token")

    def ranked(self) -> tuple[str, list[float]]:
        """Letters and their scores, the most likely first; of ties the first in the alphabet."""
        found = stored()
        scores = [v / 100 for v in found["scores"][self.text]]
        order = sorted(range(len(scores)), key=lambda k: -scores[k])
        return "".join(found["letters"][k] for k in order), [scores[k] for k in order]

    def kept(self) -> tuple[int, float]:
        """How many letters stay, and what mass they had where the cuts were made."""
        p = softmax(self.ranked()[1], self.heat if self.order == "first" else 1)
        number = min(self.most, len(p))
        if self.share < 1:
            inside = sum(p[:number])
            above = [0.0, *accumulate(v / inside for v in p[:number])]
            number = sum(mass < self.share for mass in above[:number])
        return number, sum(p[:number])

    def weights(self) -> list[float]:
        """Probabilities of all letters in the order of :meth:`ranked`; 0 for what is cut."""
        (_, scores), (number, _) = self.ranked(), self.kept()
        return softmax(scores[:number], self.heat) + [0.0] * (len(scores) - number)

    def entropy(self, model: bool = False) -> float:
        """In nats; that of the model itself if so."""
        p = softmax(self.ranked()[1]) if model else self.weights()
        return abs(math.fsum(v * math.log(v) for v in p if v > 0))

    def distance(self) -> float:
        """KL divergence from the model's own probabilities, in nats."""
        p = softmax(self.ranked()[1])
        return math.fsum(q * math.log(q / v) for q, v in zip(self.weights(), p, strict=True) if q)

    def draws(self) -> str:
        """Letters drawn for this place, again and again."""
        letters, edges, found = self.ranked()[0], list(accumulate(self.weights())), []
        numbers = generator(self.seed)
        for _ in range(DRAWS):
            at = next(numbers) / 2**32 * edges[-1]
            found.append(letters[next(k for k, edge in enumerate(edges) if at < edge)])
        return "".join(found)

    def describe(self) -> str:
        letters, p = self.ranked()[0], self.weights()
        number, _ = self.kept()
        name = {" ": "a space", "\n": "an end of line"}.get(letters[0], f"“{letters[0]}”")
        return (
            f"After “{NAMES[self.text]}” {number} of {len(letters)} letters "
            f"{'stays' if number == 1 else 'stay'}, {name} with {100 * p[0]:.1f}%; entropy "
            f"{self.entropy():.2f} nats, the model's {self.entropy(model=True):.2f}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        letters, p = self.ranked()[0][:BARS], self.weights()[:BARS]
        own = softmax(self.ranked()[1])[:BARS]
        figure = Figure(figsize=(6.4, 2.6), layout="constrained")
        ax = figure.subplots()
        ax.bar(range(BARS), p, color="#0072B2")
        ax.bar(range(BARS), own, fill=False, edgecolor="#444444")
        ax.set_xticks(range(BARS), [{" ": "_", "\n": "¶"}.get(c, c) for c in letters])
        ax.set(ylabel="probability")
        return figure
