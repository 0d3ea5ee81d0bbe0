"""Small colour pictures of six kinds: animals, faces, flags, food, objects, vehicles.

They are base emoji of Noto Emoji (copyright Google, Apache License 2.0; see ``LICENSE.txt``),
on white and averaged down to 24 x 24 pixels by ``make_emoji.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("emoji.npz")


class Emoji(NamedTuple):
    """What ``load`` returns."""

    images: object  # (N, 3, 24, 24) uint8, channels red, green, blue
    labels: object  # (N,) int64, index into classes
    names: list[str]  # N short names, such as "tractor"
    classes: list[str]  # 6


def load() -> Emoji:
    """All pictures as NumPy arrays, sorted as Unicode sorts them (shuffle before you split)."""
    import numpy as np

    with np.load(_FILE) as file:
        images = np.ascontiguousarray(file["images"].transpose(0, 3, 1, 2))
        labels = file["labels"].astype("int64")
        return Emoji(images, labels, file["names"].tolist(), file["classes"].tolist())
