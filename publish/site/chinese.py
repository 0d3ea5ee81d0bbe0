"""Chinese characters on machines without a Chinese font: each page brings those that it shows.

A page has a dozen terms or two. Their characters are cut out of the font of the book
(``dlworkbook/fonts``) and stand in the page, behind the text: some kilobytes and no request.
A character that the font lacks is left to the machine's own, and a test says how to add it.
What a search finds on other pages has the whole font, a file of its own, fetched when it is needed.
"""

from __future__ import annotations

import base64
import functools
import io

from dlworkbook.fonts import CHINESE, FAMILY, is_chinese

RULE = (
    '@font-face {{ font-family: "{family}"; font-display: swap; '
    'src: url(data:font/woff2;base64,{data}) format("woff2"); unicode-range: {ranges}; }}'
)


def face(html: str) -> str:
    """The rule ``@font-face`` for the Chinese characters of a page; empty if it has none."""
    return _face(frozenset(filter(is_chinese, html)), CHINESE.stat().st_mtime)


@functools.lru_cache(maxsize=512)
def _face(characters: frozenset[str], changed: float) -> str:
    known, data = _cut(set(map(ord, characters)))
    if not known:
        return ""
    return RULE.format(family=FAMILY, data=base64.b64encode(data).decode("ascii"),
                       ranges=",".join(f"U+{code:X}" for code in known))


@functools.lru_cache(maxsize=1)
def whole(changed: float) -> bytes:
    """The font as WOFF2, for excerpts of other pages (searching); changed: when it was made."""
    return _cut(None)[1]


def _cut(codes: set[int] | None) -> tuple[list[int], bytes]:
    """Which of the codes the font has (None: all of them), and a font of these."""
    from fontTools import subset

    options = subset.Options(
        flavor="woff2", notdef_outline=True, glyph_names=False, bidi_closure=False,
        name_IDs=["*"] if codes is None else [],  # the file of the whole font says whose it is
    )
    font = subset.load_font(str(CHINESE), options)
    has = font.getBestCmap().keys()
    known = sorted(has if codes is None else codes & has)
    if not known:
        return known, b""
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=known)
    subsetter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    return known, out.getvalue()
