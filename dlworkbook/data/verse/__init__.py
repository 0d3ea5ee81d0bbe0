"""Verse in two languages: Shakespeare's sonnets, and Tang quatrains of five characters a line.

Both are in the public domain; where the files come from stands in ``LICENSE.txt``, and
``make_verse.py`` made them.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def sonnets() -> list[str]:
    """Shakespeare's 154 sonnets in English, in order; lines are parted by a newline."""
    text = (_HERE / "sonnets.txt").read_text(encoding="ascii")
    return text.strip().split("\n\n")


def quatrains() -> list[str]:
    """Poems of the Tang dynasty in traditional Chinese characters, four lines of five each.

    Each is one text of 24 characters: lines 1 and 3 end with "，", lines 2 and 4 with "。".
    """
    poems = (_HERE / "quatrains.txt").read_text(encoding="utf-8").split()
    ends = "，。，。"
    return ["".join(p[5 * k : 5 * k + 5] + ends[k] for k in range(4)) for p in poems]
