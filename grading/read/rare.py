"""Lines of code that may say something about who wrote them."""

from __future__ import annotations

import re

from .cleaning import clean


def rare_lines(cells: list[str]) -> set[str]:
    """The lines of code that may say something: short ones, very long ones and comments do not."""
    found: set[str] = set()
    for cell in cells:
        for line in map(_plain, cell.splitlines()):
            if 12 <= len(line) <= 300 and len(found) < 3_000:
                found.add(line)
    return found


def _plain(line: str) -> str:
    """A line without the blanks and the comment around it."""
    return clean(re.sub(r"(^|\s)#.*", "", line[:400]).strip())
