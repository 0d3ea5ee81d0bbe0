"""The colour pictures of lab 5: what is in the file, and how it is made."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from dlworkbook.data import emoji
from dlworkbook.data.emoji import make_emoji


def test_file_is_small_balanced_and_licensed():
    data = emoji.load()
    path = emoji._FILE
    assert path.stat().st_size < 1_500_000
    assert data.images.shape == (668, 3, 24, 24) and data.images.dtype == np.uint8
    assert data.classes == ["animal", "face", "flag", "food", "object", "vehicle"]
    assert data.labels.shape == (668,) and data.labels.dtype == np.int64
    assert np.bincount(data.labels).tolist() == [130, 108, 100, 124, 148, 58]
    assert len(data.names) == len(set(data.names)) == 668
    notice = path.with_name("LICENSE.txt").read_text(encoding="utf-8")
    assert "Noto Emoji" in notice and "Version 2.0, January 2004" in notice


def test_colours_and_orientation_are_right():
    """Known pictures: a red tomato on white, a face the right way up, and long trousers."""
    data = emoji.load()
    tomato = data.images[data.names.index("tomato")].astype(int)
    assert tomato[0, 14, 12] > 150 > tomato[2, 14, 12]  # red, not blue
    assert (tomato[:, 0, 0] > 250).all()  # white corner
    face = data.images[data.names.index("slightly_smiling_face")].astype(int)
    dark = (face.sum(0) < 400) & (np.hypot(*np.indices((24, 24)) - 11.5) < 9)
    rows = np.nonzero(dark)[0]
    assert rows.min() < 12 < rows.max()  # eyes above, mouth below
    drawn = data.images[data.names.index("jeans")].min(0) < 200
    assert drawn.any(1).sum() > 1.3 * drawn.any(0).sum()  # higher than wide


def test_no_two_pictures_of_a_class_are_nearly_alike():
    data = emoji.load()
    for k in range(6):
        images = data.images[data.labels == k].astype(float).reshape((data.labels == k).sum(), -1)
        for i in range(1, len(images)):
            assert abs(images[:i] - images[i]).mean(1).min() >= 3.9


def test_script_makes_classes_from_a_package(tmp_path):
    """On a tiny package of its own: variants, signs and near-copies are left out."""
    folder = tmp_path / "img/google/64"
    folder.mkdir(parents=True)
    entries = []

    def add(name, subcategory, colour, order, has=True):
        entry = {"short_name": name, "subcategory": subcategory, "image": f"{name}.png"}
        entries.append(entry | {"sort_order": order, "has_img_google": has})
        Image.new("RGBA", (64, 64), colour).save(folder / f"{name}.png")

    add("car", "transport-ground", (200, 0, 0, 255), 3)
    add("cat", "animal-mammal", (0, 0, 0, 0), 1)  # transparent: white in the end
    add("taxi", "transport-ground", (201, 0, 0, 255), 4)  # a near-copy of the car
    add("fuelpump", "transport-ground", (0, 200, 0, 255), 5)
    add("wc", "transport-sign", (0, 0, 200, 255), 6)
    add("cow", "animal-mammal", (0, 0, 90, 255), 2, has=False)
    (tmp_path / "emoji.json").write_text(json.dumps(entries), encoding="utf-8")
    images, labels, names = make_emoji.collect(tmp_path)
    assert names.tolist() == ["cat", "car"] and labels.tolist() == [0, 5]
    assert (images[0] == 255).all() and (images[1] == [200, 0, 0]).all()
