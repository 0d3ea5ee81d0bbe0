"""Horizontal slices of ONE brain, the average of 152, with masks of three tissues.

The template ICBM 152 of 2009 (copyright Louis Collins, McConnell Brain Imaging Centre; see
``LICENSE.txt``), averaged down to pixels of 3 mm by ``make_brain.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("brain.npz")


class Brain(NamedTuple):
    """What ``load`` returns."""

    pictures: object  # (80, 64, 64) uint8, brightness (weighting T1), front at the top
    masks: object  # (80, 3, 64, 64) bool
    names: list[str]  # 3: grey matter, white matter, lateral ventricles
    heights: object  # (80,) int64, height of a slice in millimetres, counted from below


def load() -> Brain:
    """All slices as NumPy arrays, from below to above, one each millimetre.

    Neighbours look nearly alike: split by height, and leave a gap.
    """
    import numpy as np

    with np.load(_FILE) as file:
        masks = np.unpackbits(file["masks"], axis=-1).astype(bool)
        names = ["grey matter", "white matter", "ventricles"]
        return Brain(file["pictures"], masks, names, file["heights"].astype("int64"))
