"""What the HTML says of a picture: its size, and whether dark mode must leave its colours alone."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import imagesize  # a requirement of Sphinx

_IMAGE = re.compile(r"<img\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')

# Where matplotlib puts pixels (imshow, anything rasterised), and the cells of pcolormesh.
SHADES = ("<image ", '<g id="QuadMesh_')

WIDE = 600  # pixels; narrower pictures stay readable when they shrink to a phone's width


@lru_cache(maxsize=4096)
def _size(path: str, changed: float) -> tuple[int, int] | None:
    try:
        width, height = imagesize.get(path)
    except (OSError, ValueError):
        return None
    return (round(width), round(height)) if width > 0 and height > 0 else None


def picture_size(path: Path) -> tuple[int, int] | None:
    """(width, height) in CSS pixels of an SVG or bitmap file; None when it cannot be told."""
    return _size(str(path), path.stat().st_mtime) if path.is_file() else None


@lru_cache(maxsize=4096)
def _has_shades(path: str, changed: float) -> bool:
    svg = Path(path).read_text(encoding="utf-8")
    return any(mark in svg for mark in SHADES)


def has_shades(path: Path) -> bool:
    """Tell whether an SVG file holds a heat map or photograph, whose light and dark mean something.

    A plot whose marks were rasterised cannot be told from these; it loses nothing.
    """
    return path.suffix.lower() == ".svg" and path.is_file() and _has_shades(
        str(path), path.stat().st_mtime
    )


def size_images(html: str, builder) -> str:
    """Give each ``<img>`` its width and height, and let all but the first load late.

    What has shades gets the class ``shades``, so that dark mode does not invert it. A wide picture
    stands in a box, so that a phone can scroll it instead of shrinking its labels.
    """
    files = {name: source for source, name in builder.images.items()}
    seen = 0

    def complete(match: re.Match) -> str:
        nonlocal seen
        tag = match.group()
        attributes = dict(_ATTRIBUTE.findall(tag))
        name = unquote(posixpath.basename(attributes.get("src", "")))
        extra, box = [], ""
        if "width" not in attributes and "height" not in attributes and name in files:
            size = picture_size(Path(builder.srcdir, files[name]))
            if size:
                extra.append(f'width="{size[0]}" height="{size[1]}"')
                if size[0] >= WIDE:
                    box = f'<div class="picture-box" style="--picture:{size[0]}px">'
        if name in files and has_shades(Path(builder.srcdir, files[name])):
            if "class" in attributes:
                tag = tag.replace('class="', 'class="shades ', 1)
            else:
                extra.append('class="shades"')
        if "loading" not in attributes and seen:
            extra.append('loading="lazy"')
        if "decoding" not in attributes:
            extra.append('decoding="async"')
        seen += 1
        if extra:
            tag = f"<img {' '.join(extra)} {tag[4:].lstrip()}"
        return f"{box}{tag}</div>" if box else tag

    return _IMAGE.sub(complete, html)
