"""Boxes that may scroll sideways can be reached by keyboard before any script runs.

A box is marked when its content may be wider than the narrowest screen that we support (320
pixels). workbook.js takes the mark off where a box turns out to be wide enough, so that the tab
key does not stop there; where it does not run, or not yet, the page works all the same.
"""

from __future__ import annotations

import html as text
import re

COLUMNS = 22  # characters of code that fit anywhere, also in a fold on the narrowest screen
EMS = 9.0  # of a formula's type, likewise
GLYPH = 0.45  # em: nearly all signs are wider, so EMS is well below the 12.6 that there are
_PRE = re.compile(r"<pre(?=[ >])([^>]*)>(.*?)</pre>", re.DOTALL)
_BOX = re.compile(r'<div class="(table|picture)-box"')
_DISPLAY = '<span class="katex-display"'
_SIGNS = re.compile(r'<span class="katex-html"[^>]*>(.*)', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"(?:margin-(?:right|left)|padding-left):(-?[\d.]+)em")  # padding: of a root


def _mark(kind: str) -> str:
    return f'tabindex="0" role="group" aria-label="{kind}, scrolls sideways"'


def _pre(match: re.Match) -> str:
    lines = text.unescape(_TAG.sub("", match[2])).split("\n")
    if max(map(len, lines)) <= COLUMNS or "tabindex" in match[1]:
        return match.group()
    return f"<pre{match[1]} {_mark('Code')}>{match[2]}</pre>"


def mark_formula(html: str) -> str:
    """Mark a displayed formula, as KaTeX wrote it, that may scroll sideways."""
    signs = _SIGNS.search(html)
    if not signs:
        return html
    glyphs = len("".join(text.unescape(_TAG.sub("", signs[1])).replace("\u200b", "").split()))
    width = GLYPH * glyphs + sum(map(float, _SPACE.findall(signs[1])))
    return html.replace(_DISPLAY, f"{_DISPLAY} {_mark('Formula')}", 1) if width > EMS else html


def mark_scrolling(html: str) -> str:
    """Mark code, tables and pictures of a page's body that may scroll sideways."""
    html = _PRE.sub(_pre, html)
    return _BOX.sub(lambda box: f"{box.group()} {_mark(box[1].capitalize())}", html)
