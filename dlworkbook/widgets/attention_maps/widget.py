"""Attention maps of a network that reverses letters: settings, validation, a still picture."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from dlworkbook.widgets.kit.base import Field, Widget

DATA = Path(__file__).with_name("runs.json")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE64 = LETTERS + LETTERS.lower() + "0123456789+/"
MOST = 12  # letters
TEMPERATURES = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 8, 20)

#: Pixels of the first view, on a wide page and on a phone (measured; see the browser test).
REST, NARROW_REST = 820, 1310

Row = list[float]


@cache
def snapshots() -> dict[str, Any]:
    """The data as committed: sizes, and the weights after each number of training steps."""
    return json.loads(DATA.read_text(encoding="utf-8"))


def trainings() -> tuple[int, ...]:
    """After how many training steps there are weights."""
    return tuple(s["step"] for s in snapshots()["snapshots"])


@cache
def _weights(trained: int) -> dict[str, list]:
    """Name of a tensor -> its rows, or its numbers."""
    data = snapshots()
    e, h, v = data["E"], data["H"], data["V"]
    shapes = {
        "emb": (v, e),
        "enc_w_ih": (3 * h, e),
        "enc_w_hh": (3 * h, h),
        "enc_b_ih": (3 * h,),
        "enc_b_hh": (3 * h,),
        "dec_emb": (v, e),
        "mlp1_w": (h, h),
        "mlp1_b": (h,),
        "dec_w_ih": (3 * h, h + e),
        "dec_w_hh": (3 * h, h),
        "dec_b_ih": (3 * h,),
        "dec_b_hh": (3 * h,),
        "mlp2_w": (v, h),
        "mlp2_b": (v,),
    }
    snapshot = next(s for s in data["snapshots"] if s["step"] == trained)
    codes = [BASE64.index(c) for c in snapshot["text"]]
    middle = 31
    if len(codes) > sum(math.prod(shape) for shape in shapes.values()):
        codes = [64 * a + b for a, b in zip(codes[::2], codes[1::2], strict=True)]
        middle = 2047
    levels, tensors = iter(codes), {}
    for (name, shape), scale in zip(shapes.items(), snapshot["scales"], strict=True):
        rows = [
            [(next(levels) - middle) * scale for _ in range(shape[-1])]
            for _ in range(math.prod(shape[:-1]))
        ]
        tensors[name] = rows if len(shape) == 2 else rows[0]
    return tensors


def _dot(a: Row, b: Row) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _softmax(scores: Row, temperature: float = 1) -> Row:
    top = max(scores)
    e = [math.exp((v - top) / temperature) for v in scores]
    return [v / sum(e) for v in e]


def _gru(w: dict[str, list], side: str, x: Row, h: Row) -> Row:
    """One step of torch's GRU."""
    pairs = [
        (w[f"{side}_w_ih"], w[f"{side}_b_ih"], x),
        (w[f"{side}_w_hh"], w[f"{side}_b_hh"], h),
    ]
    a, c = ([_dot(row, z) + b for row, b in zip(W, bias, strict=True)] for W, bias, z in pairs)
    n, new = len(h), []
    for i, old in enumerate(h):
        r = 1 / (1 + math.exp(-a[i] - c[i]))
        z = 1 / (1 + math.exp(-a[n + i] - c[n + i]))
        new.append((1 - z) * math.tanh(a[2 * n + i] + r * c[2 * n + i]) + z * old)
    return new


