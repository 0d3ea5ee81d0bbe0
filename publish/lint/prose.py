"""Lint rules about the wording of a page.

A rule takes (page, book) and yields (line, what is wrong and what to do).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from publish.page.model import Heading, Page, Paragraph

Found = Iterator[tuple[int, str]]

# Words that add length and no meaning, or that sell instead of telling.
FILLERS = (
    "important to note", "important to remember", "should be noted", "worth noting",
    "worth mentioning", "keep in mind that", "bear in mind that", "needless to say",
    "it goes without saying", "as we all know", "as everyone knows", "as you can see",
    "it is easy to see", "it is obvious that", "in today's world", "at the end of the day",
    "the fact that", "in order to", "due to the fact", "plays a crucial role",
    "plays a vital role", "let's dive", "deep dive", "dive deeper", "delve", "game changer",
    "game-changer", "cutting-edge", "groundbreaking", "seamless", "unlock the", "harness the",
    "leverag", "embark on", "data point",
)
_FILLER = re.compile("|".join(rf"\b{re.escape(f)}" for f in FILLERS), re.IGNORECASE)
_ONE_EDITION_SAYS = {
    "built": "runs on its reader's machine; write 'ran' in place of 'built'",
    "back": "has no way back to a chapter; the site has one on every page. Leave it out",
}
_ONE_EDITION = re.compile(
    r"(?P<built>\bbuilt this (?:page|site|book)\b)|(?P<back>\bback to \{doc\}`the chapter\b)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# Characters that are shown as emoji by default, and the selector that makes one.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\ufe0f\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615"
    "\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2"
    "\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797"
    "\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55]"
)


def fillers(page: Page, book) -> Found:
    """No phrase that could be left out."""
    for block in page.blocks:
        if isinstance(block, Paragraph | Heading):
            # Line ends of the source become blanks, one for one, so that offsets stay.
            text = block.text.replace("\n", " ")
            for match in _FILLER.finditer(text):
                line = block.line + block.text[: match.start()].count("\n")
                better = {"data point": "write 'example'", "in order to": "write 'to'"}.get(
                    match[0].lower(), "leave it out or say what is meant"
                )
                yield line, f"'{match[0]}': {better}"


def other_editions(page: Page, book) -> Found:
    """No sentence that is true of one edition alone: the same text stands in the notebook."""
    for number, line in enumerate(page.text.splitlines(), start=1):
        for match in _ONE_EDITION.finditer(line):
            yield number, f"'{match[0]}': a notebook {_ONE_EDITION_SAYS[match.lastgroup]}"


def emoji(page: Page, book) -> Found:
    """No emoji, in text or code."""
    for number, line in enumerate(page.text.splitlines(), start=1):
        match = _EMOJI.search(line)
        if match:
            yield number, f"emoji U+{ord(match[0]):04X}; remove it"


def control(page: Page, book) -> Found:
    """No control character: a form feed is a backslash and an f that a program has read as one."""
    for match in _CONTROL.finditer(page.text):
        line = page.text.count("\n", 0, match.start()) + 1
        yield line, f"control character U+{ord(match[0]):04X}; write what it was meant to be"


RULES = (fillers, other_editions, emoji, control)
SECTION_RULES = ()
