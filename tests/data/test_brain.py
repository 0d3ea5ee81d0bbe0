"""The slices of the page on segmentation: what is in the file, and how it is made."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from dlworkbook.data import brain
from dlworkbook.data.brain import make_brain


def test_file_is_small_complete_and_licensed():
    data = brain.load()
    assert brain._FILE.stat().st_size < 300_000
    assert data.pictures.shape == (80, 64, 64) and data.pictures.dtype == np.uint8
    assert data.masks.shape == (80, 3, 64, 64) and data.masks.dtype == bool
    assert data.heights.tolist() == list(range(44, 124)) and len(data.names) == 3
    notice = brain._FILE.with_name("LICENSE.txt").read_text(encoding="utf-8")
    for words in ("Louis Collins", "Permission to use, copy, modify", "nilearn developers"):
        assert words in notice


def test_tissues_are_bright_in_the_order_of_the_weighting():
    """In T1 fluid is darkest and white matter brightest; grey and white share no pixel."""
    data = brain.load()
    grey, white, fluid = (data.pictures[data.masks[:, k]].mean() for k in range(3))
    assert fluid < grey < white
    assert not (data.masks[:, 0] & data.masks[:, 1]).any()


def test_the_front_is_at_the_top_and_the_sides_mirror_each_other():
    """Behind and below lies the cerebellum: the lowest slice is wide there, and narrow in front."""
    data = brain.load()
    low = data.pictures[0] > 30
    assert low[46:54].sum() > 2 * low[6:14].sum()
    columns = np.nonzero((data.pictures > 0).any((0, 1)))[0]
    assert abs(columns.min() + columns.max() - 63) <= 1


def test_ventricles_are_small_and_only_in_the_middle_heights():
    data = brain.load()
    sizes = data.masks[:, 2].sum((1, 2))
    there = data.heights[sizes > 0]
    assert there.min() > 60 and there.max() < 110 and sizes.max() < 0.05 * 64 * 64


def header(rank=3, shape=(2, 3, 4), kind=2, slope=1.0):
    """A NIfTI-1 header of 352 bytes."""
    raw = bytearray(352)
    raw[:4] = struct.pack("<i", 348)
    raw[40:56] = struct.pack("<8h", rank, *shape, 1, 1, 1, 1)
    raw[70:72] = struct.pack("<h", kind)
    raw[108:120] = struct.pack("<3f", 352, slope, 0)
    raw[344:348] = b"n+1\0"
    return bytes(raw)


def test_volume_reads_the_first_axis_fastest():
    numbers = make_brain.volume(header() + bytes(range(24)))
    assert numbers.shape == (2, 3, 4)
    assert (numbers[1, 0, 0], numbers[0, 1, 0], numbers[0, 0, 1]) == (1, 2, 6)


def test_volume_refuses_what_it_cannot_read():
    for wrong in ({"kind": 16}, {"slope": 2.0}):
        with pytest.raises(AssertionError):
            make_brain.volume(header(**wrong) + bytes(24))