def reverse(
    sequence: str, trained: int, temperature: float = 1, given: bool = False
) -> tuple[str, list[Row]]:
    """(what the network writes, attention weights: a row for each letter that it writes)."""
    w = _weights(trained)
    tokens = [LETTERS.index(c) + 1 for c in sequence]
    h, hidden = [0.0] * len(w["mlp1_b"]), []
    for token in tokens:
        h = _gru(w, "enc", w["emb"][token], h)
        hidden.append(h)
    first = [
        [_dot(row, h) + b for row, b in zip(w["mlp1_w"], w["mlp1_b"], strict=True)] for h in hidden
    ]
    state = [sum(column) / len(first) for column in zip(*first, strict=True)]
    token, written, maps = 0, "", []
    for t in range(len(tokens)):
        weights = _softmax([_dot(state, h) for h in hidden], temperature)
        context = [_dot(weights, list(column)) for column in zip(*hidden, strict=True)]
        state = _gru(w, "dec", [*context, *w["dec_emb"][token]], state)
        scores = [_dot(row, state) + b for row, b in zip(w["mlp2_w"], w["mlp2_b"], strict=True)]
        pick = scores.index(max(scores))
        written += LETTERS[pick - 1] if pick else "·"
        maps.append(weights)
        token = tokens[-1 - t] if given else pick
    return written, maps


def _sequence(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    text = value.strip().upper()
    if not 1 <= len(text) <= MOST:
        raise ValueError(f"{len(text)} letters, but 1 to {MOST} are possible")
    strange = next((c for c in text if c not in LETTERS), None)
    if strange is not None:
        raise ValueError(f"{strange!r} is not a letter from A to Z")
    return text


def _trained(value: Any) -> int:
    if value not in trainings():
        raise ValueError(f"{value!r} is not one of {', '.join(map(str, trainings()))}")
    return int(value)


def _temperature(value: Any) -> float:
    if isinstance(value, bool) or value not in TEMPERATURES:
        raise ValueError(f"{value!r} is not one of {', '.join(map(str, TEMPERATURES))}")
    return value


def _step(value: Any) -> int:
    if isinstance(value, bool) or value not in range(MOST):
        raise ValueError(f"{value!r} is not a whole number from 0 to {MOST - 1}")
    return int(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither True nor False")
    return value


class AttentionMaps(Widget):
    """Watch a trained network reverse letters, and where it looks while it does.

    - ``sequence``: 1 to 12 letters;
    - ``trained``: after how many training steps (see ``trainings()``);
    - ``temperature``: what the attention scores are divided by, one of ``TEMPERATURES``;
    - ``step``: the output step shown first; ``given``: feed the right letters to the decoder.

    A setting out of range raises ``StateError`` (a ``ValueError``) that names it.
    """

    widget_name = "attention_maps"
    label = "Attention maps of a network that reverses letters"

    sequence = Field("STRESSED", _sequence)
    trained = Field(4000, _trained)
    temperature = Field(1, _temperature)
    step = Field(2, _step)
    given = Field(False, _switch)

    def describe(self) -> str:
        written, maps = reverse(self.sequence, self.trained, self.temperature, self.given)
        looks = [row.index(max(row)) + 1 for row in maps]
        return (
            f"After {self.trained} training steps the network reads {self.sequence} and writes "
            f"{written}. While it writes, its largest attention weights are on letters "
            f"{', '.join(map(str, looks))}; they are "
            f"{', '.join(f'{max(row):.2f}' for row in maps)}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        written, maps = reverse(self.sequence, self.trained, self.temperature, self.given)
        n = len(maps)
        figure = Figure(figsize=(0.36 * n + 1.5, 0.36 * n + 1.1))
        ax = figure.subplots()
        ax.imshow(maps, cmap="Blues", vmin=0, vmax=1)
        for i, row in enumerate(maps):
            for j, value in enumerate(row):
                color = "white" if value > 0.6 else "black"
                ax.text(j, i, f"{100 * value:.0f}", ha="center", va="center", size=8, color=color)
        ax.set_xticks(range(n), list(self.sequence))
        ax.set_yticks(range(n), list(written))
        ax.xaxis.tick_top()
        ax.set(title="letters read", ylabel="letters written")
        ax.tick_params(length=0)
        figure.tight_layout()
        return figure

    def reserve(self) -> dict[str, int]:
        """Room for the first view; longer sequences need more rows."""
        extra = 30 * max(0, len(self.sequence) - 8)
        return {
            "rest": REST + extra,
            "rows": 0,
            "cols": 1,
            "nrest": NARROW_REST + extra,
            "nrows": 0,
            "ncols": 1,
            "share": 1,
        }
