"""How tall a section will be, told to the browser before it has laid the section out.

Sections off the screen are skipped (``content-visibility: auto`` in text.css) and take up the
height that is estimated here, on a wide screen and on a phone. An estimate too large moves the
scroll bar a little; one too small lets skipped content reach over what follows it, which tools
that measure the page then report. So these are generous.
"""

from __future__ import annotations

import math
import re

from docutils import nodes

from .answers import Ask, Option, Row
from .exercises import Fold
from .practice import Practice
from .trial import Trial

LINE, CODE_LINE = 1.83, 1.47  # rem; the text's line is 29 pixels
CHARACTERS = (62, 32)  # in a line of text: wide screen, phone
GAP = 1.3  # between blocks
GENEROUS = 0.95
_SECTION = re.compile(r'<section id="([^"]+)">')


def _text(node: nodes.Node) -> list[float]:
    letters = len(node.astext())
    return [math.ceil(letters / n) * LINE + GAP for n in CHARACTERS]


def _block(node: nodes.Node) -> list[float] | None:
    """Height of a block on both screens; None where its children decide."""
    if isinstance(node, Fold):
        return [4.0, 4.0]  # folded
    if isinstance(node, Row):
        return [6.0, 8.0]
    if isinstance(node, Practice):
        return [52.0, 76.0]
    if isinstance(node, Trial):
        return [22.0, 30.0]
    if isinstance(node, nodes.title):
        return [4.6, 6.2]
    if isinstance(node, nodes.literal_block):
        height = (node.astext().count("\n") + 1) * CODE_LINE + 2.8
        return [height, height]
    if isinstance(node, nodes.math_block):
        height = 4.2 + 2.3 * node.astext().count("\\\\")
        return [height, height]
    if isinstance(node, nodes.image):
        return [24.0, 20.0]
    if isinstance(node, nodes.raw):
        # a widget, else a small table or report
        return [62.0, 96.0] if "data-widget" in node.astext() else [10.0, 14.0]
    if isinstance(node, nodes.row):
        return [2.6, 6.0]
    if isinstance(node, nodes.container) and "cell_input" in node["classes"]:
        tags = node.parent.get("cell_metadata", {}).get("tags", [])
        return [3.2, 3.2] if "hide-input" in tags else None
    if isinstance(node, nodes.paragraph | nodes.caption | nodes.term | Ask | Option):
        return _text(node)
    return None


def estimate(node: nodes.Element) -> list[float]:
    """Height of all that is in `node`, in rem: on a wide screen, on a phone."""
    total = [0.0, 0.0]
    for child in node.children:
        if isinstance(child, nodes.Text):
            continue
        size = _block(child)
        if size is None and isinstance(child, nodes.Element):
            size = estimate(child)
        for i, value in enumerate(size or ()):
            total[i] += value
    return total


def add_heights(html: str, doctree: nodes.document | None) -> str:
    """Write the estimates for the sections below the page's title into their start tags."""
    if doctree is None:
        return html
    heights = {
        section["ids"][0]: estimate(section)
        for section in doctree.findall(nodes.section)
        if section["ids"] and isinstance(section.parent, nodes.section)
    }

    def tag(match: re.Match) -> str:
        found = heights.get(match[1])
        if not found:
            return match.group()
        wide, phone = (math.ceil(value * GENEROUS) for value in found)
        return f'<section id="{match[1]}" style="--wide-h:{wide}rem;--phone-h:{phone}rem">'

    return _SECTION.sub(tag, html)
