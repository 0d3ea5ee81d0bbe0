"""Attention maps of a network that reverses letters: settings, words, a still picture."""

from __future__ import annotations

from typing import Any

from dlworkbook.widgets.kit.base import Widget, declared
from dlworkbook.widgets.kit.settings import fields

MOST = declared("attention_maps")["fields"]["sequence"]["most"]  # letters
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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


class AttentionMaps(Widget):
    """Watch a trained network reverse letters, and where it looks while it does.

    - ``sequence``: 1 to 12 letters;
    - ``trained``: after how many training steps (see ``settings.json``);
    - ``temperature``: what the attention scores are divided by, from 0.1 to 20;
    - ``step``: the output step shown first; ``given``: feed the right letters to the decoder.

    A setting out of range raises ``StateError`` (a ``ValueError``) that names it.
    """

    widget_name = "attention_maps"
    sequence, trained, temperature, step, given = fields("attention_maps", sequence=_sequence)

    def reverse(self) -> tuple[str, list[list[float]]] | None:
        """(what is written, a row of attention weights for each letter); None without torch."""
        try:
            from dlworkbook.widgets.attention_maps.reverser import reverse
        except ImportError:
            return None
        return reverse(self.sequence, self.trained, self.temperature, self.given)

    def describe(self) -> str:
        found = self.reverse()
        words = f"After {self.trained} training steps the network reads {self.sequence}"
        if found is None:
            return f"{words}, to write it backwards."
        written, maps = found
        looks = [row.index(max(row)) + 1 for row in maps]
        return (
            f"{words} and writes {written}. While it writes, its largest attention weights are "
            f"on letters {', '.join(map(str, looks))}; they are "
            f"{', '.join(f'{max(row):.2f}' for row in maps)}."
        )

    def draw(self) -> Any:
        from matplotlib.figure import Figure

        found = self.reverse()
        if found is None:
            return None
        written, maps = found
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
        room, extra = super().reserve(), 30 * max(0, len(self.sequence) - 8)
        return room | {key: room[key] + extra for key in ("rest", "nrest")}
