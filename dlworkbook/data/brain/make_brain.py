"""Make ``brain.npz`` from the wheel of nilearn, which carries the template.

    pip download --no-deps nilearn==0.14.1      # in a folder of its own
    python -m dlworkbook.data.brain.make_brain nilearn-0.14.1-py3-none-any.whl

The template is ICBM 152 of 2009, symmetric, release a: brain scans of 152 people (weighting T1),
brought onto each other and averaged, without skull, with a map of grey and one of white matter.
So this is ONE brain, and its left half mirrors its right. A mask is where a map is above one
half; that of the lateral ventricles is the one piece of fluid inside the brain that holds the
voxel ``INSIDE``. Needs NumPy and SciPy, and takes some ten seconds.
"""

from __future__ import annotations

import gzip
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
from scipy import ndimage

FILE = "nilearn/datasets/data/mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
HEIGHTS = range(44, 124)  # horizontal slices, one each millimetre
PIXEL, SIDE = 3, 64  # millimetres, pixels
ROWS, COLUMNS = 22, 3  # where the square of 192 x 192 mm begins: front to back, and from one side
INSIDE = (85, 110, 92)  # a voxel of the lateral ventricles
DEEP = 12  # millimetres below the surface, where a piece of fluid is no furrow of the cortex


def volume(raw: bytes) -> np.ndarray:
    """The numbers of a NIfTI-1 file of bytes (unzipped), axes: left-right, back-front, up."""
    assert struct.unpack("<i", raw[:4]) == (348,) and raw[344:347] == b"n+1"
    rank, *shape = struct.unpack("<8h", raw[40:56])
    (kind,) = struct.unpack("<h", raw[70:72])
    begin, slope, shift = struct.unpack("<3f", raw[108:120])
    assert (rank, kind, slope, shift) == (3, 2, 1.0, 0.0)  # unsigned bytes, as they are
    numbers = np.frombuffer(raw, np.uint8, offset=int(begin))
    return numbers.reshape(shape[:3], order="F")


def ventricles(t1: np.ndarray, grey: np.ndarray, white: np.ndarray) -> np.ndarray:
    """Whether a voxel belongs to the lateral ventricles."""
    brain = ndimage.binary_fill_holes(t1 > 0)
    deep = ndimage.binary_erosion(brain, iterations=DEEP)
    fluid = deep & (255 - grey.astype(int) - white > 127)
    pieces, _ = ndimage.label(fluid)
    return pieces == pieces[INSIDE]


def slices(part: np.ndarray) -> np.ndarray:
    """Means over PIXEL x PIXEL voxels of each slice, front at the top: (N, SIDE, SIDE)."""
    wide = PIXEL * SIDE
    part = np.stack([part[COLUMNS:COLUMNS + wide, ROWS:ROWS + wide, z].T for z in HEIGHTS])
    part = part.astype(float).reshape(len(HEIGHTS), SIDE, PIXEL, SIDE, PIXEL)
    return part.mean((2, 4))[:, ::-1]


def collect(wheel: Path) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, SIDE, SIDE), uint8, and masks (N, 3, SIDE, SIDE), bool."""
    with zipfile.ZipFile(wheel) as file:
        t1, grey, white = (
            volume(gzip.decompress(file.read(FILE.format(kind)))) for kind in ("t1", "gm", "wm")
        )
    masks = [slices(part) > half for part, half in (
        (grey, 127.5), (white, 127.5), (ventricles(t1, grey, white), 0.5))]
    return np.round(slices(t1)).astype("uint8"), np.stack(masks, 1)


def main() -> None:
    """Write ``brain.npz`` beside this file and say what is in it."""
    pictures, masks = collect(Path(sys.argv[1]))
    path = Path(__file__).with_name("brain.npz")
    np.savez_compressed(path, pictures=pictures, masks=np.packbits(masks, axis=-1),
                        heights=np.array(HEIGHTS))
    share = masks.mean((0, 2, 3)).round(4)
    print(f"{len(pictures)} slices, {path.stat().st_size / 1e3:.0f} KB; shares {share}")


if __name__ == "__main__":
    main()
