"""Gates over a text: the Python side, without torch. Weights are whole multiples of 1/UNIT."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.pack import Reader
from dlworkbook.widgets.kit.settings import fields

H, UNIT, CLASSES = 8, 256, 11  # units; steps in 1; ten digits and "none yet"
SIGNS = "abcdefghijklmnopqrstuvwxyz 0123456789"
MOST = declared("gates")["most"]
#: Tensors in the order in which they are stored: the names of model.js, and of the state dict.
TENSORS = {
    "Wx": "cell.weight_ih_l0", "Wh": "cell.weight_hh_l0", "bx": "cell.bias_ih_l0",
    "bh": "cell.bias_hh_l0", "Wo": "out.weight", "bo": "out.bias",
}  # fmt: skip
_SHOWN = {
    ("gru", "keep"): "update gate z", ("lstm", "keep"): "forget gate f",
    ("gru", "write"): "one less the update gate, 1 − z", ("lstm", "write"): "input gate i",
    ("gru", "side"): "reset gate r", ("lstm", "side"): "output gate o",
    ("gru", "new"): "candidate", ("lstm", "new"): "candidate",
    ("gru", "memory"): "state h", ("lstm", "memory"): "cell c",
}  # fmt: skip


def text_of(value: Any) -> str:
    """A check: 1 to MOST letters, digits and spaces; capitals become small."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    if not 1 <= len(value) <= MOST:
        raise ValueError(f"{len(value)} signs, but 1 to {MOST} are possible")
    text = value.lower()
    strange = next((c for c in text if c not in SIGNS), None)
    if strange is not None:
        raise ValueError(f"{strange!r} is no letter from a to z, digit or space")
    return text


@cache
def weights(cell: str) -> dict[str, list[list[float]]]:
    """The stored tensors of a cell as rows of numbers; a bias is one row."""
    stored = json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))
    coder, high = Reader(stored[cell]["text"]), (3 if cell == "gru" else 4) * H
    shapes = [(high, len(SIGNS)), (high, H), (1, high), (1, high), (CLASSES, H), (1, CLASSES)]
    return {
        name: [[coder.number(n) / UNIT for _ in range(columns)] for _ in range(rows)]
        for n, (name, (rows, columns)) in enumerate(zip(TENSORS, shapes, strict=True))
    }


def _sigmoid(v: float) -> float:
    return 1 / (1 + math.exp(-v)) if v >= 0 else 1 - 1 / (1 + math.exp(v))


def _softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(v - max(scores)) for v in scores]
    return [p / sum(powers) for p in powers]


class Gates(Widget):
    """Watch the gates of a trained cell, unit by unit, while it reads a text.

    The cell has 8 units, and says after each sign which digit it read last.

    - ``text``: 1 to 32 letters, digits and spaces;
    - ``cell``: "gru" or "lstm";
    - ``show``: "keep" (z or f), "write" (1 - z or i), "side" (r or o), "new" (the candidate) or
      "memory" (h or c);
    - ``shift``: what is added to the bias of the gate that keeps, from a list;
    - ``step``: the sign in view, the first being 0; the last one if the text is shorter.

    A setting out of range raises ``StateError`` (a ``ValueError``) that names it.
    """

    widget_name = "gates"
    text, cell, show, shift, step = fields("gates", text=text_of)

    def run(self) -> list[dict[str, list[float]]]:
        """What the cell does at each sign: the arrays that ``show`` names, h, and probs."""
        w, h, c, found = weights(self.cell), [0.0] * H, [0.0] * H, []
        for sign in self.text:
            at = SIGNS.index(sign)
            a = [row[at] + b for row, b in zip(w["Wx"], w["bx"][0], strict=True)]
            u = [sum(map(float.__mul__, row, h)) + b
                 for row, b in zip(w["Wh"], w["bh"][0], strict=True)]  # fmt: skip
            both = [p + q for p, q in zip(a, u, strict=True)]
            if self.cell == "gru":
                side = [_sigmoid(v) for v in both[:H]]
                keep = [_sigmoid(v + self.shift) for v in both[H : 2 * H]]
                write = [1 - z for z in keep]
                new = [math.tanh(a[2 * H + k] + side[k] * u[2 * H + k]) for k in range(H)]
                h = c = [z * old + o * n for z, old, o, n in zip(keep, h, write, new, strict=True)]
            else:
                write = [_sigmoid(v) for v in both[:H]]
                keep = [_sigmoid(v + self.shift) for v in both[H : 2 * H]]
                new = [math.tanh(v) for v in both[2 * H : 3 * H]]
                side = [_sigmoid(v) for v in both[3 * H :]]
                c = [f * old + i * n for f, old, i, n in zip(keep, c, write, new, strict=True)]
                h = [o * math.tanh(v) for o, v in zip(side, c, strict=True)]
            scores = [sum(map(float.__mul__, row, h)) + b
                      for row, b in zip(w["Wo"], w["bo"][0], strict=True)]  # fmt: skip
            found.append({"keep": keep, "write": write, "side": side, "new": new, "memory": c,
                          "h": h, "probs": _softmax(scores)})  # fmt: skip
        return found

    def verdict(self) -> tuple[int, int, float]:
        """(the last digit up to the sign in view, what the network says, how surely); 10: none."""
        at = min(self.step, len(self.text) - 1)
        digits = [c for c in self.text[: at + 1] if c.isdigit()]
        probs = self.run()[at]["probs"]
        said = probs.index(max(probs))
        return int(digits[-1]) if digits else CLASSES - 1, said, probs[said]

    def describe(self) -> str:
        at = min(self.step, len(self.text) - 1)
        due, said, sure = self.verdict()
        named = ["no digit" if k == CLASSES - 1 else str(k) for k in (due, said)]
        return (
            f"{self.cell.upper()} of {H} units over “{self.text}”, {_SHOWN[self.cell, self.show]}: "
            f"after sign {at + 1} the last digit is {named[0]}, and the network says {named[1]} "
            f"with {100 * sure:.1f}%."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        rows = [step[self.show] for step in self.run()]
        figure = Figure(figsize=(0.22 * len(rows) + 0.9, 2.3), layout="constrained")
        ax = figure.subplots()
        signed = self.show in ("new", "memory")
        ax.imshow([list(row) for row in zip(*rows, strict=True)], aspect="auto",
                  cmap="RdBu" if signed else "Blues", vmin=-1 if signed else 0, vmax=1)  # fmt: skip
        ax.set_xticks(range(len(rows)), list(self.text))
        ax.set_yticks(range(H), range(1, H + 1))
        ax.set(ylabel="unit")
        ax.tick_params(length=0)
        return figure
