"""Make ``emoji.npz`` from the npm package ``emoji-datasource-google``.

    npm pack emoji-datasource-google@16.0.0      # in a folder of its own
    tar xzf emoji-datasource-google-16.0.0.tgz
    python -m dlworkbook.data.emoji.make_emoji package

The pictures are Noto Emoji of Google (Apache License 2.0). Only base emoji are taken: variants in
skin tone or sex differ in a few pixels, and would stand in training and test set at once. Needs
NumPy and Pillow, and takes a few seconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 24  # pixels
FLAGS = 100  # of 258, most of them alike
TOO_CLOSE = 4.0  # mean difference of two pictures, of 255, below which the later one is left out

# Class -> subcategories of the Unicode data. A name that ends in * stands for all that begin so.
CLASSES = {
    "animal": ("animal-*",),
    "face": ("face-*",),
    "flag": ("country-flag",),
    "food": ("food-*", "drink"),
    "object": ("tool", "household", "clothing", "musical-instrument", "computer", "office"),
    "vehicle": ("transport-ground", "transport-air", "transport-water"),
}
# Filed under transport, but not to be ridden or driven.
NOT_VEHICLES = {
    "fuelpump", "wheel", "rotating_light", "traffic_light", "vertical_traffic_light",
    "octagonal_sign", "construction", "busstop", "motorway", "railway_track", "oil_drum", "anchor",
    "ring_buoy", "seat",
}  # fmt: skip


def class_of(entry: dict) -> int | None:
    """The class of one entry of ``emoji.json``, or None if it belongs to none."""
    if not entry["has_img_google"] or entry["short_name"] in NOT_VEHICLES:
        return None
    for k, parts in enumerate(CLASSES.values()):
        for part in parts:
            whole = entry["subcategory"] == part
            if whole or (part.endswith("*") and entry["subcategory"].startswith(part[:-1])):
                return k
    return None


def picture(path: Path) -> np.ndarray:
    """One picture on white, averaged down: (SIZE, SIZE, 3), uint8."""
    image = Image.open(path).convert("RGBA")
    ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
    ground.alpha_composite(image)
    return np.asarray(ground.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BOX))


def collect(package: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures (N, SIZE, SIZE, 3), classes (N,) and names (N,), in the order of Unicode."""
    entries = json.loads((package / "emoji.json").read_text(encoding="utf-8"))
    entries.sort(key=lambda entry: entry["sort_order"])
    images, labels, names = [], [], []
    for entry in entries:
        label = class_of(entry)
        if label is None:
            continue
        image = picture(package / "img/google/64" / entry["image"]).astype(float)
        same = [i for i, l in zip(images, labels) if l == label]
        if same and min(abs(image - other).mean() for other in same) < TOO_CLOSE:
            continue
        images.append(image)
        labels.append(label)
        names.append(entry["short_name"])
    labels = np.array(labels)
    keep = np.ones(len(labels), bool)
    flags = np.flatnonzero(labels == list(CLASSES).index("flag"))
    chosen = np.random.default_rng(0).choice(flags, min(FLAGS, len(flags)), replace=False)
    keep[np.setdiff1d(flags, chosen)] = False
    return np.array(images, "uint8")[keep], labels[keep].astype("uint8"), np.array(names)[keep]


def main() -> None:
    """Write ``emoji.npz`` beside this file and say what is in it."""
    images, labels, names = collect(Path(sys.argv[1]))
    path = Path(__file__).with_name("emoji.npz")
    np.savez_compressed(
        path, images=images, labels=labels, names=names, classes=np.array(list(CLASSES))
    )
    counts = dict(zip(CLASSES, np.bincount(labels).tolist()))
    print(f"{len(images)} pictures, {path.stat().st_size / 1e6:.2f} MB: {counts}")


if __name__ == "__main__":
    main()
