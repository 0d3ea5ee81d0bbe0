"""Text from outside, made harmless: for tables, pages, terminals and files of ours.

Names of files, messages of exceptions and whatever else a submission says pass through here once,
where they come in.
"""

from __future__ import annotations

import unicodedata

MOST = 2_000  # characters of a message
MOST_NAMES = 40  # in one sentence
# Turn the direction of what stands around them, or cannot be seen; letters, accents and the joiners
# of emoji and of Indian and Persian writing stay.
HIDDEN = {chr(c) for c in (0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF)}
HIDDEN |= {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC))}


def clean(text: object, most: int = MOST, *, lines: bool = False) -> str:
    """At most ``most`` characters that can be shown and encoded; others become ``\\ufffd``.

    Marks of direction and others that cannot be seen are left out. Tabs and ends of lines become
    blanks; with ``lines``, ends of lines stay.
    """
    text = str(text)
    shown = []
    for sign in text[: most + 1]:
        if sign == "\n" and lines:
            shown.append(sign)
        elif sign in "\t\r\n\v\f\x85":
            shown.append(" ")
        elif sign in HIDDEN:
            continue
        elif unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Co"):
            shown.append("\ufffd")
        else:
            shown.append(sign)
    cut = "".join(shown)
    return cut if len(text) <= most else cut[: most - 1] + "…"


def both(names: list[str]) -> str:
    """All names in a sentence: a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def some(names: list[str]) -> str:
    """Names in a sentence; of very many the first ones."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
